"""Charges: what a client owes beyond the deposit, by the terms, of the price, or otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from payments import ledger
from payments.models import Charge, Waiver
from policies.rules import money

if TYPE_CHECKING:
    from booking.actors import Actor
    from booking.models import Appointment

State = Charge.State


def owed(*, appointment: Appointment) -> list[Charge]:
    """What is owed for an appointment, the oldest first."""
    open_ones = [charge for charge in appointment.charges.all() if charge.state == State.OWED]
    return sorted(open_ones, key=lambda charge: charge.pk)


def owe(
    *,
    appointment: Appointment,
    kind: str,
    amount: int,
    by: Actor,
    at: datetime,
    description: str = "",
) -> Charge:
    """The client owes ``amount`` more for an appointment."""
    return Charge.objects.create(
        appointment=appointment,
        kind=kind,
        description=description,
        amount=amount,
        currency=appointment.currency,
        by=by.kind,
        user=by.user,
        created_at=at,
    )


def balance(*, appointment: Appointment) -> int:
    """The price less what was paid ahead and stands for it, and less what was asked of the rest already."""
    ahead = ledger.amounts(appointment)
    asked = [charge for charge in appointment.charges.all() if charge.kind == Charge.Kind.BALANCE]
    rest = (
        appointment.price - ahead["held"] - ahead["applied"] - sum(one.amount - one.waived for one in asked)
    )
    return max(rest, 0)


def payable(*, charge: Charge) -> bool:
    """Whether something is owed that a card can pay now: nothing below the gateway's smallest amount,
    and not while the worker charges it to the saved card."""
    if charge.owed < money.smallest_charge(charge.currency):
        return False
    return not with_card(charge=charge)


def with_card(*, charge: Charge) -> bool:
    """Whether the worker is about to charge it to the saved card."""
    return charge.payments.filter(off_session=True, state="staged").exists()


def excess(*, charge: Charge) -> int:
    """What was paid of a charge above what is asked, and is still there."""
    return max(0, min(charge.applied, charge.applied + charge.disputed + charge.waived - charge.amount))


def take_off(*, charge: Charge, amount: int, at: datetime) -> None:
    """``amount`` of a charge is not asked any more; what was paid of it already is not given back here."""
    charge.waived += amount
    charge.save(update_fields=["waived"])
    Waiver.objects.create(charge=charge, amount=amount, at=at)
    stand(charge=charge)


def stand(*, charge: Charge) -> None:
    """The state that follows from what was waived and paid."""
    if charge.waived == charge.amount:
        charge.state = State.WAIVED
    elif charge.waived + charge.paid >= charge.amount:
        charge.state = State.PAID
    else:
        charge.state = State.OWED
    charge.save(update_fields=["state"])
