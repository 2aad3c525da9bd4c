"""An appointment that comes again week after week, at the same local time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policies.rules.local_time import instant, local

EVERY = (1, 2)


@dataclass(frozen=True)
class Week:
    """One of a series. ``skipped``: on that day the clocks leave the hour out, so it is the first instant after;
    ``repeated``: they come to it twice, so it is the first time."""

    start: datetime
    skipped: bool = False
    repeated: bool = False


def weekly(start: datetime, *, zone: str, every: int, times: int) -> list[Week]:
    """``times`` starts, the first of them ``start`` itself, each ``every`` weeks later on the clocks of ``zone``."""
    wall = local(start, zone).replace(tzinfo=None)
    walls = [wall + timedelta(weeks=every * n) for n in range(1, times)]
    return [Week(start.astimezone(UTC)), *(_week(one, zone) for one in walls)]


def _week(wall: datetime, zone: str) -> Week:
    first = instant(wall, zone)
    here = local(first, zone)
    skipped = here.replace(tzinfo=None) != wall
    again = here.replace(fold=1).astimezone(UTC)
    return Week(first, skipped=skipped, repeated=not skipped and again != first)
