"""Many of the same for the long runs: copies of one booking, without asking for a free slot each time."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from booking.models import Appointment
from payments import checkout
from payments.models import Charge, Deposit, Payment
from policies.models import Agreement
from tests.payments.money import DEPOSIT


def size(name: str, small: int) -> int:
    """How many: ``small`` in the suite, what ``make soak`` says in the environment there."""
    return int(os.environ.get(name) or small)


def booking(first: Appointment, number: int) -> Appointment:
    """A copy of a held booking, so many hours later, agreed to as the first was."""
    agreement = first.agreement
    copy = Appointment.objects.get(pk=first.pk)
    shift = timedelta(hours=2 * number)
    for field in (
        "starts_at",
        "ends_at",
        "blocked_from",
        "blocked_until",
        "original_start_at",
        "grace_ends_at",
    ):
        setattr(copy, field, getattr(first, field) + shift)
    copy.pk, copy.uid, copy.room = None, uuid.uuid4(), uuid.uuid4().hex[:16]
    copy.token_hash = sha256(copy.uid.bytes).hexdigest()
    copy._state.adding = True
    copy.save()
    Agreement.objects.create(
        appointment=copy,
        policy_version=agreement.policy_version,
        text=agreement.text,
        sha256=agreement.sha256,
        language=agreement.language,
        agreed_at=agreement.agreed_at,
    )
    return Appointment.objects.select_related("client", "service__provider").get(pk=copy.pk)


def asked(first: Appointment, number: int, *, at: datetime) -> Deposit:
    """Its deposit, asked for and not paid."""
    return checkout.ask(appointment=booking(first, number), amount=DEPOSIT, at=at)


def paid_in(appointment: Appointment, *, at: datetime) -> Deposit:
    """One more paid deposit of an appointment, written down as the crafts do."""
    deposit = Deposit.objects.create(
        appointment=appointment, current=False, asked=DEPOSIT, currency="EUR", created_at=at
    )
    pay(deposit=deposit, amount=DEPOSIT, at=at)
    return deposit


@transaction.atomic
def pay(*, amount: int, at: datetime, **whole: Deposit | Charge) -> Payment:
    """A payment of a deposit or of a charge that has arrived, as the craft writes it down."""
    facts = {"gateway": "sandbox", "amount": amount, "currency": "EUR", "created_at": at}
    payment = Payment.objects.create(**whole, **facts)
    checkout.record_paid(payment=payment, intent_id=f"pi_{payment.uid.hex}", amount=amount, at=at)
    return payment
