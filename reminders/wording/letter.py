"""What a letter is made of, and how it is written as plain text. The HTML is made of the same blocks
by `templates/reminders/mail.html`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.template.loader import render_to_string

OPENING, CLOSING = "opening", "closing"
# Blanks that a list of mails shows after the preview, so that the letter's own beginning does not follow it.
AFTER_PREVIEW = "\u2007\u034f\u200c" * 60


class _Block:
    """A part of a letter; its HTML is `templates/reminders/_{name}.html`."""

    name: ClassVar[str]

    @property
    def template(self) -> str:
        return f"reminders/_{self.name}.html"


@dataclass(frozen=True)
class Words(_Block):
    """A paragraph. ``part`` names what a provider may put into its own words (`placeholders`);
    everything else is a fact and stays."""

    text: str
    part: str = ""
    name: ClassVar[str] = "words"


@dataclass(frozen=True)
class Prose(_Block):
    """A paragraph in a provider's own words: text, and links where it asked for one."""

    parts: Sequence[str | Link]
    name: ClassVar[str] = "prose"

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.url for part in self.parts)


@dataclass(frozen=True)
class Note(_Block):
    """A paragraph of less weight."""

    text: str
    part: str = ""
    name: ClassVar[str] = "note"


@dataclass(frozen=True)
class Sum(_Block):
    """Money that moves or waits: the amount, larger than all else, and the sentence that has it too."""

    amount: str
    text: str
    name: ClassVar[str] = "sum"


@dataclass(frozen=True)
class Cost(_Block):
    """What a change costs now, in one figure, with the sentences that say it exactly (rule 13)."""

    heading: str
    label: str
    amount: str
    text: str
    free: bool
    name: ClassVar[str] = "cost"

    @property
    def paragraphs(self) -> list[str]:
        return _lines(self.text)


@dataclass(frozen=True)
class Terms(_Block):
    """Longer text with its heading, paragraph by paragraph."""

    heading: str
    text: str
    name: ClassVar[str] = "terms"

    @property
    def paragraphs(self) -> list[str]:
        return _lines(self.text)


@dataclass(frozen=True)
class Row:
    """One fact with its name. ``more`` are further lines, ``url`` makes the value a link, ``big`` is
    what the eye should find first."""

    label: str
    value: str
    more: Sequence[str] = ()
    url: str = ""
    big: bool = False

    @property
    def whole(self) -> str:
        """The value with its spans of time in one piece at every width."""
        return self.value.replace("–", "\u2060–\u2060")


@dataclass(frozen=True)
class Rows(_Block):
    rows: Sequence[Row]
    name: ClassVar[str] = "rows"


@dataclass(frozen=True)
class Link:
    """``main`` is the one thing that most readers want."""

    label: str
    url: str
    main: bool = False


@dataclass(frozen=True)
class Links(_Block):
    links: Sequence[Link]
    heading: str = ""
    name: ClassVar[str] = "links"

    @property
    def main(self) -> list[Link]:
        return [link for link in self.links if link.main]

    @property
    def pairs(self) -> list[list[Link]]:
        """The others, two beside each other; where one is long, each has its own line."""
        others = [link for link in self.links if not link.main]
        step = 2 if len(others) == 2 and max(len(link.label) for link in others) <= LONGEST_BESIDE else 1
        return [others[n : n + step] for n in range(0, len(others), step)]


LONGEST_BESIDE = 20
Block = Words | Prose | Note | Sum | Cost | Terms | Rows | Links


@dataclass(frozen=True)
class Look:
    """The colours of a letter by day and by night, and the address and size of a logo, where there is one. The name
    of the sender stands beside it in letters, for whoever sees no pictures."""

    accent: str = "#0b6a57"
    on: str = "#ffffff"
    dark_accent: str = "#6fd3b6"
    dark_on: str = "#06251d"
    logo: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Letter:
    """``preview`` is what a list of mails shows beside the subject, ``foot`` are the links below all else."""

    subject: str
    heading: str
    preview: str
    blocks: Sequence[Block]
    sender: str
    language: str
    look: Look = Look()
    foot: Sequence[Link] = ()

    @cached_property
    def text(self) -> str:
        parts = [self.heading, *(_plain(block) for block in self.blocks), "-- \n" + self._signed]
        return "\n\n".join(part for part in parts if part) + "\n"

    @property
    def _signed(self) -> str:
        return "\n".join([self.sender, *(f"{link.label}: {link.url}" for link in self.foot)])

    @property
    def after_preview(self) -> str:
        return AFTER_PREVIEW

    @property
    def initial(self) -> str:
        """The sender's sign: the first letter of its name."""
        return next((mark for mark in self.sender if mark.isalnum()), "").upper()

    @cached_property
    def html(self) -> str:
        return render_to_string("reminders/mail.html", {"letter": self})


def _plain(block: Block) -> str:
    match block:
        case Words() | Prose() | Note() | Sum():
            return block.text
        case Cost(heading, label, amount, text):
            return f"{heading}\n{label}: {amount}\n{text}"
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
    below = [*([row.url] if row.url.startswith("http") else []), *row.more]
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
        case _:
            return not block.text


def _lines(text: str) -> list[str]:
    return [one for one in text.split("\n") if one.strip()]
