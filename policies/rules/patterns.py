"""What a client's record looks like, and what that suggests; the provider decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

GONE_QUIET, CHRONIC, SLIPPING = "gone quiet", "chronic", "slipping"
RELIABLE, NEW, MIXED = "reliable", "new", "mixed"
PATTERNS = (GONE_QUIET, CHRONIC, SLIPPING, RELIABLE, NEW, MIXED)

QUIET_AFTER = timedelta(days=14)
LAPSES = ("late_cancel", "late_move", "no_show")

How = Literal["kept", "late_cancel", "late_move", "no_show", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one appointment of a client with a provider ended, and when."""

    how: How
    ended_at: datetime
    excused: bool = False

    @property
    def counts(self) -> bool:
        """Neither what was excused nor what was cancelled in time says anything about a client."""
        return not self.excused and self.how != "cancelled"

    @property
    def lapsed(self) -> bool:
        """Whether it counts as a lapse."""
        return self.counts and self.how in LAPSES


def pattern(record: Iterable[Ended], *, at: datetime, last_answer_at: datetime | None = None) -> str:
    """The first pattern of the table that holds for the record, in any order.

    `last_answer_at` is when the client last answered or booked anything.
    """
    counted = sorted((one for one in record if one.counts), key=lambda one: one.ended_at, reverse=True)
    lapsed = [one.lapsed for one in counted]
    if counted and counted[0].how == "no_show" and _quiet_since(counted[0].ended_at, at, last_answer_at):
        return GONE_QUIET
    if sum(lapsed[:6]) >= 3:
        return CHRONIC
    if sum(lapsed[:3]) >= 2 and lapsed[3:9].count(False) >= 5:
        return SLIPPING
    if len(counted) >= 5 and not any(lapsed[:6]):
        return RELIABLE
    return NEW if len(counted) < 3 else MIXED


def suggestion(pattern: str) -> str:
    """What the pattern proposes: a code, empty where it proposes nothing."""
    return {
        GONE_QUIET: "letting_go",
        CHRONIC: "prepay_or_approve",
        SLIPPING: "ask_what_changed",
    }.get(pattern, "")


def wants_day_ahead(record: Iterable[Ended]) -> bool:
    """Whether one of the last six appointments was a lapse: then a reminder a day ahead is on (rule 16)."""
    counted = sorted((one for one in record if one.counts), key=lambda one: one.ended_at, reverse=True)
    return any(one.lapsed for one in counted[:6])


def _quiet_since(missed_at: datetime, at: datetime, last_answer_at: datetime | None) -> bool:
    answered = last_answer_at is not None and last_answer_at > missed_at
    return not answered and at - missed_at >= QUIET_AFTER
