"""What every page behind an appointment's link has in common: the token opens it, nobody else hears of it.

No CSRF token is asked for: no cookie gives any right here, the secret is in the address itself, which a
forger does not have. (With ``no-referrer`` browsers send ``Origin: null``, which the check would refuse.)"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from booking import tokens
from booking.api.throttles import Acts
from booking.models import Appointment
from booking.pages.limits import counted

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}

View = Callable[..., HttpResponse]


def by_token(view: View) -> View:
    """Hands the view the appointment of the link's token; 404 for a token that is none or has ended."""

    @csrf_exempt
    @counted(Acts)
    @wraps(view)
    def opened(request: HttpRequest, token: str, **facts: Any) -> HttpResponse:
        at = timezone.now()
        response = view(request, appointment=_found(token, at), at=at, **facts)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return opened


def _found(token: str, at: Any) -> Appointment:
    appointment = tokens.find(token, at=at)
    if appointment is None:
        raise Http404
    appointment.service.provider = appointment.provider
    return appointment
