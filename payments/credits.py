"""Credits: a carried deposit that waits for the client's next appointment (rules 5 and 6)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q, QuerySet

from booking.actors import SYSTEM
from booking.models import Provider
from payments import ledger, refunds
from payments.models import Credit, Deposit

if TYPE_CHECKING:
    from booking.actors import Actor
    from booking.models import Appointment, Client

log = logging.getLogger(__name__)

MOST_IN_A_ROUND = 10_000  # the next round goes on
Then = Callable[[Credit], None]


def start(
    *,
    deposit: Deposit,
    amount: int,
    source_bucket: str = "held",
    by: Actor,
    at: datetime,
    expires_at: datetime | None = None,
    unused: str = "refund",
    original_start_at: datetime | None = None,
    moves_used: int = 0,
    smallest_notice: timedelta | None = None,
) -> Credit:
    """Carries ``amount`` of a deposit; without ``expires_at`` it waits for ever and starts afresh (rule 6), else it
    goes on from the moves that were before it. What was taken out of another credit is carried already
    (``source_bucket`` ``carried``)."""
    if source_bucket != "carried":
        _move(deposit, source_bucket, "carried", amount, reason="carried", by=by, at=at)
    return Credit.objects.create(
        deposit=deposit,
        client=deposit.appointment.client,
        amount=amount,
        currency=deposit.currency,
        expires_at=expires_at,
        unused=unused,
        original_start_at=original_start_at,
        moves_used=moves_used,
        smallest_notice=smallest_notice,
        created_at=at,
    )


def of(*, appointment: Appointment) -> list[Credit]:
    """The credits carried from this appointment that have something left, oldest first."""
    return of_each([appointment])


def of_each(appointments: Sequence[Appointment]) -> list[Credit]:
    """The same for several appointments."""
    usable = _usable().filter(deposit__appointment__in=appointments)
    return list(usable.select_related("deposit").order_by("created_at", "pk"))


def find(*, appointment: Appointment) -> Credit | None:
    """The credit that was carried from this appointment and has something left."""
    return next(iter(of(appointment=appointment)), None)


def waiting(*, client: Client, start: datetime, at: datetime) -> Credit | None:
    """A credit of this client that is good for ``start``, the one that ends first (rule 5)."""
    good = Q(expires_at=None) | Q(expires_at__gt=at) & Q(expires_at__gt=start)
    credits = _usable().filter(good, client=client).select_related("deposit__appointment")
    return credits.order_by(F("expires_at").asc(nulls_last=True), "pk").first()


def _usable() -> QuerySet[Credit]:
    return Credit.objects.filter(ended_at=None, amount__gt=F("used") + F("ended"))


def use(*, credit: Credit, amount: int) -> int:
    """Takes up to ``amount`` from a credit that has not ended; returns what was taken."""
    locked = Credit.objects.select_for_update().get(pk=credit.pk)
    taken = 0 if locked.ended_at else min(amount, locked.left)
    if taken:
        Credit.objects.filter(pk=credit.pk).update(used=F("used") + taken)
        credit.refresh_from_db(fields=["used", "ended", "ended_at"])
    return taken


def put_back(*, deposit: Deposit, at: datetime) -> int:
    """What a deposit took from a credit and still holds goes back to that credit: its appointment
    never came to be. A credit that ended meanwhile settles the part at once, by its own terms.
    Returns the amount."""
    amount = min(deposit.held, deposit.carried_in)
    if deposit.credit_id is None or not amount:
        return 0
    credit = Credit.objects.select_for_update().get(pk=deposit.credit_id)
    if credit.ended_at:
        _settle(deposit=deposit, amount=amount, bucket="held", unused=credit.unused, at=at)
        return amount
    _move(deposit, "held", "carried", amount, reason="put_back", by=SYSTEM, at=at)
    Credit.objects.filter(pk=credit.pk).update(used=F("used") - amount)
    return amount


def take_out(*, credit: Credit, amount: int, at: datetime) -> None:
    """Takes ``amount`` out of what is left of a credit, for the caller to give back or carry anew. The
    money itself stays in the deposit's ``carried``."""
    locked = Credit.objects.select_for_update().get(pk=credit.pk)
    locked.ended += amount
    if locked.left <= 0:
        locked.ended_at = locked.ended_at or at
    locked.save(update_fields=["ended", "ended_at"])
    credit.refresh_from_db(fields=["used", "ended", "ended_at"])


def undo(*, appointment: Appointment, by: Actor, at: datetime) -> int:
    """What was carried from this appointment and is not used goes back to where it was held. Returns
    the amount."""
    undone = 0
    for credit in of(appointment=appointment):
        part = credit.left
        take_out(credit=credit, amount=part, at=at)
        _move(credit.deposit, "carried", "held", part, reason="undone", by=by, at=at)
        undone += part
    return undone


def end(*, credit: Credit, at: datetime) -> int:
    """Ends a credit by its terms (``carry_unused``): what is left is forfeited or goes back to the
    client. Returns what was left; nothing happens the second time."""
    locked = Credit.objects.select_for_update().get(pk=credit.pk)
    left = 0 if locked.ended_at else locked.left
    if locked.ended_at is None:
        Credit.objects.filter(pk=locked.pk).update(ended=F("ended") + left, ended_at=at)
    if left:
        _settle(deposit=locked.deposit, amount=left, bucket="carried", unused=locked.unused, at=at)
    credit.refresh_from_db(fields=["used", "ended", "ended_at"])
    return left


def _settle(*, deposit: Deposit, amount: int, bucket: str, unused: str, at: datetime) -> None:
    if unused == "refund":
        refunds.give_back(
            deposit=deposit, amount=amount, reason="credit_ended", by=SYSTEM, at=at, sources=(bucket,)
        )
        return
    _move(deposit, bucket, "forfeited", amount, reason="credit_ended", by=SYSTEM, at=at)


def _move(
    deposit: Deposit, source: str, target: str, amount: int, *, reason: str, by: Actor, at: datetime
) -> None:
    ledger.post(deposit=deposit, source=source, target=target, amount=amount, reason=reason, by=by, at=at)


def end_due(*, at: datetime, then: Then | None = None) -> list[Credit]:
    """Ends every credit whose time is over, each in a transaction of its own in which ``then`` is
    called too. Returns those that ended with something left."""
    due = Credit.objects.filter(ended_at=None, expires_at__lte=at).order_by("expires_at", "pk")
    ended = []
    for pk in list(due.values_list("pk", flat=True)[:MOST_IN_A_ROUND]):
        try:
            credit = _end_one(pk, at=at, then=then)
        except Exception:  # one bad row must not keep the others waiting
            log.exception("credit %s could not be ended", pk)
            continue
        if credit:
            ended.append(credit)
    return ended


def _end_one(pk: int, *, at: datetime, then: Then | None) -> Credit | None:
    with transaction.atomic(durable=True):
        credit = Credit.objects.select_related("deposit__appointment").get(pk=pk)
        Provider.objects.locked().get(pk=credit.deposit.appointment.provider_id)
        credit.refresh_from_db(fields=["ended_at"])
        if credit.ended_at or not end(credit=credit, at=at):
            return None
        if then:
            then(credit)
        return credit
