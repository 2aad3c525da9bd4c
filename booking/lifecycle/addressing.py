"""The client's e-mail address is another one than we thought."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import tokens
from booking.actors import Actor
from booking.lifecycle.steps import put, record
from booking.models import Appointment, Client, Provider
from booking.models.appointment import TAKING_TIME
from config.refusal import Refusal
from reminders import consents, plan, trouble
from reminders.models import Message


class AddressTaken(Refusal):
    """Another client of this provider has that address."""

    code = "address_taken"


@transaction.atomic
def correct_address(*, client: Client, email: str, by: Actor, at: datetime) -> Client:
    """From now on ``client`` gets mail at ``email``. Links that went to the old address end (F-103); what is
    ahead is confirmed anew with its new link, and what failed and still matters goes out again. The same
    address once more means: try it again. Raises `AddressTaken`."""
    Provider.objects.locked().get(pk=client.provider_id)
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    email = email.lower()
    if email != client.email:
        _take(client, email)
        for appointment in Appointment.objects.with_names().filter(client=client):
            _end_link(appointment)
            if appointment.status in TAKING_TIME and appointment.ends_at > at:
                record(appointment, "address_corrected", by=by, at=at)
                _confirm_anew(appointment, at=at)
    trouble.clear(client=client, at=at)
    client.refresh_from_db()
    return client


def _take(client: Client, email: str) -> None:
    client.email = email
    try:
        with transaction.atomic():
            client.save(update_fields=["email"])
    except IntegrityError:
        raise AddressTaken(_("Another client has this address.")) from None


def _end_link(appointment: Appointment) -> None:
    generation = appointment.token_generation + 1
    new = tokens.hash_of(tokens.token_of(appointment.uid, generation))
    put(appointment, token_generation=generation, token_hash=new)


def _confirm_anew(appointment: Appointment, *, at: datetime) -> None:
    """The last of what was said about how it stands, with the new link in it."""
    said = Message.objects.filter(
        appointment=appointment,
        to=Message.To.CLIENT,
        channel=plan.MAIL,
        kind__in=("confirmed", "requested", "pay_link"),
        start_at=appointment.starts_at,
        state=Message.State.SENT,
    )
    if last := said.order_by("-pk").first():
        about = f"address:{appointment.token_generation}"
        plan.tell(appointment=appointment, kind=last.kind, to="client", at=at, about=about, facts=last.facts)


@transaction.atomic
def reach_by(
    *,
    client: Client,
    channel: str,
    give: bool,
    by: Actor,
    at: datetime,
    phone: str | None = "",
    words: str = "",
    how: str = "",
) -> None:
    """A client agrees to a channel, or takes that back; ``words`` are what was agreed to, as shown. A
    ``phone`` typed with a yes is where it holds."""
    Provider.objects.locked().get(pk=client.provider_id)
    if give and phone and phone != client.phone:
        client.phone = phone
        client.save(update_fields=["phone"])
    how = how or ("page" if by.kind == "client" else "desk")
    consents.record(client=client, channel=channel, give=give, how=how, words=words, at=at)
