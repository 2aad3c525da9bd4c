"""A provider's colour and logo: read from what was sent, kept, and written as a style sheet.

A logo is drawn anew as PNG, whatever was sent: nothing of the file that came in (a script, a place where a photo was
taken, what hides behind the picture) is ever served."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from booking import colours
from booking.models import Logo, Provider
from config.refusal import Refusal

LARGEST = 2 * 1024 * 1024  # of what is sent, in bytes
MOST_PIXELS = 4000  # of what is sent, on each side
KEPT = (640, 256)  # what is kept fits in this, twice of what pages show
SMALLEST = 16
FORMATS = ("PNG", "JPEG", "WEBP")


class NotAPicture(Refusal):
    """What was sent cannot be a logo; the detail says why."""

    code = "not_a_picture"
    status = 400


@dataclass(frozen=True)
class Picture:
    """A logo as it is kept."""

    content: bytes
    width: int
    height: int

    @property
    def mark(self) -> dict[str, Any]:
        """What a page need know of it."""
        digest = hashlib.sha256(self.content).hexdigest()
        return {"sha256": digest, "width": self.width, "height": self.height}


@lru_cache(maxsize=8)
def picture(content: bytes) -> Picture:
    """The logo in these bytes, drawn anew. What we drew once comes out as the same bytes. Raises `NotAPicture`."""
    if len(content) > LARGEST:
        raise NotAPicture(_("The file is larger than 2 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as sent:
            if max(sent.size) > MOST_PIXELS:
                told = _("The picture is larger than %(most)s pixels on a side.") % {"most": MOST_PIXELS}
                raise NotAPicture(told)
            drawn = sent.convert("RGBA")
    # Decoders raise whatever they come upon; to us it is the same no.
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        raise NotAPicture(_("This is no PNG, JPEG or WebP picture that can be read.")) from None
    if min(drawn.size) < SMALLEST:
        told = _("The picture is too small: %(least)s pixels on each side at least.") % {"least": SMALLEST}
        raise NotAPicture(told)
    drawn.thumbnail(KEPT, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    Image.frombytes("RGBA", drawn.size, drawn.tobytes()).save(written, "PNG", optimize=True)
    return Picture(written.getvalue(), *drawn.size)


def keep(*, provider: Provider, colour: str, logo: Picture | None) -> None:
    """The whole brand; without a colour it is ours, without a logo the first letter of the name."""
    brand: dict[str, Any] = {"colour": colour} if colour else {}
    brand |= {"logo": logo.mark} if logo else {}
    if brand == provider.brand:
        return
    provider.brand = brand
    provider.save(update_fields=["brand"])
    if logo:
        named = {"provider": provider, "sha256": brand["logo"]["sha256"]}
        Logo.objects.get_or_create(**named, defaults={"content": logo.content})


def logo(provider: Provider, brand: Mapping[str, Any] | None = None) -> Picture | None:
    """The one that is shown now, or that was shown under this ``brand``."""
    mark = (provider.brand if brand is None else brand).get("logo")
    row = Logo.objects.filter(provider=provider, sha256=mark["sha256"]).first() if mark else None
    return Picture(bytes(row.content), mark["width"], mark["height"]) if row and mark else None


def style_sheet(colour: str) -> str:
    """The shades of a colour, laid over ours."""
    by_day, by_night = _tokens(colours.light(colour)), _tokens(colours.dark(colour))
    return (
        f"@layer tokens {{\n:root {{ {by_day} }}\n"
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {by_night} }} }}\n'
        f':root[data-theme="dark"] {{ {by_night} }}\n}}\n'
    )


def _tokens(shades: colours.Shades) -> str:
    return (
        f"--accent: {shades.accent}; --accent-strong: {shades.strong}; --on-accent: {shades.on};"
        f" --accent-soft: {shades.soft}; --accent-line: {shades.line};"
    )
