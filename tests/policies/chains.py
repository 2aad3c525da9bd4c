"""A small simulator of what a client may do with one deposit: move, cancel, book anew with the credit.

It keeps the books as the product would: the money in hand, the appointment if there is one, the credit
if there is one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from policies.rules.cancellation import Outcome, Standing, cancel
from policies.rules.moves import move
from policies.rules.notice import notice


@dataclass
class Chain:
    """One deposit on its way; nobody pays a second one here."""

    standing: Standing | None
    refunded: int = 0
    forfeited: int = 0
    credit: int = 0
    credit_until: datetime | None = None
    left_behind: Standing | None = None

    @property
    def returned(self) -> int:
        """What the client has back: money, and credit that waits."""
        return self.refunded + self.credit

    @property
    def held(self) -> int:
        """What an appointment that stands still holds."""
        return self.standing.held if self.standing else 0

    def expire(self, at: datetime) -> None:
        """An unused credit settles by `carry_unused` at its deadline."""
        if self.credit and self.credit_until is not None and at >= self.credit_until:
            assert self.left_behind is not None
            if self.left_behind.terms.carry_unused == "refund":
                self.refunded += self.credit
            else:
                self.forfeited += self.credit
            self.credit = 0

    def cancel(self, at: datetime) -> Outcome | None:
        if self.standing is None:
            return None
        outcome = cancel(self.standing, at=at)
        if not outcome.allowed:
            return None
        self._take(outcome, at)
        self.left_behind, self.standing = self._after(at), None
        return outcome

    def move(self, to: datetime, at: datetime) -> Outcome | None:
        if self.standing is None or to <= at:
            return None
        outcome = move(self.standing, to=to, at=at)
        if not outcome.allowed or outcome.new_deposit:  # nobody pays twice here: nothing has moved
            return None
        self.standing = replace(self._after(at), start=to, moves_used=self.standing.moves_used + 1)
        return outcome

    def rebook(self, start: datetime, at: datetime) -> Standing | None:
        """Another appointment paid with the credit; it inherits original start, moves and notice."""
        self.expire(at)
        usable = self.credit_until is None or start < self.credit_until
        if self.standing or not self.credit or start <= at or not usable:
            return None
        assert self.left_behind is not None
        self.standing = replace(
            self.left_behind,
            start=start,
            confirmed_at=at,
            held=self.credit,
            carried_in=self.credit,
            credit_until=self.credit_until,
        )
        self.credit = 0
        return self.standing

    def _take(self, outcome: Outcome, at: datetime) -> None:
        self.refunded += outcome.refund
        self.forfeited += outcome.forfeit
        self.credit, self.credit_until = outcome.carry, outcome.carry_until

    def _after(self, at: datetime) -> Standing:
        assert self.standing is not None
        now = notice(self.standing.start, at)
        known: timedelta | None = self.standing.smallest_notice
        return replace(self.standing, smallest_notice=now if known is None else min(known, now))


def play(standing: Standing, acts: list[tuple[str, timedelta, Any]], at: datetime) -> Chain:
    """The acts one after the other, each so long after the one before; what is refused is left out."""
    chain = Chain(standing=standing)
    for act, wait, far in acts:
        at += wait
        chain.expire(at)
        if act == "cancel":
            chain.cancel(at)
        elif act == "move":
            chain.move(at + far, at)
        else:
            chain.rebook(at + far, at)
    return chain
