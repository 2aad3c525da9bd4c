"""The fonts of the pages, for paper: the same files from npm, opened once and kept under ``VAR_DIR``.

A PDF cannot carry a woff2, nor a font of variable weight, so each file is unpacked and fixed at the two
weights that papers use. The name of what is kept holds a hash of what it was made from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WEIGHTS = {"": 400, "B": 600}
# In the order in which they are asked for a letter. The first serves whatever has no letter at all.
FAMILIES = {
    "inter": "inter/files/inter-latin-wght-normal.woff2",
    "inter-ext": "inter/files/inter-latin-ext-wght-normal.woff2",
    "thai": "noto-sans-thai/files/noto-sans-thai-thai-{weight}-normal.woff2",
    "vietnamese": "inter/files/inter-vietnamese-wght-normal.woff2",
    "greek": "inter/files/inter-greek-wght-normal.woff2",
    "cyrillic": "inter/files/inter-cyrillic-wght-normal.woff2",
    "cyrillic-ext": "inter/files/inter-cyrillic-ext-wght-normal.woff2",
    "greek-ext": "inter/files/inter-greek-ext-wght-normal.woff2",
}
FIRST = "inter"
VERSION = b"1"  # of the way in which they are made


class FontsMissing(RuntimeError):
    """The fonts are not on this machine: `python -m config.assets npm` puts them there."""


@dataclass(frozen=True)
class Family:
    """A font, and the letters that it has."""

    name: str
    letters: frozenset[int]

    @property
    def files(self) -> dict[str, Path]:
        """By style: "" and "B"."""
        return {style: _file(FAMILIES[self.name], weight) for style, weight in WEIGHTS.items()}


@cache
def families() -> tuple[Family, ...]:
    """All that papers can write with, the first choice first."""
    return tuple(_family(name, pattern) for name, pattern in FAMILIES.items())


def needed(text: str) -> list[Family]:
    """The families that ``text`` takes, in order; the first is always among them."""
    missing = {ord(letter) for letter in text}
    found = []
    for family in families():
        if family.name == FIRST or missing & family.letters:
            found.append(family)
            missing -= family.letters
    return found


@cache
def letters() -> frozenset[int]:
    """Every letter that can be written."""
    return frozenset().union(*(family.letters for family in families()))


def _family(name: str, pattern: str) -> Family:
    with TTFont(_source(pattern.format(weight=WEIGHTS[""])), lazy=True) as font:
        return Family(name, frozenset(font.getBestCmap()))


def _file(pattern: str, weight: int) -> Path:
    source = _source(pattern.format(weight=weight))
    mark = hashlib.sha256(VERSION + str(weight).encode() + source.read_bytes()).hexdigest()[:16]
    made = _shelf() / f"{source.stem}-{weight}-{mark}.ttf"
    if not made.exists():
        _make(source, weight, made)
    return made


def _source(name: str) -> Path:
    """Where npm put it, or where `collectstatic` did."""
    found = finders.find(f"vendor/{name}") or Path(settings.STATIC_ROOT) / "vendor" / name
    path = Path(str(found))
    if not path.exists():
        raise FontsMissing(f"{name} is not there: run `python -m config.assets npm`")
    return path


def _shelf() -> Path:
    for folder in (Path(settings.VAR_DIR) / "fonts", Path(tempfile.gettempdir()) / "kept-fonts"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:  # a machine on which nothing may be written there
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise FontsMissing("no folder to keep fonts in: VAR_DIR and the temporary one cannot be written")


def _make(source: Path, weight: int, made: Path) -> None:
    font = TTFont(source, recalcTimestamp=False)
    if "fvar" in font:
        font = instancer.instantiateVariableFont(font, {"wght": weight})
    font.flavor = None
    # Two processes may make it at once: each its own, and the last one stays.
    with tempfile.NamedTemporaryFile(dir=made.parent, suffix=".tmp", delete=False) as own:
        font.save(own)
    Path(own.name).replace(made)
