"""A time on the provider's clocks, and on the client's where they differ; days as the calendar counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from config import formats


@dataclass(frozen=True)
class Times:
    """``there`` is empty where both sides' clocks agree."""

    iso: str
    day: str
    start: str
    end: str
    zone: str
    there: str


def times(*, start: datetime, end: datetime, here: str, there: str, who: str) -> Times:
    same = start.astimezone(ZoneInfo(here)).utcoffset() == start.astimezone(ZoneInfo(there)).utcoffset()
    facts = {
        "who": who,
        "moment": formats.moment(start, there),
        "zone": formats.zone_label(there, start),
    }
    return Times(
        iso=start.isoformat(),
        day=formats.day(start, here),
        start=formats.time(start, here),
        end=formats.time(end, here),
        zone=formats.zone_label(here, start),
        there="" if same else _("For %(who)s: %(moment)s, %(zone)s") % facts,
    )


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
