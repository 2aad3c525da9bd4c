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


def refresh(*, at: datetime) -> None:
    """Asks anew; a database that is away leaves the numbers as they were."""
    from payments import reconcile
    from payments.models import StripeEvent

    try:
        DIFFERENCES.set(reconcile.open_count())
        EVENTS.set(StripeEvent.objects.filter(applied_at=None).count())
        if last := reconcile.last_finished():
            COMPARED.set((at - last).total_seconds())
    except DatabaseError:
        return
