"""Three clients in three languages, each with a browser on a phone and a mailbox; a conversation is held with all of
them side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from tests.journeys import steps
from tests.journeys.letters import Letters, english, words
from tests.journeys.visitor import Visitor
from tests.product import Product


@dataclass
class Person:
    """`day` is the day of the appointment and `time` its start, as this person's own clock has them."""

    language: str
    name: str
    email: str
    mode: str
    zone: str
    time: str
    client: Visitor
    mail: Letters
    product: Product
    token: str = ""

    @property
    def appointment(self) -> Any:
        return steps.as_api(self.client, self.product, self.token)

    @property
    def money(self) -> dict[str, int]:
        """What became of the deposit, and what is owed beyond; what is nothing is left out."""
        now = self.appointment
        found = {name: said["amount"] for name, said in now["deposit_state"].items()}
        found["owed"] = (now["owed"] or {}).get("amount", 0)
        return {name: amount for name, amount in found.items() if amount}

    def reads(self, kind: str, *said: str, number: int = 1, by_itself: bool = False) -> EmailMessage:
        """The letter of this kind, in this person's language and no other, with each of these words in it."""
        letter = self.mail.wait(kind, number, by_itself=by_itself)
        text = plain(words(letter))
        assert letter["Content-Language"] == self.language
        assert self.language == "en" or not english(text.replace(self.name, "")), text
        for one in said:
            assert one in text or one in letter["Subject"], (
                f"{one!r} is not said in\n{letter['Subject']}\n{text}"
            )
        return letter

    def sees(self, name: str, *said: str, closely: bool | None = None) -> None:
        """The page that is open, in this person's language, with each of these words on it. What all three see is
        looked at `closely` once."""
        assert self.client.page.get_attribute("html", "lang") == self.language
        shown = plain(self.client.text("body"))
        assert self.language == "en" or not english(shown), shown
        for one in said:
            assert one in shown, f"{one!r} is not shown in\n{shown}"
        closely = self.language == "en" if closely is None else closely
        self.client.look(f"{name}-{self.language}", closely=closely)


def plain(text: str) -> str:
    """With ordinary blanks alone."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


def come(
    product: Product,
    visit: Callable[..., Visitor],
    letters: Callable[[Product, str], Letters],
    *,
    story: str,
    zones: dict[str, tuple[str, str, str]],
) -> list[Person]:
    """`zones` says by language in which zone, in which mode and at which time of the own clock."""
    names = {"en": ("Ada Moss", "en-GB"), "it": ("Ada Moschini", "it-IT"), "th": ("สมหญิง ใจดี", "th-TH")}
    found = []
    for language, (zone, mode, time) in zones.items():
        name, locale = names[language]
        email = f"{language}-{story}@example.com"
        client = visit(product, zone=zone, locale=locale)
        mail = letters(product, email)
        found.append(Person(language, name, email, mode, zone, time, client, mail, product))
    return found


def book(person: Person, address: str, *, day: str, tick: tuple[str, ...] = ()) -> None:
    """Picks the time, fills in, agrees and pays; `tick` are boxes to tick."""
    client = person.client
    client.open(f"{address}?mode={person.mode}")
    steps.pick(client, day=day, time=person.time)
    client.page.wait_for_selector("[name=agree]")
    more = {"phone": "+39 333 555 0199"} if person.mode == "phone" else {}
    steps.fill_in(client, name=person.name, email=person.email, **more)
    if tick:
        client.page.locator("details.wishes summary").click()
    for box in tick:
        client.page.check(box)
    steps.agree_and_book(client)
    steps.pay(client)
    person.token = client.token
