"""How a provider's letters look, and what stands at their foot."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from booking import colours
from booking.models import Provider
from reminders.wording.letter import Link, Look

LOGO = (160, 48)


def of(provider: Provider) -> Look:
    """Its colour in readable shades, and its logo at its address: nothing travels with the mail."""
    look = Look()
    if colour := provider.brand.get("colour"):
        by_day, by_night = colours.light(colour), colours.dark(colour)
        look = Look(by_day.accent, by_day.on, by_night.accent, by_night.on)
    logo = provider.brand.get("logo")
    if not logo:
        return look
    share = min(LOGO[0] / logo["width"], LOGO[1] / logo["height"], 1)
    width, height = (max(1, round(logo[side] * share)) for side in ("width", "height"))
    return replace(look, logo=_ours(provider.logo_path), width=width, height=height)


def foot(provider: Provider) -> tuple[Link, ...]:
    return (
        Link(_("Legal notice"), _ours(reverse("legal_notice", args=[provider.slug]))),
        Link(_("Privacy"), _ours(reverse("privacy", args=[provider.slug]))),
    )


def _ours(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path
