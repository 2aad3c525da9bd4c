"""What other people typed, made harmless: it may be read, it may not act.

Nothing here escapes HTML (the template does) nor calendar text (the library does)."""

from __future__ import annotations

import re
import unicodedata

# A zero-width character that no program takes for part of an address.
WORD_JOINER = "\u2060"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = {"Zl", "Zp", "Cc", "Cs", "Co"}
_LINKED = re.compile(r"(?<=\w)[.。](?=[^\W\d_]{2,})|(?<=:)(?=//)|(?<=[\w+])@(?=\w)")


def line(text: object, *, longest: int = 200) -> str:
    """One line of plain text: no line or paragraph separators, no control characters, no marks that
    turn the direction of what follows."""
    normal = unicodedata.normalize("NFC", str(text))
    kept = ("" if mark in _BIDI else " " if _breaks(mark) else mark for mark in normal)
    short = " ".join("".join(kept).split())
    return short if len(short) <= longest else short[: longest - 1].rstrip() + "…"


def has_unseen(text: str) -> bool:
    """Whether one line of text has in it what cannot be seen, or would end the line."""
    return any(mark in _BIDI or _breaks(mark) for mark in text)


def lines(text: object, *, longest: int = 2_000) -> str:
    """The same for a longer note, which may keep its line breaks."""
    parts = [
        line(one, longest=longest) for one in re.split(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", str(text))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).strip()[:longest]


def typed(text: object, *, longest: int = 80) -> str:
    """One line that a client typed: no mail program makes a link of it, and a name that is written
    from right to left leaves the rest of the line where it is."""
    return _isolated(_unlinked(line(text, longest=longest)))


def typed_lines(text: object, *, longest: int = 2_000) -> str:
    """A note that a client typed, likewise."""
    return "\n".join(_isolated(_unlinked(one)) for one in lines(text, longest=longest).split("\n"))


def _breaks(mark: str) -> bool:
    return unicodedata.category(mark) in _BREAKS


def _unlinked(text: str) -> str:
    return _LINKED.sub(lambda found: found.group() + WORD_JOINER, text)


def _isolated(text: str) -> str:
    if any(unicodedata.bidirectional(mark) in ("R", "AL", "AN") for mark in text):
        return f"{ISOLATE}{text}{END_ISOLATE}"
    return text
