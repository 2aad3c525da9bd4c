"""Notice: how long before the start something is done, in elapsed time (rules 1 and 4)."""

from datetime import UTC, datetime, timedelta


def notice(start: datetime, at: datetime) -> timedelta:
    """Elapsed time from `at` to the start; negative after it.

    Both become UTC first: Python subtracts within one zone by the clock on the wall.
    """
    return start.astimezone(UTC) - at.astimezone(UTC)


def effective_notice(start: datetime, at: datetime, smallest: timedelta | None) -> timedelta:
    """The notice that counts: the smallest at which this deposit was ever moved or cancelled."""
    now = notice(start, at)
    return now if smallest is None else min(now, smallest)
