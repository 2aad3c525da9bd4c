"""Everything on record about an appointment as a PDF (A20), and as the paper that answers a dispute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import override

from booking.models import Appointment
from booking.telling import to_provider
from config import formats
from payments import evidence
from payments.models import Dispute
from payments.papers import dossier

# Words about the client's health may be in it; no bank is told.
NO_BANKS: dict[str, list[Any]] = {"health_consents": [], "shared_notes": []}


def record(
    appointment: Appointment, *, language: str, at: datetime, for_bank: bool = False, brief: bool = False
) -> bytes:
    """The record as it is at ``at``; ``brief`` lists the messages and leaves out what they said."""
    with override(language):
        lines = to_provider.lines(appointment, list(appointment.timeline.select_related("user")))
        told = [
            (line.when, line.who, " ".join(filter(None, (line.words, line.note)))) for line in reversed(lines)
        ]
        found = evidence.record(appointment=appointment, at=at)
        if for_bank:
            found |= NO_BANKS
        return dossier.pdf(record=found, told=told, language=language, at=at, brief=brief)


def answer(dispute: Dispute, *, at: datetime, brief: bool = False) -> bytes:
    """The paper that goes with the answer to a dispute: in English and on 24 hours, whoever made it ready."""
    with formats.on_clocks("h23"):
        return record(dispute.payment.appointment, language="en", at=at, for_bank=True, brief=brief)
