"""Days of a provider's calendar, and the steps in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE = timedelta(days=1)
MOST_WEEKS, MOST_MONTHS = 100, 1200  # days: up to here steps are weeks, or months; beyond it years


@dataclass(frozen=True)
class Span:
    """From the first instant of ``first`` to that of the day after ``last``, on the clocks of ``zone``."""

    first: date
    last: date
    zone: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        return _start_of(self.first, self.zone)

    @property
    def until(self) -> datetime:
        return _start_of(self.last + ONE, self.zone)

    @property
    def before(self) -> Span:
        """What it is compared with: of whole months as many months before it, else as many days."""
        last = self.first - ONE
        if self.first.day == 1 and (self.last + ONE).day == 1:
            months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            number = self.first.year * 12 + self.first.month - 1 - months
            return Span(date(number // 12, number % 12 + 1, 1), last, self.zone)
        return Span(self.first - timedelta(days=self.days), last, self.zone)

    @property
    def step(self) -> str:
        """``week``, ``month`` or ``year``: as many as an eye can take in."""
        return "week" if self.days <= MOST_WEEKS else "month" if self.days <= MOST_MONTHS else "year"

    def steps(self) -> list[date]:
        """The first day of each step, in order; that of the first one may lie before ``first``."""
        found = [step_of(self.first, self.step)]
        while (after := _after(found[-1], self.step)) <= self.last:
            found.append(after)
        return found


def step_of(day: date, step: str) -> date:
    """The first day of the week (a Monday), month or year that ``day`` is in."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day.replace(month=1, day=1)


def _after(first: date, step: str) -> date:
    return step_of(first + timedelta(days={"week": 7, "month": 31, "year": 366}[step]), step)


def _start_of(day: date, zone: str) -> datetime:
    """The first instant of a local day; of a day without midnight the end of the gap."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
