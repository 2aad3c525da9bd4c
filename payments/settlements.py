"""Settlements: what the client loses waits here, and moves once (rule 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from booking.actors import SYSTEM, Actor
from booking.models import Provider
from payments import ledger
from payments.models import Charge, Decision, Deposit, Dispute, Settlement

if TYPE_CHECKING:
    from booking.models import Appointment, Lapse

log = logging.getLogger(__name__)

MOST_IN_A_ROUND = 10_000  # the next round goes on

Then = Callable[[Settlement], None]
Amounts = tuple[int, int]
What = Decision.What


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
    by: Actor = SYSTEM,
) -> Settlement | None:
    """Writes down what is to be forfeited and charged at ``due_at``; None where that is nothing."""
    if not forfeit and not fee:
        return None
    settlement = Settlement.objects.create(
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
    decided(settlement, What.PLANNED, before=(0, 0), reason=cause, by=by, at=at)
    return settlement


def decided(
    settlement: Settlement,
    what: str,
    *,
    before: Amounts,
    by: Actor,
    at: datetime,
    after: Amounts | None = None,
    reason: str = "",
    note: str = "",
) -> Decision:
    """A line of the history: forfeit and fee ``before`` and ``after`` (those of the settlement as it is)."""
    forfeit, fee = after or amounts(settlement)
    return Decision.objects.create(
        settlement=settlement,
        what=what,
        reason=reason,
        note=note,
        forfeit_before=before[0],
        fee_before=before[1],
        forfeit_after=forfeit,
        fee_after=fee,
        by=by.kind,
        user=by.user,
        at=at,
    )


def amounts(settlement: Settlement) -> Amounts:
    """What the client loses by it: forfeit and fee, nothing where it was dropped."""
    dropped = settlement.state == Settlement.State.DROPPED
    return (0, 0) if dropped else (settlement.forfeit, settlement.fee)


def drop(*, settlement: Settlement, at: datetime, by: Actor = SYSTEM, reason: str = "") -> bool:
    """A settlement that still waits will not happen. False when it does not wait any more."""
    before = amounts(settlement)
    waiting = Settlement.objects.filter(pk=settlement.pk, state=Settlement.State.WAITING)
    dropped = bool(waiting.update(state=Settlement.State.DROPPED))
    settlement.refresh_from_db()
    if dropped:
        decided(settlement, What.DROPPED, before=before, by=by, at=at, reason=reason)
    return dropped


def reduce(
    *,
    settlement: Settlement,
    by_amount: int,
    at: datetime,
    by: Actor = SYSTEM,
    reason: str = "",
    note: str = "",
) -> Amounts:
    """Takes ``by_amount`` off a settlement that waits, the fee first and then the forfeit. Returns
    the fee waived and the part of the deposit set free; what is reduced to nothing is dropped."""
    locked = Settlement.objects.select_for_update().get(pk=settlement.pk)
    if locked.state != Settlement.State.WAITING:
        return 0, 0
    before = amounts(locked)
    fee_waived = min(by_amount, locked.fee)
    freed = min(by_amount - fee_waived, locked.forfeit)
    locked.fee -= fee_waived
    locked.forfeit -= freed
    if not locked.fee and not locked.forfeit:
        locked.state = Settlement.State.DROPPED
    locked.save(update_fields=["fee", "forfeit", "state"])
    settlement.refresh_from_db()
    decided(locked, What.REDUCED, before=before, by=by, at=at, reason=reason, note=note)
    return fee_waived, freed


def keep_within(*, deposit: Deposit, at: datetime, by: Actor = SYSTEM, note: str = "") -> None:
    """After money left a deposit: what waits to be forfeited is no more than what it still holds."""
    waiting = Settlement.objects.filter(deposit=deposit, state=Settlement.State.WAITING)
    for settlement in waiting.filter(forfeit__gt=deposit.held):
        before = amounts(settlement)
        settlement.forfeit = deposit.held
        if not settlement.forfeit and not settlement.fee:
            settlement.state = Settlement.State.DROPPED
        settlement.save(update_fields=["forfeit", "state"])
        decided(settlement, What.REDUCED, before=before, by=by, at=at, reason="refund", note=note)


def keep(*, settlement: Settlement, by: Actor, at: datetime, note: str = "") -> None:
    """The explanation was read, and what waits goes on as agreed."""
    decided(settlement, What.KEPT, before=amounts(settlement), by=by, at=at, note=note)


def settle_due(*, at: datetime, then: Then | None = None) -> list[Settlement]:
    """Moves the money of every settlement that is due, each in a transaction of its own in which
    ``then`` is called too. Returns those settled."""
    due = Settlement.objects.filter(state=Settlement.State.WAITING, due_at__lte=at)
    # The bank decides first whose the money is.
    due = due.exclude(Exists(Dispute.objects.open().filter(payment__deposit=OuterRef("deposit"))))
    settled = []
    for pk in list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_IN_A_ROUND]):
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
        decided(settlement, What.SETTLED, before=amounts(settlement), by=SYSTEM, at=at)
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
