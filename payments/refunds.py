"""Refunds: money on its way back to the card it came from.

``give_back`` takes it out of the deposit or the charge and stages the refunds, ``send_due`` calls the
gateway, ``record_result`` writes down what became of them, whoever says so first. What was paid by hand
is given back by hand: its refund waits until somebody says so (``given_by_hand``)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from booking.actors import SYSTEM
from config.celery import kick
from config.refusal import Refusal
from payments import accounts, gateways, ledger, papers
from payments.gateways import (
    AccountGone,
    GatewayRefused,
    GatewayUnavailable,
    KeyUsedOtherwise,
    NotAtGateway,
    RefundResult,
)
from payments.models import Charge, Deposit, Dispute, Payment, Refund
from policies.rules import money

if TYPE_CHECKING:
    from booking.actors import Actor
    from payments.models import Repayment

log = logging.getLogger(__name__)

State = Refund.State
Failed = Callable[..., None]

LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
KEYS_LIVE = timedelta(hours=23)  # the gateway forgets a key after a day
DISPUTED = "charge_disputed"
GONE = "account_disconnected"
LOST = "dispute_lost"  # the client has the money through the bank
LATER_THAN = {
    State.STAGED: (State.PENDING, State.DONE, State.FAILED),
    State.PENDING: (State.DONE, State.FAILED),
    State.DONE: (State.FAILED,),
    State.FAILED: (),
}


class RefundTooLarge(Refusal):
    """More than there is to give back."""

    code = "refund_too_large"


class NotInSteps(Refusal):
    """An amount that the gateway cannot move: KWD goes in tens, ISK in hundreds."""

    code = "invalid"
    status = 400


def give_back(
    *,
    deposit: Deposit | None = None,
    charge: Charge | None = None,
    amount: int,
    reason: str,
    by: Actor,
    at: datetime,
    note: str = "",
    sources: Sequence[str] = ("held",),
    repayment: Repayment | None = None,
    by_hand: bool = False,
) -> list[Refund]:
    """Takes ``amount`` out of the buckets of a deposit, in their order, or out of what was paid of a
    charge, and stages refunds to the cards it came from: a deposit's own payments first, then those
    behind the credit that it used. ``by_hand``: it was handed over already, nothing is sent."""
    whole = _locked(deposit or charge)
    if amount % money.step(whole.currency):
        detail = _("The amount must be a multiple of %(step)s minor units.")
        raise NotInSteps(detail % {"step": money.step(whole.currency)})
    if charge:
        sources = ("applied",)
    facts = {
        "reason": reason,
        "note": note,
        "repayment": repayment,
        "origin": Refund.Origin.HAND if by_hand else Refund.Origin.OURS,
    }
    made = [
        _stage(whole, payment, bucket, part, facts, by=by, at=at)
        for bucket, payment, part in list(_shares(whole, amount=amount, sources=sources))
    ]
    for refund in made if by_hand else []:
        record_result(refund=refund, state=State.DONE, at=at)
        refund.refresh_from_db()
    (deposit or charge or whole).refresh_from_db()
    if made and not by_hand:
        kick("payments.tasks.send_refunds")
    return made


def _stage(
    whole: Deposit | Charge,
    payment: Payment,
    bucket: str,
    part: int,
    facts: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> Refund:
    named = _named(whole)
    ledger.post(**named, source=bucket, target="refunded", amount=part, reason=facts["reason"], by=by, at=at)
    return Refund.objects.create(
        **named,
        **facts,
        payment=payment,
        source=bucket,
        amount=part,
        currency=payment.currency,
        by=by.kind,
        user=by.user,
        due_at=at,
        created_at=at,
    )


def send_due(*, at: datetime, limit: int = 100, failed: Failed | None = None) -> int:
    """Sends what is staged and asks after what is pending; never inside a transaction. ``failed`` is
    called, with ``refund`` and ``at``, in the transaction that records a failure. Returns how many the
    gateway has answered."""
    answered = 0
    for _turn in range(limit):
        refund = _claim(at=at)
        if refund is None:
            break
        answered += _send(refund, at=at, failed=failed)
    return answered


def record_result(
    *,
    refund: Refund,
    state: str,
    at: datetime,
    failure: str = "",
    gateway_id: str = "",
    failed: Failed | None = None,
) -> bool:
    """What the gateway says of a refund now, in any order, any number of times. A failed one puts the
    money back into the bucket it came from. False when nothing is new."""
    # The deposit or charge before the refund, as everywhere.
    whole = _locked(refund.whole)
    locked = Refund.objects.select_for_update().get(pk=refund.pk)
    if gateway_id and not locked.gateway_id:
        Refund.objects.filter(pk=locked.pk).update(gateway_id=gateway_id)
    if state not in LATER_THAN[State(locked.state)]:
        return False
    locked.state = state
    locked.failure = failure[:200]
    locked.settled_at = None if state == State.PENDING else at
    locked.save(update_fields=["state", "failure", "settled_at"])
    if state == State.FAILED:
        ledger.post(
            **_named(whole),
            source="refunded",
            target=locked.source,
            amount=locked.amount,
            reason="refund_failed",
            by=SYSTEM,
            at=at,
        )
        log.error("refund %s failed: %s", locked.uid, locked.failure)
        if failed:
            failed(refund=locked, at=at)
    papers.follow(refund=locked, at=at)
    return True


def given_by_hand(*, refund: Refund, at: datetime) -> bool:
    """Somebody gave back by hand what had been paid by hand. False when that is known."""
    if refund.payment.gateway != gateways.MANUAL:
        raise ValueError(f"refund {refund.uid} is the gateway's")
    return record_result(refund=refund, state=State.DONE, at=at)


def _locked(whole: Deposit | Charge | None) -> Deposit | Charge:
    if whole is None:
        raise ValueError("a refund of nothing")
    found: Deposit | Charge = type(whole).objects.select_for_update().get(pk=whole.pk)
    return found


def _named(whole: Deposit | Charge) -> dict[str, Any]:
    return {"deposit" if isinstance(whole, Deposit) else "charge": whole}


def _shares(
    whole: Deposit | Charge, *, amount: int, sources: Sequence[str]
) -> Iterator[tuple[str, Payment, int]]:
    """``amount`` as parts, each of one bucket and to one payment."""
    buckets = {source: getattr(whole, source) for source in sources}
    payments = {payment: payment.amount - payment.refunded for payment in _payments_behind(whole)}
    if amount < 0 or amount > min(sum(buckets.values()), sum(payments.values())):
        raise RefundTooLarge(_("There is not as much left to give back."))
    for bucket, held in buckets.items():
        for payment, room in payments.items():
            part = min(amount, held, room)
            if part:
                yield bucket, payment, part
            amount, held = amount - part, held - part
            payments[payment] = room - part


def _payments_behind(whole: Deposit | Charge | None) -> Iterator[Payment]:
    while whole is not None:
        yield from whole.payments.select_for_update().filter(state=Payment.State.PAID).order_by("pk")
        whole = whole.credit.deposit if isinstance(whole, Deposit) and whole.credit else None


def _claim(*, at: datetime) -> Refund | None:
    """The next refund to send, leased: nobody else sends it, unless we die of it."""
    with transaction.atomic(durable=True):
        refund = _due(at).select_for_update(skip_locked=True, of=("self",)).first()
        if refund:
            refund.claimed_at = at
            refund.attempts += 1
            refund.save(update_fields=["claimed_at", "attempts"])
        return refund


def _due(at: datetime) -> QuerySet[Refund]:
    free = Q(claimed_at=None) | Q(claimed_at__lte=at - LEASE)
    waiting = Refund.objects.filter(free, state__in=(State.STAGED, State.PENDING), due_at__lte=at)
    # While the bank has the payment in its hands, a refund would pay twice (F-61).
    disputed = Exists(Dispute.objects.open().filter(payment=OuterRef("payment")))
    sent = waiting.exclude(payment__gateway=gateways.MANUAL).exclude(disputed, state=State.STAGED)
    return sent.select_related("payment").order_by("due_at", "pk")


def _send(refund: Refund, *, at: datetime, failed: Failed | None) -> bool:
    try:
        result = _ask(refund, at=at)
    except (GatewayUnavailable, KeyUsedOtherwise) as unknown:
        if isinstance(unknown, AccountGone) and accounts.is_gone(refund.payment):
            return _settle(
                refund, RefundResult(id="", state=State.FAILED, failure=GONE), at=at, failed=failed
            )
        log.warning("refund %s was not answered: %s", refund.uid, unknown)
        _later(refund, at=at)
        return False
    except GatewayRefused as no:
        lost = refund.payment.disputes.filter(state=Dispute.State.LOST).exists()
        if no.code == DISPUTED and not lost:
            # The bank was quicker than its webhook: the refund waits for the end of the dispute.
            _later(refund, at=at)
            return False
        result = RefundResult(id="", state=State.FAILED, failure=LOST if lost else no.code)
    return _settle(refund, result, at=at, failed=failed)


def _settle(refund: Refund, result: RefundResult, *, at: datetime, failed: Failed | None) -> bool:
    with transaction.atomic(durable=True):
        record_result(
            refund=refund,
            state=result.state,
            failure=result.failure,
            gateway_id=result.id,
            at=at,
            failed=failed,
        )
        Refund.objects.filter(pk=refund.pk).update(claimed_at=None, due_at=at + _pause(refund.attempts))
    return True


def _ask(refund: Refund, *, at: datetime) -> RefundResult:
    """What the gateway makes of it. A request too old for its key is looked up before it is repeated."""
    gateway = gateways.of(refund.payment)
    if refund.gateway_id:
        return gateway.find_refund(refund.gateway_id)
    intent_id = refund.payment.intent_id or ""
    if refund.attempts > 1 and at - refund.created_at > KEYS_LIVE:
        found = [one for one in _known(gateway, intent_id) if one.refund == str(refund.uid)]
        if found:
            return found[0]
    return gateway.refund(
        intent_id=intent_id,
        amount=refund.amount,
        currency=refund.currency,
        key=f"refund:{refund.uid}",
        metadata={"refund": str(refund.uid)},
        with_fee=refund.payment.platform_fee > 0,
    )


def _known(gateway: gateways.Gateway, intent_id: str) -> list[RefundResult]:
    try:
        return gateway.refunds_of(intent_id)
    except NotAtGateway:
        return []


def _later(refund: Refund, *, at: datetime) -> None:
    due_at = at + _pause(refund.attempts)
    Refund.objects.filter(pk=refund.pk, claimed_at=refund.claimed_at).update(claimed_at=None, due_at=due_at)


def _pause(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … an hour."""
    return min(timedelta(seconds=5 * 2 ** min(attempts, 12)), LONGEST_PAUSE)
