"""What a client has ahead with a provider, each with the link to it: looked up when the mail leaves, for tokens
are in no table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from booking import tokens
from booking.models import Appointment, Mode, Status
from reminders.kinds import LIVE
from reminders.models import Message

MOST = 100  # far more than anybody has ahead; a mail is not a calendar


def facts(message: Message, *, at: datetime) -> dict[str, Any]:
    """``coming``: start, zone, service (its name by language), status and link of each that is ahead."""
    still_waits = Q(hold_expires_at=None) | Q(hold_expires_at__gt=at)
    rows = Appointment.objects.with_names().filter(still_waits, client=message.client_id, status__in=LIVE)
    return {"coming": [_line(one) for one in rows.filter(ends_at__gt=at).order_by("starts_at")[:MOST]]}


def of_series(first: Appointment) -> list[Appointment]:
    """What stands of the series that ``first`` begins, in order."""
    rows = Appointment.objects.with_names().filter(Q(pk=first.pk) | Q(series_first=first))
    return list(rows.filter(status=Status.CONFIRMED).order_by("starts_at"))


def cancelled_of_series(message: Message) -> list[Appointment]:
    """What was cancelled together."""
    uids = [one["of"] for one in message.facts.get("dates") or []]
    return list(Appointment.objects.with_names().filter(uid__in=uids).order_by("starts_at"))


def series_facts(first: Appointment) -> dict[str, Any]:
    """The same ``coming`` for a series."""
    return {"coming": [_line(one) for one in of_series(first)]}


def _waits(appointment: Appointment) -> str:
    if appointment.waits_for_mail:
        return "mail"
    return appointment.status if appointment.status != Status.CONFIRMED else ""


def _line(appointment: Appointment) -> dict[str, Any]:
    at_venue = appointment.mode == Mode.IN_PERSON
    return {
        "start": appointment.starts_at.isoformat(),
        "zone": appointment.provider.timezone if at_venue else appointment.timezone,
        "service": appointment.service.name,
        "waits": _waits(appointment),
        "url": tokens.manage_url(appointment),
    }
