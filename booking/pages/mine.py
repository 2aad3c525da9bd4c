"""What this browser booked a moment ago: who comes back to its time, by the back button or by sending the form once
more, is led on and not told that somebody was faster."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from booking import tokens
from booking.models import Appointment, Service, Status

COOKIE = "__Secure-booked" if settings.HTTPS else "booked"
LASTS = 60 * 60
STANDS = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)


def remember(response: HttpResponse, request: HttpRequest, booked: Appointment) -> HttpResponse:
    """For this page alone, and not for long."""
    response.set_cookie(
        COOKIE,
        tokens.make(booked),
        max_age=LASTS,
        path=request.path,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def find(
    request: HttpRequest, service: Service, start: datetime | None, *, at: datetime, email: str = ""
) -> Appointment | None:
    """This browser's own appointment at a start that is asked for again, where one is given under that address."""
    token = request.COOKIES.get(COOKIE, "")
    booked = tokens.find(token, at=at) if token and start else None
    if booked is None or booked.service_id != service.pk or booked.starts_at != start:
        return None
    if email and booked.client.email.casefold() != email.casefold():
        return None
    return booked if booked.status in STANDS else None
