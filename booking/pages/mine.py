"""What this browser booked a moment ago: who comes back to its time, by the back button or by sending the form once
more, is led on and not told that somebody was faster. Also where the answer was lost on its way and only the form is
known that was shown here."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from booking import tokens
from booking.models import Appointment, Service, Status
from booking.pages import once

COOKIE = "__Secure-booked" if settings.HTTPS else "booked"
SHOWN = "__Secure-shown" if settings.HTTPS else "shown"
LASTS = 60 * 60
STANDS = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)


def remember(response: HttpResponse, request: HttpRequest, booked: Appointment) -> HttpResponse:
    """For this page alone, and not for long."""
    return _keep(response, request, COOKIE, tokens.make(booked))


def show(response: HttpResponse, request: HttpRequest, *, key: str) -> HttpResponse:
    """The key of a form that is filled in here; if its answer is lost, this is all that the browser has of it."""
    return _keep(response, request, SHOWN, key)


def _keep(response: HttpResponse, request: HttpRequest, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name,
        value,
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
    if start is None:
        return None
    token = request.COOKIES.get(COOKIE, "")
    by_link = tokens.find(token, at=at) if token else None
    for booked in (by_link, once.by_form(scope=once.scope(service), key=request.COOKIES.get(SHOWN, ""))):
        if booked is None or booked.service_id != service.pk or booked.starts_at != start:
            continue
        if booked.status in STANDS and (not email or booked.client.email.casefold() == email.casefold()):
            return booked
    return None
