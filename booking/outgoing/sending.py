"""Sending what waits: claimed, sent with no transaction open, settled. A crash in between repeats it under its id."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import F

from booking.models import Provider, WebhookDelivery, WebhookEndpoint
from booking.outgoing import TEST, endpoints, signing
from booking.outgoing.staging import PATIENCE
from config import as_json, outward
from reminders import plan

# What is told of an appointment or a deposit: (what it is, its uid, whose, now). None where it is not there.
Shape = Callable[[str, UUID, Provider, datetime], dict[str, Any] | None]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GAPS = (
    10 * SECOND,
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    *(n * HOUR for n in (1, 2, 4, 8, 12, 18)),
)  # then its end
LEASE = 2 * MINUTE  # then a delivery that nobody settled is sent again
SECONDS = 10.0  # for one answer
AT_ONCE, ROUND = 200, 20.0  # deliveries of one round, and the seconds after which none is begun
GONE = 410  # the other side wants no more
AGENT = "Kept/1 (webhooks)"


def send_due(*, at: datetime, shape: Shape) -> int:
    """Sweep: how many arrived. Those that answered last come first, and one that fails has no second try in a round:
    nobody else waits for it long. The order of what happened is not promised."""
    due = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING, due_at__lte=at)
    rows = due.select_related("endpoint__provider").order_by(
        F("endpoint__failing_since").desc(nulls_first=True), "due_at", "pk"
    )
    began, arrived = time.monotonic(), 0
    failed: set[int] = set()
    for _turn in range(AT_ONCE):
        one = rows.exclude(endpoint__in=failed).first()
        if one is None or time.monotonic() - began > ROUND:
            break
        if attempt(delivery=one, at=at, shape=shape):
            arrived += 1
        else:
            failed.add(one.endpoint_id)
    return arrived


def attempt(*, delivery: WebhookDelivery, at: datetime, shape: Shape) -> bool:
    """Send one now. False where it did not arrive, or where somebody else is at it."""
    mine = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=WebhookDelivery.State.WAITING, due_at=delivery.due_at
    )
    until = at + PATIENCE if delivery.attempts == 0 else delivery.until
    if not mine.update(due_at=at + LEASE, tried_at=at, attempts=F("attempts") + 1, until=until):
        return False
    delivery.refresh_from_db(fields=["due_at", "tried_at", "attempts", "until"])
    status, trouble = _call(delivery, at=at, shape=shape)
    if status is not None and 200 <= status < 300:
        return _arrived(delivery, status, at=at)
    _failed(delivery, status, trouble or "status", at=at)
    return False


def _call(delivery: WebhookDelivery, *, at: datetime, shape: Shape) -> tuple[int | None, str]:
    """What was answered, or why nothing was."""
    endpoint = delivery.endpoint
    body = _body(delivery, at=at, shape=shape)
    if body is None:
        return None, "nothing_there"
    try:
        signed = signing.headers(
            id=f"msg_{delivery.uid.hex}",
            timestamp=int(at.timestamp()),
            body=body,
            keys=endpoints.keys(endpoint, at=at),
        )
    except (InvalidToken, ValueError):
        return None, "not_opened"
    headers = {"Content-Type": "application/json", "User-Agent": AGENT, **signed}
    try:
        answered = outward.post(
            endpoint.url, body=body, headers=headers, seconds=SECONDS, plain=settings.DEBUG
        )
    except outward.NotFetched as no:
        return None, no.code
    return answered, ""


def _body(delivery: WebhookDelivery, *, at: datetime, shape: Shape) -> bytes | None:
    """The thing as the API shows it now, whatever it was when the fact was written."""
    data: dict[str, Any] | None = {"text": "This is a test."}
    if delivery.event != TEST:
        assert delivery.about is not None
        what, provider = delivery.event.partition(".")[0], delivery.endpoint.provider
        data = shape(what, delivery.about, provider, at)
    if data is None:
        return None
    when = as_json.instant(delivery.at)
    return orjson.dumps({"type": delivery.event, "timestamp": when, "data": data}, default=str)


def _arrived(delivery: WebhookDelivery, status: int, *, at: datetime) -> bool:
    _settle(delivery, WebhookDelivery.State.DELIVERED, status, "", at=at)
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, failing_since__isnull=False).update(
        failing_since=None
    )
    return True


def _failed(delivery: WebhookDelivery, status: int | None, trouble: str, *, at: datetime) -> None:
    """Once more after a longer gap, up to its end; an endpoint that failed for three days is switched off."""
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).first()
    if endpoint is None:
        return
    # A test is for somebody who looks at its answer now.
    if at >= delivery.until or trouble == "nothing_there" or delivery.event == TEST:
        _settle(delivery, WebhookDelivery.State.FAILED, status, trouble, at=at)
    else:
        gap = GAPS[delivery.attempts - 1] if delivery.attempts <= len(GAPS) else PATIENCE
        due_at = min(at + gap, delivery.until)
        _waiting(delivery).update(due_at=due_at, status=status, trouble=trouble)
    if trouble == "nothing_there" or delivery.event == TEST:
        return
    since = endpoint.failing_since or at
    WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=since)
    if status == GONE or at - since >= PATIENCE:
        _switch_off(endpoint, since=since, at=at)


@transaction.atomic
def _switch_off(endpoint: WebhookEndpoint, *, since: datetime, at: datetime) -> None:
    """Nothing more is staged or tried, and the provider is told."""
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, off_at=None).update(off_at=at):
        return
    WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.WAITING).update(
        state=WebhookDelivery.State.FAILED, due_at=None, settled_at=at
    )
    plan.announce(
        provider=endpoint.provider,
        kind="webhook_off",
        about=f"{endpoint.uid.hex[:8]}:{at:%Y%m%d%H%M}",
        at=at,
        facts={"host": endpoints.host(endpoint), "since": since.isoformat()},
    )


def _settle(delivery: WebhookDelivery, state: str, status: int | None, trouble: str, *, at: datetime) -> None:
    _waiting(delivery).update(state=state, due_at=None, settled_at=at, status=status, trouble=trouble)


def _waiting(delivery: WebhookDelivery) -> Any:
    return WebhookDelivery.objects.filter(pk=delivery.pk, state=WebhookDelivery.State.WAITING)
