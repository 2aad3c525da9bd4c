"""Everything on record about an appointment, to keep or to hand over (A20): PDF and JSON."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from booking.dashboard.access import at_desk
from booking.dashboard.desk import Desk
from booking.telling import on_paper
from payments import evidence


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
        on_paper.record(desk.appointment(uid), language=language, at=desk.at),
        "application/pdf",
        f"record-{str(uid)[:8]}.pdf",
    )


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
