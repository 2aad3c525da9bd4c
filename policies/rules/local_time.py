"""Local days and clocks turned into instants, exact over clock changes.

zoneinfo invents an instant for a local time that a clock change skips; here such a time means the
first instant after the gap, and a repeated one its first occurrence.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)


def local(at: datetime, zone: str) -> datetime:
    """The instant on the clocks of the zone."""
    return at.astimezone(ZoneInfo(zone))


def instant(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a naive local time."""
    at = _read(wall, zone, fold=0)
    if local(at, zone).replace(tzinfo=None) == wall:
        return at
    return _end_of_gap(wall, zone)


def end_of_day(day: date, zone: str) -> datetime:
    """The first instant after the local day, whatever the clocks do at midnight."""
    midnight = datetime.combine(day + timedelta(days=1), time())
    first, second = _read(midnight, zone, fold=0), _read(midnight, zone, fold=1)
    # Clocks that go back over midnight come to this day a second time.
    if second > first and local(second - MICROSECOND, zone).date() == day:
        return second
    return instant(midnight, zone)


def plus_months(at: datetime, months: int, zone: str) -> datetime:
    """The same local time so many calendar months later; 31 January + 1 is the last of February."""
    wall = local(at, zone).replace(tzinfo=None, fold=0)
    years, month = divmod(wall.month - 1 + months, 12)
    year = wall.year + years
    day = min(wall.day, calendar.monthrange(year, month + 1)[1])
    return instant(wall.replace(year=year, month=month + 1, day=day), zone)


def _read(wall: datetime, zone: str, *, fold: int) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def _end_of_gap(wall: datetime, zone: str) -> datetime:
    # Read with the offset after the gap the time lies before the change, with the one before it
    # after the change; changes happen on whole seconds.
    before, after = _read(wall, zone, fold=1), _read(wall, zone, fold=0)
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    offset = local(after, zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if local(middle, zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
