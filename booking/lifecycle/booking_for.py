"""The provider books on a client's behalf, at a time of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import availability, quotes
from booking.actors import Actor
from booking.lifecycle.beginning import APPROVED_WAITS, send_pay_link
from booking.lifecycle.confirming import ask_deposit, welcome
from booking.lifecycle.consenting import agree_about_health
from booking.lifecycle.expiring import free_lapsed
from booking.lifecycle.foreseeing import must_be_free
from booking.lifecycle.introducing import ClientDetails, agree_to_channels, known_client
from booking.lifecycle.steps import record
from booking.lifecycle.writing import held_for_deposit, written
from booking.models import Appointment, Provider, Service
from payments import accounts

LATEST = timedelta(days=730)


@transaction.atomic
def book_for(
    *,
    service: Service,
    start: datetime,
    mode: str,
    client: ClientDetails,
    answers: dict[str, Any],
    with_deposit: bool,
    by: Actor,
    at: datetime,
    zone: str = "",
) -> Appointment:
    """Any free time to come, also outside the opening hours and without notice: the provider knows when it works.
    Its own yes stands for an approval. Without the deposit it is confirmed at once; with it the time is held for a
    day and the client is mailed the link to pay. Timeline and evidence say that the provider booked: the client was
    sent the terms and ticked nothing. ``zone`` is the client's, where it is known.

    Refuses with `ConsentNeeded`, `NotBookable`, `SlotTaken` and `DepositsClosed`."""
    provider = Provider.objects.locked().get(pk=service.provider_id)
    service.provider = provider
    free_lapsed(provider, at=at)
    check_own_time(service, start, mode=mode, at=at)
    must_be_free(provider, service, start, at=at)
    offered = quotes.offer(service)
    if not with_deposit:
        offered = replace(offered, deposit=0)
    elif offered.deposit and accounts.is_closed(provider=provider):
        raise accounts.closed(provider)
    person = known_client(provider, client, zone=zone or provider.timezone, by=by, at=at)
    agree_to_channels(person, client, by=by, at=at)
    waits_until = min(at + APPROVED_WAITS, start)
    appointment = written(
        service=service,
        start=start,
        mode=mode,
        zone=zone or person.timezone,
        person=person,
        language=person.language,
        hour_cycle=person.hour_cycle,
        answers=answers,
        offered=offered,
        status=held_for_deposit(offered, until=waits_until, at=at),
        at=at,
    )
    agree_about_health(appointment, agrees=client.consents, language=person.language, by=by, at=at)
    record(appointment, "booked", by=by, at=at, status=appointment.status)
    if offered.deposit:
        ask_deposit(appointment, credit=None, at=at)
        send_pay_link(appointment, until=waits_until, at=at, booked_by="provider")
    else:
        welcome(appointment, by=by, at=at, booked_for=True)
    return appointment


def check_own_time(service: Service, start: datetime, *, mode: str, at: datetime) -> None:
    if mode not in service.modes:
        detail = _("This service is offered as: %(modes)s.") % {"modes": ", ".join(service.modes)}
        raise availability.NotBookable(detail, errors={"mode": [detail]})
    code = ""
    if start <= at:
        code = "past"
    elif start > at + LATEST:
        code = "too_far"
    elif start.second or start.microsecond:
        code = "off_grid"
    if code:
        raise availability.NotBookable(availability.why(code), errors={"start": [code]})
