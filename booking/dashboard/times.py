"""Days as the calendar counts them, on the provider's clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    """The first instant of a local day, as UTC (a day without midnight starts later)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def span(first: date, days: int, zone: str) -> tuple[datetime, datetime]:
    """The instants from the start of ``first`` to the start of the day after the last."""
    return start_of(first, zone), start_of(first + timedelta(days=days), zone)


def day_in(text: str) -> date | None:
    """A day in an address; None for what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None
