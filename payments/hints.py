"""Events: hints that something at the gateway changed, stored once each and applied later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.celery import kick
from payments.models import Payment, StripeEvent

# Who pays is the gateway's to know. Nothing is decided by it here, so it is not kept: what was never stored
# needs no erasing. (`metadata` is ours: uids alone.)
PERSONS = frozenset(
    {
        "address",
        "billing_details",
        "collected_information",
        "custom_fields",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_email_address",
        "customer_name",
        "customer_phone",
        "customer_purchase_ip",
        "customer_shipping",
        "email",
        "evidence",
        "name",
        "payment_method_details",
        "phone",
        "receipt_email",
        "receipt_url",
        "shipping",
        "shipping_details",
        "url",
    }
)


def without_persons(thing: Any) -> Any:
    """What the gateway says, without who it is about."""
    if isinstance(thing, dict):
        return {name: without_persons(one) for name, one in thing.items() if name not in PERSONS}
    return [without_persons(one) for one in thing] if isinstance(thing, list) else thing


def store(*, event: dict[str, Any], at: datetime) -> None:
    """Keeps an event for the worker. A second one of the same id changes nothing."""
    body = without_persons(event)
    StripeEvent.objects.bulk_create(
        [StripeEvent(event_id=event["id"], kind=event["type"], body=body, received_at=at, due_at=at)],
        ignore_conflicts=True,
    )
    kick("payments.tasks.apply_events")


def look_at(*, payment: Payment, session_id: str, at: datetime, name: str = "") -> str:
    """A hint of our own: this session is not as we thought, its webhook was lost or is still under way. One
    ``name`` is one hint, however often it is given."""
    thing = {"id": session_id, "object": "checkout.session", "metadata": {"payment": str(payment.uid)}}
    return look(thing, at, account=payment.account, about=str(payment.uid), name=name)


def look(thing: dict[str, Any], at: datetime, *, account: str, about: str = "", name: str = "") -> str:
    """A hint of our own about a thing on an account at the gateway (empty: the installation's own), applied
    like a webhook. Returns the event's id."""
    event_id = name or f"look:{about or thing['id']}:{at.timestamp():.0f}"
    event = {"id": event_id, "type": "kept.look", "account": account, "data": {"object": thing}}
    store(event=event, at=at)
    return event_id
