"""Where the money of one payment is now: in the buckets of its own deposit or charge, and of the
deposits that a credit from it has paid for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payments import credits, ledger
from payments.models import Charge, Credit, Deposit, Payment

if TYPE_CHECKING:
    from booking.actors import Actor

BUCKETS = ("held", "forfeited", "applied")


@dataclass(frozen=True)
class Place:
    """``amount`` lies in ``bucket`` of ``whole``; in ``carried`` it is what nobody has used of ``credit``."""

    whole: Deposit | Charge
    bucket: str
    amount: int
    credit: Credit | None = None


def of(*, payment: Payment) -> list[Place]:
    """Where money of this payment may lie, nearest first, locked. Other payments' money may lie there
    too: the caller says how much of it is meant."""
    whole = payment.whole
    locked = type(whole).objects.select_for_update().get(pk=whole.pk)
    return [place for place in _places(locked) if place.amount]


def take(*, place: Place, amount: int, target: str, reason: str, by: Actor, at: datetime) -> None:
    """Moves ``amount`` of what lies there to ``target``."""
    if place.credit:
        credits.take_out(credit=place.credit, amount=amount, at=at)
    ledger.post(
        **named(place.whole),
        source=place.bucket,
        target=target,
        amount=amount,
        reason=reason,
        by=by,
        at=at,
    )


def named(whole: Deposit | Charge) -> dict[str, Any]:
    """As the ledger and the refunds take it."""
    return {"deposit" if isinstance(whole, Deposit) else "charge": whole}


def _places(whole: Deposit | Charge) -> Iterator[Place]:
    if isinstance(whole, Charge):
        yield Place(whole, "applied", whole.applied)
        return
    for bucket in BUCKETS:
        yield Place(whole, bucket, getattr(whole, bucket))
    for credit in whole.carried_as.select_for_update().order_by("pk"):
        yield Place(whole, "carried", 0 if credit.ended_at else credit.left, credit)
    used = Deposit.objects.select_for_update().filter(credit__deposit=whole, carried_in__gt=0)
    for later in used.order_by("pk"):
        yield from _places(later)
