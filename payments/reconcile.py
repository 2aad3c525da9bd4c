"""Reconcile: what our rows say of the money against what the gateway says, and against each other.

Reads only. Never inside a transaction, for it asks the gateway about every payment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum

from payments import gateways
from payments.gateways import NotAtGateway, RefundResult
from payments.models import Charge, Deposit, Payment, Refund

State = Payment.State
# What was asked for but not yet answered is no difference.
UNDER_WAY = (Refund.State.STAGED,)


@dataclass(frozen=True)
class Difference:
    """``what`` (``payment``, ``refund``, ``deposit`` or ``charge``) with its id, and how the two differ."""

    what: str
    id: str
    text: str

    def __str__(self) -> str:
        return f"{self.what} {self.id}: {self.text}"


def differences(*, since: datetime | None = None) -> Iterator[Difference]:
    """Every difference, payments first. ``since`` looks at payments made from then on only."""
    made = Q(created_at__gte=since) if since else Q()
    name = gateways.current().name
    for payment in Payment.objects.filter(made, gateway=name).order_by("pk").iterator():
        yield from _of_payment(payment)
    yield from _of_deposits()
    yield from _of_counts()


def _of_payment(payment: Payment) -> Iterator[Difference]:
    gateway = gateways.of(payment)
    if payment.session_id:
        try:
            session = gateway.find_session(payment.session_id)
        except NotAtGateway:
            yield _payment(payment, f"session {payment.session_id} is not at the gateway")
        else:
            yield from _of_session(payment, session)
    if payment.state == State.PAID and payment.intent_id:
        yield from _of_refunds(payment, gateway)


def _of_session(payment: Payment, session: gateways.Session) -> Iterator[Difference]:
    if not session.is_over_the_same_as(payment):
        yield _payment(
            payment, f"{session.amount} {session.currency} there, {payment.amount} {payment.currency} here"
        )
    if session.state == "paid" and payment.state != State.PAID:
        yield _payment(payment, f"paid there ({session.amount} {session.currency}), {payment.state} here")
    if session.state != "paid" and payment.state == State.PAID:
        yield _payment(payment, f"{session.state} there, paid here")
    if session.state == "open" and payment.state == State.CLOSED:
        yield _payment(payment, "open there, closed here")


def _of_refunds(payment: Payment, gateway: gateways.Gateway) -> Iterator[Difference]:
    try:
        there = gateway.refunds_of(payment.intent_id or "")
    except NotAtGateway:
        yield _payment(payment, f"{payment.intent_id} is not at the gateway")
        return
    ours = list(payment.refunds.all())
    matched: set[str] = set()
    for refund in ours:
        result = next((one for one in there if _is(refund, one)), None)
        if result:
            matched.add(result.id)
        yield from _of_refund(refund, result)
    for result in there:
        if result.id not in matched and result.state != "failed":
            text = f"refund {result.id} of {result.amount} {result.currency} is at the gateway only"
            yield _payment(payment, text)


def _of_refund(refund: Refund, result: RefundResult | None) -> Iterator[Difference]:
    if result is None:
        if refund.state not in (*UNDER_WAY, Refund.State.FAILED):
            yield Difference("refund", str(refund.uid), f"{refund.state} here, not at the gateway")
        return
    if result.amount not in (None, refund.amount):
        yield Difference("refund", str(refund.uid), f"{result.amount} there, {refund.amount} here")
    if result.state != refund.state:
        yield Difference("refund", str(refund.uid), f"{result.state} there, {refund.state} here")


def _is(refund: Refund, result: RefundResult) -> bool:
    return result.id == refund.gateway_id or result.refund == str(refund.uid)


def _of_deposits() -> Iterator[Difference]:
    """Paid into the deposit by card and by credit, or into a charge, is what the ledger took in."""
    for deposit in _with_card_money():
        expected = deposit.by_card + deposit.carried_in  # type: ignore[attr-defined]
        yield Difference("deposit", str(deposit.uid), f"{deposit.paid} in the ledger, {expected} came in")
    paid = Sum("payments__amount", filter=Q(payments__state=State.PAID), default=0)
    for charge in Charge.objects.annotate(came=paid).exclude(paid=F("came")).order_by("pk"):
        yield Difference("charge", str(charge.uid), f"{charge.paid} in the ledger, {charge.came} came in")


def _with_card_money() -> QuerySet[Deposit]:
    paid = Sum("payments__amount", filter=Q(payments__state=State.PAID), default=0)
    return Deposit.objects.annotate(by_card=paid).exclude(paid=F("by_card") + F("carried_in")).order_by("pk")


def _of_counts() -> Iterator[Difference]:
    """What a payment counts as refunded is the sum of its refunds that did not fail."""
    given = Sum("refunds__amount", filter=~Q(refunds__state=Refund.State.FAILED), default=0)
    for payment in Payment.objects.annotate(given=given).exclude(refunded=F("given")).order_by("pk"):
        yield _payment(payment, f"{payment.refunded} counted as refunded, {payment.given} in refunds")


def _payment(payment: Payment, text: str) -> Difference:
    return Difference("payment", str(payment.uid), text)
