"""Money that was to go back and could not (F-58), and money that went back elsewhere (F-59)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from booking.actors import SYSTEM
from booking.lifecycle.steps import record, take
from config import as_json
from payments import adopting, disputes, refunds, settlements
from payments.gateways import RefundResult
from payments.models import Deposit, Payment, Refund
from reminders import plan


def refund_failed(*, refund: Refund, at: datetime) -> None:
    """The bank did not take a refund: the money is with the provider again, who hears of it and must find
    another way; the client is told the truth. Called in the transaction that puts the money back."""
    disputes.look_again(payment=refund.payment, at=at)
    if refund.failure == refunds.LOST:
        return  # the client has the money through the bank, and the end of the dispute was told
    appointment = refund.appointment
    money = as_json.money(refund.amount, refund.currency)
    record(
        appointment,
        "refund_failed",
        by=SYSTEM,
        at=at,
        amount=refund.amount,
        currency=refund.currency,
        failure=refund.failure,
    )
    about = f"refund:{refund.uid}"
    plan.tell(
        appointment=appointment,
        kind="refund_failed",
        to="provider",
        at=at,
        about=about,
        facts={"refund": money, "failure": refund.failure},
    )
    # The mail that it is on its way is not sent where it has not left.
    plan.drop(appointment=appointment, at=at, kinds=("refund",), about=about)
    plan.tell(
        appointment=appointment,
        kind="refund_failed",
        to="client",
        at=at,
        about=about,
        facts={"refund": money},
    )


@transaction.atomic
def refunds_seen(*, payment: Payment, results: Iterable[RefundResult], at: datetime) -> None:
    """What the gateway knows of a payment's refunds now: ours are followed, and those that somebody made in
    the gateway's own dashboard are written down and told to the client."""
    appointment = take(payment.appointment)
    for result in results:
        refund = adopting.known(payment=payment, result=result)
        if refund is None:
            _adopt(payment, result, at=at)
            continue
        refund.whole.appointment = appointment
        refunds.record_result(
            refund=refund,
            state=result.state,
            failure=result.failure,
            gateway_id=result.id,
            at=at,
            failed=refund_failed,
        )


def _adopt(payment: Payment, result: RefundResult, *, at: datetime) -> None:
    refund = adopting.adopt(payment=payment, result=result, at=at)
    if refund is None:
        return
    if refund.deposit:
        settlements.keep_within(deposit=Deposit.objects.get(pk=refund.deposit.pk), at=at)
    money = as_json.money(refund.amount, refund.currency)
    record(refund.appointment, "refunded_elsewhere", by=SYSTEM, at=at, **money)
    plan.tell(
        appointment=refund.appointment,
        kind="refund",
        to="client",
        at=at,
        about=f"refund:{refund.uid}",
        facts={"refund": money},
    )
