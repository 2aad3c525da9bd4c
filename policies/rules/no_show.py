"""When a client who is not there has missed the appointment, and what that does (rules 7 to 9)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from policies.rules.local_time import plus_months
from policies.rules.outcomes import ALL_BACK, Outcome, Standing, shares
from policies.rules.terms import Terms

CONTACT_AFTER = timedelta(minutes=5)
NO_DELAY = timedelta()


def no_show(standing: Standing, *, at: datetime, delay: timedelta = NO_DELAY) -> Outcome:
    """What a no-show marked at this instant does; `delay` is what the provider accepted.

    Refused with `too_early` before the end of grace, and with `not_confirmed` where nothing was
    promised yet.
    """
    if standing.confirmed_at is None:
        return Outcome(act="no_show", allowed=False, refusal="not_confirmed")
    if at < grace_ends_at(standing.start, standing.terms, delay=delay):
        return Outcome(act="no_show", allowed=False, refusal="too_early")
    consequence = ALL_BACK if standing.forgivable else standing.terms.no_show
    return Outcome(
        act="no_show",
        **shares(standing, consequence, at)._asdict(),
        lapse="no_show",
        forgiven=standing.forgivable,
    )


def grace_ends_at(start: datetime, terms: Terms, *, delay: timedelta = NO_DELAY) -> datetime:
    """Until when the provider waits; an accepted delay lengthens it by its minutes."""
    return start + terms.grace + delay


def settlement_due_at(terms: Terms, at: datetime) -> datetime:
    """When the money of a lapse at this instant moves, unless it is excused before."""
    return at + terms.settle_after


def forgivable(terms: Terms, forgiven_at: Iterable[datetime], *, at: datetime, zone: str) -> bool:
    """Whether a lapse now would be forgiven without being asked.

    Each forgiveness uses up one for so many calendar months on the provider's clocks; at the end of
    them, to the instant, it is there again.
    """
    months = terms.forgive_months
    used = sum(at < plus_months(once, months, zone) for once in forgiven_at)
    return used < terms.forgive_lapses
