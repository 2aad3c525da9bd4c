"""A month of slots as most would write it: aware datetimes and zoneinfo for every candidate.

Two ways of it. `month` stays in local time throughout: it walks along the wall clock (and so is wrong
on days on which the clock changes; the month that is measured has none) and compares across zones,
which makes Python work out an offset for every comparison. `careful_month` goes over to UTC once per
candidate, as somebody would who had been bitten.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def month(
    *,
    zone: str,
    opens: time,
    closes: time,
    duration: timedelta,
    interval: timedelta,
    busy: list[tuple[datetime, datetime]],
    first: date,
    last: date,
    now: datetime,
    notice: timedelta,
    horizon: timedelta,
) -> dict[str, list[str]]:
    tz = ZoneInfo(zone)
    days: dict[str, list[str]] = {}
    day = first
    while day <= last:
        start = datetime.combine(day, opens, tzinfo=tz)
        closing = datetime.combine(day, closes, tzinfo=tz)
        while start + duration <= closing:
            end = start + duration
            in_time = now + notice <= start <= now + horizon
            if in_time and not any(start < taken_to and taken_from < end for taken_from, taken_to in busy):
                days.setdefault(start.date().isoformat(), []).append(start.isoformat())
            start += interval
        day += timedelta(days=1)
    return days


def careful_month(
    *,
    zone: str,
    opens: time,
    closes: time,
    duration: timedelta,
    interval: timedelta,
    busy: list[tuple[datetime, datetime]],
    first: date,
    last: date,
    now: datetime,
    notice: timedelta,
    horizon: timedelta,
) -> dict[str, list[str]]:
    tz = ZoneInfo(zone)
    days: dict[str, list[str]] = {}
    day = first
    while day <= last:
        start = datetime.combine(day, opens, tzinfo=tz).astimezone(UTC)
        closing = datetime.combine(day, closes, tzinfo=tz).astimezone(UTC)
        while start + duration <= closing:
            end = start + duration
            in_time = now + notice <= start <= now + horizon
            if in_time and not any(start < taken_to and taken_from < end for taken_from, taken_to in busy):
                local = start.astimezone(tz)
                days.setdefault(local.date().isoformat(), []).append(local.isoformat())
            start += interval
        day += timedelta(days=1)
    return days
