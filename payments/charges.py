"""Charges: fees beyond the deposit that a client owes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from payments.models import Charge

if TYPE_CHECKING:
    from booking.models import Appointment


def waive(*, appointment: Appointment, amount: int, at: datetime) -> int:
    """Take up to ``amount`` off what is owed for an appointment; returns what was waived."""
    waived = 0
    for charge in Charge.objects.select_for_update().filter(appointment=appointment, state=Charge.State.OWED):
        part = min(amount - waived, charge.owed)
        if not part:
            continue
        charge.waived += part
        if charge.waived == charge.amount:
            charge.state = Charge.State.WAIVED
        charge.save(update_fields=["waived", "state"])
        waived += part
    return waived
