"""From a wish to an appointment: book, approve, use a credit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import availability, health, hoarding, quotes, tokens, wishes
from booking.actors import CLIENT, Actor
from booking.lifecycle import by_mail
from booking.lifecycle.confirming import ask_deposit, terms_facts, times, welcome
from booking.lifecycle.consenting import agree_about_health
from booking.lifecycle.expiring import free_lapsed
from booking.lifecycle.steps import NotAllowed, must_be, put, record, take
from booking.models import Appointment, Client, Provider, Service, Status
from config import as_json
from config.guards import refused_by
from config.refusal import Refusal
from payments import accounts, cards, checkout, credits
from payments.models import Credit
from policies import wording
from policies.models import Agreement
from policies.rules.wishes import Wishes
from reminders import consents, plan

REQUEST_WAITS = timedelta(hours=48)
APPROVED_WAITS = timedelta(hours=24)


class PolicyChanged(Refusal):
    """Terms, price or deposit are others than those the client agreed to; the new ones are in the facts."""

    code = "policy_changed"


class NotAccepted(Refusal):
    """The provider does not take this booking. Says nothing about why, to nobody."""

    code = "not_bookable"
    status = 403


@dataclass(frozen=True)
class ClientDetails:
    """Who books, as typed and validated by the door."""

    name: str
    email: str
    phone: str = ""
    language: str = "en"
    wishes: dict[str, Any] = field(default_factory=dict)
    agrees: dict[str, str] = field(default_factory=dict)  # to which channels, and the words that were ticked
    consents: bool = False  # to answers about health being kept


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
    provider = Provider.objects.locked().get(pk=service.provider_id)
    service.provider = provider
    free_lapsed(provider, at=at)
    offered = quotes.offer(service)
    if agreed_version != offered.version:
        raise policy_changed(service, offered, language=client.language)
    person = known_client(provider, client, zone=zone, by=by, at=at)
    agree_to_channels(person, client, by=by, at=at)
    credit = usable(credit, person, start=start, at=at)
    suits = wishes.read(client.wishes, zone=zone)
    availability.check_start(provider=provider, service=service, start=start, mode=mode, at=at, wishes=suits)
    if by.kind == "client":
        hoarding.check(provider=provider, ip=ip, email=person.email, proof=proof, at=at)

    if service.approval:
        credit = None  # nothing is asked before the provider said yes; the link comes with the answer
    appointment = written(
        service=service,
        start=start,
        mode=mode,
        zone=zone,
        person=person,
        language=client.language,
        answers=answers,
        offered=offered,
        suits=suits,
        ip=ip,
        user_agent=user_agent,
        credit=credit,
        asks_by_mail=credit is None and by_mail.asks(service, offered, by=by),
        at=at,
    )
    agree_about_health(appointment, agrees=client.consents, language=client.language, by=by, at=at)
    if save_card and (consent := quotes.card_consent(service, offered, language=client.language)):
        cards.agree(
            appointment=appointment,
            text=consent.text,
            language=client.language,
            most=consent.most,
            at=at,
        )
    record(appointment, "booked", by=by, at=at, status=appointment.status)
    go_on(appointment, credit=credit, by=by, at=at)
    return appointment


def written(
    *,
    service: Service,
    start: datetime,
    mode: str,
    zone: str,
    person: Client,
    language: str,
    answers: dict[str, Any],
    offered: quotes.Offer,
    suits: Wishes,
    ip: str | None,
    user_agent: str,
    asks_by_mail: bool,
    at: datetime,
    credit: Credit | None = None,
    first: Appointment | None = None,
) -> Appointment:
    """The appointment and what was agreed about it; ``first`` is the one that it follows week after week."""
    appointment = Appointment(
        provider=service.provider,
        service=service,
        client=person,
        mode=mode,
        timezone=zone,
        language=language,
        answers=answers,
        series_first=first,
        created_at=at,
        **agreed_terms(offered),
        **first_status(service, offered, start=start, asks_by_mail=asks_by_mail, at=at),
        **inherited(credit, start),
        **times(service, start, offered.terms.grace),
    )
    insert(appointment, at=at, wishes=suits)
    agree(appointment, offered, language=language, ip=ip, user_agent=user_agent, at=at)
    return appointment


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


def agreed_terms(offered: quotes.Offer) -> dict[str, Any]:
    """What the client agrees to, for the life of the appointment."""
    return {
        "policy_version": offered.policy_version,
        "price": offered.price,
        "deposit_amount": offered.deposit,
        "currency": offered.currency,
    }


def policy_changed(service: Service, offered: quotes.Offer, *, language: str) -> PolicyChanged:
    return PolicyChanged(
        _("The terms or the price have changed since you opened the page. Please look at them once more."),
        policy_version=offered.version,
        price=as_json.money(offered.price, offered.currency),
        deposit=as_json.money(offered.deposit, offered.currency),
        policy_text=quotes.policy_text(service, offered, language=language),
    )


def known_client(provider: Provider, details: ClientDetails, *, zone: str, by: Actor, at: datetime) -> Client:
    """The provider's client of this e-mail address, made when new. Anyone can type an address, so what is
    known of a client is not overwritten by a booking."""
    person, created = Client.objects.get_or_create(
        provider=provider,
        email=details.email.lower(),
        defaults={
            "name": details.name,
            "phone": details.phone,
            "language": details.language,
            "timezone": zone,
            "preferences": details.wishes,
            "created_at": at,
        },
    )
    if person.blocked_at and by.kind == "client":
        raise NotAccepted(
            _("This service cannot be booked online at the moment. Please write to the provider.")
        )
    if not created:
        add_what_was_unknown(person, details)
    return person


def agree_to_channels(person: Client, details: ClientDetails, *, by: Actor, at: datetime) -> None:
    """What was ticked holds for the number that was typed with it: who types another's address and a number
    of its own agrees for nobody."""
    how = "booking" if by.kind == "client" else "desk"
    if details.phone and person.phone == details.phone:
        for channel, words in details.agrees.items():
            consents.record(client=person, channel=channel, give=True, how=how, words=words, at=at)


def add_what_was_unknown(person: Client, details: ClientDetails) -> None:
    if details.phone and not person.phone:
        person.phone = details.phone
        person.save(update_fields=["phone"])
    if details.wishes and not person.preferences:
        person.preferences = details.wishes
        person.save(update_fields=["preferences"])


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
        waits_until = min(at + REQUEST_WAITS, last_moment(service, start))
        return {"status": Status.REQUESTED, "hold_expires_at": waits_until}
    if offered.deposit:
        waits_until = at + timedelta(minutes=service.provider.hold_minutes)
        return {"status": Status.HELD, "hold_expires_at": waits_until}
    if asks_by_mail:
        return {"status": Status.HELD, "hold_expires_at": min(at + by_mail.WAITS, start)}
    return {"status": Status.CONFIRMED, "confirmed_at": at}


def last_moment(service: Service, start: datetime) -> datetime:
    """Until when a start of the service can be booked at all; nothing waits past it (rule 11)."""
    return start - timedelta(minutes=service.min_notice_minutes)


def inherited(credit: Credit | None, start: datetime) -> dict[str, Any]:
    """What a chain of moves must not lose when it goes through a credit (rules 3 and 4)."""
    if credit is None:
        return {"original_start_at": start}
    return {
        "original_start_at": credit.original_start_at or start,
        "moves_used": credit.moves_used,
        "smallest_notice": credit.smallest_notice,
    }


def insert(appointment: Appointment, *, at: datetime, wishes: Wishes | None = None) -> None:
    """The database has the last word on whether the time is free (F-01 to F-03)."""
    appointment.token_hash = tokens.hash_of(tokens.make(appointment))
    try:
        with transaction.atomic():
            appointment.save(force_insert=True)
    except IntegrityError as error:
        if not refused_by(error).startswith("no_overlap"):
            raise
        raise availability.taken(
            service=appointment.service,
            start=appointment.starts_at,
            at=at,
            mode=appointment.mode,
            wishes=wishes,
        ) from None


def agree(
    appointment: Appointment,
    offered: quotes.Offer,
    *,
    language: str,
    ip: str | None,
    user_agent: str,
    at: datetime,
) -> None:
    """The agreement: version, text as shown, hash, language, time and from where (A11)."""
    text = quotes.policy_text(appointment.service, offered, language=language)
    Agreement.objects.create(
        appointment=appointment,
        policy_version=offered.policy_version,
        text=text,
        sha256=wording.sha256_of(text),
        language=language,
        agreed_at=at,
        ip_address=ip,
        user_agent=user_agent[:400],
    )


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
        facts = terms_facts(appointment) | {"hold_expires_at": as_json.instant(waits_until)}
        plan.tell(appointment=appointment, kind="pay_link", to="client", at=at, facts=facts)
        remind_of_credit(appointment, at=at)
    return appointment


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
