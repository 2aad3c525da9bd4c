"""What a letter is about, in the words that all letters share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from booking import wishes
from booking.models import Appointment, Mode, Provider
from booking.texts import text_in
from config import formats
from reminders.models import Message
from reminders.wording import safe
from reminders.wording.letter import Link, Links, Row


@dataclass(frozen=True)
class Case:
    """One message with the facts it was handed, read at ``at`` in the active language."""

    message: Message
    facts: Mapping[str, Any]
    at: datetime

    # --- Who and what ---

    @property
    def appointment(self) -> Appointment:
        """Only for kinds that are about one."""
        if self.message.appointment is None:
            raise ValueError(f"{self.message.kind} is about no single appointment")
        return self.message.appointment

    @property
    def to_client(self) -> bool:
        return self.message.to_client

    @property
    def client(self) -> str:
        """The name; empty in what is about nobody."""
        return safe.typed(self.message.person.name) if self.message.person else ""

    @property
    def provider(self) -> str:
        return safe.line(self.message.provider.name, longest=80)

    @property
    def service(self) -> str:
        return safe.line(self.local(self.appointment.service.name), longest=120)

    def local(self, texts: Any) -> str:
        return local_text(texts, self.message.provider)

    # --- Facts ---

    def amount(self, name: str) -> int:
        """Minor units; 0 where the facts say nothing of it."""
        said = self.facts.get(name)
        return int(said["amount"]) if isinstance(said, Mapping) else 0

    def money(self, name: str) -> str:
        """The amount in words; empty where there is none."""
        return self.price(self.amount(name)) if self.amount(name) else ""

    def price(self, amount: int) -> str:
        return formats.money(amount, (self.message.appointment or self.message.provider).currency)

    def instant(self, name: str) -> datetime | None:
        return parsed(self.facts.get(name))

    def text(self, name: str) -> str:
        """Text of our own or of the provider's."""
        return safe.lines(self.facts.get(name) or "", longest=8_000)

    def typed(self, name: str) -> str:
        """Text that a client wrote."""
        return safe.typed_lines(self.facts.get(name) or "")

    # --- When ---

    @property
    def zones(self) -> list[str]:
        """The reader's zone, and the other one where its clocks show another time. At a venue the
        venue's clock counts. Without an appointment the reader's alone."""
        if self.message.appointment is None:
            person = self.message.person if self.to_client else None
            return [(person or self.message.provider).timezone]
        theirs, ours = self.appointment.timezone, self.appointment.provider.timezone
        venue_first = not self.to_client or self.appointment.mode == Mode.IN_PERSON
        first, second = (ours, theirs) if venue_first else (theirs, ours)
        start = self.appointment.starts_at
        same = formats.time(start, first) == formats.time(start, second)
        return [first] if same else [first, second]

    def when_row(self, label: str = "", start: datetime | None = None) -> Row:
        """The whole time of the appointment, or of one as long that starts at ``start``, on every
        clock that matters, each named."""
        begins = start or self.appointment.starts_at
        first, *others = self.zones
        more = [formats.zone_label(first, begins)]
        more += [
            f"{self._span(begins, zone, beside=first)}, {formats.zone_label(zone, begins)}" for zone in others
        ]
        return Row(label or _("When"), self._span(begins, first), more, big=True)

    def moment(self, when: datetime | None) -> str:
        """An instant inside a sentence: on the reader's clock, and named where clocks differ."""
        return self._named(formats.moment(when, self.zones[0])) if when else ""

    @property
    def short_moment(self) -> str:
        """When, as short as it can be said on the reader's clock."""
        zone, start = self.zones[0], self.appointment.starts_at
        return self._named(f"{formats.short_day(start, zone)}, {formats.time(start, zone)}")

    def clock(self, when: datetime | None) -> str:
        """The minute alone, for what happens today."""
        return self._named(formats.time(when, self.zones[0])) if when else ""

    def _named(self, words: str) -> str:
        if len(self.zones) == 1:
            return words
        return _("{when} ({city} time)").format(when=words, city=formats.zone_city(self.zones[0]))

    def _span(self, start: datetime, zone: str, *, beside: str = "") -> str:
        """From when to when; the day is left out where it is the same as ``beside``."""
        end = formats.time(start + self.appointment.duration, zone)
        same_day = beside and formats.day(start, zone) == formats.day(start, beside)
        begins = formats.time(start, zone) if same_day else formats.moment(start, zone)
        return formats.span(begins, end)

    # --- Where ---

    @property
    def place(self) -> Mapping[str, Any]:
        return self.appointment.provider.places.get(self.appointment.mode) or {}

    @property
    def meeting_url(self) -> str:
        """Where the video call itself is; empty where the provider has not said."""
        if self.appointment.mode != Mode.VIDEO:
            return ""
        return web_address(str(self.place.get("url") or "").replace("{room}", self.appointment.room))

    @property
    def test_url(self) -> str:
        """Where the meeting's own program can be tried; our test page is there always."""
        return web_address(self.place.get("test_url"))

    # --- Links ---

    @property
    def manage_url(self) -> str:
        return str(self.facts["manage_url"])

    @property
    def join_url(self) -> str:
        return f"{self.manage_url}join/"

    @property
    def dashboard_url(self) -> str:
        return f"{settings.BASE_URL}/dashboard/appointments/{self.appointment.uid}/"

    @property
    def changes(self) -> list[Link]:
        """The two changes a client may ask for; what each costs is said before it is final."""
        return [
            Link(_("Another time"), f"{self.manage_url}move/"),
            Link(_("I can't come"), f"{self.manage_url}cancel/"),
        ]

    def offers(self, heading: str) -> Links:
        """Concrete times, one click each (A5)."""
        found = [parsed(one) for one in self.facts.get("offers") or []]
        starts = [start for start in found if start]
        links = [Link(self.offered(start), self._offer_url(start)) for start in starts]
        if wishes.suit(self.appointment, starts) == "none":
            heading = f"{heading} " + _(
                "Nothing free fits what you told us about your days; these come closest."
            )
        if links:
            links.append(Link(_("See all free times"), self.book_url))
        return Links(links, self._named(heading))

    def offered(self, start: datetime) -> str:
        zone = self.zones[0]
        return _("{day}, {time}").format(day=formats.short_day(start, zone), time=formats.time(start, zone))

    @property
    def book_url(self) -> str:
        """Where to book anew, the same way, with the credit that waits behind this link."""
        return self._booking({})

    def _offer_url(self, start: datetime) -> str:
        return self._booking({"start": start.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def _booking(self, query: dict[str, str]) -> str:
        provider, service = self.appointment.provider, self.appointment.service
        query |= {"mode": wishes.mode_for(self.appointment), "tz": self.appointment.timezone}
        if self.amount("carry") or self.amount("credit"):
            query["credit"] = self.token
        return f"{settings.BASE_URL}/{provider.slug}/{service.slug}/?{urlencode(query)}"

    def service_url(self, slug: str) -> str:
        """Where another service of the provider is booked."""
        return f"{settings.BASE_URL}/{self.appointment.provider.slug}/{slug}/"

    @property
    def token(self) -> str:
        return token_in(self.manage_url)


def local_text(texts: Any, provider: Provider) -> str:
    """A text by language, in the reader's or else in the provider's own; plain text as it is."""
    return text_in(texts, fallback=provider.language) if isinstance(texts, Mapping) else str(texts or "")


def token_in(manage_url: str) -> str:
    """The secret of an appointment's link."""
    return manage_url.rstrip("/").rsplit("/", 1)[-1]


def parsed(said: Any) -> datetime | None:
    """An ISO instant of the facts."""
    return datetime.fromisoformat(said).astimezone(UTC) if said else None


def web_address(said: Any) -> str:
    """The address if it leads to the web: a place must not become a script or a mail of its own."""
    address = safe.line(said or "", longest=500)
    return address if address.startswith(("https://", "http://")) and " " not in address else ""
