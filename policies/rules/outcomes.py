"""What the rules need to know of an appointment, and what they answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from policies.rules.local_time import MICROSECOND, end_of_day, local
from policies.rules.money import percent_of
from policies.rules.notice import effective_notice
from policies.rules.terms import Consequence, Terms

Act = Literal["cancel", "move", "no_show"]
Lapse = Literal["", "late_cancel", "late_move", "no_show"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One appointment as the rules see it; amounts in minor units, instants aware.

    `held` is deposit money still held, `carried_in` the part of it that came from a credit, and
    `credit_until` when that credit ends (None: never). `confirmed_at` None means that nothing was
    promised yet. `forgivable` says that a lapse now would be forgiven.
    """

    terms: Terms
    currency: str
    zone: str
    price: int
    held: int
    start: datetime
    original_start: datetime
    confirmed_at: datetime | None
    carried_in: int = 0
    credit_until: datetime | None = None
    moves_used: int = 0
    smallest_notice: timedelta | None = None
    forgivable: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an act does to the deposit and what it costs.

    Where it is allowed, refund + carry + forfeit is all that is held; a refused act moves nothing, so
    there all are 0. `fee` is what is still to be charged. On a move `carry` is what follows.
    `carry_until` is the first instant at which a carried deposit has lost its worth, None without one.
    `free_until` is the last instant at which the act costs no more than at the best still ahead, None
    where that costs something already. `valid_until` is the last instant at which this outcome holds.
    `instead` is the cancel that is cheaper than this move.
    """

    act: Act
    allowed: bool = True
    refusal: str = ""
    refund: int = 0
    carry: int = 0
    forfeit: int = 0
    fee: int = 0
    lapse: Lapse = ""
    forgiven: bool = False
    late: bool = False
    in_regret: bool = False
    notice: timedelta = timedelta(0)
    carry_until: datetime | None = None
    free_until: datetime | None = None
    valid_until: datetime | None = None
    follows: bool = False
    new_deposit: bool = False
    cheaper: Literal["", "cancel"] = ""
    instead: "Outcome | None" = None

    @property
    def cost(self) -> int:
        """What the client loses by it, once it is settled."""
        return self.forfeit + self.fee

    @property
    def substance(self) -> tuple[Any, ...]:
        """What must be equal for two outcomes to be the same decision; times of validity are not part."""
        money = (self.refund, self.carry, self.forfeit, self.fee, self.carry_until)
        return (self.act, self.allowed, self.refusal, self.lapse, self.forgiven, self.follows, *money)


class Shares(NamedTuple):
    """How what is held is split, and the fee on top."""

    refund: int = 0
    carry: int = 0
    forfeit: int = 0
    fee: int = 0
    carry_until: datetime | None = None


ALL_BACK = Consequence(deposit="refund")


def carry_limit(original_start: datetime, carry_days: int, zone: str) -> datetime:
    """The end of the local day so many days after the original one; starts before it keep the worth."""
    day = local(original_start, zone).date() + timedelta(days=carry_days)
    return end_of_day(day, zone)


def carry_deadline(standing: Standing) -> datetime:
    """When what is held loses its worth; a credit in it keeps its own, earlier deadline (rule 3)."""
    limit = carry_limit(standing.original_start, standing.terms.carry_days, standing.zone)
    if standing.carried_in and standing.credit_until is not None:
        return min(limit, standing.credit_until)
    return limit


def in_regret(standing: Standing, at: datetime) -> bool:
    """Whether the time to change one's mind still runs: both its ends are in, the start is not."""
    regret = standing.terms.regret
    if standing.confirmed_at is None or not regret:
        return False
    return at <= standing.confirmed_at + regret and at < standing.start


def counting_notice(standing: Standing, at: datetime) -> timedelta:
    """The notice by which an act at this instant is judged (rule 4)."""
    return effective_notice(standing.start, at, standing.smallest_notice)


def shares(standing: Standing, consequence: Consequence, at: datetime) -> Shares:
    """What a consequence does to what is held."""
    if consequence.deposit == "forfeit":
        return Shares(forfeit=standing.held, fee=missing_fee(standing, consequence.fee_percent))
    if consequence.deposit == "carry":
        return _carried(standing, standing.held, carry_deadline(standing), at)
    # Money that came as a credit goes back as that credit, or else cancelling, booking anew and
    # cancelling within regret would turn a credit into cash.
    back = min(standing.carried_in, standing.held)
    split = _carried(standing, back, standing.credit_until, at)
    return split._replace(refund=split.refund + standing.held - back)


def missing_fee(standing: Standing, fee_percent: int) -> int:
    """What of the fee is not covered by the deposit: the client loses the larger of the two."""
    fee = min(percent_of(standing.price, fee_percent, standing.currency), standing.price)
    return max(fee - standing.held, 0)


def _carried(standing: Standing, amount: int, until: datetime | None, at: datetime) -> Shares:
    """A credit, or what becomes of it where no later start could use it any more."""
    if not amount:
        return Shares()
    if until is None or at < until:
        return Shares(carry=amount, carry_until=until)
    return Shares(refund=amount) if standing.terms.carry_unused == "refund" else Shares(forfeit=amount)


def breakpoints(standing: Standing) -> Iterable[datetime]:
    """The last instants before anything about an outcome can change."""
    for window in standing.terms.windows:
        yield standing.start - window.min_notice
    if standing.confirmed_at is not None:
        yield standing.confirmed_at + standing.terms.regret
    yield standing.start - MICROSECOND
    yield carry_deadline(standing) - MICROSECOND
    if standing.credit_until is not None:
        yield standing.credit_until - MICROSECOND


def with_validity(
    outcome: Outcome, standing: Standing, at: datetime, again: Callable[[datetime], Outcome]
) -> Outcome:
    """The outcome with the last instant at which asking `again` gives the same one."""
    for last in sorted(breakpoints(standing)):
        if last >= at and again(last + MICROSECOND).substance != outcome.substance:
            return replace(outcome, valid_until=last)
    return outcome
