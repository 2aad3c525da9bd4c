"""What would happen if: the same decisions as a quote's, for an appointment that does not exist."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.rules import cancellation, moves, no_show
from policies.rules.local_time import MICROSECOND
from policies.rules.outcomes import Outcome, Standing, carry_deadline
from policies.rules.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Deal:
    """Terms with the price and the deposit of a service; amounts in minor units, ``zone`` the provider's."""

    terms: Terms
    price: int
    deposit: int
    currency: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What each act does at one notice. ``near`` is a move to the last instant at which a carried deposit keeps
    its worth, ``far`` one to the first at which it does not."""

    cancel: Outcome
    near: Outcome
    far: Outcome
    missed: Outcome

    @property
    def sums(self) -> tuple[tuple[int, ...], ...]:
        """Where the money goes when something is changed, whatever the dates."""
        return tuple((o.refund, o.carry, o.forfeit, o.fee) for o in (self.cancel, self.near, self.far))


def costs(deal: Deal, *, notice: timedelta, at: datetime) -> Costs:
    """For an appointment with the deposit paid, agreed long enough ago that nobody may still change their mind
    for free, never moved before, and with no lapse left to forgive."""
    standing = _standing(deal, notice, at)
    limit = carry_deadline(standing)
    return Costs(
        cancel=cancellation.cancel(standing, at=at),
        near=moves.move(standing, to=limit - MICROSECOND, at=at),
        far=moves.move(standing, to=limit, at=at),
        missed=no_show.no_show(standing, at=no_show.grace_ends_at(standing.start, deal.terms)),
    )


def borders(deal: Deal, *, at: datetime) -> list[timedelta]:
    """The notices at which a change begins to cost something else, longest first; on the line is the better
    side of it (rule 1)."""
    lines = [window.min_notice for window in deal.terms.windows if window.min_notice]
    return [
        line
        for line in lines
        if costs(deal, notice=line, at=at).sums != costs(deal, notice=line - MICROSECOND, at=at).sums
    ]


def _standing(deal: Deal, notice: timedelta, at: datetime) -> Standing:
    start = at + notice
    return Standing(
        terms=deal.terms,
        currency=deal.currency,
        zone=deal.zone,
        price=deal.price,
        held=deal.deposit,
        start=start,
        original_start=start,
        confirmed_at=at - deal.terms.regret - MICROSECOND,
    )
