"""A time of the provider's own: it need not lie in open hours, and what stands there is named."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from booking import agenda, availability
from booking import slots as rules
from booking.models import Appointment, BusyElsewhere, BusyTime, Provider
from config import formats

TOLD = 3


def is_open(provider: Provider, start: datetime, end: datetime) -> bool:
    """Whether all of it lies in open hours."""
    first, last = rules.epoch(start), rules.epoch(end)
    found = agenda.between(provider=provider, since=start, until=start, at=start)
    reached = first
    for opens, closes in found.periods(first, last):
        if opens <= reached < closes:
            reached = closes
    return reached >= last


def busy_elsewhere(provider: Provider, first: datetime, last: datetime) -> BusyElsewhere | None:
    """What the provider's other calendars say of this time: it keeps clients away, never the provider."""
    there = BusyElsewhere.objects.filter(provider=provider).overlapping(first, last)
    return there.order_by("blocked_from").first()


def in_the_way(
    provider: Provider, first: datetime, last: datetime, *, at: datetime, without: Appointment | None = None
) -> list[BusyTime]:
    """What takes any of this time of the provider's, in order; lapsed holds take none."""
    taken = agenda.taken(provider, first, last, at=at, without=without)
    return list(taken.select_related("appointment__client", "time_off").order_by("blocked_from"))


def not_free(provider: Provider, there: list[BusyTime]) -> availability.SlotTaken:
    """The refusal that says what is there: for the provider's own eyes."""
    told = []
    for one in there[:TOLD]:
        facts = {
            "who": _who(one),
            "start": formats.short_moment(one.blocked_from, provider.timezone),
            "end": formats.time(one.blocked_until, provider.timezone),
        }
        told.append(_("%(who)s (%(start)s to %(end)s)") % facts)
    detail = _("This time is taken, buffers counted: %(what)s.") % {"what": "; ".join(told)}
    return availability.SlotTaken(detail, errors={"start": ["slot_taken"]})


def _who(taken: BusyTime) -> str:
    if taken.time_off is not None:
        return taken.time_off.title or _("Time off")
    assert taken.appointment is not None  # all other time is an appointment's
    return taken.appointment.client.name
