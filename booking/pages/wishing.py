"""`/a/{token}/preferences/`: when and how it suits the client (A10)."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from booking import lifecycle
from booking.actors import CLIENT
from booking.models import Appointment
from booking.pages.appointment import answered, page
from booking.pages.forms import WishesForm
from booking.pages.private import by_token


@require_POST
@by_token
def tell(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    form = WishesForm(request.POST, modes=appointment.service.modes)
    if not form.is_valid():
        return page(request, appointment, at=at, wishes_form=form, status=400)
    lifecycle.prefer(appointment=appointment, wishes=form.said, by=CLIENT, at=at)
    return answered(appointment, "wishes_told")
