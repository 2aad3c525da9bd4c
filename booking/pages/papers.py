"""Receipts and credit notes of an appointment, for its client."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from booking.models import Appointment
from booking.pages.private import by_token
from payments.models import Paper
from payments.papers import printing


@require_safe
@by_token
def paper(request: HttpRequest, *, appointment: Appointment, at: datetime, uid: UUID) -> HttpResponse:
    """One paper as PDF, in the reader's language."""
    found = get_object_or_404(Paper.objects.of_appointment(appointment), uid=uid)
    return printing.response(found, language=(get_language() or "").split("-")[0])
