"""What a provider's own time would do, told before anything is done: nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking import own_time, quotes
from booking.lifecycle.confirming import times
from booking.lifecycle.proposing import check_proposed, decides_until, must_be_proposable
from booking.models import Appointment, BusyElsewhere, Provider, Service
from config.refusal import Refusal
from policies.rules import moves
from policies.rules.outcomes import Outcome


@dataclass(frozen=True)
class ForeseenMove:
    """``refusal`` is why it cannot be proposed. That it lies ``outside`` of the open hours hinders nothing, no more
    than ``elsewhere``, the other engagement of that time. ``expires_at`` is until when the client decides,
    ``outcome`` what becomes of the deposit."""

    start: datetime
    end: datetime
    expires_at: datetime
    outside: bool
    elsewhere: BusyElsewhere | None
    refusal: Refusal | None
    outcome: Outcome


def foresee_move(
    *, appointment: Appointment, start: datetime, within: timedelta, at: datetime
) -> ForeseenMove:
    """What `propose` with this one time would say (rule 6)."""
    span = times(appointment.service, start, timedelta(0))
    return ForeseenMove(
        start=start,
        end=span["ends_at"],
        expires_at=decides_until(appointment, [start], within=within, at=at),
        outside=not own_time.is_open(appointment.provider, start, span["ends_at"]),
        elsewhere=own_time.busy_elsewhere(appointment.provider, start, span["ends_at"]),
        refusal=why_not_proposed(appointment, start, at=at),
        outcome=moves.provider_move(quotes.standing(appointment, at=at), at=at),
    )


def why_not_proposed(appointment: Appointment, start: datetime, *, at: datetime) -> Refusal | None:
    try:
        must_be_proposable(appointment, at=at)
        check_proposed(appointment, [start], at=at)
        must_be_free(appointment.provider, appointment.service, start, at=at, without=appointment)
    except Refusal as refusal:
        return refusal
    return None


def must_be_free(
    provider: Provider, service: Service, start: datetime, *, at: datetime, without: Appointment | None = None
) -> None:
    """Refuses with `SlotTaken`, that says what is there."""
    span = times(service, start, timedelta(0))
    there = own_time.in_the_way(provider, span["blocked_from"], span["blocked_until"], at=at, without=without)
    if there:
        raise own_time.not_free(provider, there)
