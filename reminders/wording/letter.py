"""What a letter is made of, and how it is written as plain text. The HTML is made of the same blocks
by `templates/reminders/mail.html`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    name: ClassVar[str] = "words"


@dataclass(frozen=True)
class Note:
    """A paragraph of less weight."""

    text: str
    name: ClassVar[str] = "note"


@dataclass(frozen=True)
class Terms:
    """Longer text with its heading, paragraph by paragraph."""

    heading: str
    text: str
    name: ClassVar[str] = "terms"

    @property
    def paragraphs(self) -> list[str]:
        return [one for one in self.text.split("\n") if one.strip()]


@dataclass(frozen=True)
class Row:
    """One fact with its name. ``more`` are further lines, ``url`` makes the value a link."""

    label: str
    value: str
    more: Sequence[str] = ()
    url: str = ""


@dataclass(frozen=True)
class Rows:
    rows: Sequence[Row]
    name: ClassVar[str] = "rows"


@dataclass(frozen=True)
class Link:
    """``main`` is the one thing that most readers want."""

    label: str
    url: str
    main: bool = False


@dataclass(frozen=True)
class Links:
    links: Sequence[Link]
    heading: str = ""
    name: ClassVar[str] = "links"


Block = Words | Note | Terms | Rows | Links


@dataclass(frozen=True)
class Letter:
    """``preview`` is what a list of mails shows beside the subject."""

    subject: str
    heading: str
    preview: str
    blocks: Sequence[Block]
    sender: str
    language: str

    @cached_property
    def text(self) -> str:
        parts = [self.heading, *(_plain(block) for block in self.blocks), "-- \n" + self.sender]
        return "\n\n".join(part for part in parts if part) + "\n"

    @cached_property
    def html(self) -> str:
        return render_to_string("reminders/mail.html", {"letter": self})


def _plain(block: Block) -> str:
    match block:
        case Words(text) | Note(text):
            return text
        case Terms(heading, text):
            return f"{heading}\n{text}"
        case Rows(rows):
            return "\n".join(_plain_row(row) for row in rows)
        case Links(links, heading):
            shown = (f"{link.label}:\n{link.url}" for link in links)
            return "\n\n".join([heading, *shown] if heading else shown)


def _plain_row(row: Row) -> str:
    colon = "" if row.label.endswith(("?", ":", "!")) else ":"
    first = f"{row.label}{colon} {row.value}"
    below = [*row.more, *([row.url] if row.url.startswith("http") else [])]
    return "\n".join([first, *(f"  {one}" for one in below)])


def there(blocks: Iterable[Block | None]) -> list[Block]:
    """Those that have something to say."""
    return [block for block in blocks if block is not None and not _silent(block)]


def _silent(block: Block) -> bool:
    match block:
        case Rows(rows):
            return not rows
        case Links(links):
            return not links
        case Words(text) | Note(text) | Terms(_, text):
            return not text
