"""Everything on record about an appointment, to keep or to hand over (A20): PDF and JSON."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from booking.dashboard import telling
from booking.dashboard.access import Desk, at_desk
from booking.models import Appointment
from payments import evidence
from payments.models import Dispute
from payments.papers import dossier


@require_safe
@at_desk()
def as_json(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    found = evidence.record(appointment=desk.appointment(uid), at=desk.at)
    body = json.dumps(found, ensure_ascii=False, indent=2, default=str)
    return _file(body.encode(), "application/json", f"record-{str(uid)[:8]}.json")


@require_safe
@at_desk()
def as_pdf(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    language = get_language() or "en"
    return _file(
        _pdf(desk.appointment(uid), language=language, at=desk.at),
        "application/pdf",
        f"record-{str(uid)[:8]}.pdf",
    )


def of_dispute(dispute: Dispute, *, at: datetime) -> bytes:
    """The paper that goes with the answer to a dispute, in English."""
    return _pdf(dispute.payment.appointment, language="en", at=at)


def _pdf(appointment: Appointment, *, language: str, at: datetime) -> bytes:
    with override(language):
        lines = telling.lines(appointment, list(appointment.timeline.select_related("user")))
        told = [
            (line.when, line.who, " ".join(filter(None, (line.words, line.note)))) for line in reversed(lines)
        ]
        record = evidence.record(appointment=appointment, at=at)
        return dossier.pdf(record=record, told=told, language=language, at=at)


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
