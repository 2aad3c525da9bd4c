"""Settlements: what the client loses waits here, and moves once (rule 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from booking.actors import SYSTEM
from booking.models import Provider
from payments import ledger
from payments.models import Charge, Deposit, Settlement

if TYPE_CHECKING:
    from booking.models import Appointment, Lapse

log = logging.getLogger(__name__)

Then = Callable[[Settlement], None]


def plan(
    *,
    appointment: Appointment,
    deposit: Deposit | None,
    forfeit: int,
    fee: int,
    cause: str,
    lapse: Lapse | None,
    due_at: datetime,
    at: datetime,
) -> Settlement | None:
    """Writes down what is to be forfeited and charged at ``due_at``; None where that is nothing."""
    if not forfeit and not fee:
        return None
    return Settlement.objects.create(
        appointment=appointment,
        deposit=deposit,
        lapse=lapse,
        cause=cause,
        forfeit=forfeit,
        fee=fee,
        currency=appointment.currency,
        due_at=due_at,
        created_at=at,
    )


def drop(*, settlement: Settlement, at: datetime) -> bool:
    """A settlement that still waits will not happen. False when it does not wait any more."""
    waiting = Settlement.objects.filter(pk=settlement.pk, state=Settlement.State.WAITING)
    dropped = bool(waiting.update(state=Settlement.State.DROPPED))
    settlement.refresh_from_db()
    return dropped


def reduce(*, settlement: Settlement, by_amount: int, at: datetime) -> tuple[int, int]:
    """Takes ``by_amount`` off a settlement that waits, the fee first and then the forfeit. Returns
    the fee waived and the part of the deposit set free; what is reduced to nothing is dropped."""
    locked = Settlement.objects.select_for_update().get(pk=settlement.pk)
    if locked.state != Settlement.State.WAITING:
        return 0, 0
    fee_waived = min(by_amount, locked.fee)
    freed = min(by_amount - fee_waived, locked.forfeit)
    locked.fee -= fee_waived
    locked.forfeit -= freed
    if not locked.fee and not locked.forfeit:
        locked.state = Settlement.State.DROPPED
    locked.save(update_fields=["fee", "forfeit", "state"])
    settlement.refresh_from_db()
    return fee_waived, freed


def keep_within(*, deposit: Deposit, at: datetime) -> None:
    """After money left a deposit: what waits to be forfeited is no more than what it still holds."""
    waiting = Settlement.objects.filter(deposit=deposit, state=Settlement.State.WAITING)
    for settlement in waiting.filter(forfeit__gt=deposit.held):
        settlement.forfeit = deposit.held
        if not settlement.forfeit and not settlement.fee:
            settlement.state = Settlement.State.DROPPED
        settlement.save(update_fields=["forfeit", "state"])


def settle_due(*, at: datetime, then: Then | None = None) -> list[Settlement]:
    """Moves the money of every settlement that is due, each in a transaction of its own in which
    ``then`` is called too. Returns those settled."""
    due = Settlement.objects.filter(state=Settlement.State.WAITING, due_at__lte=at)
    settled = []
    for pk in list(due.order_by("due_at", "pk").values_list("pk", flat=True)):
        try:
            settlement = _settle_one(pk, at=at, then=then)
        except Exception:  # one bad row must not keep the others waiting
            log.exception("settlement %s could not be settled", pk)
            continue
        if settlement:
            settled.append(settlement)
    return settled


def _settle_one(pk: int, *, at: datetime, then: Then | None) -> Settlement | None:
    with transaction.atomic(durable=True):
        settlement = Settlement.objects.select_related("appointment").get(pk=pk)
        Provider.objects.locked().get(pk=settlement.appointment.provider_id)
        # Asked again under the lock: an exception may have come first.
        settlement.refresh_from_db()
        if settlement.state != Settlement.State.WAITING or settlement.due_at > at:
            return None
        _forfeit(settlement, at=at)
        if settlement.fee:
            Charge.objects.create(
                appointment=settlement.appointment,
                settlement=settlement,
                amount=settlement.fee,
                currency=settlement.currency,
                created_at=at,
            )
        settlement.state = Settlement.State.DONE
        settlement.settled_at = at
        settlement.save(update_fields=["state", "settled_at"])
        if then:
            then(settlement)
        return settlement


def _forfeit(settlement: Settlement, *, at: datetime) -> None:
    if settlement.deposit_id is None:
        return
    deposit = Deposit.objects.select_for_update().get(pk=settlement.deposit_id)
    # Less is held where a refund came in between: never take what is not there.
    amount = min(settlement.forfeit, deposit.held)
    if amount:
        ledger.post(
            deposit=deposit,
            source="held",
            target="forfeited",
            amount=amount,
            reason=settlement.cause,
            by=SYSTEM,
            at=at,
        )
