"""Money that was to go back and could not (F-58)."""

from __future__ import annotations

from datetime import datetime

from booking import quotes
from booking.actors import SYSTEM
from booking.lifecycle.steps import record
from payments.models import Refund
from reminders import plan


def refund_failed(*, refund: Refund, at: datetime) -> None:
    """The bank did not take a refund: the money is with the provider again, who hears of it and must find
    another way. Called in the transaction that puts the money back."""
    appointment = refund.appointment
    record(
        appointment,
        "refund_failed",
        by=SYSTEM,
        at=at,
        amount=refund.amount,
        currency=refund.currency,
        failure=refund.failure,
    )
    plan.tell(
        appointment=appointment,
        kind="refund_failed",
        to="provider",
        at=at,
        about=f"refund:{refund.uid}",
        facts={"refund": quotes.money(refund.amount, refund.currency), "failure": refund.failure},
    )
