"""What a cancel does (rules 1, 4 and 6)."""

from dataclasses import replace
from datetime import datetime

from policies.rules.local_time import MICROSECOND
from policies.rules.outcomes import (
    ALL_BACK,
    Outcome,
    Standing,
    carry_deadline,
    counting_notice,
    in_regret,
    shares,
    with_validity,
)
from policies.rules.terms import WORDS, Consequence, Word
from policies.rules.windows import Severity, best_ahead, is_late, of_cancel, window_for

__all__ = ["Outcome", "Standing", "cancel", "provider_cancel"]

ALREADY_STARTED = "already_started"


def cancel(standing: Standing, *, at: datetime) -> Outcome:
    """What a cancel by the client at this instant does, and until when that holds.

    Refused with `already_started` after the start; at the start itself it is still a cancel without
    notice.
    """
    outcome = decide(standing, at)
    if not outcome.allowed:
        return outcome
    outcome = replace(outcome, free_until=last_free(standing, outcome, at, of_cancel))
    return with_validity(outcome, standing, at, lambda later: decide(standing, later))


def decide(standing: Standing, at: datetime) -> Outcome:
    """The outcome of a cancel without its times of validity."""
    if at > standing.start:
        return Outcome(act="cancel", allowed=False, refusal=ALREADY_STARTED)
    notice = counting_notice(standing, at)
    regret = in_regret(standing, at)
    late = standing.confirmed_at is not None and not regret and is_late(standing.terms, notice)
    forgiven = late and standing.forgivable
    consequence = ALL_BACK if forgiven else consequence_at(standing, at)
    return Outcome(
        act="cancel",
        **shares(standing, consequence, at)._asdict(),
        lapse="late_cancel" if late else "",
        forgiven=forgiven,
        late=late,
        in_regret=regret,
        notice=notice,
    )


def consequence_at(standing: Standing, at: datetime) -> Consequence:
    """What a cancel does at this instant, forgiveness aside."""
    if free_now(standing, at):
        return ALL_BACK
    return window_for(standing.terms, counting_notice(standing, at)).cancel


def free_now(standing: Standing, at: datetime) -> bool:
    """Whether a cancel is free whatever the window: nothing was promised yet, or regret still runs."""
    return standing.confirmed_at is None or in_regret(standing, at)


def last_free(standing: Standing, outcome: Outcome, at: datetime, by: Severity) -> datetime | None:
    """The last instant at which an act that costs nothing now still costs nothing; None if it costs now.

    Keeping the deposit as a credit costs nothing. Forgiveness is no free notice and does not count.
    """
    if outcome.cost:
        return None
    if standing.confirmed_at is None:
        return _while_worth_something(standing, "refund", standing.start)
    ends = [_last_in_windows(standing, at, by)]
    if in_regret(standing, at):
        regret_ends = min(standing.confirmed_at + standing.terms.regret, standing.start - MICROSECOND)
        ends.append(_while_worth_something(standing, "refund", regret_ends))
    return max((end for end in ends if end is not None and end >= at), default=None)


def _last_in_windows(standing: Standing, at: datetime, by: Severity) -> datetime | None:
    terms = standing.terms
    best = terms.windows[best_ahead(terms, counting_notice(standing, at), by)]
    word = WORDS[by(best)[0]]
    if word == "forfeit":
        return None
    return _while_worth_something(standing, word, standing.start - best.min_notice)


def _while_worth_something(standing: Standing, word: Word, end: datetime) -> datetime:
    """The end, or the last instant before what would be carried has lost its worth."""
    dies = carry_deadline(standing) if word == "carry" else standing.credit_until
    carried = standing.held if word == "carry" else standing.carried_in
    if standing.terms.carry_unused == "refund" or not carried or dies is None:
        return end
    return min(end, dies - MICROSECOND)


def provider_cancel(standing: Standing, *, as_credit: bool = False, at: datetime) -> Outcome:
    """What a cancel or a decline by the provider does (rule 6).

    All of it goes back whatever the notice, or is carried without a deadline where the client prefers
    that; never a lapse. Nothing is cancelled after the start.
    """
    if at > standing.start and standing.confirmed_at is not None:
        return Outcome(act="cancel", allowed=False, refusal=ALREADY_STARTED)
    notice = counting_notice(standing, at)
    if as_credit:
        return Outcome(act="cancel", carry=standing.held, notice=notice)
    return Outcome(act="cancel", refund=standing.held, notice=notice)
