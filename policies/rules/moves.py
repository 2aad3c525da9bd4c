"""What a move by the client does (rules 2 to 4)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from policies.rules import cancellation
from policies.rules.cancellation import ALREADY_STARTED, consequence_at, free_now, last_free
from policies.rules.outcomes import (
    Outcome,
    Shares,
    Standing,
    carry_deadline,
    carry_limit,
    counting_notice,
    in_regret,
    missing_fee,
    shares,
    with_validity,
)
from policies.rules.terms import Consequence
from policies.rules.windows import is_late, of_move, window_for

__all__ = ["carry_limit", "move", "provider_move"]


def move(standing: Standing, *, to: datetime, at: datetime) -> Outcome:
    """What a move to another start costs at this instant, until when, and whether a cancel is cheaper.

    The deposit follows, or it is lost and the new start asks for one of its own; never does a move
    cost more than a cancel at the same instant. Refused with `already_started` after the start.
    """
    outcome = decide(standing, to, at)
    if not outcome.allowed:
        return outcome

    def again(later: datetime) -> Outcome:
        return decide(standing, to, later)

    free = last_free(standing, outcome, at, of_move, again)
    outcome = replace(outcome, free_until=free, **_cheaper(standing, outcome, at))
    return with_validity(outcome, standing, at, again)


def provider_move(standing: Standing, *, at: datetime) -> Outcome:
    """What a move by the provider does once the client has said yes (rule 6): the deposit follows whatever
    the terms, and nothing is counted. Refused with `already_started` after the start."""
    if at > standing.start:
        return Outcome(act="move", allowed=False, refusal=ALREADY_STARTED)
    return Outcome(act="move", carry=standing.held, notice=standing.start - at, follows=True)


def decide(standing: Standing, to: datetime, at: datetime) -> Outcome:
    """The outcome of a move without its times of validity."""
    if at > standing.start:
        return Outcome(act="move", allowed=False, refusal=ALREADY_STARTED)
    notice = counting_notice(standing, at)
    regret = in_regret(standing, at) and standing.moves_used == 0
    late = standing.confirmed_at is not None and not regret and is_late(standing.terms, notice)
    forgiven = late and standing.forgivable
    free = regret or standing.confirmed_at is None
    split = Shares(carry=standing.held) if forgiven else _shares(standing, to, at, free=free)
    lost = split.forfeit > 0
    return Outcome(
        act="move",
        **split._asdict(),
        lapse="late_move" if late else "",
        forgiven=forgiven,
        late=late,
        in_regret=regret,
        notice=notice,
        follows=not lost,
        new_deposit=lost,
    )


def _shares(standing: Standing, to: datetime, at: datetime, *, free: bool) -> Shares:
    follows = Shares(carry=standing.held)
    if free and not _outlives_its_credit(standing, to):
        return follows
    own = window_for(standing.terms, counting_notice(standing, at)).move
    if own.deposit == "refund":
        return follows
    if own.deposit == "carry" and _fits(standing, to):
        return follows._replace(carry_until=carry_deadline(standing) if standing.held else None)
    return _as_a_cancel(standing, own, to, at)


def _fits(standing: Standing, to: datetime) -> bool:
    """Within the days in which the deposit keeps its worth, and with a move left."""
    return to < carry_deadline(standing) and standing.moves_used < standing.terms.max_moves


def _outlives_its_credit(standing: Standing, to: datetime) -> bool:
    # Else cancelling, booking anew with the credit and moving within regret would stretch the days
    # in which a deposit can be carried without end (rule 3).
    return bool(standing.carried_in) and standing.credit_until is not None and to >= standing.credit_until


def _as_a_cancel(standing: Standing, own: Consequence, to: datetime, at: datetime) -> Shares:
    """What a cancel at this instant would cost, where the window does not let the deposit follow.

    `refund` lets it follow all the same, a credit falls to `carry_unused`, of two fees the smaller
    counts. The first part has one exception: what is free by regret does not outlive its credit.
    """
    cancel = consequence_at(standing, at)
    stretched = free_now(standing, at) and _outlives_its_credit(standing, to)
    if cancel.deposit == "refund" and not stretched:
        return Shares(carry=standing.held)
    if cancel.deposit == "forfeit":
        fee = min(own.fee_percent, cancel.fee_percent) if own.deposit == "forfeit" else cancel.fee_percent
        return Shares(forfeit=standing.held, fee=missing_fee(standing, fee))
    if standing.terms.carry_unused == "refund":
        return Shares(carry=standing.held)
    split = shares(standing, cancel, at)
    return Shares(refund=split.refund, forfeit=split.forfeit + split.carry)


def _cheaper(standing: Standing, outcome: Outcome, at: datetime) -> dict[str, Any]:
    if not outcome.cost:
        return {}
    instead = cancellation.cancel(standing, at=at)
    if instead.cost >= outcome.cost:
        return {}
    return {"cheaper": "cancel", "instead": instead}
