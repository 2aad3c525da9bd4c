"""What a client owes beyond the deposit: paid through a link, by a saved card or by hand (A13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from booking.actors import SYSTEM
from booking.lifecycle.steps import record, take
from payments import charges, checkout, refunds
from payments.models import Charge, Payment


@transaction.atomic
def charge_paid(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> None:
    """Money for something owed has arrived. Told twice, done once; what is more than is owed by now
    (waived meanwhile, paid another way too) goes back at once."""
    appointment = take(payment.appointment)
    if not checkout.record_paid(payment=payment, intent_id=intent_id, amount=amount, at=at):
        return
    charge = Charge.objects.get(payments=payment)
    record(appointment, "charge_paid", by=SYSTEM, at=at, amount=amount, currency=payment.currency)
    close_and_even(charge, reason="overpaid", at=at)


def close_and_even(charge: Charge, *, reason: str, at: datetime) -> int:
    """No page asks for more than is owed now, and what was paid above it goes back. Returns the latter."""
    checkout.ask_to_close(charge=charge, at=at)
    excess = charges.excess(charge=charge)
    if excess:
        refunds.give_back(charge=charge, amount=excess, reason=reason, by=SYSTEM, at=at)
    return excess
