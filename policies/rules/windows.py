"""Which window applies, and until when (rule 1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from policies.rules.notice import effective_notice
from policies.rules.terms import WORDS, Consequence, Terms, Window

Severity = Callable[[Window], tuple[int, ...]]


def index_for(terms: Terms, notice: timedelta) -> int:
    """The first window whose minimum is met; exactly on the line is in time."""
    for index, window in enumerate(terms.windows):
        if window.min_notice <= notice:
            return index
    return len(terms.windows) - 1


def window_for(terms: Terms, notice: timedelta) -> Window:
    """The window that applies at this notice."""
    return terms.windows[index_for(terms, notice)]


def is_late(terms: Terms, notice: timedelta) -> bool:
    """Late is any window but the longest."""
    return index_for(terms, notice) > 0


def severity(consequence: Consequence) -> tuple[int, int]:
    """Consequences from kind to hard: refund, carry, forfeit, forfeit with a growing fee."""
    return WORDS.index(consequence.deposit), consequence.fee_percent


def of_cancel(window: Window) -> tuple[int, ...]:
    """How hard a cancel is in this window."""
    return severity(window.cancel)


def of_move(window: Window) -> tuple[int, ...]:
    """How hard a move is: never harder than a cancel."""
    return min(severity(window.move), severity(window.cancel))


def of_change(window: Window) -> tuple[int, ...]:
    """How hard a change is: a cancel first, then a move."""
    return of_cancel(window) + of_move(window)


def best_ahead(terms: Terms, notice: timedelta, by: Severity = of_change) -> int:
    """The index of the last of the windows, in one row, that are the kindest of those still to come."""
    index = index_for(terms, notice)
    kindest = min(by(window) for window in terms.windows[index:])
    while by(terms.windows[index]) != kindest:
        index += 1
    while index + 1 < len(terms.windows) and by(terms.windows[index + 1]) == kindest:
        index += 1
    return index


def free_until(
    terms: Terms,
    *,
    start: datetime,
    at: datetime,
    smallest: timedelta | None = None,
    by: Severity = of_change,
) -> datetime:
    """The last instant at which the best window still ahead applies; the start where it is the last one."""
    notice = effective_notice(start, at, smallest)
    return start - terms.windows[best_ahead(terms, notice, by)].min_notice
