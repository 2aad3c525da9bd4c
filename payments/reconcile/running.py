"""Running: find, mend what is safe, find again, keep what is left. Hourly, and by command."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min

from payments import gateways
from payments.gateways import GatewayRefused, GatewayUnavailable
from payments.models import Difference, Round
from payments.reconcile.finding import NOTHING, STRIPE, differences
from payments.reconcile.found import Found
from payments.reconcile.keeping import keep
from payments.reconcile.of_days import Totals

log = logging.getLogger(__name__)

Apply = Callable[..., bool]

WINDOW, LONG_WINDOW, LONGEST = timedelta(days=3), timedelta(days=40), timedelta(days=100)
UNDER_WAY = timedelta(minutes=10)  # younger than this, a message may simply not have come yet


@dataclass
class Outcome:
    """What a round found: what it mended, and what is left; ``totals`` is what came in and went back by account."""

    mended: list[Found] = field(default_factory=list)
    left: list[Found] = field(default_factory=list)
    totals: Totals = field(default_factory=dict, compare=False)


def run(
    *,
    at: datetime,
    since: datetime | None = None,
    settled: timedelta = NOTHING,
    apply: Apply | None = None,
) -> Outcome:
    """One round. ``apply`` is the webhooks' door, called with ``event_id`` and ``at``; without it nothing is
    mended. Calls the gateway: never inside a transaction. Raises ``GatewayUnavailable``."""
    outcome = Outcome()
    first = list(differences(at=at, since=since, settled=settled, totals=outcome.totals))
    outcome.left = first
    if apply and sum(_mend(found, apply, at=at) for found in first):
        outcome.totals = {}
        outcome.left = list(differences(at=at, since=since, settled=settled, totals=outcome.totals))
        left = {found.key for found in outcome.left}
        outcome.mended = [found for found in first if found.key not in left]
    keep(left=outcome.left, mended=outcome.mended, since=since, at=at)
    return outcome


def _mend(found: Found, apply: Apply, *, at: datetime) -> bool:
    """Whether something was done about it; whether it helped, the next look says."""
    if found.mend is None:
        return False
    try:
        if event_id := found.mend(at):
            apply(event_id=event_id, at=at)
    except (GatewayUnavailable, GatewayRefused) as no:
        log.warning("%s could not be mended: %s", found, no)
        return False
    return True


def run_due(*, at: datetime, apply: Apply) -> Outcome | None:
    """The round of this hour, once, whoever asks first; None where it was run, or where there is no Stripe.
    The first of a day looks back over weeks, the others over days, all of them at what is still open."""
    if gateways.current().name != STRIPE:
        return None
    hour = at.replace(minute=0, second=0, microsecond=0)
    since = _since(at)
    this, mine = Round.objects.get_or_create(hour=hour, defaults={"started_at": at, "since": since})
    if not mine:
        return None
    try:
        outcome = run(at=at, since=since, settled=UNDER_WAY, apply=apply)
    except (GatewayUnavailable, GatewayRefused) as away:
        log.warning("reconcile was cut short: %s", away)
        Round.objects.filter(pk=this.pk).update(failure=str(getattr(away, "reason", away))[:300])
        return None
    this.finished_at, this.found, this.mended = at, len(outcome.left), len(outcome.mended)
    this.save(update_fields=["finished_at", "found", "mended"])
    for found in outcome.left:
        log.error("difference: %s", found)
    return outcome


def _since(at: datetime) -> datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    long_ago = Round.objects.filter(finished_at__isnull=False, started_at__gte=midnight).exists()
    since = at - (WINDOW if long_ago else LONG_WINDOW)
    waiting = Difference.objects.filter(state=Difference.State.OPEN)
    oldest = waiting.aggregate(oldest=Min("about_at"))["oldest"]
    return max(min(since, oldest or since), at - LONGEST)


def last_finished() -> datetime | None:
    """When the last round was finished."""
    last = Round.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
    return last.finished_at if last else None
