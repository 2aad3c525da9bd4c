"""Every kind of message, and when it is still true.

Before a message leaves it is asked again whether it holds (rule 17): the appointment must be in one
of the kind's statuses, still have the start that the message speaks of, and not be past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from booking.models import Appointment, Mode, Status
from reminders.models import Message

REMINDERS = ("reminder", "reminder_day", "reminder_hours")
LIVE = (Status.REQUESTED, Status.HELD, Status.CONFIRMED)

Asked = Callable[[Appointment, datetime], bool]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """``statuses`` in which it is true (empty: in all), ``until`` the start or the end of the
    appointment (empty: for ever), ``of_start`` where it is void once the appointment has moved,
    ``asked`` what else must be so."""

    statuses: tuple[str, ...] = ()
    until: str = ""
    of_start: bool = False
    asked: Asked | None = None


def _unseen(appointment: Appointment, at: datetime) -> bool:
    return appointment.arrived_at is None and at >= appointment.starts_at


def _hold_lasts(appointment: Appointment, at: datetime) -> bool:
    return appointment.hold_expires_at is not None and at < appointment.hold_expires_at


def _move_waits(appointment: Appointment, at: datetime) -> bool:
    return appointment.moves.filter(state="waiting").exists()


def _proposed(appointment: Appointment, at: datetime) -> bool:
    return appointment.proposals.open().filter(expires_at__gt=at).exists()


def _needs_help(appointment: Appointment, at: datetime) -> bool:
    return appointment.mode == Mode.VIDEO and appointment.needs_help_at is not None


def _owed(appointment: Appointment, at: datetime) -> bool:
    return appointment.charges.filter(state="owed").exists()


def _series_stands(appointment: Appointment, at: datetime) -> bool:
    rest = appointment.series_rest.filter(status=Status.CONFIRMED, ends_at__gt=at)
    return rest.exists() or (appointment.status == Status.CONFIRMED and at < appointment.ends_at)


def _has_note(appointment: Appointment, at: datetime) -> bool:
    return appointment.shared_notes.exists()


def _without_link(appointment: Appointment, at: datetime) -> bool:
    return lacks_link(appointment)


def lacks_link(appointment: Appointment) -> bool:
    """A video call of a provider who has not said where (F-90)."""
    place = appointment.provider.places.get(Mode.VIDEO) or {}
    return appointment.mode == Mode.VIDEO and not place.get("url")


_CONFIRMED = (Status.CONFIRMED,)
_AHEAD = Kind(statuses=_CONFIRMED, until="starts_at", of_start=True)
_UNTIL_END = Kind(statuses=_CONFIRMED, until="ends_at", of_start=True)
_NOBODY_THERE = Kind(statuses=_CONFIRMED, until="ends_at", of_start=True, asked=_unseen)
_ALWAYS = Kind()
_CANCELLED = Kind(statuses=(Status.CANCELLED,))

TO_CLIENT: dict[str, Kind] = {
    "confirmed": _UNTIL_END,
    "requested": Kind(statuses=(Status.REQUESTED,), until="starts_at"),
    "confirm_booking": Kind(statuses=(Status.HELD,), until="starts_at", of_start=True, asked=_hold_lasts),
    "pay_link": Kind(statuses=(Status.HELD,), until="starts_at", of_start=True, asked=_hold_lasts),
    "moved": _UNTIL_END,
    "mode_changed": _UNTIL_END,
    "move_asks_deposit": Kind(statuses=_CONFIRMED, until="starts_at", of_start=True, asked=_move_waits),
    "cancelled": _CANCELLED,
    "declined": Kind(statuses=(Status.DECLINED,)),
    "expired": Kind(statuses=(Status.EXPIRED,)),
    "reminder": _AHEAD,
    "reminder_day": _AHEAD,
    "reminder_hours": _AHEAD,
    "contact": _NOBODY_THERE,
    "no_show": Kind(statuses=(Status.NO_SHOW,)),
    "no_show_undone": Kind(statuses=(Status.CONFIRMED, Status.COMPLETED)),
    "refund": _ALWAYS,
    "refund_failed": _ALWAYS,
    "credited": _ALWAYS,
    "excused": _ALWAYS,
    "terms_kept": _ALWAYS,
    "credit_ends": Kind(statuses=(Status.CANCELLED, Status.NO_SHOW)),
    "paid_too_late": _ALWAYS,
    "late_accepted": _UNTIL_END,
    "fee_owed": Kind(asked=_owed),
    "card_charged": _ALWAYS,
    "balance_due": Kind(asked=_owed),
    "already_has_credit": Kind(statuses=LIVE, until="starts_at"),
    "proposal": Kind(asked=_proposed),
    "proposal_lapsed": _ALWAYS,
    "proposal_withdrawn": _ALWAYS,
    "note_shared": Kind(asked=_has_note),
    "address_confirm": _ALWAYS,
    "address_changed": _ALWAYS,
    "my_links": _ALWAYS,
    "series_confirmed": Kind(asked=_series_stands),
    "series_cancelled": _CANCELLED,
}
TO_PROVIDER: dict[str, Kind] = {
    "booked": _UNTIL_END,
    "series_booked": Kind(asked=_series_stands),
    "series_cancelled": _CANCELLED,
    "approval_needed": Kind(statuses=(Status.REQUESTED,), until="starts_at"),
    "moved": _UNTIL_END,
    "mode_changed": _UNTIL_END,
    "cancelled": _CANCELLED,
    "payment_failed": Kind(statuses=LIVE, until="starts_at"),
    "is_client_there": _NOBODY_THERE,
    "decision_no_show": Kind(statuses=_CONFIRMED, of_start=True),
    "link_missing": Kind(statuses=_CONFIRMED, until="starts_at", of_start=True, asked=_without_link),
    "explained": _ALWAYS,
    "late_asked": _UNTIL_END,
    "needs_help": Kind(statuses=_CONFIRMED, until="ends_at", of_start=True, asked=_needs_help),
    "settled": _ALWAYS,
    "settlements_ahead": _ALWAYS,
    "account_ready": _ALWAYS,
    "account_stopped": _ALWAYS,
    "refund_failed": _ALWAYS,
    "proposal_lapsed": _ALWAYS,
    "proposal_refused": _ALWAYS,
    "daily": _ALWAYS,
    "mail_bounced": _ALWAYS,
    "channel_failed": _ALWAYS,
    "channel_used_up": _ALWAYS,
    "calendar_failed": _ALWAYS,
    "webhook_off": _ALWAYS,
    "refund_asked": _ALWAYS,
    "dispute_opened": _ALWAYS,
    "dispute_closed": _ALWAYS,
}
# What money or law need a client to be told, also at an address that complained or sends mails back:
# what was kept or given back, what is owed, that an appointment is no more.
NEEDED = frozenset(
    {
        "cancelled",
        "series_cancelled",
        "declined",
        "expired",
        "no_show",
        "no_show_undone",
        "refund",
        "refund_failed",
        "credited",
        "excused",
        "terms_kept",
        "credit_ends",
        "paid_too_late",
        "fee_owed",
        "balance_due",
        "card_charged",
    }
)
# These go to the address in their facts, one that is not the client's yet or not any more.
ELSEWHERE = ("address_confirm", "address_changed")
BY_READER: dict[str, dict[str, Kind]] = {
    Message.To.CLIENT: TO_CLIENT,
    Message.To.PROVIDER: TO_PROVIDER,
}
OF_THE_START = tuple(
    sorted({name for kinds in BY_READER.values() for name, kind in kinds.items() if kind.of_start})
)


def kind_of(*, kind: str, to: str) -> Kind:
    """The kind of that name; a name that nobody wrote words for is a bug of the caller."""
    try:
        return BY_READER[to][kind]
    except KeyError:
        raise ValueError(f"there is no message {kind!r} to {to!r}") from None


def is_needed(kind: str) -> bool:
    return kind in NEEDED


def still_true(message: Message, *, at: datetime) -> bool:
    """Whether ``message`` may leave at ``at``, going by the appointment as it is now."""
    kind, appointment, person = kind_of(kind=message.kind, to=message.to), message.appointment, message.person
    if message.to_client and person and person.erased_at:
        return False
    if appointment is None:
        return True
    if kind.statuses and appointment.status not in kind.statuses:
        return False
    if kind.of_start and message.start_at != appointment.starts_at:
        return False
    if kind.until and at >= getattr(appointment, kind.until):
        return False
    return kind.asked is None or kind.asked(appointment, at)
