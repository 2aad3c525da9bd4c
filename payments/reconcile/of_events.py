"""Messages of the gateway that never arrived, and those that could not be applied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from payments import hints
from payments.models import StripeEvent
from payments.reconcile.found import Found, made_at
from payments.reconcile.there import There, Thing, batched

AT_ONCE = 500
GIVEN_UP_AFTER = 8  # tries, some twenty minutes: by then somebody should look


def undelivered(there: There) -> Iterator[Found]:
    """What the gateway could not hand over and we have not got in any other way."""
    things = {one["id"]: one for one in there.undelivered}
    for some in batched(list(things), AT_ONCE):
        known = set(StripeEvent.objects.filter(event_id__in=some).values_list("event_id", flat=True))
        for event in (things[one] for one in some if one not in known):
            facts = {"id": event["id"], "what": str(event.get("type"))}
            store = partial(_store, event, there.account)
            yield Found("event_undelivered", f"event {event['id']}", facts, None, made_at(event), store)


def failed(*, since: datetime | None) -> Iterator[Found]:
    """What we have and could not make sense of, or have tried again and again."""
    events = StripeEvent.objects.exclude(failure="")
    if since:
        events = events.filter(received_at__gte=since)
    for event in events.order_by("pk").iterator():
        if event.applied_at or event.attempts >= GIVEN_UP_AFTER:
            facts = {"id": event.event_id, "what": event.kind, "failure": event.failure}
            yield Found("event_failed", f"event {event.event_id}", facts, None, event.received_at)


def _store(event: Thing, account: str, at: datetime) -> str:
    # Asked for on an account, an event does not say on which.
    hints.store(event=event | ({"account": account} if account else {}), at=at)
    return str(event["id"])
