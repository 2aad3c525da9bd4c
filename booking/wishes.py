"""What clients said about their days, and where the provider's hours miss it (A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from booking.models import Appointment, Client, Mode, Provider, WeeklyHours
from policies.rules import wishes as rules
from policies.rules.wishes import DAYS, PARTS, Wishes

CONSIDERED = 2_000
MODES = tuple(map(str, Mode.values))
KINDS: dict[str, tuple[str, ...]] = {"days": DAYS, "parts": PARTS, "modes": MODES}


def read(said: Mapping[str, Any], *, zone: str) -> Wishes:
    """What is said with a booking, on its clocks."""
    return rules.read(said, zone=zone)


def of(appointment: Appointment) -> Wishes:
    """The wishes of the client of an appointment, on the clocks that it booked with."""
    return rules.read(appointment.client.preferences, zone=appointment.timezone)


def kept(said: Mapping[str, Any]) -> dict[str, list[str]]:
    """As it is stored: known words alone, in their order, each once; nothing said is an empty object."""
    found = {
        kind: [word for word in words if word in (said.get(kind) or ())] for kind, words in KINDS.items()
    }
    return found if any(found.values()) else {}


def shown(preferences: Mapping[str, Any]) -> dict[str, list[str]]:
    """The same with every kind there, for those who read it."""
    return {kind: list(preferences.get(kind) or []) for kind in KINDS}


def mode_for(appointment: Appointment) -> str:
    """How a new time is offered: as before, or in the way that the client prefers where the service has it."""
    wanted = [
        mode
        for mode in appointment.client.preferences.get("modes") or []
        if mode in appointment.service.modes
    ]
    return appointment.mode if not wanted or appointment.mode in wanted else wanted[0]


def match(*, provider: Provider, at: datetime) -> rules.Match:
    """How the provider's weekly hours and its clients' wishes meet, in two queries; of very many clients the
    newest count."""
    clients = Client.objects.filter(provider=provider, blocked_at=None, erased_at=None).exclude(
        preferences={}
    )
    rows = clients.order_by("-pk").values_list("preferences", "timezone")[:CONSIDERED]
    weekly = WeeklyHours.objects.filter(provider=provider)
    today = at.astimezone(ZoneInfo(provider.timezone)).date()
    return rules.match(
        (rules.read(said, zone=zone) for said, zone in rows),
        weekly.values_list("weekday", "opens_minute", "closes_minute"),
        zone=provider.timezone,
        monday=today - timedelta(days=today.weekday()),
    )


def suit(appointment: Appointment, starts: Sequence[datetime]) -> str:
    """How well offers suit: ``all``, ``some`` or ``none`` of them, or nothing where nothing was wished."""
    wished = of(appointment)
    if not wished or not starts:
        return ""
    fits = rules.suiting(starts, wished)
    return "all" if fits == len(starts) else "some" if fits else "none"
