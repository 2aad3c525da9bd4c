"""What the clocks on the walls of a zone show, and when they are changed. Pure; knows no present.

An *epoch* is an instant as whole seconds since 1970 UTC. A *wall* is a local date and time,
counted in the same way as if the clock hung in Greenwich: local midnights are multiples of a DAY.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

Epoch: TypeAlias = int
Span: TypeAlias = tuple[int, int]

HOUR = 3_600
DAY = 86_400

_FIRST_DAY = date(1970, 1, 1).toordinal()
_FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def epoch(moment: datetime) -> Epoch:
    """The whole second in which an aware datetime lies."""
    return (moment - _FIRST_INSTANT) // timedelta(seconds=1)


def moment(epoch: Epoch) -> datetime:
    """The aware UTC datetime of an epoch."""
    return datetime.fromtimestamp(epoch, UTC)


def covering(start: datetime, end: datetime) -> Span:
    """The whole seconds that cover a range, for busy ranges from elsewhere that have fractions."""
    return epoch(start), seconds_up(end)


def seconds_up(moment: datetime) -> Epoch:
    return -((_FIRST_INSTANT - moment) // timedelta(seconds=1))


def wall_of(midnight_of: date) -> int:
    return (midnight_of.toordinal() - _FIRST_DAY) * DAY


def date_of(wall: int) -> date:
    return date.fromordinal(wall // DAY + _FIRST_DAY)


class Clock:
    """The clock on a zone's walls: at `changes[i]` its offset goes from `offsets[i]` to the next.

    Changes lie days apart, further than they move the clock, so that the walls before and
    after them are in order too and can be bisected.
    """

    _STEP = DAY // 4  # no zone changes its clock and takes it back within six hours

    def __init__(self, zone: str, since: Epoch, until: Epoch) -> None:
        self._zone = ZoneInfo(zone)
        self._until = until
        self.changes: list[Epoch] = []
        self.offsets = [self._ask(since)]
        for probe in range(since + self._STEP, until + self._STEP, self._STEP):
            if self._ask(probe) != self.offsets[-1]:
                self.changes.append(self._change_before(probe))
                self.offsets.append(self._ask(probe))
        before, after = self.offsets[:-1], self.offsets[1:]
        self._walls_before = [change + old for change, old in zip(self.changes, before, strict=True)]
        self._walls_after = [change + new for change, new in zip(self.changes, after, strict=True)]

    def periods(self, walls: list[Span]) -> list[Span]:
        """Walls of opening and closing as instants, less what a change swallows whole."""
        if not walls:
            return []
        offset, steady_until = self.steady(walls[0][0] - DAY)
        if steady_until > walls[-1][1] + DAY:  # no change near any of them: the common case
            return [(start - offset, end - offset) for start, end in walls]
        found = [(self.opens(start), self.closes(end)) for start, end in walls]
        return [(start, end) for start, end in found if start < end]

    def opens(self, wall: int) -> Epoch:
        """The first instant that shows `wall`; where it is skipped, the first after the gap."""
        i = bisect_right(self._walls_before, wall)
        instant = wall - self.offsets[i]
        return max(instant, self.changes[i - 1]) if i else instant

    def closes(self, wall: int) -> Epoch:
        """The last instant that shows `wall`; where it is skipped, the first after the gap."""
        i = bisect_right(self._walls_after, wall)
        instant = wall - self.offsets[i]
        return min(instant, self.changes[i]) if i < len(self.changes) else instant

    def steady(self, instant: Epoch) -> Span:
        """The offset at an instant, and until when at least it stays."""
        i = bisect_right(self.changes, instant)
        return self.offsets[i], self.changes[i] if i < len(self.changes) else self._until

    def _ask(self, instant: Epoch) -> int:
        offset = datetime.fromtimestamp(instant, self._zone).utcoffset()
        assert offset is not None
        return offset // timedelta(seconds=1)

    def _change_before(self, probe: Epoch) -> Epoch:
        passed = range(probe - self._STEP, probe + 1)
        return passed[bisect_left(passed, True, key=lambda instant: self._ask(instant) != self.offsets[-1])]


def clock_of(zone: str, first: date, last: date) -> Clock:
    return _clock_of_years(zone, first.year, last.year)


@lru_cache(maxsize=2_048)
def _clock_of_years(zone: str, first: int, last: int) -> Clock:
    return Clock(zone, wall_of(date(first, 1, 1)) - 2 * DAY, wall_of(date(last, 12, 31)) + 3 * DAY)
