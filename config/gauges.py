"""Our own numbers among the metrics, asked of the rows when somebody reads them."""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError
from prometheus_client import Gauge

DIFFERENCES = Gauge(
    "kept_differences_open", "Differences between the books and the payment gateway that nobody has settled"
)
COMPARED = Gauge(
    "kept_reconciled_age_seconds", "Seconds since the books were last compared with the payment gateway"
)
EVENTS = Gauge("kept_events_waiting", "Webhooks of the payment gateway that are stored and not applied")
OLDEST_DUE = Gauge(
    "kept_messages_oldest_due_seconds", "How long the message has waited that is due the longest"
)
MESSAGES = Gauge("kept_messages", "Messages that are due, or failed in the last day", ["channel", "state"])


def refresh(*, at: datetime) -> None:
    """Asks anew; a database that is away leaves the numbers as they were."""
    from payments import reconcile
    from payments.models import StripeEvent
    from reminders import delivery

    try:
        waited = delivery.oldest_due(at=at)
        OLDEST_DUE.set(waited.total_seconds() if waited else 0)
        counts = delivery.counts(at=at)
        MESSAGES.clear()  # a channel without any is not among the counts, and must not keep its last number
        for (channel, state), count in counts.items():
            MESSAGES.labels(channel=channel, state=state).set(count)
        DIFFERENCES.set(reconcile.open_count())
        EVENTS.set(StripeEvent.objects.filter(applied_at=None).count())
        if last := reconcile.last_finished():
            COMPARED.set((at - last).total_seconds())
    except DatabaseError:
        return
