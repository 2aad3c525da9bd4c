"""Disputes: ours against the gateway's, and those that we have not heard of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import QuerySet

from payments import hints
from payments.gateways import DisputeResult, NotAtGateway
from payments.models import Dispute, Payment
from payments.reconcile.found import Found, made_at, money
from payments.reconcile.there import There, Thing, batched, reference

AT_ONCE = 500


def of_disputes(disputes: QuerySet[Dispute], there: There) -> Iterator[Found]:
    """Every dispute of ours that differs from the gateway's."""
    for dispute in disputes.select_related("payment").order_by("pk").iterator():
        try:
            result = _result(dispute, there)
        except NotAtGateway:
            yield _of(dispute, "dispute_missing")
            continue
        if result.state != dispute.state:
            thing = there.disputes.get(dispute.gateway_id) or {"id": dispute.gateway_id, "object": "dispute"}
            yield _of(dispute, "dispute_state", thing, there=result.state, here=dispute.state)


def unknown(there: There) -> Iterator[Found]:
    """Disputes over payments of ours that are at the gateway alone."""
    things = {str(one["id"]): one for one in there.disputes.values()}
    for some in batched(list(things), AT_ONCE):
        known = set(Dispute.objects.filter(gateway_id__in=some).values_list("gateway_id", flat=True))
        fresh = [things[one] for one in some if one not in known]
        intents = [reference(one.get("payment_intent")) for one in fresh]
        rows = Payment.objects.filter(intent_id__in=intents, account=there.account)
        payments = {payment.intent_id: payment for payment in rows}
        for thing in fresh:
            if payment := payments.get(reference(thing.get("payment_intent"))):
                facts = {"there": money(thing.get("amount"), payment.currency)}
                look = partial(hints.look, thing, account=there.account)
                yield Found("dispute_unknown", f"dispute {thing['id']}", facts, payment, made_at(thing), look)


def _result(dispute: Dispute, there: There) -> DisputeResult:
    thing = there.disputes.get(dispute.gateway_id)
    return there.gateway.dispute_in(thing) if thing else there.gateway.find_dispute(dispute.gateway_id)


def _of(dispute: Dispute, kind: str, thing: Thing | None = None, **facts: object) -> Found:
    look = partial(hints.look, thing, account=dispute.payment.account) if thing else None
    about = {"id": dispute.gateway_id, "amount": money(dispute.amount, dispute.currency)}
    return Found(kind, f"dispute {dispute.uid}", about | facts, dispute.payment, dispute.opened_at, look)
