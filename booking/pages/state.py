"""What an appointment waits for, or how it ended, in a line or two on top of its page."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from booking import lifecycle
from booking.lifecycle import steps
from booking.models import Appointment, Lapse, Move, Status
from config import formats


class Told(NamedTuple):
    """What just happened, or waits to happen; ``tone`` as the notices have it."""

    tone: str
    heading: str
    words: str = ""


def masked(email: str) -> str:
    """Enough to know one's own address again, and no more: the link may have been passed on."""
    name, _at, host = email.rpartition("@")
    return f"{name[:1]}…@{host}"


def told(appointment: Appointment, *, at: datetime) -> Told | None:
    """The one thing to know first; None for an appointment that simply stands."""
    if move := steps.waiting_move(appointment):
        return _moving(appointment, move)
    if appointment.status in (Status.HELD, Status.REQUESTED):
        return _waiting(appointment, at=at)
    if appointment.status in (Status.DECLINED, Status.EXPIRED, Status.CANCELLED, Status.NO_SHOW):
        return _ended(appointment) or _excused(appointment)
    return _awaited(appointment, at=at)


def _awaited(appointment: Appointment, *, at: datetime) -> Told | None:
    """Until when the provider waits for a client who is late or not there yet (A2)."""
    if appointment.status != Status.CONFIRMED or appointment.arrived_at or at > appointment.grace_ends_at:
        return None
    until = formats.time(appointment.grace_ends_at, appointment.clock)
    facts = {"who": appointment.provider.name, "time": until}
    asked = appointment.asked_delay_minutes > appointment.accepted_delay_minutes
    if asked and "late" in lifecycle.allowed(appointment, at=at):
        words = _("%(who)s waits until %(time)s, and longer once they say yes. You hear from us.") % facts
        return Told("info", _("We passed on that you are late"), words)
    if at >= appointment.starts_at:
        return Told("warn", _("%(who)s waits for you until %(time)s") % facts)
    return None


def _excused(appointment: Appointment) -> Told | None:
    """That nothing of it counts, where somebody or the terms said so."""
    lapse = Lapse.objects.filter(appointment=appointment, undone_at=None).order_by("-at").first()
    if lapse is None or lapse.excused_at is None:
        return None
    heading = _("%(who)s excused it") % {"who": appointment.provider.name}
    if lapse.forgiven:
        heading = _("It is forgiven, as the terms allow")
    return Told("good", heading, _("It does not count against you."))


def _moving(appointment: Appointment, move: Move) -> Told | None:
    if move.hold_expires_at is None:
        return None
    facts = {
        "new": formats.moment(move.to_start_at, appointment.clock),
        "time": formats.time(move.hold_expires_at, appointment.clock),
    }
    words = _("Pay its deposit by %(time)s and you have %(new)s. Until then nothing has moved.") % facts
    return Told("warn", _("The new time waits for you"), words)


def _waiting(appointment: Appointment, *, at: datetime) -> Told:
    ends = appointment.hold_expires_at or at
    until = {"until": formats.moment(ends, appointment.clock), "who": appointment.provider.name}
    if appointment.waits_for_mail and ends > at:
        facts = until | {"address": masked(appointment.client.email)}
        words = _(
            "A mail is on its way to %(address)s. Press its button by %(until)s; until then the time is kept."
        )
        return Told("warn", _("One step more: say yes by mail"), words % facts)
    if appointment.waits_for_mail:
        words = _("The button in the mail still books it, if the time is still free.")
        return Told("warn", _("The time for your yes is over"), words)
    held = appointment.status == Status.HELD
    if ends <= at and held:
        words = _("Pay now and the time is yours if it is still free; else all of it goes back to you.")
        return Told("warn", _("The time to pay is over"), words)
    if ends <= at:
        return Told(
            "warn", _("This request has ended"), _("There was no answer in time. Nothing was charged.")
        )
    if held:
        heading = _("This time is kept for you until %(until)s") % until
        return Told("warn", heading, _("It is yours once the deposit is paid."))
    words = _("You get an answer by %(until)s. Nothing is charged before.") % until
    return Told("info", _("Waiting for %(who)s to say yes") % until, words)


def _ended(appointment: Appointment) -> Told | None:
    who = {"who": appointment.provider.name}
    if appointment.status == Status.DECLINED:
        return Told("info", _("%(who)s could not take this appointment") % who, _("Nothing was charged."))
    if appointment.status == Status.EXPIRED:
        words = _("The wait was over, so the time was given back. Other times are below.")
        return Told("info", _("This time is no longer kept"), words)
    if appointment.cancelled_by == "provider":
        words = _(
            "We are sorry. What you paid goes back to you or stays yours as a credit, as you were told."
        )
        return Told("info", _("%(who)s had to cancel") % who, words)
    return None
