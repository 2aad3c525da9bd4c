"""Refunds: ours against the gateway's, and those that somebody made in the gateway's own dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import QuerySet

from payments import hints
from payments.gateways import NotAtGateway, RefundResult
from payments.models import Payment, Refund
from payments.reconcile.found import Found, made_at, money
from payments.reconcile.there import There, Thing, batched

State = Refund.State
# What was not sent yet is no difference; what the gateway refused is not there either.
NOT_THERE = (State.STAGED, State.FAILED, "asked")
LONGEST_WAIT = timedelta(hours=6)
AT_ONCE = 500
LATER = {
    State.STAGED: ("pending", "done", "failed"),
    State.PENDING: ("done", "failed"),
    State.DONE: ("failed",),
    State.FAILED: (),
}


def of_refunds(refunds: QuerySet[Refund], there: There, *, at: datetime) -> Iterator[Found]:
    """Every refund of ours that differs from the gateway's. What was given by hand is not there."""
    for refund in (
        refunds.exclude(origin=Refund.Origin.HAND).select_related("payment").order_by("pk").iterator()
    ):
        if refund.state == State.STAGED and refund.attempts and at - refund.due_at > LONGEST_WAIT:
            yield _of(refund, "refund_waits", since=f"{refund.created_at:%Y-%m-%d %H:%M}")
        try:
            result = _result(refund, there)
        except NotAtGateway:
            result = None
        if result is None:
            if refund.state not in NOT_THERE:
                yield _of(refund, "refund_missing", state=refund.state)
            continue
        yield from _compared(refund, result, there)


def unknown(there: There) -> Iterator[Found]:
    """Refunds of payments of ours that are at the gateway alone."""
    for some in batched(list(there.refunds_of), AT_ONCE):
        rows = Payment.objects.filter(intent_id__in=some, account=there.account)
        for payment in rows.prefetch_related("refunds"):
            mine = {str(refund.uid) for refund in payment.refunds.all()}
            mine |= {str(refund.gateway_id) for refund in payment.refunds.all()}
            for thing in there.refunds_of[str(payment.intent_id)]:
                yield from _unknown(payment, thing, there, mine)


def _unknown(payment: Payment, thing: Thing, there: There, mine: set[str]) -> Iterator[Found]:
    result = there.gateway.refund_in(thing)
    if result.id in mine or result.refund in mine or result.state == "failed":
        return
    facts = {"there": money(result.amount, result.currency or payment.currency)}
    look = partial(hints.look, thing, account=there.account)
    yield Found("refund_unknown", f"refund {result.id}", facts, payment, made_at(thing), look)


def _compared(refund: Refund, result: RefundResult, there: There) -> Iterator[Found]:
    if result.amount not in (None, refund.amount):
        yield _of(refund, "refund_amount", there=money(result.amount, refund.currency))
        return
    if result.state == refund.state:
        return
    look = None
    if result.state in LATER.get(State(refund.state), ()):
        thing = there.refunds.get(result.id) or {"id": result.id, "object": "refund"}
        look = partial(hints.look, thing, account=there.account)
    found = _of(refund, "refund_state", there=result.state)
    facts = found.facts | {"here": refund.state}
    yield Found(found.kind, found.thing, facts, found.payment, found.about_at, look)


def _result(refund: Refund, there: There) -> RefundResult | None:
    uid = str(refund.uid)
    for thing in there.refunds_of[str(refund.payment.intent_id)]:
        result = there.gateway.refund_in(thing)
        if uid == result.refund or refund.gateway_id == result.id:
            return result
    if refund.gateway_id and refund.state != State.FAILED:
        return there.gateway.find_refund(refund.gateway_id)
    return None


def _of(refund: Refund, kind: str, **facts: object) -> Found:
    here = {"here": money(refund.amount, refund.currency)}
    return Found(kind, f"refund {refund.uid}", here | facts, refund.payment, refund.created_at)
