"""Time zones as a reader picks and reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config import formats

ZONES = frozenset(available_timezones() - {"Factory", "localtime"})
AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


# Offered before anything is typed: a city of each part of the day.
LARGE = (
    *("Europe/London", "Europe/Rome", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Tokyo"),
    *("Australia/Sydney", "America/New_York", "America/Los_Angeles"),
)
MOST_FOUND, LONGEST = 12, 60


class City(NamedTuple):
    """A zone by the city that it is named after, with its country, in the reader's language."""

    zone: str
    name: str
    country: str


def known(asked: str, *, otherwise: str) -> str:
    """The zone that was asked for, where it is one."""
    return asked if asked in ZONES else otherwise


class Asked(NamedTuple):
    """``sought`` is the city that was typed, while a zone is being chosen; None else."""

    zone: str
    by_hand: bool
    sought: str | None


def asked_in(said: Mapping[str, str], *, otherwise: str) -> Asked:
    """The zone of an address: named, found by the city that was typed, or the usual one."""
    typed = said.get("tz", "")
    zone = known(typed, otherwise=otherwise)
    if "zones" not in said:
        return Asked(zone, typed == zone, None)
    sought = "" if said["zones"] == "all" else said["zones"].strip()[:LONGEST]
    cities = found(sought)
    return Asked(cities[0].zone, True, None) if len(cities) == 1 else Asked(zone, typed == zone, sought)


def options(current: str) -> SafeString:
    """The zones as options, the present one chosen; the long list is joined once."""
    listed = _options()
    mark = format_html('value="{}"', current)
    if mark not in listed:
        return format_html('<option value="{0}" selected>{0}</option>{1}', current, listed)
    return mark_safe(listed.replace(mark, f"{mark} selected", 1))  # noqa: S308  # both parts are escaped


@lru_cache(maxsize=1)
def _options() -> SafeString:
    groups = [(area, _options_of(area)) for area in AREAS]
    listed = format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)
    return format_html('<option value="UTC">UTC</option>{}', listed)


def _options_of(area: str) -> SafeString:
    zones = sorted(zone for zone in ZONES if zone.startswith(f"{area}/"))
    named = [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones]
    return format_html_join("", '<option value="{}">{}</option>', named)


def found(sought: str) -> list[City]:
    """The zones whose city, country or own name begins, in a word of it, with what was typed; a city by its whole
    name alone."""
    words = _plain(sought)
    if not words:
        return []
    cities = _cities(get_language() or "en")
    spoken = [
        (one, [_plain(said) for said in (one.name, one.country, one.zone.rpartition("/")[2])])
        for one in cities
    ]
    whole = [one for one, (name, _country, english) in spoken if words in (name, english, _plain(one.zone))]
    if whole:
        return whole
    return [one for one, names in spoken if any(f" {words}" in f" {name}" for name in names)][:MOST_FOUND]


def large(*first: str) -> list[City]:
    """A short list, those of the reader and the provider first."""
    named = {one.zone: one for one in _cities(get_language() or "en")}
    return [
        named.get(zone) or City(zone, formats.zone_city(zone), "") for zone in dict.fromkeys((*first, *LARGE))
    ]


@lru_cache(maxsize=4)
def city_options(language: str) -> SafeString:
    """What the browser offers while one types."""
    said = [(one.name, one.country) for one in _cities(language)]
    return format_html_join("", '<option value="{}">{}</option>', said)


@lru_cache(maxsize=4)
def _cities(language: str) -> list[City]:
    """Every zone once, by its name of today."""
    aliases, countries = get_global("zone_aliases"), get_global("zone_territories")
    spoken = formats.locale().territories
    zones = [
        one for one in ZONES if one.partition("/")[0] in AREAS and one not in aliases and one in countries
    ]
    cities = [City(one, formats.zone_city(one), spoken.get(countries[one], "")) for one in zones]
    return sorted(cities, key=lambda one: (one.name, one.zone))


def _plain(text: str) -> str:
    """Without case, accents and signs between words. (Thai vowels stand: they are not accents.)"""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in parts if not "\u0300" <= one <= "\u036f")
    return " ".join(bare.replace("_", " ").replace("-", " ").replace(",", " ").split())


def apart(here: str, there: str, *, at: datetime, who: str) -> str:
    """How far the clocks of ``there`` are from ``here`` at an instant, in words; empty where they agree."""
    ahead = _offset(there, at) - _offset(here, at)
    if not ahead:
        return ""
    minutes = abs(ahead)
    hours = f"{minutes // 60}:{minutes % 60:02}" if minutes % 60 else str(minutes // 60)
    facts = {"who": who, "hours": hours, "place": formats.zone_city(there)}
    if ahead > 0:
        return _("%(who)s is in %(place)s, %(hours)s h ahead of you") % facts
    return _("%(who)s is in %(place)s, %(hours)s h behind you") % facts


def differ(here: str, there: str, *, at: datetime) -> bool:
    return _offset(here, at) != _offset(there, at)


def own(zone: str, *, at: datetime) -> str:
    """The reader's own clocks, where others are shown."""
    return _("the time at the place; your own clock is %(zone)s") % {"zone": formats.zone_label(zone, at)}


def _offset(zone: str, at: datetime) -> int:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def clock_change(zone: str, first: datetime, last: datetime) -> str:
    """A sentence for a day on which the clocks change, empty for other days."""
    change = _offset(zone, last) - _offset(zone, first)
    if not change:
        return ""
    if change > 0:
        return _("The clocks go forward on this day. The times here are right as they stand.")
    return _("The clocks go back on this day: one hour comes twice. The times here are right as they stand.")
