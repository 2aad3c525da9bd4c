"""How times are written where a reader lives: `h12` or `h23`, as ECMA and CLDR call them. By what the reader's
browser says of its region, never guessed from an address of the network."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from django.utils.translation.trans_real import parse_accept_lang_header


def hour_cycle_of(said: str) -> str:
    """By an `Accept-Language` header or a single language tag: the first that names a region decides. English
    alone names none, any other language alone its home. Empty where nothing is named."""
    regions = (_region(tag) for tag, _weight in parse_accept_lang_header(said.lower().replace("_", "-")))
    return next((_hour_cycle(region) for region in regions if region), "")


def _region(tag: str) -> str:
    language, *more = tag.split("-")
    named = next((one for one in more if len(one) == 2), "")
    if not named and language != "en":
        named = get_global("likely_subtags").get(language, "").rpartition("_")[2]
    return named.upper() if named.upper() in get_global("territory_languages") else ""


@cache  # as many as there are regions
def _hour_cycle(region: str) -> str:
    """As English is written there, for only in English times are written in two ways; where CLDR knows no English
    of the region, as its own languages are."""
    for language in ("en", *get_official_languages(region, de_facto=True)):
        try:
            pattern = Locale.parse(f"{language}_{region}").time_formats["short"].pattern
        except UnknownLocaleError:
            continue
        return "h23" if {"H", "k"} & set(pattern) else "h12"
    return "h23"
