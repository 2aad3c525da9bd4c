"""The client's bank takes a payment back, or asks about it (F-61)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from booking.actors import SYSTEM, Actor
from booking.lifecycle.steps import record, take
from config import as_json
from payments import disputes
from payments.gateways import DisputeResult
from payments.models import Dispute, Payment
from reminders import plan


@transaction.atomic
def dispute_seen(*, payment: Payment, result: DisputeResult, at: datetime) -> Dispute:
    """A dispute as it is at the gateway now: the money moves as the bank moved it, the provider hears of the
    beginning and of the end, once each. Told in any order, any number of times."""
    appointment = take(payment.appointment)
    change = disputes.record(payment=payment, result=result, at=at)
    dispute, over = change.dispute, change.dispute.state in Dispute.OVER
    if (change.opened or change.taken) and not over:
        _say(
            dispute,
            "dispute_opened",
            at=at,
            due_by=as_json.instant(dispute.due_by),
            asks_only=not dispute.is_open,
        )
    if change.closed:
        _say(dispute, "dispute_closed", at=at, outcome=dispute.state)
    dispute.payment.whole.appointment = appointment
    return dispute


def _say(dispute: Dispute, kind: str, *, at: datetime, **facts: Any) -> None:
    """On the timeline and to the provider; the client has heard of it from the bank."""
    appointment = dispute.payment.appointment
    money = as_json.money(dispute.amount, dispute.currency)
    record(
        appointment,
        kind,
        by=SYSTEM,
        at=at,
        amount=dispute.amount,
        currency=dispute.currency,
        bank_reason=dispute.reason,
        **facts,
    )
    plan.tell(
        appointment=appointment,
        kind=kind,
        to="provider",
        at=at,
        about=f"dispute:{dispute.uid}:{dispute.state}",
        facts=facts | {"disputed": money, "bank_reason": dispute.reason, "dispute": str(dispute.uid)},
    )


@transaction.atomic
def answer_dispute(*, dispute: Dispute, evidence: dict[str, str], by: Actor, at: datetime) -> Dispute:
    """The provider sends what is on record to the bank. Once, for good: it leaves with the next sweep."""
    appointment = take(dispute.payment.appointment)
    assert by.user
    staged = disputes.stage(dispute=dispute, evidence=evidence, user=by.user, at=at)
    record(appointment, "dispute_answered", by=by, at=at, amount=dispute.amount, currency=dispute.currency)
    return staged
