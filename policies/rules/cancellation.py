"""What a cancel does (rules 1, 4 and 6)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from policies.rules.local_time import MICROSECOND
from policies.rules.outcomes import (
    ALL_BACK,
    Outcome,
    Standing,
    breakpoints,
    counting_notice,
    in_regret,
    shares,
    with_validity,
)
from policies.rules.terms import WORDS, Consequence
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

    def again(later: datetime) -> Outcome:
        return decide(standing, later)

    outcome = replace(outcome, free_until=last_free(standing, outcome, at, of_cancel, again))
    return with_validity(outcome, standing, at, again)


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


def last_free(
    standing: Standing, outcome: Outcome, at: datetime, by: Severity, again: Callable[[datetime], Outcome]
) -> datetime | None:
    """The last instant at which an act that costs nothing now still costs nothing; None if it costs now.

    Keeping the deposit as a credit costs nothing. Forgiveness is no free notice and does not count.
    """
    end = None if outcome.cost else _free_notice_ends(standing, at, by)
    if end is None:
        return None
    # A credit can lose its worth before that.
    costs = (last for last in breakpoints(standing) if at <= last < end and again(last + MICROSECOND).cost)
    return min(costs, default=end)


def _free_notice_ends(standing: Standing, at: datetime, by: Severity) -> datetime | None:
    if standing.confirmed_at is None:
        return standing.start
    terms, ends = standing.terms, []
    best = terms.windows[best_ahead(terms, counting_notice(standing, at), by)]
    if WORDS[by(best)[0]] != "forfeit":
        ends.append(standing.start - best.min_notice)
    if in_regret(standing, at):
        ends.append(min(standing.confirmed_at + terms.regret, standing.start - MICROSECOND))
    return max(ends, default=None)


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
