"""Events: hints that something at the gateway changed, stored once each and applied later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.celery import kick
from payments.models import Payment, StripeEvent


def store(*, event: dict[str, Any], at: datetime) -> None:
    """Keeps an event for the worker. A second one of the same id changes nothing."""
    StripeEvent.objects.bulk_create(
        [StripeEvent(event_id=event["id"], kind=event["type"], body=event, received_at=at, due_at=at)],
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
