"""When a provider can be booked: the rules of `booking.slots` over what the database holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from booking import agenda, free_starts
from booking import slots as rules
from booking.models import (
    Appointment,
    BusyElsewhere,
    Provider,
    Service,
)
from config import as_json
from config.refusal import Refusal
from policies.rules.wishes import Wishes

LONGEST_RANGE_DAYS = 62


class NotBookable(Refusal):
    """The start (or the mode) that was asked for is not one that can be booked."""

    code = "invalid"
    status = 400


class SlotTaken(Refusal):
    """Somebody else has the time. ``alternatives`` are up to three other starts."""

    code = "slot_taken"
    status = 409


def slots(
    *,
    provider: Provider,
    service: Service,
    first: date,
    last: date,
    at: datetime,
    zone: str = "",
    mode: str | None = None,
) -> dict[str, list[str]]:
    """The free starts by local date of ``zone`` (the provider's when empty), days in between left out."""
    offer = agenda.offer_of(service)
    since, until = rules.reach(offer, tz=zone or provider.timezone, first=first, last=last)
    found = agenda.between(provider=provider, since=since, until=until, at=at, service=service)
    return rules.month(offer, found, first=first, last=last, tz=zone, mode=mode, at=at)


def check_start(
    *,
    provider: Provider,
    service: Service,
    start: datetime,
    mode: str,
    at: datetime,
    moving: Appointment | None = None,
    wishes: Wishes | None = None,
) -> None:
    """Refuse what could not be clicked: `past`, `too_soon`, `too_far`, `not_open`, `off_grid` as
    ``errors.start`` of a `NotBookable`, an unknown mode likewise, and `SlotTaken`."""
    if mode not in service.modes:
        choices = ", ".join(service.modes)
        detail = _("This service is offered as: %(modes)s.") % {"modes": choices}
        raise NotBookable(detail, errors={"mode": [detail]})
    offer = agenda.offer_of(service)
    span = timedelta(minutes=2 * offer.duration + offer.buffer_before + offer.buffer_after)
    found = agenda.between(
        provider=provider, since=start - span, until=start + span, at=at, without=moving, service=service
    )
    no = rules.why_not(start, offer, found, at=at, mode=mode)
    if no == "taken":
        raise taken(service=service, start=start, at=at, mode=mode, moving=moving, wishes=wishes)
    if no:
        raise NotBookable(why(no), errors={"start": [no]})


def why(code: str) -> str:
    """The sentence for a start that cannot be booked."""
    return {
        "past": _("This time has passed."),
        "too_soon": _("This time is too soon to be booked."),
        "too_far": _("This time is too far ahead to be booked yet."),
        "off_grid": _("Appointments do not start at this minute."),
        "not_open": _("This time is outside the opening hours."),
    }[code]


def taken(
    *,
    service: Service,
    start: datetime,
    at: datetime,
    mode: str | None = None,
    moving: Appointment | None = None,
    wishes: Wishes | None = None,
) -> SlotTaken:
    """The refusal for a slot that is gone, with three others near it, those that suit first."""
    others = free_starts.near(service=service, start=start, at=at, mode=mode, without=moving, wishes=wishes)
    return SlotTaken(
        _("Somebody was faster: this time has just been taken."),
        alternatives=as_json.instants(others),
    )


def is_free(*, appointment: Appointment, at: datetime) -> bool:
    """Whether the time of an appointment that lost its hold is still to be had (rule 11)."""
    start, end = appointment.blocked_from, appointment.blocked_until
    ours = agenda.taken(appointment.provider, start, end, at=at, without=appointment)
    other = BusyElsewhere.objects.filter(provider=appointment.provider_id).overlapping(start, end)
    free = not ours.exists() and not other.exists()
    return appointment.starts_at > at and free and has_room(appointment=appointment, at=at)


def has_room(*, appointment: Appointment, at: datetime, mode: str = "", travel_alone: bool = False) -> bool:
    """Whether the provider's limits leave room for it at its time, in ``mode`` or as it is; no query without
    limits. ``travel_alone``: it stands already, and how many there are is not asked."""
    found = agenda.limits(
        appointment.provider,
        appointment.service,
        since=appointment.blocked_from,
        until=appointment.blocked_until,
        at=at,
        without=appointment,
    )
    if found is None:
        return True
    own = rules.covering(appointment.blocked_from, appointment.blocked_until)
    taken = found.with_travel((), mode or appointment.mode)
    apart = all(until <= own[0] or own[1] <= since for since, until in taken)
    return apart and (travel_alone or bool(found.within([rules.epoch(appointment.starts_at)])))
