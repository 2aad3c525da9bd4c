"""*Can you still make it?* What is asked before an urgent appointment is cancelled late (A4). It never blocks
the cancel; it only comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking import free_starts, quotes
from booking.models import Appointment, Mode, Status
from booking.quotes import Quote

SOON = timedelta(days=2)
OFFERED = 3
FROM_ANYWHERE = (Mode.PHONE, Mode.VIDEO)


@dataclass(frozen=True)
class Alternatives:
    """``modes`` change how they meet at the same time and cost nothing; each of ``moves`` has its own quote."""

    reason: str
    modes: list[str]
    moves: list[Quote]


def alternatives(appointment: Appointment, *, at: datetime) -> Alternatives | None:
    """The ways to keep an urgent appointment that is about to be cancelled late; None where nothing is asked."""
    if not appointment.urgent_reason or appointment.status != Status.CONFIRMED or at > appointment.starts_at:
        return None
    if not quotes.cancel(appointment, at=at).outcome.late:
        return None
    others = [
        mode for mode in appointment.service.modes if mode != appointment.mode and mode in FROM_ANYWHERE
    ]
    soon = [quotes.move(appointment, start=start, at=at) for start in soon_after(appointment, at=at)]
    return Alternatives(appointment.urgent_reason, others, [one for one in soon if one.outcome.allowed])


def soon_after(appointment: Appointment, *, at: datetime) -> list[datetime]:
    """Up to three free times: of the same day first, then the nearest within two days."""
    found = free_starts.of(
        service=appointment.service,
        around=appointment.starts_at,
        at=at,
        mode=appointment.mode,
        without=appointment,
    )
    old, zone = appointment.starts_at, ZoneInfo(appointment.timezone)
    starts = [datetime.fromtimestamp(one, tz=old.tzinfo) for one in found]
    near = [one for one in starts if one != old and abs(one - old) <= SOON]
    day = old.astimezone(zone).date()
    near.sort(key=lambda one: (one.astimezone(zone).date() != day, one < old, abs(one - old)))
    return sorted(near[:OFFERED])
