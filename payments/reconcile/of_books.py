"""The books against themselves: what came in, what the ledger holds, what the refunds come to."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q, Sum

from payments.models import Charge, Deposit, Payment, Refund
from payments.reconcile.found import Found, about, money

PAID = Payment.State.PAID


def of_books() -> Iterator[Found]:
    """Every deposit and payment whose sums do not agree. Asked of all rows, for it costs three queries."""
    yield from _deposits()
    yield from _charges()
    yield from _refunds()


def _deposits() -> Iterator[Found]:
    came = Sum("payments__amount", filter=Q(payments__state=PAID), default=0)
    wrong = Deposit.objects.annotate(by_card=came).exclude(paid=F("by_card") + F("carried_in"))
    for deposit in wrong.order_by("pk"):
        facts = {
            "here": money(deposit.paid, deposit.currency),
            "there": money(deposit.by_card + deposit.carried_in, deposit.currency),
        }
        payment = deposit.payments.order_by("pk").first()
        yield Found("books_deposit", f"deposit {deposit.uid}", facts, payment, deposit.created_at)


def _charges() -> Iterator[Found]:
    came = Sum("payments__amount", filter=Q(payments__state=PAID), default=0)
    for charge in Charge.objects.annotate(came=came).exclude(paid=F("came")).order_by("pk"):
        facts = {"here": money(charge.paid, charge.currency), "there": money(charge.came, charge.currency)}
        payment = charge.payments.order_by("pk").first()
        yield Found("books_charge", f"charge {charge.uid}", facts, payment, charge.created_at)


def _refunds() -> Iterator[Found]:
    """What a payment counts as refunded is the sum of its refunds that did not fail."""
    given = Sum("refunds__amount", filter=~Q(refunds__state=Refund.State.FAILED), default=0)
    for payment in Payment.objects.annotate(given=given).exclude(refunded=F("given")).order_by("pk"):
        yield about(
            payment,
            "books_refunds",
            here=money(payment.refunded, payment.currency),
            there=money(payment.given, payment.currency),
        )
