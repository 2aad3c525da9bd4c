"""Appointments as lines of a list: the same on every page that lists some."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from booking.dashboard.desk import Desk
from booking.dashboard.times import local_day
from booking.models import Appointment, Mode, Status
from booking.texts import text_in
from config import formats


@dataclass(frozen=True)
class Entry:
    """``signs`` are what there is to know beyond the state: confirmed, late, urgent. ``movable``: the provider may
    propose another time."""

    appointment: Appointment
    day: date
    day_words: str
    start: str
    end: str
    service: str
    signs: list[str]
    movable: bool


def entries(desk: Desk, appointments: Iterable[Appointment], *, with_day: bool = False) -> list[Entry]:
    return [entry(desk, desk.known(one), with_day=with_day) for one in appointments]


def entry(desk: Desk, appointment: Appointment, *, with_day: bool = False) -> Entry:
    return Entry(
        appointment=appointment,
        day=local_day(appointment.starts_at, desk.zone),
        day_words=formats.short_day(appointment.starts_at, desk.zone) if with_day else "",
        start=formats.time(appointment.starts_at, desk.zone),
        end=formats.time(appointment.ends_at, desk.zone),
        service=text_in(appointment.service.name, fallback=desk.provider.language),
        signs=signs(desk, appointment),
        movable=appointment.status == Status.CONFIRMED and appointment.starts_at > desk.at,
    )


def signs(desk: Desk, appointment: Appointment) -> list[str]:
    if appointment.status != Status.CONFIRMED:
        return []
    found = []
    if appointment.arrived_at:
        found.append(_("is here"))
    elif appointment.starts_at <= desk.at < appointment.ends_at:
        found.append(_("not seen yet"))
    elif appointment.will_come_at:
        found.append(_("said: I'll be there"))
    return found + known_of(appointment)


def known_of(appointment: Appointment) -> list[str]:
    """What there is to know of somebody who is to come, besides whether they were seen."""
    found = []
    if appointment.mode == Mode.VIDEO and not appointment.arrived_at:
        if appointment.needs_help_at:
            found.append(_("needs help with the call"))
        elif appointment.tested_at:
            found.append(_("call tested"))
    if appointment.asked_delay_minutes and not appointment.arrived_at:
        found.append(_("%(minutes)s min late") % {"minutes": appointment.asked_delay_minutes})
    if appointment.urgent_reason:
        found.append(_("urgent"))
    return found
