"""`/{provider}/embed/`: the booking page for other sites, and `/embed.js`, which puts it there."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from zlib import crc32

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_http_methods, require_safe

from booking.models import Appointment, Provider, Status
from booking.pages import book, framed, home, offering, where
from booking.pages.framed import framable


@gzip_page
@require_safe
@framable
def services(request: HttpRequest, *, provider: Provider) -> HttpResponse:
    """What can be booked, as on the provider's own page."""
    frame = framed.of(request)
    assert frame is not None
    context = home.profile(request, provider) | {"frame": frame}
    context["offers"] = [replace(one, url=frame.url(one.slug, list="1")) for one in context["offers"]]
    return render(request, "booking/provider.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@framable
def service(request: HttpRequest, *, provider: Provider, service: str) -> HttpResponse:
    """The booking page itself."""
    answer: HttpResponse = book.book(request, provider=provider.slug, service=service)
    return answer


@require_safe
@framable
def booked(request: HttpRequest, *, provider: Provider, service: str) -> HttpResponse:
    """The last page in the frame. From here on all is private, and the browser's whole window."""
    frame = framed.of(request)
    assert frame is not None
    uid, onward = frame.booked(request.GET.get("of", ""))
    rows = Appointment.objects.with_names().filter(provider=provider)
    appointment = rows.filter(uid=uid).first() if uid else None
    if appointment is None:
        raise Http404
    pays = not onward.startswith("/a/")
    context: dict[str, Any] = {
        "frame": frame,
        "provider": provider,
        "demo": provider.is_demo,
        "service_name": offering.name_of(appointment.service),
        "when": where.when_of(appointment),
        "onward": onward,
        "pays": pays and appointment.status == Status.HELD,
        "gives_card": pays and appointment.status == Status.CONFIRMED,
        "requested": appointment.status == Status.REQUESTED,
        "by_mail": appointment.waits_for_mail,
        "minutes": provider.hold_minutes,
        "again": frame.url(appointment.service.slug),
    }
    response = render(request, "booking/embed_booked.html", context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@lru_cache(maxsize=1)
def _script() -> str:
    return (settings.BASE_DIR / "static" / "js" / "embed.js").read_text()


def _etag(_request: HttpRequest) -> str:
    return f'"{crc32(_script().encode()):x}"'


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
@etag(_etag)
def script(_request: HttpRequest) -> HttpResponse:
    """`embed.js`, for any site to load: an address that stays the same from release to release."""
    headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8", headers=headers)
