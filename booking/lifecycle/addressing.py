"""The client's e-mail address is another one than we thought."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import tokens
from booking.actors import CLIENT, Actor
from booking.lifecycle.by_mail import confirm_waiting
from booking.lifecycle.steps import NotAllowed, put, record, take
from booking.models import Appointment, Client, Provider
from booking.models.appointment import TAKING_TIME
from config.refusal import Refusal
from reminders import consents, plan, trouble
from reminders.models import Message

MOST_WISHES = 3  # a day: each is a mail to an address that nobody has proved to own


class AddressTaken(Refusal):
    """Another client of this provider has that address."""

    code = "address_taken"


class TooManyWishes(Refusal):
    """Enough mails went to new addresses of this client for a day."""

    code = "too_many_addresses"
    status = 429


@transaction.atomic
def ask_address(*, appointment: Appointment, email: str, at: datetime) -> Client:
    """Whoever holds the client's link asks for mails at ``email``. Nothing changes before the mail that goes
    there is confirmed: a link may have been passed on, and a second mistake would shut the client out.
    Raises `NotAllowed` for the address that works already, and for the link of a later booking of a client whose mails
    arrive; `TooManyWishes`."""
    client = _locked(take(appointment).client)
    if client.erased_at:
        raise NotAllowed("is_erased", _("This client was erased."))
    email = email.lower()
    if email == client.email and not (client.mail_bounced_at or client.mail_complained_at):
        raise NotAllowed("same_address", _("We write to this address already."))
    if not (appointment.brought_client or client.mail_bounced_at or client.mail_complained_at):
        # Whoever typed this client's address holds this link, and must not get the client's other mails by it.
        words = _(
            "From here the address cannot be changed. Please write to %(who)s, who can correct it at once."
        )
        raise NotAllowed("not_from_here", words % {"who": appointment.provider.name})
    asked = Message.objects.filter(client=client, kind="address_confirm")
    if asked.filter(created_at__gt=at - tokens.CONFIRM_WITHIN).count() >= MOST_WISHES:
        raise TooManyWishes(
            _("That was the third address within a day. Please write to %(who)s.")
            % {"who": appointment.provider.name}
        )
    client.new_email, client.new_email_asked_at = email, at
    client.save(update_fields=["new_email", "new_email_asked_at"])
    asked.waiting().update(state=Message.State.DROPPED, dropped_at=at)
    plan.announce(
        provider=client.provider,
        kind="address_confirm",
        client=client,
        about=f"{client.uid}:{at.isoformat()}",
        at=at,
        facts={"email": email, "asked_at": at.isoformat()},
    )
    return client


@transaction.atomic
def confirm_address(*, client: Client, at: datetime) -> Client:
    """The mail to the new address arrived, so it is the client's; a booking that waited for a yes by mail has it.
    Raises `AddressTaken`."""
    client = correct_address(client=client, email=client.new_email or client.email, by=CLIENT, at=at)
    confirm_waiting(client=client, at=at)
    return client


@transaction.atomic
def correct_address(*, client: Client, email: str, by: Actor, at: datetime) -> Client:
    """From now on ``client`` gets mail at ``email``. Links that went to the old address end (F-103); what is
    ahead is confirmed anew with its new link, and what failed and still matters goes out again. The same
    address once more means: try it again. Raises `AddressTaken`."""
    client = _locked(client)
    if client.erased_at:
        raise NotAllowed("is_erased", _("This client was erased."))
    email, old = email.lower(), client.email
    if email != old:
        _take(client, email)
        _tell_old(client, old, at=at)
        for appointment in Appointment.objects.with_names().filter(client=client):
            _end_link(appointment)
            if appointment.status in TAKING_TIME and appointment.ends_at > at:
                record(appointment, "address_corrected", by=by, at=at)
                _confirm_anew(appointment, at=at)
    trouble.clear(client=client, at=at)
    client.refresh_from_db()
    return client


def _locked(client: Client) -> Client:
    provider = Provider.objects.locked().get(pk=client.provider_id)
    found = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    found.provider = provider
    return found


def _take(client: Client, email: str) -> None:
    client.email, client.new_email, client.new_email_asked_at = email, "", None
    try:
        with transaction.atomic():
            client.save(update_fields=["email", "new_email", "new_email_asked_at"])
    except IntegrityError:
        raise AddressTaken(_("Another client has this address.")) from None


def _tell_old(client: Client, old: str, *, at: datetime) -> None:
    """Whoever reads the old address hears that no more comes there, and how to object; not where mails come
    back or were unwanted."""
    if client.mail_bounced_at or client.mail_complained_at:
        return
    plan.announce(
        provider=client.provider,
        kind="address_changed",
        client=client,
        about=f"{client.uid}:{at.isoformat()}",
        at=at,
        facts={"email": old},
    )


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
    client = _locked(client)
    while client.merged_into:  # an open page still names who was merged meanwhile
        client = _locked(client.merged_into)
    if client.erased_at:
        raise NotAllowed("is_erased", _("This client was erased."))
    if give and phone and phone != client.phone:
        client.phone = phone
        client.save(update_fields=["phone"])
    how = how or ("page" if by.kind == "client" else "desk")
    consents.record(client=client, channel=channel, give=give, how=how, words=words, at=at)
