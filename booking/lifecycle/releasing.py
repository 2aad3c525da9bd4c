"""What is owed and is not asked any more: pay pages end, and what was paid above it goes back."""

from __future__ import annotations

from datetime import datetime

from booking.actors import Actor
from booking.models import Appointment
from payments import charges, checkout, refunds
from payments.models import Charge


def close_and_even(charge: Charge, *, reason: str, by: Actor, at: datetime) -> int:
    """No page asks for more than is owed now, and what was paid above it goes back. Returns the latter."""
    checkout.ask_to_close(charge=charge, at=at)
    excess = charges.excess(charge=charge)
    if excess:
        refunds.give_back(charge=charge, amount=excess, reason=reason, by=by, at=at)
    return excess


def release_balance(appointment: Appointment, *, by: Actor, at: datetime) -> None:
    """The service will not take place: what was asked of its price is not asked any more, and what was
    paid of it goes back. A fee by the terms is another matter, and stays."""
    for asked in Charge.objects.select_for_update().filter(appointment=appointment, kind="balance"):
        if rest := asked.amount - asked.waived:
            charges.take_off(charge=asked, amount=rest, at=at)
            close_and_even(asked, reason="cancel", by=by, at=at)


def waive_fees(appointment: Appointment, amount: int, *, by: Actor, at: datetime) -> tuple[int, int]:
    """Take up to ``amount`` off the fees by the terms: what is owed first, then what was paid, which goes
    back to the card. Returns what is not asked any more, and what goes back."""
    waived, back = 0, 0
    fees = list(Charge.objects.select_for_update().filter(appointment=appointment, kind="fee").order_by("pk"))
    for fee in fees:
        if part := min(amount - waived, fee.owed):
            charges.take_off(charge=fee, amount=part, at=at)
            back += close_and_even(fee, reason="excused", by=by, at=at)
            waived += part
    for fee in fees:
        if part := min(amount - waived - back, fee.applied, fee.amount - fee.waived):
            charges.take_off(charge=fee, amount=part, at=at)
            back += close_and_even(fee, reason="excused", by=by, at=at)
    return waived, back
