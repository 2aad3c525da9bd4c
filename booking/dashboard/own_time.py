"""Days and times on the provider's clocks, as the forms of the calendar take them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking.dashboard.calendar_feed import local
from booking.dashboard.desk import Desk
from booking.dashboard.proposing import LOCAL


def written(instant: datetime, zone: str) -> str:
    """As `datetime-local` wants it."""
    return instant.astimezone(ZoneInfo(zone)).strftime(LOCAL)


def asked(text: str, desk: Desk) -> datetime | None:
    """The whole minute in an address, on the provider's clocks where it names no zone."""
    found = local(text, desk)
    return found.replace(second=0, microsecond=0) if found else None


def next_hour(desk: Desk) -> datetime:
    return desk.at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
