"""What the provider's own programs are told of a thing: what a token could read of it. The client's own link is not
in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from booking.api import desk_shapes, ledgers
from booking.api.desk import KNOWN
from booking.models import Appointment, Provider
from config import formats


def shape(what: str, uid: UUID, provider: Provider, at: datetime) -> dict[str, Any] | None:
    """The `appointment` or the `deposit` of that id as it is now, in the provider's language; None for another's."""
    with formats.speaking_to(provider):
        if what == "deposit":
            deposit = ledgers.of_provider(provider.pk).filter(uid=uid).first()
            return desk_shapes.deposit(deposit) if deposit else None
        ours = Appointment.objects.of(provider).select_related(*KNOWN).prefetch_related("timeline")
        appointment = ours.filter(uid=uid).first()
        return desk_shapes.appointment(appointment, at=at) if appointment else None
