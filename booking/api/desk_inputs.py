"""What the provider's side of the API takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from booking.api.fields import LONGEST_NOTE, Day, Flag, Line, Moment, Text, Whole, Word
from booking.api.inputs import REASONS, BookingInput, SeriesInput
from booking.api.refusals import wrong
from booking.lifecycle.absence import WAYS
from booking.lifecycle.concerns import CAUSES, DECISIONS
from booking.models import Mode, Provider, Status
from booking.outgoing import EVENTS
from payments.models import Paper
from policies.models import Reason
from policies.rules.local_time import end_of_day

LARGEST_AMOUNT = 10**12
LONGEST_WORD = 1000
LONGEST_SHARED = 4000
ANSWERS = list(dict.fromkeys(answer for answers in DECISIONS.values() for answer in answers))


class BookingOrBehalfInput(BookingInput):
    """What is sent to book; the last two count with a bearer token alone."""

    own_time = Flag(
        required=False,
        help_text="With a bearer token: any free time to come, also outside the opening hours, off the grid and without "
        "notice; the provider's own yes stands for an approval. `answers` and `client.phone` may be left out, "
        "`credit` and `save_card` do not go with it.",
    )
    with_deposit = Flag(
        required=False,
        help_text="With `own_time`: false asks no deposit, and it is confirmed at once; otherwise the time is held for a "
        "day and the client is mailed the link to pay.",
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said.get("own_time"):
            for name in ("credit", "save_card"):
                if said.get(name):
                    raise wrong(
                        name, "not_with_own_time", str(_("This does not go with a time of one's own."))
                    )
        elif said.get("with_deposit") is False:
            detail = str(_("Without a deposit is for times of one's own: send own_time, too."))
            raise wrong("with_deposit", "needs_own_time", detail)
        return said


class OnBehalfInput(BookingOrBehalfInput):
    """A booking for a client: the provider is the token's, and the terms are those of now."""

    provider = Line(max_length=60, required=False)
    policy_version = Line(max_length=100, required=False)
    agree = Flag(required=False)


class OnBehalfSeriesInput(SeriesInput):
    """The same for a series."""

    provider = Line(max_length=60, required=False)
    policy_version = Line(max_length=100, required=False)
    agree = Flag(required=False)


class EndpointInput(serializers.Serializer[Any]):
    url = Line(max_length=2000, help_text="A public https address.")
    events = serializers.ListField(
        child=Word(choices=EVENTS),
        max_length=len(EVENTS),
        required=False,
        allow_null=True,
        help_text="What it is told of; everything when left out or empty.",
    )


class MoneyInput(serializers.Serializer[Any]):
    amount = Whole(min_value=1, max_value=LARGEST_AMOUNT, help_text="In minor units.")
    currency = Line(max_length=3)


class NoteInput(serializers.Serializer[Any]):
    note = Text(max_length=LONGEST_NOTE, required=False, allow_blank=True, allow_null=True)


class ShareNoteInput(serializers.Serializer[Any]):
    text = Text(max_length=LONGEST_SHARED, help_text="Plain text; the client reads it as it is.")
    tell = Flag(
        required=False,
        help_text="False: no mail says that there is a note. What it says is in no mail.",
    )


class ChangeNoteInput(ShareNoteInput):
    note = serializers.UUIDField(help_text="The `id` of a shared note.")


class TakeNoteBackInput(serializers.Serializer[Any]):
    note = serializers.UUIDField(help_text="The `id` of a shared note.")


def starts(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=Moment(), max_length=5, help_text="Up to five, held while the client decides.", **options
    )


class ProposeInput(NoteInput):
    starts = starts(min_length=1)
    hours = Whole(
        min_value=1,
        max_value=72,
        required=False,
        allow_null=True,
        help_text="How long they are held; 24 when left out.",
    )

    def validate_note(self, value: str | None) -> str:
        return (value or "")[:LONGEST_WORD]


class DeclineInput(NoteInput):
    offers = starts(required=False, allow_null=True)


class UrgentInput(serializers.Serializer[Any]):
    reason = Line(max_length=300, help_text="The client reads it.")


class ProviderCancelInput(NoteInput):
    reason = Line(max_length=300, required=False, allow_blank=True, allow_null=True)
    as_ = Word(choices=["refund", "credit"], required=False)

    def get_fields(self) -> dict[str, Any]:
        return under_its_name(super().get_fields())

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A reason in words of one's own is kept as a note."""
        reason, note = attrs.get("reason") or "", attrs.get("note") or ""
        if reason in (*REASONS, *Reason.values):
            return attrs | {"reason": reason, "note": note}
        return attrs | {"reason": "other", "note": "\n".join(filter(None, (reason, note)))[:LONGEST_NOTE]}


class TimeOffInput(serializers.Serializer[Any]):
    from_ = Moment()
    until = Moment()
    title = Line(max_length=100, required=False, allow_blank=True, help_text="For the provider's own eyes.")

    def get_fields(self) -> dict[str, Any]:
        return under_its_name(super().get_fields())


class ExcuseInput(serializers.Serializer[Any]):
    reason = Word(choices=Reason.choices)
    note = Text(max_length=1000, required=False, allow_blank=True, allow_null=True)
    amount = MoneyInput(required=False, allow_null=True, help_text="All of it when left out.")
    as_ = Word(choices=["refund", "credit"], required=False)

    def get_fields(self) -> dict[str, Any]:
        return under_its_name(super().get_fields())


class RefundInput(serializers.Serializer[Any]):
    amount = MoneyInput()
    reason = Text(max_length=1000)
    as_ = Word(choices=["refund", "credit"], required=False)

    def get_fields(self) -> dict[str, Any]:
        return under_its_name(super().get_fields())


class ChargeInput(serializers.Serializer[Any]):
    kind = Word(choices=["balance", "other"])
    amount = MoneyInput(required=False, allow_null=True, help_text="Of a balance: all of it when left out.")
    description = Line(max_length=200, required=False, help_text="What it is for; `other` needs it.")
    tell = Flag(required=False, help_text="False: the client gets no mail with the link to pay.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == "other" and not attrs.get("description"):
            raise serializers.ValidationError({"description": _("Say what it is for.")}, code="required")
        return attrs


class ByHandInput(serializers.Serializer[Any]):
    method = Word(choices=["cash", "transfer", "other"])
    amount = MoneyInput(required=False, allow_null=True, help_text="All that is owed when left out.")
    reference = Line(max_length=200, required=False, allow_blank=True)
    received_on = Day(required=False, help_text="The day of the money; today when left out.")


def charge_filters(query: Mapping[str, str]) -> dict[str, Any]:
    """The filters of the list of what is owed. Raises a 400 by parameter."""
    return read_each(
        query,
        {
            "state": lambda said: {"state": Word(choices=["owed", "paid", "waived"]).run_validation(said)},
            "client": lambda said: {
                "appointment__client__uid": serializers.UUIDField().to_internal_value(said)
            },
        },
    )


def paper_filters(query: Mapping[str, str]) -> dict[str, Any]:
    """The filters of the list of papers."""
    return read_each(
        query,
        {
            "kind": lambda said: {"kind": Word(choices=Paper.Kind.values).run_validation(said)},
            "client": lambda said: {"client__uid": serializers.UUIDField().to_internal_value(said)},
            "number": lambda said: {"number": Line(max_length=40).run_validation(said)},
        },
    )


def statement_filters(query: Mapping[str, str]) -> dict[str, Any]:
    """Whose statement is asked for, and in which language a file is to be."""
    spoken = [code for code, _name in settings.LANGUAGES]
    return read_each(
        query,
        {
            "client": lambda said: {"client": serializers.UUIDField().to_internal_value(said)},
            "language": lambda said: {"language": Word(choices=spoken).run_validation(said)},
        },
    )


def read_each(
    query: Mapping[str, str], readers: Mapping[str, Callable[[str], dict[str, Any]]]
) -> dict[str, Any]:
    """The parameters that are there as look-ups; all that is wrong with them is one 400."""
    found: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for name, read in readers.items():
        try:
            if name in query:
                found |= read(query[name])
        except serializers.ValidationError as error:
            wrong[name] = error.detail
    if wrong:
        raise serializers.ValidationError(wrong)
    return found


class MergeInput(serializers.Serializer[Any]):
    client = serializers.UUIDField(help_text="The `id` of the one that goes.")


class ReachedOutInput(serializers.Serializer[Any]):
    way = Word(choices=list(WAYS), help_text="How the client was tried.")


class DecideInput(NoteInput):
    decision = Word(choices=ANSWERS, help_text="One of the concern's `answers`.")
    reason = Word(
        choices=list(CAUSES), required=False, allow_null=True, help_text="What it was, if the client said."
    )

    def validate_note(self, value: str | None) -> str:
        return (value or "")[:LONGEST_WORD]


def concern_filters(query: Mapping[str, str]) -> dict[str, Any]:
    """The filters of the list of concerns. Raises a 400 by parameter."""
    return read_each(
        query,
        {
            "state": lambda said: {"state": Word(choices=["open", "decided"]).run_validation(said)},
            "client": lambda said: {"client__uid": serializers.UUIDField().to_internal_value(said)},
        },
    )


class BlockInput(serializers.Serializer[Any]):
    reason = Text(max_length=500, required=False, allow_blank=True, allow_null=True)


def under_its_name(found: dict[str, Any]) -> dict[str, Any]:
    """`as` is a word of Python's, so its field is declared with an underscore."""
    return {name.rstrip("_"): field for name, field in found.items()}


def filters(query: Mapping[str, str], *, provider: Provider) -> dict[str, Any]:
    """The filters of the list of appointments as look-ups. Raises a 400 by parameter."""
    readers: dict[str, Callable[[str], dict[str, Any]]] = {
        "status": _statuses,
        "from": lambda said: {"starts_at__gte": _edge(said, provider, last=False)},
        "to": lambda said: {"starts_at__lt": _edge(said, provider, last=True)},
        "client": lambda said: {"client__uid": serializers.UUIDField().to_internal_value(said)},
        "service": lambda said: {"service__slug": Line(max_length=60).run_validation(said)},
        "needs_help": _needs_help,
    }
    return read_each(query, readers)


def _needs_help(said: str) -> dict[str, Any]:
    """Those who need help with a video call and have it from nobody yet."""
    Word(choices=["true"]).run_validation(said)
    return {"needs_help_at__isnull": False, "status": Status.CONFIRMED, "mode": Mode.VIDEO}


def _statuses(said: str) -> dict[str, Any]:
    asked = said.split(",")
    if not set(asked) <= set(Status.values):
        known = ", ".join(Status.values)
        detail = _("Send one or more of these, with commas: %(known)s.") % {"known": known}
        raise serializers.ValidationError([ErrorDetail(str(detail), "invalid_choice")])
    return {"status__in": asked}


def _edge(said: str, provider: Provider, *, last: bool) -> datetime:
    """An instant, or the beginning (for ``to`` the end) of a day of the provider's."""
    if "T" in said:
        return Moment().to_internal_value(said)
    day = Day().to_internal_value(said)
    return end_of_day(day if last else day - timedelta(days=1), provider.timezone).astimezone(UTC)
