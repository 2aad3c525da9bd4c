"""What is to be said, to whom and when, as rows. Everything here runs inside the caller's
transaction, so a message exists exactly when what it speaks of happened (F-87)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from booking.models import Appointment, Client, Provider, Status
from policies.rules import reminder_times
from policies.rules.terms import Terms
from reminders import kinds as known
from reminders.models import Message

LINK_NEEDED_BEFORE = timedelta(hours=72)
MAIL = "email"
NEVER_KEPT = (
    "manage_url",
    "join_url",
    "yes_url",
)  # they carry the token, of which the database has the hash alone


def tell(
    *,
    appointment: Appointment,
    kind: str,
    to: str,
    at: datetime,
    facts: dict[str, Any] | None = None,
    about: str = "",
    due_at: datetime | None = None,
) -> Message:
    """Have ``kind`` said once for this start and ``about`` (rule 17), as soon as the sweep looks or
    at ``due_at``. A message that waits or is gone already is left as it is; one that was dropped
    unsaid is planned anew."""
    key = {
        "provider_id": appointment.provider_id,
        "appointment": appointment,
        "start_at": appointment.starts_at,
        "about": about,
    }
    return _told(key, kind=kind, to=to, facts=facts, due_at=due_at or at, at=at)


def announce(
    *,
    provider: Provider,
    kind: str,
    about: str,
    at: datetime,
    client: Client | None = None,
    facts: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Message:
    """Have ``kind`` said once to ``client``, or to the provider where there is none, about no single
    appointment: once per provider, kind and ``about``, which must therefore name whom or what it is
    about ("2027-03-01", "client:<uid>"). Otherwise as `tell`."""
    to = Message.To.CLIENT if client else Message.To.PROVIDER
    key = {"provider": provider, "appointment": None, "client": client, "about": about}
    return _told(key, kind=kind, to=to, facts=facts, due_at=due_at or at, at=at)


def _told(
    key: dict[str, Any], *, kind: str, to: str, facts: dict[str, Any] | None, due_at: datetime, at: datetime
) -> Message:
    known.kind_of(kind=kind, to=to)
    key |= {"kind": kind, "to": to}
    plan = {
        "facts": _lasting(facts or {}),
        "due_at": due_at,
        "planned_for": due_at,
        "created_at": at,
    }
    fresh = Message(**key, **plan, channel=MAIL)
    # ON CONFLICT DO NOTHING: a conflict that raised would undo the caller's transaction.
    Message.objects.bulk_create([fresh], ignore_conflicts=True)
    dropped = Message.objects.filter(**key, state=Message.State.DROPPED)
    dropped.update(
        **plan, state=Message.State.WAITING, dropped_at=None, claimed_at=None, attempts=0, failure=""
    )
    return Message.objects.get(**key, channel=MAIL)


def reminders(
    *, appointment: Appointment, terms: Terms | None, lapsed_recently: bool, at: datetime
) -> list[Message]:
    """Plan the reminders of the present start, confirmed or moved to at ``at`` (rules 13 to 16), and
    drop what waited for another. Without terms, or for an appointment that does not stand, nothing
    is planned."""
    drop(appointment=appointment, at=at, kinds=(*known.REMINDERS, "link_missing"))
    if terms is None or appointment.status != Status.CONFIRMED:
        return []
    provider = appointment.provider
    due = reminder_times.reminders(
        start=appointment.starts_at,
        at=at,
        terms=terms,
        zone=appointment.timezone,
        want_day_ahead=provider.day_ahead_reminder or lapsed_recently,
        want_two_hours=provider.hours_ahead_reminder,
        smallest_notice=appointment.smallest_notice,
    )
    if known.lacks_link(appointment):
        _ask_for_link(appointment, at)
    return [
        tell(appointment=appointment, kind=kind, to=Message.To.CLIENT, at=at, due_at=when)
        for kind, when in due.items()
    ]


def option(*, appointment: Appointment, kind: str, at: datetime) -> Message | None:
    """One of the reminders that a provider may add (rule 16), for a start that stands already; None where
    its time is past or too near."""
    times = {"reminder_day": reminder_times.day_ahead, "reminder_hours": reminder_times.two_hours_ahead}
    due = times[kind](start=appointment.starts_at, at=at, zone_of_client=appointment.timezone)
    if due is None:
        return None
    return tell(appointment=appointment, kind=kind, to=Message.To.CLIENT, at=at, due_at=due)


def has_main_reminder(appointment: Appointment) -> bool:
    """Whether the present start has, or had, its main reminder: else the one a day ahead stands for it."""
    rows = Message.objects.filter(appointment=appointment, kind="reminder", start_at=appointment.starts_at)
    return rows.filter(state__in=(Message.State.WAITING, Message.State.SENT)).exists()


def drop(
    *,
    appointment: Appointment,
    at: datetime,
    kinds: Iterable[str] | None = None,
    about: str | None = None,
) -> int:
    """Messages of these kinds that wait are not sent any more; by default all that speak of the
    start, whatever they are ``about``. What is ``about`` a part of it ("note:<uid>:…") goes, too.
    Returns how many they were."""
    wanted = known.OF_THE_START if kinds is None else tuple(kinds)
    waiting = Message.objects.waiting().filter(appointment=appointment, kind__in=wanted)
    if about is not None:
        waiting = waiting.filter(Q(about=about) | Q(about__startswith=f"{about}:"))
    return waiting.update(state=Message.State.DROPPED, dropped_at=at)


def _ask_for_link(appointment: Appointment, at: datetime) -> None:
    due = max(at, appointment.starts_at - LINK_NEEDED_BEFORE)
    tell(appointment=appointment, kind="link_missing", to=Message.To.PROVIDER, at=at, due_at=due)


def _lasting(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: _storable(value) for key, value in facts.items() if key not in NEVER_KEPT}


def _storable(value: Any) -> Any:
    """Without what PostgreSQL cannot keep in text: it would undo the act that the message is about."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value
