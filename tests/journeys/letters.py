"""The mail that came in over SMTP, as its readers see it."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar

from tests.mail import Sink
from tests.product import Product

LINK = re.compile(r"https?://\S+")
# Words that a page or mail in another language has no use for.
ENGLISH = re.compile(
    r"\b(the|your|you|with|until|please|before|appointment|price|free|terms)\b", re.IGNORECASE
)


class Letters:
    """The letters to one address, oldest first."""

    def __init__(self, sink: Sink, product: Product, address: str) -> None:
        self.sink, self.product, self.address = sink, product, address

    @property
    def kinds(self) -> list[str]:
        return [letter["X-Kept-Kind"] for letter in self.sink.to(self.address)]

    def wait(self, kind: str, number: int = 1, *, by_itself: bool = False) -> EmailMessage:
        """The so-manieth letter of this kind, waited for; `by_itself` until the product's own beat comes round,
        else a sweep by hand saves that time."""
        if not by_itself and self.kinds.count(kind) < number:
            self.product.manage("sweep")
        self.product.wait_for(lambda: self.kinds.count(kind) >= number)
        return [one for one in self.sink.to(self.address) if one["X-Kept-Kind"] == kind][number - 1]


def words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content()


def html(letter: EmailMessage) -> str:
    body = letter.get_body(("html",))
    assert body is not None
    return body.get_content()


def english(text: str) -> list[str]:
    """The English words outside of its links."""
    return ENGLISH.findall(LINK.sub("", text))


def links(letter: EmailMessage) -> list[str]:
    return LINK.findall(words(letter))


def link(letter: EmailMessage, ending: str) -> str:
    """The one link that ends so."""
    found = [one for one in links(letter) if one.endswith(ending)]
    assert found, f"no link ends with {ending}: {links(letter)}"
    return found[0]


def event(letter: EmailMessage) -> Any:
    """The event of the calendar file that is attached."""
    (file,) = [part for part in letter.iter_attachments() if part.get_filename() == "appointment.ics"]
    (found,) = Calendar.from_ical(file.get_content()).walk("VEVENT")
    return found


def starts(letter: EmailMessage) -> datetime:
    return event(letter).decoded("DTSTART")
