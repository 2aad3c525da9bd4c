"""Which starts can be booked: the rule alone. No Django, no database, no clock.

    open_periods   weekly hours and overrides, as instants
    starts         the starts that are offered between two instants
    by_day         starts as local times, under the days of the zone that was asked for
    month          all three in one call
    why_not        what speaks against one start
    nearest        other starts near a wanted one

Instants are *epochs* inside: whole seconds since 1970 UTC, on which arithmetic is arithmetic.
A *wall* is what the clock on a wall shows, counted in the same way as if it hung in Greenwich;
only `clocks` turns the one into the other. Ranges include their start and exclude their end.

It is quick because nothing is done per candidate: a whole free stretch becomes one `range`, and
a whole local day is worded at once, its times being looked up by the second of the day.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property, lru_cache

from booking.clocks import (
    DAY,
    HOUR,
    Clock,
    Epoch,
    Span,
    clock_of,
    covering,
    date_of,
    epoch,
    moment,
    seconds_up,
    wall_of,
)
from booking.limits import Limits

__all__ = [
    "DAY", "Agenda", "Hours", "Offer", "Override", "by_day", "covering", "epoch", "moment", "month", "nearest",
    "open_periods", "reach", "starts", "why_not",
]  # fmt: skip

MINUTE = 60
_NEVER: Epoch = 1 << 62


# --- What the provider set ---
def _check_times(opens: int, closes: int) -> None:
    if not 0 <= opens < closes <= DAY // MINUTE:
        raise ValueError(f"a period must close after it opens, within one day: {opens}-{closes}")


@dataclass(frozen=True)
class Hours:
    """The week: (weekday, opens, closes), Monday is 0, both in minutes after local midnight.

    `closes` may be 1440, which is 24:00. Several entries for one day add up.
    """

    weekly: Sequence[tuple[int, int, int]] = ()

    def __post_init__(self) -> None:
        for weekday, opens, closes in self.weekly:
            if not 0 <= weekday <= 6:
                raise ValueError(f"no such weekday: {weekday}")
            _check_times(opens, closes)

    @cached_property
    def by_weekday(self) -> tuple[list[Span], ...]:
        """For each weekday its periods, in seconds after midnight."""
        week: tuple[list[Span], ...] = ([], [], [], [], [], [], [])
        for weekday, opens, closes in self.weekly:
            week[weekday].append((opens * MINUTE, closes * MINUTE))
        return week


@dataclass(frozen=True)
class Override:
    """One date with hours of its own, in place of its weekly ones; without periods it is closed.

    Several overrides for one date add up, as entries of the week do.
    """

    on: date
    periods: Sequence[tuple[int, int]] = ()

    def __post_init__(self) -> None:
        for opens, closes in self.periods:
            _check_times(opens, closes)


@dataclass(frozen=True)
class Agenda:
    """A provider's time: the hours, meant in the provider's zone, and what of them is taken.

    `busy` holds what other appointments take, their own buffers included, sorted by start. It
    may overlap itself; it must reach as far as `reach` says. `limits` are there where the provider set some.
    """

    hours: Hours
    zone: str
    overrides: Sequence[Override] = ()
    busy: Sequence[Span] = ()
    limits: Limits | None = None

    def busy_for(self, mode: str | None) -> Sequence[Span]:
        """What is taken for whoever comes in this mode: the way between two places, too."""
        return self.limits.with_travel(self.busy, mode) if self.limits and mode else self.busy

    def periods(self, since: Epoch, until: Epoch) -> list[Span]:
        """Every period that can hold any part of a stretch of time, and some beside it."""
        # No zone is more than 14 hours from UTC; a period may reach into the day after its own.
        first, last = date_of(since - 36 * HOUR), date_of(until + 14 * HOUR)
        return open_periods(self.hours, self.overrides, zone=self.zone, first=first, last=last)


@dataclass(frozen=True)
class Offer:
    """How a service is offered; every length is in minutes, but the horizon in days of 24 hours."""

    duration: int
    slot_interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    min_notice_minutes: int = 0
    horizon_days: int = 60
    modes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if min(self.duration, self.slot_interval) <= 0:
            raise ValueError("duration and slot_interval must be at least a minute")
        if min(self.buffer_before, self.buffer_after, self.min_notice_minutes) < 0:
            raise ValueError("buffers and notice cannot be negative")

    def has(self, mode: str | None) -> bool:
        """Whether the service takes place in this mode; None asks for any."""
        return mode is None or mode in self.modes

    def padded(self, start: Epoch) -> Span:
        """What an appointment at `start` takes of the provider's time, buffers included."""
        end = start + (self.duration + self.buffer_after) * MINUTE
        return start - self.buffer_before * MINUTE, end

    def bookable(self, at: datetime) -> Span:
        """The first and the last whole second that notice and horizon leave, both included."""
        return seconds_up(at) + self.min_notice_minutes * MINUTE, epoch(at) + self.horizon_days * DAY


# --- Open time ---
def open_periods(
    hours: Hours, overrides: Iterable[Override], *, zone: str, first: date, last: date
) -> list[Span]:
    """The periods of the days `first` to `last`, in order; those that touch stay apart.

    Each is the origin of a grid of starts of its own, so overlapping ones are kept as they are.
    A period that a clock change swallows whole is left out.
    """
    special: dict[int, list[Span]] = {}
    for override in overrides:
        periods = [(opens * MINUTE, closes * MINUTE) for opens, closes in override.periods]
        special.setdefault(wall_of(override.on), []).extend(periods)
    week = hours.by_weekday
    walls = [
        (midnight + opens, midnight + closes)
        for midnight in range(wall_of(first), wall_of(last) + DAY, DAY)
        # the first day of 1970 was a Thursday
        for opens, closes in special.get(midnight, week[(midnight // DAY + 3) % 7])
    ]
    return sorted(clock_of(zone, first, last).periods(walls))


def _joined(spans: Iterable[Span]) -> tuple[list[Epoch], list[Epoch]]:
    """Sorted spans, those that overlap or touch made one: all their starts, all their ends."""
    froms: list[Epoch] = []
    tos: list[Epoch] = []
    reached = None
    for start, end in spans:
        if reached is None or start > reached:
            froms.append(start)
            tos.append(end)
            reached = end
        elif end > reached:
            tos[-1] = reached = end
    return froms, tos


# --- Starts ---
def starts(
    offer: Offer, agenda: Agenda, *, since: datetime, until: datetime, at: datetime, mode: str | None = None
) -> list[Epoch]:
    """The starts offered from `since` until just before `until`, in order, each once."""
    first, last = offer.bookable(at)
    earliest, latest = max(seconds_up(since), first), min(seconds_up(until) - 1, last)
    if earliest > latest or not offer.has(mode):
        return []
    periods = agenda.periods(earliest, latest + offer.duration * MINUTE)
    grids = list(_grids(offer, periods, latest))
    if agenda.limits is None:
        return _sweep(grids, offer, agenda.busy, earliest)
    found: set[Epoch] = set()
    for one in [mode] if mode else offer.modes:
        found.update(_sweep(grids, offer, agenda.busy_for(one), earliest))
    return agenda.limits.within(sorted(found))


def _grids(offer: Offer, periods: list[Span], latest: Epoch) -> Iterator[Span]:
    """For each period its origin and the end of the starts that it has room for.

    The duration may run on into periods that touch; the starts of one period may not.
    """
    _, shuts = _joined(periods)
    length, run = offer.duration * MINUTE, 0
    for opens, closes in periods:
        if opens > shuts[run]:
            run += 1
        yield opens, min(closes, shuts[run] - length + 1, latest + 1)


def _sweep(grids: list[Span], offer: Offer, busy: Sequence[Span], earliest: Epoch) -> list[Epoch]:
    """The points of all grids from `earliest` on that no busy range rules out, in order.

    One walk along grids and busy ranges; no busy range behind `i` says more than `decided`, before
    which no start is free. Grids that overlap are rare; for them the walk begins anew.
    """
    step = offer.slot_interval * MINUTE
    before, after = offer.padded(0)
    ahead = [*busy, (_NEVER, _NEVER)]  # so that there always is a next one
    found: list[Epoch] = []
    i, decided, swept, apart = 0, earliest, -_NEVER, True
    for origin, stop in grids:
        if origin < swept:
            i, decided, apart = 0, earliest, False
        swept = max(swept, stop)
        start = max(origin, _on_grid(origin, step, decided))
        while start < stop and ahead[i][1] <= start + before:
            i += 1
        while start < stop:
            busy_from, busy_to = ahead[i]
            free_to = busy_from - after + 1
            if free_to >= stop:
                found += range(start, stop, step)
                break
            if free_to > start:
                found += range(start, free_to, step)
            if busy_to - before > start:
                decided = busy_to - before
                start = decided + (origin - decided) % step  # _on_grid, but a call costs as much as all this
            i += 1
    return found if apart else sorted(set(found))


def _blocked(offer: Offer, busy: Iterable[Span]) -> Iterator[Span]:
    """The starts that each busy range rules out: those whose padded range would overlap it."""
    before, after = offer.padded(0)
    return ((start - after + 1, end - before) for start, end in busy)


def _on_grid(origin: Epoch, step: int, instant: Epoch) -> Epoch:
    """The first point of an endless grid that is not before `instant`."""
    return instant + (origin - instant) % step


# --- Days ---
class _Day(dict[Epoch, str]):
    """The words for the instants of a day at one offset, found once: "2027-03-01T09:00:00+01:00"."""

    def __init__(self, midnight: Epoch, offset: int) -> None:
        super().__init__()
        self._zone = timezone(timedelta(seconds=offset))
        self.on = datetime.fromtimestamp(midnight, self._zone).date()
        self.name = self.on.isoformat()

    def __missing__(self, instant: Epoch) -> str:
        text = self[instant] = datetime.fromtimestamp(instant, self._zone).isoformat()
        return text


_day = lru_cache(maxsize=512)(_Day)  # about five megabytes of quarter hours when all are in use


def by_day(epochs: Sequence[Epoch], *, zone: str, first: date, last: date) -> dict[str, list[str]]:
    """Sorted epochs as ISO 8601 local times of `zone`, by local date, from `first` to `last`.

    Days without any are left out: {"2027-03-01": ["2027-03-01T09:00:00+01:00", ...], ...}
    """
    clock = clock_of(zone, first, last)
    since, until = _bounds(clock, first, last)
    here, end = bisect_left(epochs, since), bisect_left(epochs, until)
    days: dict[str, list[str]] = {}
    steady_until = since
    while here < end:
        instant = epochs[here]
        if instant >= steady_until:
            offset, steady_until = clock.steady(instant)
        midnight = instant - (instant + offset) % DAY
        there = bisect_left(epochs, min(midnight + DAY, steady_until), here, end)
        day = _day(midnight, offset)
        if first <= day.on <= last:
            days.setdefault(day.name, []).extend(map(day.__getitem__, epochs[here:there]))
        here = there
    return days


def _bounds(clock: Clock, first: date, last: date) -> Span:
    """A stretch in which all instants lie that show a date from `first` to `last`."""
    return clock.opens(wall_of(first)), clock.closes(wall_of(last) + DAY)


def reach(offer: Offer, *, tz: str, first: date, last: date) -> tuple[datetime, datetime]:
    """The stretch whose busy ranges decide what `month` offers on these days."""
    since, until = _bounds(clock_of(tz, first, last), first, last)
    return moment(offer.padded(since)[0]), moment(offer.padded(until)[1])


def month(
    offer: Offer,
    agenda: Agenda,
    *,
    first: date,
    last: date,
    at: datetime,
    tz: str = "",
    mode: str | None = None,
) -> dict[str, list[str]]:
    """What is offered on the days `first` to `last` of `tz` (else the provider's zone), as by `by_day`."""
    tz = tz or agenda.zone
    since, until = _bounds(clock_of(tz, first, last), first, last)
    found = starts(offer, agenda, since=moment(since), until=moment(until), at=at, mode=mode)
    return by_day(found, zone=tz, first=first, last=last)


# --- One start ---
def why_not(start: datetime, offer: Offer, agenda: Agenda, *, at: datetime, mode: str | None = None) -> str:
    """'' if `start` is offered (in `mode`, where there are limits), else the first that holds of `past`,
    `too_soon`, `too_far`, `not_open`, `off_grid`, `taken`. It is '' exactly for what `starts` returns.
    """
    second, up = epoch(start), seconds_up(start)
    first, last = offer.bookable(at)
    end = up + offer.duration * MINUTE
    if start.astimezone(UTC) < at.astimezone(UTC):  # two of one zone would compare their walls
        return "past"
    if second < first:
        return "too_soon"
    if up > last:
        return "too_far"
    periods = agenda.periods(second, end)
    if not any(opens <= second and end <= shuts for opens, shuts in zip(*_joined(periods), strict=True)):
        return "not_open"
    grids = [opens for opens, closes in periods if opens <= second < closes]
    if up != second or all((second - origin) % (offer.slot_interval * MINUTE) for origin in grids):
        return "off_grid"
    if any(blocked <= second < free for blocked, free in _blocked(offer, agenda.busy_for(mode))):
        return "taken"
    return "" if agenda.limits is None or agenda.limits.within([second]) else "taken"


def nearest(starts: Sequence[Epoch], wanted: Epoch, count: int = 3) -> list[Epoch]:
    """The `count` sorted starts nearest to a wanted one, itself left out, in order of time."""
    here = bisect_left(starts, wanted)
    others = [start for start in starts[max(0, here - count) : here + count + 1] if start != wanted]
    others.sort(key=lambda start: abs(start - wanted))
    return sorted(others[:count])
