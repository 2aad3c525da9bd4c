"""What the summary of a day tells: the rows that were left to it, each with its subject and link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from booking.models import Appointment
from reminders import notices, wording
from reminders.models import Message


def facts(summary: Message, *, at: datetime) -> dict[str, Any]:
    """``told``, in the order in which it happened; ``holds`` is False where there is nothing."""
    rows = summary.tells.select_related(
        "appointment__service__provider", "appointment__client", "client", "provider"
    ).order_by("planned_for", "pk")
    told = [_line(one, at) for one in rows]
    return {"told": told, "holds": bool(told)}


def _line(message: Message, at: datetime) -> dict[str, str]:
    if message.appointment:
        message.appointment.provider = message.provider
    said: Mapping[str, Any] = message.facts
    letter = wording.write(message, facts=said, at=at)
    return {
        "group": notices.group_of(message.kind),
        "subject": letter.subject,
        "url": _link(message.appointment),
    }


def _link(appointment: Appointment | None) -> str:
    if appointment is None:
        return f"{settings.BASE_URL}/dashboard/messages/"
    return f"{settings.BASE_URL}/dashboard/appointments/{appointment.uid}/"
