"""One colour of a provider as the shades that a page needs, each readable where it stands.

Contrast is that of WCAG 2.2: 4.5 to 1 at least for text. Whatever colour is chosen, light pages darken it and dark
pages lighten it until that holds; the hue stays."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

HEX = re.compile(r"#[0-9a-f]{6}")
ENOUGH = 4.5
WHITE = "#ffffff"
# The grounds that text of this colour stands on, as static/css/kept.css has them.
LIGHT_GROUNDS = ("#ffffff", "#f5f7f5", "#edf1ee")
DARK_GROUNDS = ("#101614", "#18201d", "#212b27")
STEP = 0.01
RELEASE = 1  # raised when the same colour gives other shades, so that no old style sheet is shown


@dataclass(frozen=True)
class Shades:
    """``accent`` for links and buttons, ``strong`` under the pointer, ``on`` for text on a button, ``soft`` for the
    ground of what is chosen, ``line`` around it."""

    accent: str
    strong: str
    on: str
    soft: str
    line: str


def read(text: str) -> str:
    """The colour as ``#0b6a57``; empty where the text is none."""
    found = text.strip().lower()
    return found if HEX.fullmatch(found) else ""


def light(colour: str) -> Shades:
    return _shades(colour, LIGHT_GROUNDS, on=WHITE, by=-STEP, soft=0.11, line=0.36)


def dark(colour: str) -> Shades:
    return _shades(colour, DARK_GROUNDS, on="#0b100e", by=STEP, soft=0.16, line=0.4)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _shades(colour: str, grounds: tuple[str, ...], *, on: str, by: float, soft: float, line: float) -> Shades:
    """The nearest shade that can be read on all grounds, on its own soft ground, and with ``on`` on it."""
    surface = grounds[0] if by < 0 else grounds[1]
    accent = colour
    while True:
        ground = _mixed(accent, surface, soft)
        if all(contrast(accent, one) >= ENOUGH for one in (*grounds, ground, on)):
            break
        accent = _lighter(accent, by)
    return Shades(accent, _lighter(accent, 7 * by), on, ground, _mixed(accent, surface, line))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def _written(*channels: float) -> str:
    return "#" + "".join(f"{round(min(max(one, 0.0), 1.0) * 255):02x}" for one in channels)


def _luminance(colour: str) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _lighter(colour: str, by: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    return _written(*colorsys.hls_to_rgb(hue, min(max(lightness + by, 0.0), 1.0), saturation))


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _written(*(one * share + other * (1 - share) for one, other in pairs))
