"""What every page behind an appointment's link has in common: the token opens it, nobody else hears of it.

The first open swaps the token for a cookie that is good for this appointment alone, and goes on to an address
without a secret: `/a/{uid}/…` (F-102). A browser that keeps no cookie is sent back and shown the page where it is.
Nothing is written for either, so that whoever fetches every link changes nothing (F-100).

No CSRF token is asked for: behind the token the secret is in the address itself, which a forger does not have, and
the cookie goes with no form of another site. (With ``no-referrer`` browsers send ``Origin: null``, which Django's
check would refuse.)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from booking import tokens
from booking.api.throttles import Acts
from booking.models import Appointment
from booking.pages.limits import counted
from config import formats

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
COOKIE = "__Secure-appointment" if settings.HTTPS else "appointment"
LASTS = 24 * 60 * 60  # since the last page; the link in the mail opens it again
# Who is sent on without having shown a cookie shows for as long as a slow line takes that it was sent: where the
# cookie does not come back, the way back to the link is open until then. After that the word opens nothing.
KNOCK = "knock"
KNOCK_SECONDS = 30

View = Callable[..., HttpResponse]


def path_of(appointment: Appointment) -> str:
    """Where the appointment's page is for this reader: at the address by which it was opened, else at its link."""
    return getattr(appointment, "came_by", "") or tokens.manage_path(appointment)


def by_token(view: View) -> View:
    """Hands the view the ``appointment`` of the link, by its token or by what the token was swapped for."""

    @csrf_exempt
    @counted(Acts)
    @wraps(view)
    def opened(request: HttpRequest, token: str, **facts: Any) -> HttpResponse:
        at = timezone.now()
        uid = _uid(token)
        secret = _kept(request) if uid else token
        appointment = _appointment(secret, at=at)
        if uid and (appointment is None or appointment.uid != uid):
            return quiet(_back(request, uid) or _shut(request))
        if appointment is None:
            raise Http404
        if not uid and (on := _onward(request, token, appointment)):
            return quiet(on)
        appointment.came_by = f"/a/{token}/"  # type: ignore[attr-defined]
        formats.on_clocks_unless_said(appointment.hour_cycle)
        response = view(request, appointment=appointment, at=at, **facts)
        if uid:
            _keep(response, secret, appointment)
        return quiet(response)

    return opened


def by_address_token(view: View) -> View:
    """Hands the view the ``client`` who got a mail at a new address."""

    @csrf_exempt
    @counted(Acts)
    @wraps(view)
    def opened(request: HttpRequest, token: str, **facts: Any) -> HttpResponse:
        at = timezone.now()
        client = tokens.find_new_address(token, at=at)
        if client is None:
            raise Http404
        formats.on_clocks_unless_said(client.hour_cycle)
        return quiet(view(request, client=client, at=at, **facts))

    return opened


def by_yes_token(view: View) -> View:
    """Hands the view the ``appointment`` that a mail asks a yes for."""

    @csrf_exempt
    @counted(Acts)
    @wraps(view)
    def opened(request: HttpRequest, token: str, **facts: Any) -> HttpResponse:
        at = timezone.now()
        appointment = tokens.find_booking(token, at=at)
        if appointment is None:
            raise Http404
        appointment.service.provider = appointment.provider
        formats.on_clocks_unless_said(appointment.hour_cycle)
        return quiet(view(request, appointment=appointment, at=at, **facts))

    return opened


def quiet(response: HttpResponse) -> HttpResponse:
    """Nobody hears of the page: no referrer, no store, no index."""
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response


def _appointment(token: str, *, at: datetime) -> Appointment | None:
    appointment = tokens.find(token, at=at) if token else None
    if appointment is not None:
        appointment.service.provider = appointment.provider
    return appointment


def _uid(text: str) -> UUID | None:
    """The appointment's own id, where the address has it in place of a token (which is shorter)."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _kept(request: HttpRequest) -> str:
    """The token that was swapped; none for what another site sends."""
    ours = request.method in ("GET", "HEAD") or request.headers.get("Sec-Fetch-Site", "") in (
        "",
        "same-origin",
    )
    return request.COOKIES.get(COOKIE, "") if ours else ""


def _keep(response: HttpResponse, token: str, appointment: Appointment) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=LASTS,
        path=f"/a/{appointment.uid}/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _onward(request: HttpRequest, token: str, appointment: Appointment) -> HttpResponse | None:
    """A browser goes on to the address without the token; None where it keeps no cookies, or is a program."""
    if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get("Accept", ""):
        return None
    keeps_cookies = KNOCK in request.COOKIES
    if KNOCK in request.GET and not keeps_cookies:
        return None
    said = _said(request)
    if not keeps_cookies:
        said.append((KNOCK, signing.dumps(_knocked(appointment), salt=KNOCK)))
    swapped = HttpResponseRedirect(_path(appointment.uid, request.path.removeprefix(f"/a/{token}/"), said))
    swapped.set_cookie(KNOCK, "1", path="/a/", secure=settings.HTTPS, httponly=True, samesite="Lax")
    _keep(swapped, token, appointment)
    return swapped


def _back(request: HttpRequest, uid: UUID) -> HttpResponse | None:
    """To the link again, for a browser that was sent on a moment ago and brings no cookie."""
    if request.method not in ("GET", "HEAD"):
        return None
    try:
        knocked = signing.loads(request.GET.get(KNOCK, ""), salt=KNOCK, max_age=KNOCK_SECONDS)
    except signing.BadSignature:
        return None
    appointment = Appointment.objects.filter(uid=uid).first()
    if appointment is None or knocked != _knocked(appointment):
        return None
    rest = request.path.removeprefix(f"/a/{uid}/")
    return HttpResponseRedirect(_path(tokens.make(appointment), rest, [*_said(request), (KNOCK, "1")]))


def _knocked(appointment: Appointment) -> list[Any]:
    return [str(appointment.uid), appointment.token_generation]


def _said(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values if name != KNOCK]


def _path(opener: str | UUID, rest: str, said: list[tuple[str, str]]) -> str:
    return f"/a/{opener}/{rest}{'?' + urlencode(said) if said else ''}"


def _shut(request: HttpRequest) -> HttpResponse:
    """The address without a secret, where the cookie is not, or not any more."""
    return render(request, "booking/shut.html", status=403)
