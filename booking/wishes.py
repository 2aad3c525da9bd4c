"""What clients said about their days, and where the provider's hours miss it (A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from booking.models import Appointment, Mode
from policies.rules import wishes as rules
from policies.rules.wishes import DAYS, PARTS, Wishes

MODES = tuple(map(str, Mode.values))
KINDS: dict[str, tuple[str, ...]] = {"days": DAYS, "parts": PARTS, "modes": MODES}


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


def suit(appointment: Appointment, starts: Sequence[datetime]) -> str:
    """How well offers suit: ``all``, ``some`` or ``none`` of them, or nothing where nothing was wished."""
    wished = of(appointment)
    if not wished or not starts:
        return ""
    fits = rules.suiting(starts, wished)
    return "all" if fits == len(starts) else "some" if fits else "none"
