"""How much a provider takes on: the rule alone. No Django, no database, no clock.

most      appointments in a local day, and in a local week from Monday to Sunday; of all services, and of one
travel    minutes between an appointment in person and one by video or phone, on top of both buffers
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from booking.clocks import Epoch, Span, clock_of, wall_of

IN_PERSON = "in_person"
MINUTE = 60


@dataclass(frozen=True)
class Most:
    """At most so many that begin in a day, or in a week; None is no limit."""

    per_day: int | None = None
    per_week: int | None = None


@dataclass(frozen=True)
class Booked:
    """An appointment that takes time: `span` is what it takes, buffers included. What moves and waits for its
    deposit is here twice under one id, for both of its times; `counts` is false where it is only proposed."""

    id: int
    start: Epoch
    span: Span
    service: int
    mode: str
    counts: bool = True


@dataclass(frozen=True)
class Limits:
    """What binds the booking of one `service`. `booked` must reach over the whole weeks that are asked about."""

    zone: str
    service: int
    of_all: Most = Most()
    of_service: Most = Most()
    travel_minutes: int = 0
    booked: Sequence[Booked] = ()

    def with_travel(self, busy: Sequence[Span], mode: str) -> Sequence[Span]:
        """`busy` and the way to and from each appointment that is elsewhere than `mode`, sorted by start."""
        way = self.travel_minutes * MINUTE
        here = mode == IN_PERSON
        elsewhere = [one.span for one in self.booked if (one.mode == IN_PERSON) != here] if way else []
        return sorted([*busy, *((since - way, until + way) for since, until in elsewhere)])

    def within(self, starts: Sequence[Epoch]) -> list[Epoch]:
        """Those of the sorted starts on whose day and in whose week there is room for one more."""
        froms = [since for since, _until in self.full]
        found = []
        for start in starts:
            last = bisect_right(froms, start) - 1
            if last < 0 or self.full[last][1] <= start:
                found.append(start)
        return found

    @cached_property
    def full(self) -> list[Span]:
        """The days and weeks that hold as many as they may, apart and in order."""
        spans: list[Span] = []
        for most, booked in (
            (self.of_all, self.booked),
            (self.of_service, [one for one in self.booked if one.service == self.service]),
        ):
            for days, limit in ((1, most.per_day), (7, most.per_week)):
                if limit is not None:
                    spans += self._full(booked, days, limit)
        joined: list[Span] = []
        for since, until in sorted(spans):
            if joined and since <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], until))
            else:
                joined.append((since, until))
        return joined

    def _full(self, booked: Sequence[Booked], days: int, limit: int) -> list[Span]:
        held: dict[date, set[int]] = {}
        for one in booked:
            if one.counts:
                on = datetime.fromtimestamp(one.start, ZoneInfo(self.zone)).date()
                first = on - timedelta(days=on.weekday()) if days == 7 else on
                held.setdefault(first, set()).add(one.id)
        return [self._span(first, days) for first, ids in held.items() if len(ids) >= limit]

    def _span(self, first: date, days: int) -> Span:
        after = first + timedelta(days=days)
        clock = clock_of(self.zone, first, after)
        return clock.opens(wall_of(first)), clock.opens(wall_of(after))
