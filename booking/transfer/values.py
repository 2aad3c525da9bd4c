"""Single values of a provider's file. Each reader tells what would be right and returns ``None``
when the value is wrong, so that one run finds every problem."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from booking.addresses import LONGEST_SLUG, SLUG
from policies.rules.money import CURRENCIES
from policies.rules.reading import MISSING, Reading, join

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Control characters hide from the reader's eye and NUL breaks databases; half a surrogate pair is no text.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
UNSEEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_ZONES = {"Factory", "localtime"}


@cache
def zones() -> frozenset[str]:
    """The zones a provider may live in: those with a name and rules of their own."""
    return frozenset(zoneinfo.available_timezones() - NOT_ZONES)


class Values(Reading):
    """Collects what is wrong with a provider's file while it is read."""

    def fields(
        self, source: Any, path: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, Any] | None:
        """The values by name, ``MISSING`` where an optional one is left out."""
        if source is MISSING:
            return None
        known = (*required, *optional)
        if not isinstance(source, Mapping):
            self.wrong(
                path, gettext_noop("must be an object with %(names)s"), names=", ".join(required or known)
            )
            return None
        self.only(source, path, known)
        for name in required:
            if name not in source:
                self.wrong(join(path, name), gettext_noop("is missing"))
        return {name: source.get(name, MISSING) for name in known}

    def only(self, source: Mapping[str, Any], path: str, known: tuple[str, ...]) -> None:
        for name in source:
            if name not in known:
                self.wrong(
                    join(path, name), gettext_noop("unknown; known here: %(names)s"), names=", ".join(known)
                )

    def items(self, value: Any, path: str, *, least: int = 0, most: int) -> list[tuple[Any, str]]:
        """The items of a list, each with its path."""
        if value is MISSING:
            return []
        if not isinstance(value, list):
            self.wrong(path, gettext_noop("must be a list"))
            return []
        if not least <= len(value) <= most:
            self.wrong(path, gettext_noop("must have %(least)s to %(most)s items"), least=least, most=most)
        return [(item, f"{path}[{n}]") for n, item in enumerate(value[:most])]

    def line(self, value: Any, path: str, most: int) -> str | None:
        words = gettext_noop(
            "must be one line of text, 1 to %(most)s characters and none that cannot be seen"
        )
        return self._text(value, path, most, UNSEEN, words)

    def text(self, value: Any, path: str, most: int) -> str | None:
        words = gettext_noop("must be text, 1 to %(most)s characters and none that cannot be seen")
        return self._text(value, path, most, UNSEEN_IN_TEXT, words)

    def _text(self, value: Any, path: str, most: int, bad: re.Pattern[str], words: str) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or not value.strip() or len(value) > most or bad.search(value):
            self.wrong(path, words, most=most)
            return None
        return value

    def texts(self, value: Any, path: str, most: int, *, lines: bool = False) -> dict[str, str] | None:
        """Text by language, as ``{"it": …, "en": …}``, at least one."""
        if value is MISSING:
            return None
        if not isinstance(value, Mapping) or not value:
            self.wrong(path, gettext_noop('must be text by language, as {"en": "…"}'))
            return None
        found = {}
        for language, text in value.items():
            if not LANGUAGE.fullmatch(language):
                self.wrong(join(path, language), gettext_noop("must be a language code, as en, it or th"))
                continue
            read = self.text if lines else self.line
            found[language] = read(text, join(path, language), most) or ""
        return found

    def flag(self, value: Any, path: str) -> bool | None:
        if value is MISSING:
            return None
        if not isinstance(value, bool):
            self.wrong(path, gettext_noop("must be true or false"))
            return None
        return value

    def slug(self, value: Any, path: str, reserved: frozenset[str]) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or not SLUG.fullmatch(value) or len(value) > LONGEST_SLUG:
            words = gettext_noop("must be lower-case letters, digits and single hyphens, at most %(most)s")
            self.wrong(path, words, most=LONGEST_SLUG)
            return None
        if value in reserved:
            words = gettext_noop('"%(value)s" is an address of the site itself; choose another')
            self.wrong(path, words, value=value)
            return None
        return value

    def email(self, value: Any, path: str) -> str | None:
        if value is MISSING:
            return None
        try:
            if not isinstance(value, str) or len(value) > 254:
                raise ValidationError("not an address")
            validate_email(value)
        except ValidationError:
            self.wrong(path, gettext_noop("must be one e-mail address, as name@example.com"))
            return None
        return value

    def phone(self, value: Any, path: str) -> str | None:
        if value is MISSING:
            return None
        try:
            number = phonenumbers.parse(value) if isinstance(value, str) else None
        except phonenumbers.NumberParseException:
            number = None
        e164 = phonenumbers.PhoneNumberFormat.E164
        if not number or phonenumbers.format_number(number, e164) != value:
            self.wrong(
                path, gettext_noop("must be a phone number with its country and no spaces, as +390255550101")
            )
            return None
        return str(value)

    def url(self, value: Any, path: str) -> str | None:
        found = self.line(value, path, 500)
        if found is None:
            return None
        try:
            parts = urlsplit(found)
            fine = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:
            fine = False
        if not fine or " " in found or parts.username is not None:
            self.wrong(path, gettext_noop("must be an address that begins with https:// or http://"))
            return None
        return found

    def clock(self, value: Any, path: str, *, end: bool = False) -> int | None:
        """Minutes of the day of ``09:30``; 24:00 only where a period ends."""
        if value is MISSING:
            return None
        if end and value == "24:00":
            return 1440
        match = CLOCK.fullmatch(value) if isinstance(value, str) else None
        if not match:
            words = gettext_noop("must be a time of the day from 00:00 to %(last)s, as 09:30")
            self.wrong(path, words, last="24:00" if end else "23:59")
            return None
        return int(match[1]) * 60 + int(match[2])

    def day(self, value: Any, path: str) -> date | None:
        if value is MISSING:
            return None
        try:
            if isinstance(value, str) and DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.wrong(path, gettext_noop("must be a day of the calendar, as 2027-03-28"))
        return None

    def zone(self, value: Any, path: str) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or value not in zones():
            self.wrong(path, gettext_noop("must be the name of a time zone, as Europe/Rome"))
            return None
        return value

    def currency(self, value: Any, path: str) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or value not in CURRENCIES:
            self.wrong(path, gettext_noop("must be a currency that payments can be taken in, as EUR"))
            return None
        return value
