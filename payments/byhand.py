"""Payments by hand: cash, a transfer, whatever never went through a gateway. Written down by a member,
taken back by an entry the other way, never edited."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.refusal import Refusal
from payments import charges, checkout, gateways, ledger, papers
from payments.models import TAKEN_BACK, Charge, Deposit, Payment

if TYPE_CHECKING:
    from booking.actors import Actor

METHODS = ("cash", "transfer", "other")
LONGEST_REFERENCE = 200


class NotByHand(Refusal):
    """Only what was written down by hand, and is still there whole, can be taken back."""

    code = "cannot_be_undone"


def write_down(
    *,
    whole: Deposit | Charge,
    amount: int,
    method: str,
    reference: str,
    received_on: date,
    by: Actor,
    at: datetime,
) -> Payment:
    """A payment that somebody took: into the ledger at once."""
    if method not in METHODS:
        raise ValueError(f"no way to pay by hand: {method}")
    payment = Payment.objects.create(
        deposit=whole if isinstance(whole, Deposit) else None,
        charge=whole if isinstance(whole, Charge) else None,
        gateway=gateways.MANUAL,
        method=method,
        reference=reference[:LONGEST_REFERENCE],
        received_on=received_on,
        by=by.kind,
        user=by.user,
        state=Payment.State.PAID,
        amount=amount,
        currency=whole.currency,
        created_at=at,
        paid_at=at,
    )
    checkout.into(whole=whole, amount=amount, reason="by_hand", by=by, at=at)
    papers.receipt(payment=payment, at=at)
    return payment


def take_back(*, payment: Payment, by: Actor, at: datetime) -> None:
    """It was a mistake: the same amount goes out again by an entry of its own. Refuses where a part has
    gone on already (given back, settled, carried)."""
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    whole = type(payment.whole).objects.select_for_update().get(pk=payment.whole.pk)
    bucket = "held" if isinstance(whole, Deposit) else "applied"
    if payment.gateway != gateways.MANUAL or payment.state != Payment.State.PAID:
        raise NotByHand(_("Only a payment that was written down by hand can be taken back."))
    if payment.refunded or getattr(whole, bucket) < payment.amount:
        raise NotByHand(_("This money has gone on already: it was given back, settled or carried."))
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.UNDONE, undone_at=at)
    ledger.post(
        deposit=payment.deposit,
        charge=payment.charge,
        source=bucket,
        target="outside",
        amount=payment.amount,
        reason=TAKEN_BACK,
        by=by,
        at=at,
    )
    if isinstance(whole, Charge):
        charges.stand(charge=Charge.objects.get(pk=whole.pk))
    papers.undone(payment=Payment.objects.get(pk=payment.pk), at=at)
