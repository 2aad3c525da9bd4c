"""From a wish to an appointment: book, approve, use a credit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import availability, health, hoarding, quotes, wishes
from booking.actors import CLIENT, Actor
from booking.lifecycle import by_mail
from booking.lifecycle.confirming import ask_deposit, terms_facts, welcome
from booking.lifecycle.consenting import agree_about_health
from booking.lifecycle.expiring import free_lapsed
from booking.lifecycle.introducing import ClientDetails, agree_to_channels, known_client
from booking.lifecycle.steps import NotAllowed, must_be, put, record, take
from booking.lifecycle.writing import held_for_deposit, inherited, waiting, written
from booking.models import Appointment, Client, Provider, Service, Status
from config import as_json
from config.refusal import Refusal
from payments import accounts, cards, checkout, credits
from payments.models import Credit
from policies.rules.wishes import Wishes
from reminders import plan

REQUEST_WAITS = timedelta(hours=48)
APPROVED_WAITS = timedelta(hours=24)


class PolicyChanged(Refusal):
    """Terms, price or deposit are others than those the client agreed to; the new ones are in the facts."""

    code = "policy_changed"


@transaction.atomic
def hold(
    *,
    service: Service,
    start: datetime,
    mode: str,
    zone: str,
    client: ClientDetails,
    answers: dict[str, Any],
    agreed_version: str,
    ip: str | None,
    user_agent: str,
    by: Actor,
    at: datetime,
    credit: Credit | None = None,
    save_card: bool = False,
    proof: hoarding.Proof | None = None,
) -> Appointment:
    """Book: take the slot, write the agreement, ask the deposit. The appointment is ``requested`` where
    the provider approves first, ``held`` while its deposit is due or its mail to be answered, else ``confirmed``.

    Refuses with `ConsentNeeded`, `PolicyChanged`, `NotAccepted`, `NotBookable`, `SlotTaken`, `TooManyHolds`,
    `ProofNeeded` and `DepositsClosed`."""
    offered, person, suits = received(service, client, agreed_version, zone=zone, by=by, at=at)
    provider = service.provider
    credit = usable(credit, person, start=start, at=at)
    availability.check_start(provider=provider, service=service, start=start, mode=mode, at=at, wishes=suits)
    if by.kind == "client":
        hoarding.check(provider=provider, ip=ip, email=person.email, proof=proof, at=at)
    if service.approval:
        credit = None  # nothing is asked before the provider said yes; the link comes with the answer
    by_mail_first = credit is None and by_mail.asks(service, offered, by=by)
    appointment = written(
        service=service,
        start=start,
        mode=mode,
        zone=zone,
        person=person,
        language=client.language,
        hour_cycle=client.hour_cycle,
        answers=answers,
        offered=offered,
        status=first_status(service, offered, start=start, asks_by_mail=by_mail_first, at=at),
        suits=suits,
        ip=ip,
        user_agent=user_agent,
        credit=credit,
        at=at,
    )
    agree_about_health(appointment, agrees=client.consents, language=client.language, by=by, at=at)
    if save_card:
        agree_about_card(appointment, offered, at=at)
    record(appointment, "booked", by=by, at=at, status=appointment.status)
    go_on(appointment, credit=credit, by=by, at=at)
    return appointment


def received(
    service: Service, client: ClientDetails, agreed_version: str, *, zone: str, by: Actor, at: datetime
) -> tuple[quotes.Offer, Client, Wishes]:
    """How every booking by a client begins: the provider's row is ours, the offer is the one that was agreed to
    (`PolicyChanged`), the client is known (`NotAccepted`), and with which times would suit."""
    provider = Provider.objects.locked().get(pk=service.provider_id)
    service.provider = provider
    free_lapsed(provider, at=at)
    offered = quotes.offer(service)
    if agreed_version != offered.version:
        raise policy_changed(service, offered, language=client.language)
    person = known_client(provider, client, zone=zone, by=by, at=at)
    agree_to_channels(person, client, by=by, at=at)
    return offered, person, wishes.read(client.wishes, zone=zone)


def agree_about_card(appointment: Appointment, offered: quotes.Offer, *, at: datetime) -> None:
    """The consent to a card for later, where the terms could cost more than the deposit."""
    language = appointment.language
    if consent := quotes.card_consent(appointment.service, offered, language=language):
        cards.agree(appointment=appointment, text=consent.text, language=language, most=consent.most, at=at)


def go_on(appointment: Appointment, *, credit: Credit | None, by: Actor, at: datetime) -> None:
    """What a booking waits for, if anything: the provider's answer, the client's by mail, the deposit."""
    if appointment.status == Status.REQUESTED:
        plan.tell(
            appointment=appointment, kind="requested", to="client", at=at, facts=terms_facts(appointment)
        )
        asked = health.asked(appointment.service.questions)
        answers = {"answers": health.without(appointment.answers, asked)}
        plan.tell(appointment=appointment, kind="approval_needed", to="provider", at=at, facts=answers)
    elif appointment.waits_for_mail:
        by_mail.send(appointment, at=at)
    elif appointment.status == Status.HELD:
        ask_deposit(appointment, credit=credit, at=at)
        if credit is None:
            remind_of_credit(appointment, at=at)
    else:
        welcome(appointment, by=by, at=at)


def policy_changed(service: Service, offered: quotes.Offer, *, language: str) -> PolicyChanged:
    return PolicyChanged(
        _("The terms or the price have changed since you opened the page. Please look at them once more."),
        policy_version=offered.version,
        price=as_json.money(offered.price, offered.currency),
        deposit=as_json.money(offered.deposit, offered.currency),
        policy_text=quotes.policy_text(service, offered, language=language),
    )


def usable(credit: Credit | None, person: Client, *, start: datetime, at: datetime) -> Credit | None:
    """The credit, if it is this client's, not used up, and good for ``start`` (rule 5)."""
    if credit is None:
        return None
    credit = Credit.objects.select_for_update().get(pk=credit.pk)
    if credit.client_id != person.pk or credit.left <= 0 or credit.ended_at:
        raise NotAllowed("credit_gone", _("This credit has been used or has ended."))
    if credit.expires_at and start >= credit.expires_at:
        raise NotAllowed(
            "credit_too_late", _("This credit is for an earlier start. Please pick a time before it ends.")
        )
    return credit


def first_status(
    service: Service, offered: quotes.Offer, *, start: datetime, asks_by_mail: bool, at: datetime
) -> dict[str, Any]:
    """What a booking is at first, and until when it waits (rule 11)."""
    if service.approval:
        return waiting(Status.REQUESTED, until=min(at + REQUEST_WAITS, last_moment(service, start)))
    if asks_by_mail:
        return waiting(Status.HELD, until=min(at + by_mail.WAITS, start))
    return held_for_deposit(offered, until=at + timedelta(minutes=service.provider.hold_minutes), at=at)


def last_moment(service: Service, start: datetime) -> datetime:
    """Until when a start of the service can be booked at all; nothing waits past it (rule 11)."""
    return start - timedelta(minutes=service.min_notice_minutes)


def remind_of_credit(appointment: Appointment, *, at: datetime) -> None:
    """A client who has a credit and books without it is sent the link to use it (rule 5); what the mail
    says of it is asked when it leaves (`at_sending.facts`)."""
    credit = credits.waiting(client=appointment.client, start=appointment.starts_at, at=at)
    if credit:
        plan.tell(
            appointment=appointment,
            kind="already_has_credit",
            to="client",
            at=at,
            about=f"credit:{credit.uid}",
        )


@transaction.atomic
def approve(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The provider says yes to a request: confirmed, or held for a day while its deposit is paid (rule 11)."""
    appointment = take(appointment)
    must_be(appointment, Status.REQUESTED)
    if appointment.hold_expires_at and appointment.hold_expires_at <= at:
        raise NotAllowed("request_over", _("This request has ended; the client has had an answer."))
    if appointment.deposit_amount and accounts.is_closed(provider=appointment.provider):
        raise NotAllowed(
            "deposits_closed",
            _(
                "Your own account takes no payments now, so its client could not pay the deposit. Look at Money,"
                " Account."
            ),
        )
    record(appointment, "approved", by=by, at=at)
    if not appointment.deposit_amount:
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(appointment, by=by, at=at)
        return appointment
    waits_until = min(at + APPROVED_WAITS, last_moment(appointment.service, appointment.starts_at))
    appointment.to_status(Status.HELD, hold_expires_at=waits_until)
    ask_deposit(appointment, credit=None, at=at)
    if appointment.status == Status.HELD:
        send_pay_link(appointment, until=waits_until, at=at)
    return appointment


def send_pay_link(appointment: Appointment, *, until: datetime, at: datetime, **facts: Any) -> None:
    """The provider has said yes, the deposit is asked: the link to pay it, and to the credit that could."""
    facts |= terms_facts(appointment) | {"hold_expires_at": as_json.instant(until)}
    plan.tell(appointment=appointment, kind="pay_link", to="client", at=at, facts=facts)
    remind_of_credit(appointment, at=at)


@transaction.atomic
def apply_credit(*, appointment: Appointment, credit: Credit, at: datetime) -> Appointment:
    """Pay a booking that waits for its deposit with a credit after all (rule 5)."""
    appointment = take(appointment)
    must_be(appointment, Status.HELD)
    if appointment.waits_for_mail:
        raise NotAllowed("nothing_to_pay", _("There is nothing to pay for this appointment."))
    found = usable(credit, appointment.client, start=appointment.starts_at, at=at)
    if old := quotes.current_deposit(appointment):
        checkout.ask_to_close(deposit=old, at=at)
        old.current = False
        old.save(update_fields=["current"])
    put(appointment, **inherited(found, appointment.starts_at))
    record(appointment, "credit_used", by=CLIENT, at=at)
    ask_deposit(appointment, credit=found, at=at)
    return appointment
