"""Which of the free times suit what a client said about its days (A10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening")
NOON, EVENING = time(12), time(17)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Days and parts of the day on the clocks of ``zone``; none of a kind means any."""

    zone: str
    days: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.days or self.parts)

    def miss(self, start: datetime) -> int:
        """How far a start is from what was wished: 0 it suits, 1 the day or the part does, 2 neither."""
        local = start.astimezone(ZoneInfo(self.zone))
        day = not self.days or DAYS[local.weekday()] in self.days
        part = not self.parts or part_of(local.time()) in self.parts
        if day and part:
            return 0
        # A wish that was not stated is no half of one.
        return 1 if (self.days and day) or (self.parts and part) else 2


def part_of(clock: time) -> str:
    """Morning until noon, afternoon until five, then evening."""
    if clock < NOON:
        return "morning"
    return "afternoon" if clock < EVENING else "evening"


def read(said: object, *, zone: str) -> Wishes:
    """The wishes as they are kept; whatever is no wish is passed over."""
    known = said if isinstance(said, dict) else {}
    return Wishes(
        zone=zone,
        days=frozenset(_known(known.get("days"), DAYS)),
        parts=frozenset(_known(known.get("parts"), PARTS)),
    )


def _known(said: object, words: Sequence[str]) -> Iterable[str]:
    return (one for one in said if one in words) if isinstance(said, list | tuple) else ()


def suiting(starts: Iterable[datetime], wishes: Wishes) -> int:
    """How many of the starts suit wholly."""
    return sum(wishes.miss(start) == 0 for start in starts)
