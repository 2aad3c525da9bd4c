"""What every page behind an appointment's link has in common: the token opens it, nobody else hears of it.

No CSRF token is asked for: no cookie gives any right here, the secret is in the address itself, which a
forger does not have. (With ``no-referrer`` browsers send ``Origin: null``, which the check would refuse.)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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


def _behind(name: str, find: Callable[..., Any]) -> Callable[[View], View]:
    """Hands the view what ``find`` has for the link's token; 404 for a token that is none or has ended."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @counted(Acts)
        @wraps(view)
        def opened(request: HttpRequest, token: str, **facts: Any) -> HttpResponse:
            at = timezone.now()
            found = find(token, at=at)
            if found is None:
                raise Http404
            response = view(request, **{name: found}, at=at, **facts)
            for header, value in HEADERS.items():
                response.headers[header] = value
            return response

        return opened

    return wrap


def _appointment(token: str, *, at: datetime) -> Appointment | None:
    appointment = tokens.find(token, at=at)
    if appointment is not None:
        appointment.service.provider = appointment.provider
    return appointment


by_token = _behind("appointment", _appointment)
by_address_token = _behind("client", tokens.find_new_address)
