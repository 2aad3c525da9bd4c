"""What the gateway says of refunds and disputes: asked for, and what follows from it.

Asks the gateway, so no transaction is open here; what is to be done is handed back, to be done in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from booking import lifecycle
from payments import gateways
from payments.gateways import NotAtGateway, RefundResult
from payments.models import Dispute, Payment, Refund

Json = dict[str, Any]
Outcome = Callable[[], object]


def of_refund(thing: Json, *, at: datetime) -> Outcome | None:
    """A refund: ours, or made in the gateway's own dashboard."""
    payment = _refunded(thing)
    if payment is None:
        return None  # another installation's
    gateway = gateways.of(payment)
    try:
        result = gateway.find_refund(str(thing.get("id")))
    except NotAtGateway:
        result = gateway.refund_in(thing)
    return _seen(payment, [result], at=at)


def of_charge(thing: Json, *, at: datetime) -> Outcome | None:
    """Something of a charge changed: all refunds of its payment are looked at."""
    payment = _paid_as(thing.get("payment_intent"))
    if payment is None:
        return None
    return _seen(payment, gateways.of(payment).refunds_of(payment.intent_id or ""), at=at)


def of_dispute(thing: Json, *, at: datetime) -> Outcome | None:
    """A dispute, as it is now."""
    named = str(thing.get("id"))
    payment = _disputed(named) or _paid_as(thing.get("payment_intent"))
    if payment is None:
        return None
    gateway = gateways.of(payment)
    try:
        result = gateway.find_dispute(named)
    except NotAtGateway:
        result = gateway.dispute_in(thing)
    return partial(lifecycle.dispute_seen, payment=payment, result=result, at=at)


def _seen(payment: Payment, results: list[RefundResult], *, at: datetime) -> Outcome:
    return partial(lifecycle.refunds_seen, payment=payment, results=results, at=at)


def _refunded(thing: Json) -> Payment | None:
    metadata = thing.get("metadata")
    said = metadata.get("refund") if isinstance(metadata, dict) else None
    rows = Refund.objects.select_related("payment")
    try:
        found = rows.filter(uid=UUID(str(said))).first() if said else None
    except ValueError:
        found = None
    found = found or rows.filter(gateway_id=str(thing.get("id"))).first()
    return found.payment if found else _paid_as(thing.get("payment_intent"))


def _disputed(named: str) -> Payment | None:
    found = Dispute.objects.select_related("payment").filter(gateway_id=named).first()
    return found.payment if found else None


def _paid_as(intent: Any) -> Payment | None:
    named = intent.get("id") if isinstance(intent, dict) else intent
    return Payment.objects.filter(intent_id=str(named)).first() if named else None
