"""`/{provider}/legal/` and `/{provider}/privacy/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from booking.models import Provider
from booking.telling import by_law


@gzip_page
@require_safe
def notice(request: HttpRequest, provider: str) -> HttpResponse:
    found = get_object_or_404(Provider, slug=provider)
    return _page(request, found, _("Legal notice"), by_law.notice(found))


@gzip_page
@require_safe
def privacy(request: HttpRequest, provider: str) -> HttpResponse:
    found = get_object_or_404(Provider, slug=provider)
    return _page(request, found, _("Privacy"), by_law.privacy(found))


def _page(request: HttpRequest, provider: Provider, title: str, parts: list[by_law.Part]) -> HttpResponse:
    said = {"provider": provider, "title": title, "parts": parts, "demo": provider.is_demo}
    return render(request, "booking/by_law.html", said)
