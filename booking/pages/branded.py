"""`/{provider}/brand.css` and `/{provider}/logo.png`: what a page needs to look like its provider.

The addresses that we write change with what they lead to, so they are kept for a year; an old one in a mail leads to
what is there now."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from booking import brand
from booking.models import Provider

A_YEAR, SOON = 365 * 24 * 60 * 60, 300


@require_safe
def style_sheet(request: HttpRequest, provider: str) -> HttpResponse:
    found = get_object_or_404(Provider, slug=provider)
    if not found.style_path:
        raise Http404
    response = HttpResponse(brand.style_sheet(found.brand["colour"]), content_type="text/css; charset=utf-8")
    return _kept(request, response, address=found.style_path)


@require_safe
def logo(request: HttpRequest, provider: str) -> HttpResponse:
    found = get_object_or_404(Provider, slug=provider)
    picture = brand.logo(found)
    if picture is None:
        raise Http404
    response = HttpResponse(picture.content, content_type="image/png")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # mails are read on other sites
    return _kept(request, response, address=found.logo_path)


def _kept(request: HttpRequest, response: HttpResponse, *, address: str) -> HttpResponse:
    """For long where it was asked for by the address of now."""
    now = request.get_full_path() == address
    response.headers["Cache-Control"] = (
        f"public, max-age={A_YEAR}, immutable" if now else f"public, max-age={SOON}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
