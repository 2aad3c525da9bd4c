"""Everything that falls due, in one round: what beat asks for every few seconds and what
`manage.py sweep` does by hand. Rows are the queue, so a round that is lost costs nothing and a round
that runs twice does nothing the second time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from booking import free_days, lifecycle
from booking.api import idempotency, told
from booking.outgoing import endpoints, sending
from booking.telling import at_sending, on_paper
from config import accounts, statistics
from payments import cards, checkout, disputes, reconcile, refunds, webhooks
from reminders import delivery

log = logging.getLogger(__name__)

Sweep = Callable[[datetime], int]


class Hourly:
    """A sweep that looks through much to find little: in one process once an hour."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._when: datetime | None = None

    def __call__(self, at: datetime) -> int:
        when = self.round(at)
        if when == self._when:
            return 0
        found = self._sweep(at)
        self._when = when
        return found

    def round(self, at: datetime) -> datetime:
        return at.replace(minute=0, second=0, microsecond=0)


class Daily(Hourly):
    """In one process once a day, and when it starts."""

    def round(self, at: datetime) -> datetime:
        return super().round(at).replace(hour=0)


# In this order: money that came in first, so that it finds its hold; messages last, so that they
# leave in the round that caused them.
SWEEPS: tuple[tuple[str, Sweep], ...] = (
    ("pages_asked_after", lambda at: reconcile.ask_open(at=at)),
    ("events_applied", lambda at: webhooks.apply_due(at=at)),
    ("holds_lapsed", lambda at: lifecycle.lapse_holds(at=at)),
    ("proposals_lapsed", lambda at: lifecycle.lapse_proposals(at=at)),
    ("contacts", lambda at: lifecycle.start_contacts(at=at)),
    ("no_shows", lambda at: lifecycle.ask_or_mark_no_shows(at=at)),
    ("concerns_raised", lambda at: lifecycle.raise_concerns(at=at)),
    ("completed", lambda at: lifecycle.complete_kept(at=at)),
    ("settlements", lambda at: lifecycle.settle(at=at)),
    ("settlements_told", lambda at: lifecycle.tell_settlements_ahead(at=at)),
    ("cards_charged", lambda at: lifecycle.charge_cards(at=at)),
    ("cards_removed", lambda at: cards.detach_due(at=at)),
    ("credits_ended", lambda at: lifecycle.end_credits(at=at)),
    ("sessions_closed", lambda at: checkout.close_due(at=at)),
    ("refunds", lambda at: refunds.send_due(at=at, failed=lifecycle.refund_failed)),
    (
        "evidence_sent",
        lambda at: disputes.send_due(
            at=at, paper=lambda one, brief: on_paper.answer(one, at=at, brief=brief)
        ),
    ),
    ("links_sent", lambda at: lifecycle.send_links(at=at)),
    ("answers_forgotten", lambda at: idempotency.forget(at=at)),
    ("holidays_renewed", Hourly(lambda at: free_days.renew_due(at=at))),
    ("persons_forgotten", Hourly(lambda at: lifecycle.forget_strangers(at=at))),
    ("accounts_forgotten", Hourly(lambda at: accounts.forget_unproved(at=at))),
    ("notes_forgotten", Hourly(lambda at: lifecycle.forget_notes(at=at))),
    ("deliveries_forgotten", Hourly(lambda at: endpoints.forget(at=at))),
    ("logs_forgotten", Hourly(lambda at: lifecycle.forget_logs(at=at))),
    ("statistics_renewed", Daily(lambda at: statistics.renew(at=at))),
    ("messages_sent", lambda at: delivery.send_due(at=at, facts=at_sending.facts)),
)

# What waits for the machines of others has a round of its own, so that no mail waits for them.
APART: tuple[tuple[str, Sweep], ...] = (
    ("webhooks_sent", lambda at: sending.send_due(at=at, shape=told.shape)),
)


def run(*, at: datetime, sweeps: tuple[tuple[str, Sweep], ...] = SWEEPS) -> dict[str, int]:
    """One round at ``at``; the counts by name. A sweep that breaks is logged and counted as
    ``failed``, and the others go on (F-86)."""
    counts = {}
    failed = 0
    for name, sweep in sweeps:
        try:
            counts[name] = sweep(at)
        except Exception:
            log.exception("sweep %s broke", name)
            counts[name] = 0
            failed += 1
    return counts | {"failed": failed}
