"""The optional key ``brand``: the provider's colour, and its logo as base64 of a picture.

Where it is there it is all of it; a file without it leaves what is there."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils.translation import gettext_noop

from booking import brand, colours
from booking.models import Provider
from booking.transfer.shape import BrandPart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, join


def read(values: Values, source: Any, path: str) -> BrandPart | None:
    if source is MISSING:
        return None
    found = values.fields(source, path, (), ("colour", "logo"))
    if found is None:
        return None
    return BrandPart(
        colour=_colour(values, found["colour"], join(path, "colour")),
        logo=_logo(values, found["logo"], join(path, "logo")),
    )


def _colour(values: Values, source: Any, path: str) -> str:
    if source is MISSING:
        return ""
    colour = colours.read(source) if isinstance(source, str) else ""
    if not colour:
        values.wrong(path, gettext_noop("must be a colour as #0b6a57"))
    return colour


def _logo(values: Values, source: Any, path: str) -> brand.Picture | None:
    if source is MISSING:
        return None
    try:
        content = base64.b64decode(source if isinstance(source, str) else "-", validate=True)
        return brand.picture(content)
    except (binascii.Error, ValueError, brand.NotAPicture):
        values.wrong(
            path,
            gettext_noop(
                "must be a PNG, JPEG or WebP picture in base64, 2 MB and 4000 pixels a side at most"
            ),
        )
        return None


def store(provider: Provider, part: BrandPart | None) -> None:
    if part is not None:
        brand.keep(provider=provider, colour=part.colour, logo=part.logo)


def write(provider: Provider) -> dict[str, str]:
    colour = provider.brand.get("colour")
    logo = brand.logo(provider)
    return ({"colour": colour} if colour else {}) | (
        {"logo": base64.b64encode(logo.content).decode()} if logo else {}
    )
