"""What the public part of the API takes. Explicit fields: what is not named here is not read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from booking import wishes
from booking.addresses import LONGEST_SLUG
from booking.api.fields import (
    LONGEST_NOTE,
    Day,
    Email,
    Flag,
    Language,
    Line,
    Moment,
    Phone,
    Text,
    Whole,
    Word,
    Zone,
)
from booking.lifecycle.attendance import SEEN, TRIED
from booking.models import Mode
from booking.pages.channels import NAMES
from config import regions
from reminders import consents

CHANNELS = list(NAMES)
OWN_CHANNELS = [*CHANNELS, consents.MORE_REMINDERS]
LONGEST_RANGE_DAYS = 62
LONGEST_DELAY = 240
REASONS = [
    "convenience",
    "availability",
    "expectations",
    "cost",
    "illness",
    "emergency",
    "bereavement",
    "transport",
    "other",
]


def some(words: tuple[str, ...], help_text: str) -> serializers.ListField:
    """Some of a few words; nothing said means any."""
    return serializers.ListField(
        child=Word(choices=list(words)),
        max_length=len(words),
        required=False,
        allow_null=True,
        help_text=help_text,
    )


class PreferencesInput(serializers.Serializer[Any]):
    """When and how it suits a client; an empty list means any."""

    days = some(wishes.DAYS, "Days of the week.")
    parts = some(wishes.PARTS, "Until noon, until five, and later, on the client's clocks.")
    modes = some(wishes.MODES, "How the client likes to meet.")


class ClientInput(serializers.Serializer[Any]):
    name = Line(max_length=200)
    email = Email()
    phone = Phone(required=False, allow_blank=True, allow_null=True)
    language = Language(
        required=False, allow_null=True, help_text="Its region says how times are written for the client."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_internal_value(data)
        return found | {"hour_cycle": regions.hour_cycle_of(data.get("language") or "")}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["phone"] = attrs.get("phone") or ""
        attrs["language"] = attrs.get("language") or (get_language() or "en").split("-")[0]
        return attrs


class BookingInput(serializers.Serializer[Any]):
    provider = Line(max_length=LONGEST_SLUG)
    service = Line(max_length=LONGEST_SLUG)
    start = Moment()
    mode = Word(choices=Mode.choices)
    timezone = Zone(
        required=False, allow_null=True, help_text="The client's zone; the provider's when left out."
    )
    client = ClientInput()
    answers = serializers.DictField(required=False, allow_null=True, help_text="By the `id` of the question.")
    consent = Flag(
        required=False,
        help_text="That the client agrees to `health_consent` of the service; needed with answers about health.",
    )
    policy_version = Line(max_length=100, help_text="As the service says it.")
    agree = Flag(help_text="That the client agrees to the policy: must be true.")
    preferences = PreferencesInput(
        required=False, allow_null=True, help_text="When and how it suits; kept for a client who is new."
    )
    channels = serializers.ListField(
        child=Word(choices=CHANNELS),
        max_length=len(CHANNELS),
        required=False,
        allow_null=True,
        help_text="Ways beside e-mail by which the client agrees to be reminded, as the provider's `channels` "
        "offer them, each in the words of its `consent`; they need `client.phone`.",
    )
    save_card = Flag(
        required=False,
        help_text="That the client agrees to `card_consent` of the service; the card is given on the pay page.",
    )
    credit = Line(
        max_length=100,
        required=False,
        allow_null=True,
        help_text="The token of the appointment whose carried deposit is used.",
    )

    def validate_agree(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("Agree to the policy to book."), code="required")
        return value


class InsteadInput(serializers.Serializer[Any]):
    wished = Moment(help_text="The start that cannot be had, as the refusal names it.")
    start = Moment(
        required=False, allow_null=True, help_text="What is taken in its place; null: it is left out."
    )


class SeriesInput(BookingInput):
    """The same time week after week, on the provider's clocks."""

    credit = None  # type: ignore[assignment]  # how DRF leaves a field out
    save_card = None  # type: ignore[assignment]
    every = Whole(
        required=False, allow_null=True, min_value=1, max_value=2, help_text="Weeks; 1 when left out."
    )
    times = Whole(min_value=2, max_value=52)
    instead = InsteadInput(
        many=True, required=False, allow_null=True, help_text="What to do about those that cannot be had."
    )


class SeriesQuery(serializers.Serializer[Any]):
    start = Moment()
    mode = Word(choices=Mode.choices)
    every = serializers.IntegerField(required=False, min_value=1, max_value=2)
    times = serializers.IntegerField(min_value=2, max_value=52)


def slots_query(query: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of the slots: ``from``, ``to``, and ``tz`` and ``mode`` where they were sent. Read field by
    field, for a serializer costs more here than the slots do."""
    asked: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for name, field in SLOTS_QUERY.items():
        try:
            if name in query:
                asked[name] = field.to_internal_value(query[name])
            elif name in ("from", "to"):
                field.fail("required")
        except serializers.ValidationError as error:
            wrong[name] = error.detail
    if not wrong:
        wrong = _wrong_range(asked["from"], asked["to"])
    if wrong:
        raise serializers.ValidationError(wrong)
    return asked


SLOTS_QUERY = {"from": Day(), "to": Day(), "tz": Zone(), "mode": Word(choices=Mode.choices)}


def _wrong_range(first: date, last: date) -> dict[str, Any]:
    days = (last - first).days + 1
    if days < 1:
        return {"to": [ErrorDetail(str(_("The last day is before the first.")), "before_from")]}
    if days > LONGEST_RANGE_DAYS:
        return {"to": [ErrorDetail(str(_("Ask for at most 62 days.")), "too_long")]}
    return {}


class QuoteInput(serializers.Serializer[Any]):
    act = Word(choices=["cancel", "move"])
    start = Moment(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["act"] == "move" and "start" not in attrs:
            raise serializers.ValidationError({"start": _("Send the start to move to.")}, code="required")
        return attrs


class CancelInput(serializers.Serializer[Any]):
    reason = Word(choices=REASONS, required=False, allow_null=True)
    note = Text(max_length=LONGEST_NOTE, required=False, allow_blank=True, allow_null=True)
    quote = Line(max_length=500, help_text="`quote` of the quote that was shown.")


class MoveInput(serializers.Serializer[Any]):
    start = Moment()
    quote = Line(max_length=500, help_text="`quote` of the quote that was shown.")


class AcceptInput(serializers.Serializer[Any]):
    start = Moment(required=False, help_text="Which of the times; may be left out where there is one.")
    policy_version = Line(
        max_length=100,
        required=False,
        allow_null=True,
        help_text="Needed where the terms have changed since.",
    )
    agree = Flag(required=False)


class RefuseInput(serializers.Serializer[Any]):
    note = Text(max_length=1000, required=False, allow_blank=True, allow_null=True)
    cancel = Flag(
        required=False,
        help_text="Rather cancel what stands: all of the deposit comes back, and nothing counts.",
    )


class LateInput(serializers.Serializer[Any]):
    minutes = Whole(min_value=1, max_value=LONGEST_DELAY)


class CallTestInput(serializers.Serializer[Any]):
    works = Flag()
    found = serializers.DictField(child=serializers.ChoiceField(choices=SEEN), required=False)

    def validate_found(self, found: dict[str, str]) -> dict[str, str]:
        if set(found) - set(TRIED):
            raise serializers.ValidationError(
                _("The names here are: %(known)s.") % {"known": ", ".join(TRIED)}
            )
        return found


class ExplainInput(serializers.Serializer[Any]):
    reason = Word(choices=REASONS)
    note = Text(max_length=LONGEST_NOTE, required=False, allow_blank=True, allow_null=True)


class ChannelInput(serializers.Serializer[Any]):
    channel = Word(choices=OWN_CHANNELS)
    agree = Flag(help_text="False takes it back.")
    phone = Phone(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="Where it holds; the known number when left out.",
    )


class AddressInput(serializers.Serializer[Any]):
    email = Email()


class ModeInput(serializers.Serializer[Any]):
    mode = Word(choices=Mode.choices)
