"""Which of the free times suit what a client said about its days (A10)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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


# --- Where a week of open hours and the wishes miss each other ---

Cell = tuple[int, str]  # weekday (Monday is 0) and part of the day, on the provider's clocks
HOURS = {"morning": range(8, 12), "afternoon": range(12, 17), "evening": range(17, 22)}
BOUNDS = {"morning": (0, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 24 * 60)}
DAWN, NIGHT = 6, 23
ENOUGH = 60  # minutes of open time in a part of a day that somebody could come in


def cells(wishes: Wishes, *, zone: str, monday: date) -> set[Cell]:
    """The parts of a week on the clocks of ``zone`` that suit; what falls into its night is none of them."""
    found: dict[Cell, int] = {}
    for day, name in enumerate(DAYS):
        if wishes.days and name not in wishes.days:
            continue
        for part in wishes.parts or PARTS:
            for hour in HOURS[part]:
                there = datetime.combine(monday + timedelta(days=day), time(hour), ZoneInfo(wishes.zone))
                here = there.astimezone(ZoneInfo(zone))
                if DAWN <= here.hour < NIGHT:
                    cell = here.weekday(), part_of(here.time())
                    found[cell] = found.get(cell, 0) + 1
    return {cell for cell, hours in found.items() if hours > 1}


def open_minutes(weekly: Iterable[tuple[int, int, int]]) -> dict[Cell, int]:
    """How long each part of the week is open; periods are (weekday, opens, closes) in minutes."""
    found: dict[Cell, int] = {}
    for weekday, opens, closes in weekly:
        for part, (first, last) in BOUNDS.items():
            if (minutes := min(closes, last) - max(opens, first)) > 0:
                found[weekday, part] = found.get((weekday, part), 0) + minutes
    return found


@dataclass(frozen=True, kw_only=True)
class Match:
    """``wished`` and ``minutes`` by part of the week; ``asked`` clients said something about their days, of
    whom ``missed`` find nothing in the open hours; ``would_help`` are the closed parts that suit most of those."""

    wished: dict[Cell, int]
    minutes: dict[Cell, int]
    asked: int
    missed: int
    would_help: list[tuple[Cell, int]]


def match(
    said: Iterable[Wishes], weekly: Iterable[tuple[int, int, int]], *, zone: str, monday: date
) -> Match:
    """Open hours beside wishes. Each different wish is looked at once, however many have it."""
    minutes = open_minutes(weekly)
    wished: dict[Cell, int] = {}
    helped: dict[Cell, int] = {}
    asked = missed = 0
    for one, times in Counter(one for one in said if one).items():
        suits = cells(one, zone=zone, monday=monday)
        served = any(minutes.get(cell, 0) >= ENOUGH for cell in suits)
        asked, missed = asked + times, missed + (0 if served else times)
        for cell in suits:
            wished[cell] = wished.get(cell, 0) + times
            if not served:
                helped[cell] = helped.get(cell, 0) + times
    best = sorted(helped.items(), key=lambda found: (-found[1], found[0][0], PARTS.index(found[0][1])))
    return Match(wished=wished, minutes=minutes, asked=asked, missed=missed, would_help=best[:3])
