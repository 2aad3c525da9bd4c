"""Refunds that were made in the gateway's own dashboard: found there, written down here (F-59)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from booking.actors import SYSTEM
from payments import refunds, whereabouts
from payments.gateways import RefundResult
from payments.models import Payment, Refund
from payments.whereabouts import Place, named

log = logging.getLogger(__name__)


class NoRoom(Exception):
    """There is not as much of the payment here as was given back there: a refund of ours is under way, and
    one of the two will fail. To be looked at again later."""


def known(*, payment: Payment, result: RefundResult) -> Refund | None:
    """The refund of ours that the gateway speaks of: by the uid that we gave it, or by its own id."""
    ours = payment.refunds.all()
    if result.refund:
        found = next((one for one in ours if str(one.uid) == result.refund), None)
        if found:
            return found
    return next((one for one in ours if one.gateway_id == result.id), None)


def adopt(*, payment: Payment, result: RefundResult, at: datetime) -> Refund | None:
    """Writes down a refund that somebody made at the gateway, with its ledger entries. None where it is
    known, or came to nothing. Raises ``NoRoom``."""
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if result.state == "failed" or known(payment=locked, result=result):
        return None
    amount = int(result.amount or 0)
    if not 0 < amount <= locked.amount - locked.refunded:
        raise NoRoom(f"{amount} of {locked.amount - locked.refunded} of payment {locked.uid}")
    place = _gathered(whereabouts.of(payment=locked), amount, at=at)
    if place is None:
        raise NoRoom(f"the money of refund {result.id} of payment {locked.uid} is not in one place")
    whereabouts.take(place=place, amount=amount, target="refunded", reason="elsewhere", by=SYSTEM, at=at)
    log.warning("refund %s of %s was made at the gateway, not by us", result.id, amount)
    refund = Refund.objects.create(
        **named(place.whole),
        payment=locked,
        source=place.bucket,
        amount=amount,
        currency=locked.currency,
        origin=Refund.Origin.GATEWAY,
        reason="elsewhere",
        by=SYSTEM.kind,
        gateway_id=result.id,
        due_at=at,
        created_at=at,
    )
    refunds.record_result(refund=refund, state=result.state, at=at)
    return refund


def _gathered(places: Iterable[Place], amount: int, *, at: datetime) -> Place | None:
    """One place that holds the whole amount: what lies in other buckets of the same deposit is put there
    first, for a refund is taken from one and would go back to one."""
    by_whole: dict[tuple[str, int], list[Place]] = {}
    for place in places:
        by_whole.setdefault((type(place.whole).__name__, place.whole.pk), []).append(place)
    for of_one in by_whole.values():
        if sum(place.amount for place in of_one) >= amount:
            return _put_together(of_one, amount, at=at)
    return None


def _put_together(places: list[Place], amount: int, *, at: datetime) -> Place:
    first = next((one for one in places if not one.credit), places[0])
    if first.credit:
        # All of it waits as credits; what they lose goes through the bucket of what is held.
        first = Place(first.whole, "held", 0)
    there = first.amount
    for place in places:
        if place is first or there >= amount:
            continue
        part = min(place.amount, amount - there)
        whereabouts.take(place=place, amount=part, target=first.bucket, reason="gathered", by=SYSTEM, at=at)
        there += part
    first.whole.refresh_from_db()
    return Place(first.whole, first.bucket, there)


def seen(*, payment: Payment, results: Iterable[RefundResult], at: datetime) -> list[Refund]:
    """Adopts whatever is new among the refunds that the gateway knows of a payment."""
    adopted = (adopt(payment=payment, result=one, at=at) for one in results)
    return [refund for refund in adopted if refund]
