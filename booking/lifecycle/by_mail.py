"""A booking that costs nothing ahead stands once its mail was answered, where the service asks so (F-108).

Until then it is held like one that waits for its deposit, and lapses like it. What counts is the button behind the
mail's own link: whoever booked has the appointment's link already, and an address of somebody else's perhaps."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from booking import availability, quotes
from booking.actors import CLIENT, Actor
from booking.lifecycle.confirming import terms_facts, welcome
from booking.lifecycle.expiring import free_lapsed
from booking.lifecycle.steps import NotAllowed, record, take
from booking.models import Appointment, Client, Service, Status
from config import as_json
from config.refusal import Refusal
from reminders import plan
from reminders.models import Message

WAITS = timedelta(minutes=30)
MOST_MAILS = 3
KIND = "confirm_booking"


class TooManyMails(Refusal):
    """Enough mails went to an address that nobody has proved to own."""

    code = "too_many_mails"
    status = 429


def asks(service: Service, offered: quotes.Offer, *, by: Actor) -> bool:
    """Whether a booking waits for its mail: never the provider's own, nor one that money speaks for."""
    return service.confirm_by_mail and not offered.deposit and by.kind == "client"


def send(appointment: Appointment, *, at: datetime, about: str = "") -> None:
    """The mail with the button; of a series the first speaks for all."""
    facts = terms_facts(appointment) | {"hold_expires_at": as_json.instant(appointment.hold_expires_at)}
    facts["count"] = 1 + appointment.series_rest.count()
    plan.tell(appointment=appointment, kind=KIND, to="client", at=at, about=about, facts=facts)


@transaction.atomic
def mail_again(*, appointment: Appointment, at: datetime) -> None:
    """Once more, where the first did not arrive. Raises `NotAllowed`, `TooManyMails`."""
    appointment = take(appointment.series_first or appointment)
    if not appointment.waits_for_mail or not (appointment.hold_expires_at or at) > at:
        raise NotAllowed("nothing_to_confirm", _("There is nothing to confirm any more."))
    sent = Message.objects.filter(appointment=appointment, kind=KIND).count()
    if sent >= MOST_MAILS:
        raise TooManyMails(_("We have sent it three times. Is the address written right?"))
    send(appointment, at=at, about=f"again:{sent}")


@transaction.atomic
def confirm_by_mail(*, appointment: Appointment, at: datetime) -> Appointment:
    """The button in the mail was pressed: it stands, and all of its series that can be had. After the hold
    lapsed too if the time is still free, as with money (rule 11). Pressed twice, done once. Raises `NotAllowed`."""
    appointment = take(appointment)
    if appointment.status in (Status.CONFIRMED, Status.COMPLETED):
        return appointment
    free_lapsed(appointment.provider, at=at, but=appointment)
    if not _can_stand(appointment, at=at):
        raise NotAllowed(
            f"is_{appointment.status}",
            _("This time is not kept any more, and it cannot be had again. Please pick another one."),
        )
    standing = [appointment, *(one for one in _rest(appointment) if _can_stand(one, at=at))]
    for one in standing:
        record(one, "said_yes", by=CLIENT, at=at)
        one.to_status(Status.CONFIRMED, confirmed_at=at)
    for one in reversed(standing):  # the first says it for all, once they all stand
        welcome(one, by=CLIENT, at=at)
    return appointment


def confirm_waiting(*, client: Client, at: datetime) -> None:
    """A mail to this client has arrived, so what waited for that stands."""
    waiting = Appointment.objects.filter(client=client, series_first=None).wait_for_mail()
    for appointment in waiting.filter(hold_expires_at__gt=at).order_by("starts_at"):
        confirm_by_mail(appointment=appointment, at=at)


def _rest(first: Appointment) -> list[Appointment]:
    rows = first.series_rest.select_for_update(of=("self",)).select_related(
        "service", "client", "policy_version"
    )
    found = list(rows.order_by("starts_at"))
    for one in found:
        one.provider = one.service.provider = first.provider
        one.series_first = first
    return found


def _can_stand(appointment: Appointment, *, at: datetime) -> bool:
    if appointment.client.erased_at or appointment.client.blocked_at:
        return False
    if appointment.waits_for_mail:
        return at < appointment.starts_at
    return (
        appointment.status == Status.EXPIRED
        and not appointment.deposit_amount
        and availability.is_free(appointment=appointment, at=at)
    )
