"""Single values as the API takes them: each says what would be right, none gets near the database wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers
from babel.core import get_global
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.transfer.values import zones

# What no eye can see has no place in one line; a text may have line breaks and tabs.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
UNSEEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ADDRESS = re.compile(r"[\x21-\x7e]+")
CARD = re.compile(r"(?:[0-9][ -]?){12,18}[0-9]")
FIRST_YEAR, LAST_YEAR = 2000, 2199
LONGEST_NOTE = 2000


class Text(serializers.CharField):
    """What people write, in one normal form (NFC), shown as typed otherwise; a card number in it is refused,
    for card data must never reach us."""

    default_error_messages = {
        "unseen": _("Leave out characters that cannot be seen."),
        "card_number": _("This looks like a card number. Please leave it out: we never need it here."),
        "not_text": _("Send text in quotation marks."),
    }
    unseen = UNSEEN_IN_TEXT
    free = True

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if self.unseen.search(text):
            self.fail("unseen")
        if self.free and has_card_number(text):
            self.fail("card_number")
        return text


class Line(Text):
    """Text of one line; tokens and versions are such, and may look like a card's number by chance."""

    unseen = UNSEEN
    free = False


class Word(serializers.ChoiceField):
    """One of a few words; anything that is no text is none of them."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=type(data).__name__)
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`, nothing that merely looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number that was sent as one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Email(serializers.CharField):
    """Exactly one address, which no mail header can be broken with (F-91)."""

    default_error_messages = {"invalid": _("Send one e-mail address, as name@example.com.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data) if isinstance(data, str) else ""
        if not ADDRESS.fullmatch(text) or set(text) & set(',;"<>()[]\\:'):
            self.fail("invalid")
        try:
            EmailValidator()(text)
        except ValidationError:
            self.fail("invalid")
        return text


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field[Any, Any, Any, Any]):
    """An instant in strict ISO 8601 with its offset, given on as UTC."""

    default_error_messages = {
        "invalid": _("Send a time with its offset, as 2027-03-01T09:00:00+01:00."),
        "past": _("This time has passed."),
        "too_far": _("This time is too far ahead."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not MOMENT.fullmatch(data):
            self.fail("invalid")
        try:
            moment = datetime.fromisoformat(data)
            if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                self.fail("past" if moment.year < FIRST_YEAR else "too_far")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field[Any, Any, Any, Any]):
    """A day of the calendar, as 2027-03-01."""

    default_error_messages = {"invalid": _("Send a day of the calendar, as 2027-03-01.")}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not DAY.fullmatch(data):
            self.fail("invalid")
        try:
            day = date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()


@extend_schema_field(OpenApiTypes.STR)
class Zone(serializers.Field[Any, Any, Any, Any]):
    """The name of a time zone that we know."""

    default_error_messages = {"unknown_zone": _("Send the name of a time zone, as Europe/Rome.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in zones():
            self.fail("unknown_zone")
        return data

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(OpenApiTypes.STR)
class Language(serializers.Field[Any, Any, Any, Any]):
    """A language tag, as en, it or th-TH; one that we lack becomes English."""

    default_error_messages = {"invalid": _("Send a language, as en, it or th.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or len(data) > 35:
            self.fail("invalid")
        language = data.replace("_", "-").split("-")[0].lower()
        return language if language in dict(settings.LANGUAGES) else "en"

    def to_representation(self, value: str) -> str:
        return value


class Phone(serializers.CharField):
    """A telephone number as people write it. The serializer knows the country and calls `e164`."""

    default_error_messages = {"invalid": _("Send a telephone number with its country, as +39 02 5555 0101.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def e164(text: str, *, like: str, zone: str) -> str | None:
    """The number in E.164, None where it cannot be one. Without a country it is read as one of the country
    of the number `like`, or else of the zone; whether a line answers there is not asked."""
    try:
        number = phonenumbers.parse(text, _country(like) or get_global("zone_territories").get(zone))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _country(number: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def has_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in a row pass the check of a card number."""
    return any(_luhn(re.sub(r"[ -]", "", found)) for found in CARD.findall(text))


def _luhn(digits: str) -> bool:
    doubled: Callable[[int], int] = lambda digit: digit * 2 - 9 if digit > 4 else digit * 2  # noqa: E731
    numbers = [int(digit) for digit in reversed(digits)]
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + sum(map(doubled, numbers[1::2]))) % 10 == 0
