"""The studio's hours as blocks of one hour, and who has which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

WEEKDAY_HOURS = (9, 10, 11, 12, 14, 15, 16, 17, 18)
SATURDAY_HOURS = (10, 11, 12)
HOUR = timedelta(hours=1)


class Blocks:
    """Free hours of the studio; what is taken is never given out again, so stories cannot collide."""

    def __init__(self, *, first: date, last: date, closed: Iterable[date], zone: str, chance: Random) -> None:
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        off = set(closed)
        self._chance = chance
        self._free: set[datetime] = {
            datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)
            for day in days
            if day not in off
            for hour in _hours(day)
        }

    def take(self, *, after: datetime, before: datetime, hours: int = 1) -> datetime:
        """A free start between two instants, taken with the hours that it needs. Raises LookupError."""
        fitting = [start for start in self._within(after, before) if self._fits(start, hours)]
        if not fitting:
            raise LookupError(f"no free hour between {after} and {before}")
        start = self._chance.choice(fitting)
        self._free -= {start + n * HOUR for n in range(hours)}
        return start

    def _within(self, after: datetime, before: datetime) -> list[datetime]:
        return sorted(start for start in self._free if after < start < before)

    def _fits(self, start: datetime, hours: int) -> bool:
        return all(start + n * HOUR in self._free for n in range(hours))


def _hours(day: date) -> tuple[int, ...]:
    if day.weekday() == 6:
        return ()
    return SATURDAY_HOURS if day.weekday() == 5 else WEEKDAY_HOURS
