"""The start page and a provider's profile."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import i18n as views_i18n
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from booking.models import Provider
from booking.pages import offering, public
from booking.texts import text_in

MOST_LISTED = 60


@gzip_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`/`: what this is, and the providers who list themselves."""
    listed = Provider.objects.filter(listed=True).order_by("name")[:MOST_LISTED]
    return render(request, "booking/home.html", {"providers": listed, "preview": public.of_home(request)})


def set_language(request: HttpRequest) -> HttpResponse:
    """Django's own, to a page that no longer asks for another language in its address."""
    answer = views_i18n.set_language(request)
    if "lang=" in (target := answer.headers.get("Location", "")):
        parts = urlsplit(target)
        said = [(name, value) for name, value in parse_qsl(parts.query) if name != "lang"]
        answer.headers["Location"] = urlunsplit(parts._replace(query=urlencode(said)))
    return answer


@gzip_page
@require_safe
def provider(request: HttpRequest, provider: str) -> HttpResponse:
    """`/{provider}/`: who this is and what can be booked, with price, deposit and length."""
    found = get_object_or_404(Provider, slug=provider)
    return render(request, "booking/provider.html", profile(request, found))


def profile(request: HttpRequest, found: Provider) -> dict[str, Any]:
    """What the page of a provider shows."""
    services = found.services.filter(hidden=False).select_related("policy", "provider__business")
    place = found.places.get("in_person", {})
    about = text_in(found.about, fallback=found.language)
    offers = [offering.of(service) for service in services]
    return {
        "provider": found,
        "about": about,
        "address": place.get("address", ""),
        "address_note": text_in(place.get("note", {}), fallback=found.language),
        "offers": offers,
        "preview": public.of_provider(request, found, offers, about=about),
        "demo": found.is_demo,
    }
