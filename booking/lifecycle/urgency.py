"""What each side says ahead about an appointment: that it is urgent (A4), when times suit (A10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed, already_started, must_be, put, record, take
from booking.models import Appointment, Client, Status
from config.refusal import Refusal


class ReasonNeeded(Refusal):
    code = "invalid"
    status = 400


@transaction.atomic
def mark_urgent(*, appointment: Appointment, reason: str, by: Actor, at: datetime) -> Appointment:
    """Much depends on this one: who cancels it late is asked first whether another way would do. The reason is
    read by the client. Said again, the newer reason holds."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at > appointment.starts_at:
        raise already_started()
    reason = reason.strip()
    if not reason:
        detail = _("Please say why it is urgent: a deadline, a decision that is needed.")
        raise ReasonNeeded(detail, errors={"reason": ["required"]})
    if reason != appointment.urgent_reason:
        put(appointment, urgent_reason=reason, urgent_at=at)
        record(appointment, "urgent", by=by, at=at, note=reason)
    return appointment


@transaction.atomic
def not_urgent(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """It is an appointment like others again."""
    appointment = take(appointment)
    if not appointment.urgent_reason:
        raise NotAllowed("not_urgent", _("This appointment is not marked as urgent."))
    put(appointment, urgent_reason="", urgent_at=None)
    record(appointment, "not_urgent", by=by, at=at)
    return appointment


@transaction.atomic
def prefer(*, appointment: Appointment, wishes: dict[str, Any], by: Actor, at: datetime) -> Client:
    """The client says which days, parts of the day and ways of meeting suit (A10); what was said before is
    replaced, and nothing said takes it back. Offers use it from now on."""
    appointment = take(appointment)
    client = appointment.client
    if client.preferences != wishes:
        client.preferences = wishes
        client.save(update_fields=["preferences"])
        record(appointment, "wishes_told", by=by, at=at)
    return client
