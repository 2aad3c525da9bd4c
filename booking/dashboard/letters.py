"""What a client will read, shown before it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import override

from booking import quotes
from booking.models import Appointment
from reminders import channels, wording
from reminders.dashboard.samples import LINK
from reminders.models import Message
from reminders.wording import Letter


def preview(appointment: Appointment, *, kind: str, facts: dict[str, Any], at: datetime) -> Letter:
    """The letter to the client, in the client's language, as it would leave now, but for the link,
    which is the client's alone. Nothing is written."""
    message = Message(
        provider=appointment.provider,
        appointment=appointment,
        kind=kind,
        to=Message.To.CLIENT,
        start_at=appointment.starts_at,
        facts=facts,
        due_at=at,
        planned_for=at,
        created_at=at,
    )
    with override(channels.language_of(message)):
        said = quotes.facts(appointment, kind, at) | facts
        own_links = {name: LINK for name in ("manage_url", "yes_url", "credit_url") if name in said}
        return wording.write(message, facts=said | own_links, at=at)
