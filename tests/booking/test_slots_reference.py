"""The slot calculation against one that is obviously right: a look at every minute of UTC.

The normal run takes a sample of the zones' clock changes; `SLOTS_CHANGES=all` takes every change
of every zone from 2026 to 2037 (some minutes).
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata
from hypothesis import example, given, settings
from hypothesis import strategies as st

from booking import slots
from booking.clocks import DAY, clock_of, wall_of
from booking.slots import Agenda, Hours, Offer, Override

pytestmark = pytest.mark.pure

YEARS = range(2026, 2038)
SAMPLE = 60


# --- The reference. A minute is its number since 1970 UTC; a wall the naive local time ---


class Minutes:
    """What the clock of a zone shows in every minute of UTC around a few days."""

    def __init__(self, zone: str, first: date, last: date) -> None:
        tz = ZoneInfo(zone)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=2)
        count = ((last - first).days + 5) * 1440
        self.start = int(start.timestamp()) // 60
        self.walls = [
            (start + timedelta(minutes=n)).astimezone(tz).replace(tzinfo=None) for n in range(count)
        ]
        self.showing: dict[datetime, list[int]] = {}
        for n, wall in enumerate(self.walls):
            self.showing.setdefault(wall, []).append(self.start + n)

    def showing_or_after_gap(self, wall: datetime) -> list[int]:
        """The minutes that show a wall, or the first one after the gap that skips it."""
        if wall in self.showing:
            return self.showing[wall]
        return [self.start + next(n for n, shown in enumerate(self.walls) if shown > wall)]


minutes_of = lru_cache(maxsize=4)(Minutes)


def reference_periods(agenda: Agenda, first: date, last: date) -> list[tuple[int, int]]:
    clock = minutes_of(agenda.zone, first, last)
    found = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        midnight = datetime(on.year, on.month, on.day)
        special = [override for override in agenda.overrides if override.on == on]
        weekly = [(opens, closes) for day, opens, closes in agenda.hours.weekly if day == on.weekday()]
        of_day = [period for override in special for period in override.periods] if special else weekly
        for opens, closes in of_day:
            start = clock.showing_or_after_gap(midnight + timedelta(minutes=opens))[0]
            end = clock.showing_or_after_gap(midnight + timedelta(minutes=closes))[-1]
            if start < end:
                found.append((start, end))
    return sorted(found)


def reference_starts(offer: Offer, agenda: Agenda, days: tuple[date, date], now: int) -> list[int]:
    """Every minute in which an appointment may start, one after the other."""
    periods = reference_periods(agenda, *days)
    is_open = {minute for start, end in periods for minute in range(start, end)}
    busy = [(start // 60, end // 60) for start, end in agenda.busy]

    def offered(start: int) -> bool:
        end = start + offer.duration
        padded_from, padded_to = start - offer.buffer_before, end + offer.buffer_after
        return (
            now + offer.min_notice_minutes <= start <= now + offer.horizon_days * 1440
            and any(a <= start < b and (start - a) % offer.slot_interval == 0 for a, b in periods)
            and all(minute in is_open for minute in range(start, end))
            and not any(padded_from < b and a < padded_to for a, b in busy)
        )

    return [minute for minute in sorted(is_open) if offered(minute)]


def reference_days(starts: list[int], zone: str, first: date, last: date) -> dict[str, list[str]]:
    days: dict[str, list[str]] = {}
    for minute in starts:
        local = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
        if first <= local.date() <= last:
            days.setdefault(local.date().isoformat(), []).append(local.isoformat())
    return days


# --- Any hours, any service, any busy times, near any change of any clock ---

ZONES = sorted(
    {
        *("Europe/Rome", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"),
        *("America/Havana", "Asia/Beirut", "Antarctica/Troll", "Africa/Casablanca", "America/Nuuk"),
        *("America/Santiago", "Asia/Gaza", "Pacific/Chatham", "Asia/Bangkok", "Atlantic/Azores", "UTC"),
    }
)


@lru_cache(maxsize=1024)
def changes_of(zone: str) -> list[int]:
    """Epochs of a zone's changes of offset, found by asking every three hours of twelve years."""
    tz = ZoneInfo(zone)

    def offset(epoch: int) -> timedelta:
        return datetime.fromtimestamp(epoch, tz).utcoffset()

    first, end = wall_of(date(YEARS[0], 1, 1)), wall_of(date(YEARS[-1] + 1, 1, 1))
    step, found, before = 3 * 3600, [], offset(first)
    for probe in range(first + step, end + step, step):
        if (after := offset(probe)) != before:
            found.append(next(e for e in range(probe - step, probe + 1, 60) if offset(e) == after))
            before = after
    return [change for change in found if first <= change < end]


quarters = st.integers(0, 96).map(lambda n: n * 15)
clock_times = st.one_of(quarters, st.integers(0, 1440))
a_period = (
    st.tuples(clock_times, clock_times).map(sorted).map(tuple).filter(lambda period: period[0] < period[1])
)
weeks = st.lists(st.tuples(st.integers(0, 6), a_period), max_size=14).map(
    lambda entries: Hours([(weekday, *period) for weekday, period in entries])
)
full_weeks = st.lists(a_period, min_size=1, max_size=3).map(
    lambda periods: Hours([(weekday, *period) for weekday in range(7) for period in periods])
)
offers = st.builds(
    Offer,
    duration=st.one_of(st.sampled_from([15, 30, 50, 60, 90]), st.integers(1, 600)),
    slot_interval=st.one_of(st.sampled_from([5, 10, 15, 30, 60]), st.integers(1, 200)),
    buffer_before=st.sampled_from([0, 0, 5, 15, 37]),
    buffer_after=st.sampled_from([0, 0, 5, 15, 61]),
    min_notice_minutes=st.sampled_from([0, 0, 60, 1440]),
    horizon_days=st.sampled_from([0, 1, 2, 60]),
)


@st.composite
def days_near_a_change(draw, zone: str) -> date:
    changes = changes_of(zone) or [wall_of(date(2027, 3, 28))]
    near = draw(st.sampled_from(changes)) + draw(st.integers(-2, 2)) * DAY
    return datetime.fromtimestamp(near, UTC).date()


@st.composite
def cases(draw):
    zone, tz = draw(st.sampled_from(ZONES)), draw(st.sampled_from(ZONES))
    first = draw(days_near_a_change(zone))
    last = first + timedelta(days=draw(st.integers(0, 2)))
    around = st.integers(-2, 4).map(lambda n: first + timedelta(days=n))
    overrides = draw(
        st.lists(st.builds(Override, on=around, periods=st.lists(a_period, max_size=2)), max_size=3)
    )
    start = wall_of(first) // 60
    ranges = st.tuples(st.integers(start - 1440, start + 4320), st.integers(1, 400))
    busy = sorted((a * 60, (a + length) * 60) for a, length in draw(st.lists(ranges, max_size=8)))
    now = start + draw(st.one_of(st.sampled_from([-30 * 1440, -1440]), st.integers(-300, 3000)))
    agenda = Agenda(draw(st.one_of(weeks, full_weeks)), zone, overrides, busy)
    return agenda, draw(offers), tz, first, last, now


@given(cases())
@settings(max_examples=150, deadline=None)
def test_month_is_what_a_look_at_every_minute_finds(case):
    agenda, offer, tz, first, last, now = case
    found = slots.month(offer, agenda, first=first, last=last, at=slots.moment(now * 60), tz=tz)
    around = first - timedelta(days=3), last + timedelta(days=4)
    starts = reference_starts(offer, agenda, around, now)
    assert found == reference_days(starts, tz, first, last)


@given(cases(), st.integers(0, 59))
@settings(max_examples=60, deadline=None)
def test_why_not_is_silent_exactly_for_what_is_offered(case, shift):
    agenda, offer, _, first, _, now = case
    now_at = slots.moment(now * 60 + shift)
    since, until = slots.moment(wall_of(first) - 6 * 3600), slots.moment(wall_of(first) + 30 * 3600)
    offered = slots.starts(offer, agenda, since=since, until=until, at=now_at)
    candidates = range(slots.epoch(since), slots.epoch(until), 7 * 60)
    for start in {*offered, *candidates}:
        reason = slots.why_not(slots.moment(start), offer, agenda, at=now_at)
        assert (reason == "") == (start in set(offered)), reason


@given(cases())
@settings(max_examples=60, deadline=None)
def test_open_periods_are_those_of_every_minute(case):
    agenda, _, _, first, last, _ = case
    found = slots.open_periods(agenda.hours, agenda.overrides, zone=agenda.zone, first=first, last=last)
    assert found == [(start * 60, end * 60) for start, end in reference_periods(agenda, first, last)]


@given(st.lists(st.integers(0, 60), unique=True).map(sorted), st.integers(-5, 65), st.integers(1, 5))
@example([1, 9], 5, 1)
def test_nothing_left_out_is_nearer_than_the_nearest(starts, wanted, count):
    chosen = slots.nearest(starts, wanted, count)
    others = {start for start in starts if start != wanted}
    assert len(chosen) == min(count, len(others))
    assert chosen == sorted(chosen)
    assert set(chosen) <= others
    left = others - set(chosen)
    assert not left or max(abs(c - wanted) for c in chosen) <= min(abs(c - wanted) for c in left)


# --- Every change of every zone ---


def zones() -> list[str]:
    return sorted(available_timezones() - {"Factory", "localtime"})


def changes_to_look_at() -> Iterator[tuple[str, int]]:
    """All of them, or a sample over zones that differ, so spread that the rare kinds are in it."""
    if os.environ.get("SLOTS_CHANGES") == "all":
        return ((zone, change) for zone in zones() for change in changes_of(zone))
    every = [(zone, change) for zone in ZONES for change in changes_of(zone)]
    return iter(every[:: max(1, len(every) // SAMPLE)])


ALL_DAY = Hours([(weekday, 0, 1440) for weekday in range(7)])
NIGHTS = Hours(
    [(weekday, *period) for weekday in range(7) for period in ((0, 90), (90, 185), (120, 240), (1290, 1440))]
)
HALF_HOURS = Offer(30, 30, horizon_days=36_500)
AN_HOUR = Offer(60, 20, buffer_after=10, horizon_days=36_500)


def test_around_a_change_of_the_clock_no_slot_is_invented_lost_or_doubled():
    seen = 0
    for zone, change in changes_to_look_at():
        on = datetime.fromtimestamp(change, UTC).date()
        first, last = on - timedelta(days=1), on + timedelta(days=1)
        around = first - timedelta(days=2), last + timedelta(days=2)
        now = change // 60 - 30 * 1440
        busy = [(change + 40 * 60, change + 50 * 60)]
        for hours, offer, taken in ((ALL_DAY, HALF_HOURS, ()), (NIGHTS, AN_HOUR, busy)):
            agenda = Agenda(hours, zone, busy=taken)
            found = slots.month(offer, agenda, first=first, last=last, at=slots.moment(now * 60))
            starts = reference_starts(offer, agenda, around, now)
            assert found == reference_days(starts, zone, first, last), (zone, change)
            texts = [text for day in found.values() for text in day]
            assert len(set(texts)) == len(texts)
        seen += 1
    assert seen >= SAMPLE


def test_the_clock_knows_every_change_that_asking_every_three_hours_finds():
    every = os.environ.get("SLOTS_CHANGES") == "all"
    counted = 0
    for zone in zones() if every else ZONES:
        first, last = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
        known = clock_of(zone, first, last).changes
        known = known[bisect_left(known, wall_of(first)) : bisect_right(known, wall_of(last) + DAY - 1)]
        assert known == changes_of(zone), zone
        counted += len(known)
    if every and tzdata.IANA_VERSION == "2026f":
        assert counted == 4_571
