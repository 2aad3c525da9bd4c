"""What a public page says of itself to those who pass it on: previews of links, search engines, `/robots.txt` and
`/sitemap.xml`. Addresses are made from ``BASE_URL``, never from a request (F-118)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from booking.models import Provider, Service
from booking.pages.offering import Offering
from policies.rules import money

LOCALES = {"en": "en_GB", "it": "it_IT", "th": "th_TH"}
# Whatever could end a script or begin a comment is written so that HTML does not see it.
UNSEEN = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
MOST = 50_000  # addresses in one file, as the protocol has it


@dataclass(frozen=True)
class Preview:
    """``path`` is the page's own, without what was picked on it; ``facts`` are schema.org's."""

    title: str
    words: str
    path: str
    language: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False

    @property
    def url(self) -> str:
        return _address(self.path, self.language)

    @property
    def image(self) -> str:
        return _address(static("img/card.png"))

    @property
    def locale(self) -> str:
        return LOCALES.get(get_language() or "en", "en_GB")

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The page in each language, and as each reader's browser asks for it."""
        return [*_languages(self.path), ("x-default", _address(self.path))]

    @property
    def json(self) -> SafeString:
        said = json.dumps({"@context": "https://schema.org", **self.facts}, ensure_ascii=False)
        return mark_safe(said.translate(UNSEEN))  # noqa: S308  # nothing in it that HTML could read


def _address(path: str, language: str = "") -> str:
    query = f"?{urlencode({'lang': language})}" if language else ""
    return f"{settings.BASE_URL.rstrip('/')}{path}{query}"


def _languages(path: str) -> list[tuple[str, str]]:
    return [(code, _address(path, code)) for code, _name in settings.LANGUAGES]


def asked_language(request: HttpRequest) -> str:
    """That of the address, where there is one."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def of_home(request: HttpRequest) -> Preview:
    words = _(
        "Book a time, see what a change would cost before you decide, and keep it or move it with one click."
    )
    facts = {"@type": "WebSite", "name": "Kept", "url": _address("/")}
    return Preview(_("Kept: appointments that both sides keep"), words, "/", asked_language(request), facts)


def of_provider(request: HttpRequest, provider: Provider, offers: list[Offering], *, about: str) -> Preview:
    path = f"/{provider.slug}/"
    address = provider.places.get("in_person", {}).get("address", "")
    facts: dict[str, Any] = {
        "@type": "LocalBusiness" if address else "Organization",
        "name": provider.name,
        "url": _address(path),
        "image": _address(static("img/card.png")),
    }
    if address:
        facts["address"] = address
    if about:
        facts["description"] = about
    facts["makesOffer"] = [_offer(one) for one in offers]
    words = about or _("Book a time with %(who)s.") % {"who": provider.name}
    return Preview(provider.name, words, path, asked_language(request), facts)


def of_service(request: HttpRequest, service: Service, offer: Offering) -> Preview:
    provider = service.provider
    words = _("Book %(service)s with %(provider)s: free times, price, deposit and terms.") % {
        "service": offer.name,
        "provider": provider.name,
    }
    facts = {
        "@type": "Service",
        "name": offer.name,
        "url": _address(offer.url),
        "provider": {"@type": "Organization", "name": provider.name, "url": _address(f"/{provider.slug}/")},
        "offers": _price(offer),
        "potentialAction": {"@type": "ReserveAction", "target": _address(offer.url)},
    }
    title = f"{offer.name} · {provider.name}"
    return Preview(title, words, offer.url, asked_language(request), facts, hidden=service.hidden)


def _offer(offer: Offering) -> dict[str, Any]:
    return _price(offer) | {
        "itemOffered": {"@type": "Service", "name": offer.name, "url": _address(offer.url)}
    }


def _price(offer: Offering) -> dict[str, Any]:
    decimals = money.digits(offer.currency)
    return {
        "@type": "Offer",
        "url": _address(offer.url),
        "price": str(Decimal(offer.price).scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals))),
        "priceCurrency": offer.currency,
    }


# --- For those who look through all pages ---


@require_safe
@cache_control(public=True, max_age=3600)
def robots(_request: HttpRequest) -> HttpResponse:
    """What nobody need look through. Links of appointments are not named here: an engine that may not open a page
    cannot read that it wants to be in no index."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /dashboard/", "Disallow: /admin/"]
    return HttpResponse(
        "\n".join([*lines, f"Sitemap: {_address('/sitemap.xml')}", ""]),
        content_type="text/plain; charset=utf-8",
    )


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest, part: int = 0) -> HttpResponse:
    """The first page, the providers who list themselves, and what can be booked with them. Where that is more than one
    file may hold, the address names its ``part`` files instead."""
    parts = -(-(1 + _listed().count() + _bookable().count()) // MOST)
    if part > parts:
        raise Http404
    if not part and parts > 1:
        files = [_address(f"/sitemap-{number}.xml") for number in range(1, parts + 1)]
        return _xml(request, "booking/sitemap_index.xml", {"files": files})
    pages = [{"url": _address(path), "languages": _languages(path)} for path in _paths(part or 1)]
    return _xml(request, "booking/sitemap.xml", {"pages": pages})


def _listed() -> QuerySet[Provider]:
    return Provider.objects.filter(listed=True).order_by("pk")


def _bookable() -> QuerySet[Service]:
    return Service.objects.filter(hidden=False, provider__listed=True).order_by("pk")


def _paths(part: int) -> list[str]:
    """The addresses of one file: the first page, then providers, then services."""
    first, last = (part - 1) * MOST, part * MOST
    paths = ["/"][first:last]
    many = 1 + _listed().count()
    named = _listed().values_list("slug", flat=True)[max(0, first - 1) : max(0, last - 1)]
    paths += [f"/{slug}/" for slug in named]
    served = _bookable().values_list("provider__slug", "slug")[max(0, first - many) : max(0, last - many)]
    return paths + [f"/{slug}/{name}/" for slug, name in served]


def _xml(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, content_type="application/xml; charset=utf-8")
