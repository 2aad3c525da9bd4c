"""The periods of days as they are typed: from and to as the clock shows them, any number for each day.

A form of its own, for its rows are as many as somebody wants: a field for each *from* and each *to*, by name
`{day}-{row}-from`. What was typed stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config import formats

MOST = 12  # periods of one day
CLOCK = re.compile(r"(?:(\d{1,2})(?:[:.h](\d{2}))?|(\d{2})(\d{2}))(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)
MIDNIGHT = 24 * 60

Period = tuple[int, int]


@dataclass
class Row:
    """One period as it stands in the form; ``wrong`` is what to say about it."""

    day: str
    number: int
    opens: str = ""
    closes: str = ""
    wrong: str = ""

    @property
    def name(self) -> str:
        return f"{self.day}-{self.number}"

    @property
    def empty(self) -> bool:
        return not (self.opens or self.closes)


@dataclass
class Day:
    """One day of the form: its rows, and what they mean once they were read."""

    key: str
    name: str | Promise
    short: str = ""
    rows: list[Row] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)

    @property
    def errors(self) -> list[Row]:
        return [row for row in self.rows if row.wrong]


def clock(minutes: int) -> str:
    """As the provider's file has it."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minute_of(text: str, *, end: bool = False) -> int | None:
    """The minute of the day of `9`, `9:30`, `09.30`, `0930` or `9:30 pm`; the day's end only where a period ends."""
    match = CLOCK.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, half = int(match[1] or match[3]), int(match[2] or match[4] or 0), (match[5] or "").lower()
    if half and not 1 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    found = hours * 60 + minutes
    if half and end and not found:
        return MIDNIGHT
    return found if minutes < 60 and found <= (MIDNIGHT if end else MIDNIGHT - 1) else None


def shown(day: Day, periods: Iterable[Period], *, spare: int = 0) -> Day:
    """The day with its periods as rows, and ``spare`` empty ones."""
    told = [(formats.time_of_day(opens), formats.time_of_day(closes)) for opens, closes in periods]
    told += [("", "")] * spare
    day.rows = [Row(day.key, number, *both) for number, both in enumerate(told[:MOST])]
    return day


def typed(day: Day, said: Mapping[str, str]) -> Day:
    """The day with the rows that were sent, in their order."""
    day.rows = [
        Row(
            day.key,
            number,
            said.get(f"{day.key}-{number}-from", "").strip()[:20],
            said.get(f"{day.key}-{number}-to", "").strip()[:20],
        )
        for number in range(MOST)
        if f"{day.key}-{number}-from" in said or f"{day.key}-{number}-to" in said
    ]
    return day


def read(day: Day) -> bool:
    """Read the rows into ``periods``; whether all of them can be kept. Empty rows say nothing."""
    day.periods = []
    for row in day.rows:
        if row.empty:
            continue
        opens, closes = minute_of(row.opens), minute_of(row.closes, end=True)
        row.wrong = _wrong(row, opens, closes, day.periods)
        if not row.wrong and opens is not None and closes is not None:
            day.periods.append((opens, closes))
    day.periods.sort()
    return not day.errors


def _wrong(row: Row, opens: int | None, closes: int | None, before: list[Period]) -> str:
    said = formats.time_of_day
    if opens is None:
        asked = _("Write when it begins as %(time)s.")
        return (asked if row.opens else _("When does it begin? Write it as %(time)s.")) % {
            "time": said(9 * 60)
        }
    midnight = said(MIDNIGHT)
    if closes is None:
        asked = _("Write when it ends as %(time)s; midnight is %(midnight)s.")
        if not row.closes:
            asked = _("When does it end? Write it as %(time)s; midnight is %(midnight)s.")
        return asked % {"time": said(17 * 60), "midnight": midnight}
    if closes == 0:
        return _("Midnight at the end of a day is %(midnight)s.") % {"midnight": midnight}
    if closes <= opens:
        return _("It must end after it begins, at %(begin)s.") % {"begin": said(opens)}
    for first, last in before:
        if opens < last and first < closes:
            overlapped = {"first": said(first), "last": said(last)}
            return _("It overlaps %(first)s to %(last)s of the same day.") % overlapped
    return ""


def minutes(periods: Iterable[Period]) -> int:
    return sum(closes - opens for opens, closes in periods)
