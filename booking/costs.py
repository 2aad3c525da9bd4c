"""What a provider offers to clients who say that it costs too much (A13): a shorter or another service,
payment in parts, or whatever it set up in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from booking.models import Provider, Service
from booking.texts import text_in

REASON = "cost"


@dataclass(frozen=True)
class CostOffer:
    """``service`` may be none: then the words say it all."""

    service: Service | None
    texts: dict[str, str]
    fallback: str

    @property
    def words(self) -> str:
        return text_in(self.texts, fallback=self.fallback)


def offer_of(provider: Provider) -> CostOffer | None:
    """The offer as set up, without a service that is gone or hidden; None where nothing is left of it."""
    said = provider.cost_offer or {}
    slug, texts = said.get("service") or "", said.get("words") or {}
    service = Service.objects.filter(provider=provider, slug=slug, hidden=False).first() if slug else None
    if service is not None:
        service.provider = provider
    if service is None and not any(texts.values()):
        return None
    return CostOffer(service, texts, provider.language)
