"""The booking page inside another site (F-109).

Only what goes through `framable` may be framed, and only by the sites that the provider lists. Nothing there
needs a cookie, for browsers keep those of a frame from it: what was chosen stands in the address, and a form
carries a seal of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from booking import sites
from booking.models import Appointment, Provider
from config import formats

# What stays in the address from step to step: the language, the site around the frame, whether the visitor came
# from the list of services, and light or dark where the site says so.
STAYS = ("lang", "site", "list", "theme")
THEMES = ("light", "dark")  # else as the visitor's device
LONGEST = 200
FORM_SECONDS = 2 * 60 * 60
BOOKED_SECONDS = 60 * 60
FORM, BOOKED = "kept.embed.form", "kept.embed.booked"

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Frame:
    """Where the page is shown. ``site`` is the origin around it, empty where none was named that may be."""

    provider: Provider
    site: str
    stays: tuple[tuple[str, str], ...]
    here: str
    base: str = "booking/_framed.html"

    @property
    def theme(self) -> str:
        """Light or dark, as the site around the frame wants it; empty for as the visitor's device is."""
        asked = dict(self.stays).get("theme", "")
        return asked if asked in THEMES else ""

    @property
    def seal(self) -> str:
        """Goes with a form: it was made by us, for this provider, in a frame of this site."""
        return signing.dumps([self.provider.pk, self.site], salt=FORM)

    def sealed(self, seal: str) -> bool:
        """Whether a form came from such a page, not long ago."""
        try:
            said = signing.loads(seal, salt=FORM, max_age=FORM_SECONDS)
        except signing.BadSignature:
            return False
        return bool(said == [self.provider.pk, self.site])

    def url(self, service: str = "", **more: str) -> str:
        """A page of the frame, with what stays."""
        names = [self.provider.slug, service] if service else [self.provider.slug]
        path = reverse("embed_service" if service else "embed", args=names)
        query = urlencode(dict(self.stays) | more)
        return f"{path}?{query}" if query else path

    @property
    def languages(self) -> list[dict[str, str]]:
        """The page in each of our languages; a cookie could not keep the choice."""
        mark = "&" if "?" in self.here else "?"
        return [{"code": code, "url": f"{self.here}{mark}lang={code}"} for code, _name in settings.LANGUAGES]

    @property
    def back_url(self) -> str:
        """To the list, for who came from there."""
        return self.url() if dict(self.stays).get("list") else ""

    def booked_url(self, appointment: Appointment, *, onward: str) -> str:
        """The last page in the frame: what was booked, and the way ``onward`` out of it."""
        said = signing.dumps([self.provider.pk, str(appointment.uid), onward], salt=BOOKED, compress=True)
        path = reverse("embed_booked", args=[self.provider.slug, appointment.service.slug])
        return f"{path}?{urlencode(dict(self.stays) | {'of': said})}"

    def booked(self, of: str) -> tuple[str, str]:
        """The appointment's uid and the way onward; empty where the address is old or made up."""
        try:
            provider, uid, onward = signing.loads(of, salt=BOOKED, max_age=BOOKED_SECONDS)
        except (signing.BadSignature, ValueError, TypeError):
            return "", ""
        return (uid, onward) if provider == self.provider.pk else ("", "")


def of(request: HttpRequest) -> Frame | None:
    """The frame that the page is shown in; none for a page of its own."""
    return getattr(request, "frame", None)


def stays(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """What of the address goes along; outside of a frame that is a language alone."""
    names = STAYS if of(request) else STAYS[:1]
    return _said(request, names)


def _said(request: HttpRequest, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    said = [(name, request.GET.get(name, "")[:LONGEST]) for name in names]
    return tuple((name, value) for name, value in said if value)


def ancestors(provider: Provider) -> list[str]:
    """Who may show the page, as a content policy names them; our own dashboard shows it as a preview."""
    found = listed(provider)
    return ["'self'", *found] if found else ["'none'"]


def listed(provider: Provider) -> list[str]:
    return [one for one in provider.embed_sites if _is_site(one)]


def _is_site(text: Any) -> bool:
    """Looked at again, for it becomes a part of a header."""
    try:
        return isinstance(text, str) and sites.origin(text) == text
    except sites.NotASite:
        return False


def _site(request: HttpRequest, provider: Provider) -> str:
    """The origin around the frame as it names itself, where it may show the page."""
    said = request.GET.get("site", "")
    return said if said in (*listed(provider), settings.BASE_URL.rstrip("/")) else ""


def _here(request: HttpRequest) -> str:
    """The page's address without its language."""
    said = request.GET.copy()
    said.pop("lang", None)
    return f"{request.path}?{said.urlencode()}" if said else request.path


def framable(view: View) -> View:
    """A page that the provider's sites may show. It is given ``provider`` and gives no cookie."""

    @csrf_exempt
    @xframe_options_exempt
    @wraps(view)
    def shown(request: HttpRequest, provider: str, **facts: Any) -> HttpResponse:
        found = get_object_or_404(Provider, slug=provider)
        frame = Frame(found, _site(request, found), _said(request, STAYS), _here(request))
        request.frame = frame  # type: ignore[attr-defined]
        formats.on_clocks_unless_said(found.hour_cycle)
        response = view(request, provider=found, **facts)
        response._csp_replace = {"frame-ancestors": ancestors(found)}  # type: ignore[attr-defined]
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return shown
