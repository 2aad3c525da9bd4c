"""Everything on record about an appointment as a PDF (A20), and as the paper that answers a dispute."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import override

from booking.models import Appointment
from booking.telling import to_provider
from payments import evidence
from payments.models import Dispute
from payments.papers import dossier


def record(appointment: Appointment, *, language: str, at: datetime) -> bytes:
    """The record as it is at ``at``."""
    with override(language):
        lines = to_provider.lines(appointment, list(appointment.timeline.select_related("user")))
        told = [
            (line.when, line.who, " ".join(filter(None, (line.words, line.note)))) for line in reversed(lines)
        ]
        found = evidence.record(appointment=appointment, at=at)
        return dossier.pdf(record=found, told=told, language=language, at=at)


def answer(dispute: Dispute, *, at: datetime) -> bytes:
    """The paper that goes with the answer to a dispute: in English, as banks read it."""
    return record(dispute.payment.appointment, language="en", at=at)
