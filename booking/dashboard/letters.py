"""What a client will read, shown before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from booking.dashboard.desk import Desk
from booking.models import Appointment
from booking.telling import at_sending
from config import formats
from reminders import channels, wording
from reminders.dashboard.samples import LINK
from reminders.models import Message
from reminders.wording import Letter

Texts = Mapping[tuple[str, str], Mapping[str, str]]


def own_texts(desk: Desk, *kinds: str) -> Texts:
    """The provider's own words for these kinds, by kind and language, for several previews together."""
    rows = desk.adapted.filter(kind__in=kinds)
    return {(one.kind, one.language): one.texts for one in rows}


def preview(
    appointment: Appointment, *, kind: str, facts: dict[str, Any], at: datetime, own: Texts | None = None
) -> Letter:
    """The letter to the client, in the client's language, as it would leave now, but for the link,
    which is the client's alone; ``own`` are the provider's words where they are known already. Nothing is
    written."""
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
    with formats.speaking_to(channels.reader_of(message)):
        said = at_sending.facts(appointment, kind, at) | facts
        own_links = {name: LINK for name in ("manage_url", "yes_url", "credit_url") if name in said}
        texts = None if own is None else own.get((kind, get_language() or "en"), {})
        return wording.write(message, facts=said | own_links, at=at, texts=texts)
