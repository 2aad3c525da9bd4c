"""When and where an appointment is, as its client reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from booking.models import Appointment, Mode
from booking.pages.private import path_of
from booking.pages.when import When, when
from booking.texts import text_in


class Link(NamedTuple):
    url: str
    words: str
    outside: bool = True


@dataclass(frozen=True)
class Place:
    mode: str
    words: str = ""
    note: str = ""
    links: list[Link] = field(default_factory=list)


def when_of(appointment: Appointment) -> When:
    """On the client's clocks; in person on those of the place."""
    provider = appointment.provider
    here, there, who = appointment.timezone, provider.timezone, provider.name
    if appointment.mode == Mode.IN_PERSON:
        here, there, who = there, here, _("your clock")
    return when(start=appointment.starts_at, end=appointment.ends_at, here=here, there=there, who=who)


def map_url(address: str) -> str:
    """A plain search on a map that follows nobody."""
    return f"https://www.openstreetmap.org/search?{urlencode({'query': address})}"


def number_of(appointment: Appointment) -> str:
    """The client's number, enough of it to know it again where its page may be somebody else's."""
    number = appointment.client.phone
    return number if appointment.brought_client or not number else f"…{number[-2:]}"


def place_of(appointment: Appointment) -> Place:
    provider, mode = appointment.provider, appointment.mode
    place = provider.places.get(mode, {})
    note = text_in(place.get("note", {}), fallback=provider.language)
    if mode == Mode.IN_PERSON:
        address = place.get("address", "")
        return Place(mode, address, note, [Link(map_url(address), _("Show the way"))] if address else [])
    if mode == Mode.VIDEO:
        words = _("The meeting opens on this page, from half an hour before the start.")
        links = [Link(f"{path_of(appointment)}join/test/", _("Test it now"), outside=False)]
        return Place(mode, words, note, links)
    if place.get("who_calls") == "provider":
        number = number_of(appointment)
        words = _("%(who)s calls you at %(number)s.") if number else _("%(who)s calls you.")
        return Place(mode, words % {"who": provider.name, "number": number}, note)
    number = provider.called_at
    links = [Link(f"tel:{number}", number, outside=False)] if number else []
    return Place(mode, _("You call %(who)s.") % {"who": provider.name}, note, links)
