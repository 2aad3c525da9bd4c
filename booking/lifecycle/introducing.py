"""Who books: the provider's client of the address that was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.models import Client, HourCycle, Provider
from config.refusal import Refusal
from reminders import consents


class NotAccepted(Refusal):
    """The provider does not take this booking. Says nothing about why, to nobody."""

    code = "not_bookable"
    status = 403


@dataclass(frozen=True)
class ClientDetails:
    """Who books, as typed and validated by the door."""

    name: str
    email: str
    phone: str = ""
    language: str = "en"
    wishes: dict[str, Any] = field(default_factory=dict)
    agrees: dict[str, str] = field(default_factory=dict)  # to which channels, and the words that were ticked
    consents: bool = False  # to answers about health being kept
    hour_cycle: str = HourCycle.H23


def known_client(provider: Provider, details: ClientDetails, *, zone: str, by: Actor, at: datetime) -> Client:
    """The provider's client of this e-mail address, made when new. Anyone can type an address, so what is
    known of a client is not overwritten by a booking."""
    person, created = Client.objects.get_or_create(
        provider=provider,
        email=details.email.lower(),
        defaults={
            "name": details.name,
            "phone": details.phone,
            "language": details.language,
            "hour_cycle": details.hour_cycle,
            "timezone": zone,
            "preferences": details.wishes,
            "created_at": at,
        },
    )
    if person.blocked_at and by.kind == "client":
        raise NotAccepted(
            _("This service cannot be booked online at the moment. Please write to the provider.")
        )
    if not created:
        add_what_was_unknown(person, details)
    return person


def agree_to_channels(person: Client, details: ClientDetails, *, by: Actor, at: datetime) -> None:
    """What was ticked holds for the number that was typed with it: who types another's address and a number
    of its own agrees for nobody."""
    how = "booking" if by.kind == "client" else "desk"
    if details.phone and person.phone == details.phone:
        for channel, words in details.agrees.items():
            consents.record(client=person, channel=channel, give=True, how=how, words=words, at=at)


def add_what_was_unknown(person: Client, details: ClientDetails) -> None:
    if details.phone and not person.phone:
        person.phone = details.phone
        person.save(update_fields=["phone"])
    if details.wishes and not person.preferences:
        person.preferences = details.wishes
        person.save(update_fields=["preferences"])
