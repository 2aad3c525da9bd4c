"""From a wish to a confirmed appointment: hold, approve, decline, paid, expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import availability, quotes, tokens
from booking.actors import SYSTEM, Actor
from booking.lifecycle.steps import NotAllowed, each, iso_all, must_be, offers, record, take
from booking.models import Appointment, BusyTime, Client, Lapse, Move, Provider, Service, Status
from config.guards import refused_by
from config.refusal import Refusal
from payments import checkout, credits, refunds
from payments.models import Credit, Deposit, Payment
from policies import wording
from policies.models import Agreement
from reminders import plan

REQUEST_WAITS = timedelta(hours=48)
APPROVED_WAITS = timedelta(hours=24)
LAST_ENDED = 6


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
) -> Appointment:
    """Book: take the slot, write the agreement, ask the deposit. The appointment is ``requested`` where
    the provider approves first, ``held`` while its deposit is due, else ``confirmed``.

    Refuses with `PolicyChanged`, `NotAccepted`, `NotBookable` and `SlotTaken`."""
    provider = Provider.objects.locked().get(pk=service.provider_id)
    service.provider = provider
    free_lapsed(provider, at=at)
    offered = quotes.offer(service)
    if agreed_version != offered.version:
        raise policy_changed(service, offered, language=client.language)
    person = known_client(provider, client, zone=zone, by=by, at=at)
    credit = usable(credit, person, start=start, at=at)
    availability.check_start(provider=provider, service=service, start=start, mode=mode, at=at)

    status, waits_until = first_status(service, offered, credit, provider=provider, start=start, at=at)
    appointment = Appointment(
        provider=provider,
        service=service,
        client=person,
        policy_version=offered.policy_version,
        status=status,
        mode=mode,
        price=offered.price,
        deposit_amount=offered.deposit,
        currency=offered.currency,
        timezone=zone,
        language=client.language,
        answers=answers,
        created_at=at,
        hold_expires_at=waits_until,
        confirmed_at=at if status == Status.CONFIRMED else None,
        **inherited(credit, start),
        **times(service, start, offered.terms.grace),
    )
    appointment.token_hash = tokens.hash_of(tokens.make(appointment))
    insert(appointment, at=at)
    agree(appointment, offered, language=client.language, ip=ip, user_agent=user_agent, at=at)
    record(appointment, "booked", by=by, at=at, status=status)

    if status == Status.REQUESTED:
        plan.tell(
            appointment=appointment, kind="requested", to="client", at=at, facts=terms_facts(appointment)
        )
        plan.tell(
            appointment=appointment, kind="approval_needed", to="provider", at=at, facts={"answers": answers}
        )
    elif offered.deposit:
        ask_deposit(appointment, credit=credit, at=at)
    else:
        welcome(appointment, by=by, at=at)
    if credit is None:
        remind_of_credit(appointment, at=at)
    return appointment


def free_lapsed(provider: Provider, *, at: datetime, but: Appointment | None = None) -> None:
    """Holds that are over are over now, sweep or no sweep (F-08); all ``but`` one that is being paid."""
    for lapsed in Appointment.objects.of(provider).lapsed(at=at).exclude(pk=but and but.pk).with_names():
        lapsed.provider = lapsed.service.provider = provider
        end_wait(lapsed, at=at)
    for held in BusyTime.objects.filter(provider=provider, kind="move", expires_at__lte=at).select_related(
        "appointment"
    ):
        move = held.appointment.moves.filter(state="waiting").first()
        if move:
            lapse_move(move, at=at)


def policy_changed(service: Service, offered: quotes.Offer, *, language: str) -> PolicyChanged:
    return PolicyChanged(
        _("The terms or the price have changed since you opened the page. Please look at them once more."),
        policy_version=offered.version,
        price=quotes.money(offered.price, offered.currency),
        deposit=quotes.money(offered.deposit, offered.currency),
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
            "created_at": at,
        },
    )
    if person.blocked_at and by.kind == "client":
        raise NotAccepted(
            _("This service cannot be booked online at the moment. Please write to the provider.")
        )
    if not created and details.phone and not person.phone:
        person.phone = details.phone
        person.save(update_fields=["phone"])
    return person


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
    service: Service,
    offered: quotes.Offer,
    credit: Credit | None,
    *,
    provider: Provider,
    start: datetime,
    at: datetime,
) -> tuple[str, datetime | None]:
    if service.approval:
        return Status.REQUESTED, min(at + REQUEST_WAITS, last_moment(service, start))
    if offered.deposit:
        return Status.HELD, at + timedelta(minutes=provider.hold_minutes)
    return Status.CONFIRMED, None


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


def times(service: Service, start: datetime, grace: timedelta) -> dict[str, datetime]:
    """An appointment's times, buffers included, for a start."""
    end = start + timedelta(minutes=service.duration_minutes)
    return {
        "starts_at": start,
        "ends_at": end,
        "blocked_from": start - timedelta(minutes=service.buffer_before_minutes),
        "blocked_until": end + timedelta(minutes=service.buffer_after_minutes),
        "grace_ends_at": start + grace,
    }


def insert(appointment: Appointment, *, at: datetime) -> None:
    """The database has the last word on whether the time is free (F-01 to F-03)."""
    try:
        with transaction.atomic():
            appointment.save(force_insert=True)
    except IntegrityError as error:
        if not refused_by(error).startswith("no_overlap"):
            raise
        raise availability.taken(
            service=appointment.service, start=appointment.starts_at, at=at, mode=appointment.mode
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


def terms_facts(appointment: Appointment) -> dict[str, Any]:
    """Price, deposit and the terms as agreed, for messages."""
    return {
        "price": quotes.money(appointment.price, appointment.currency),
        "deposit": quotes.money(appointment.deposit_amount, appointment.currency),
        "policy_text": appointment.agreement.text,
        "status": appointment.status,
    }


def ask_deposit(appointment: Appointment, *, credit: Credit | None, at: datetime) -> Deposit:
    """Ask the deposit of a held appointment; one that a credit covers is confirmed at once."""
    deposit = checkout.ask(appointment=appointment, amount=appointment.deposit_amount, at=at, credit=credit)
    if deposit.is_paid or not deposit.payments.exists():
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(appointment, by=SYSTEM, at=at)
    return deposit


def remind_of_credit(appointment: Appointment, *, at: datetime) -> None:
    """A client who has a credit and books without it is sent the link to use it (rule 5)."""
    credit = credits.waiting(client=appointment.client, start=appointment.starts_at, at=at)
    if credit and appointment.deposit_amount:
        source = credit.deposit.appointment
        plan.tell(
            appointment=appointment,
            kind="already_has_credit",
            to="client",
            at=at,
            about=f"credit:{credit.uid}",
            facts={
                "credit": quotes.money(credit.left, credit.currency),
                "carry_until": quotes.iso(credit.expires_at),
                "credit_url": f"{tokens.manage_url(source)}?credit_for={appointment.uid}",
            },
        )


def welcome(appointment: Appointment, *, by: Actor, at: datetime) -> None:
    """What follows from being confirmed: the mails and the reminders (rules 13 to 16)."""
    record(appointment, "confirmed", by=SYSTEM, at=at)
    deposit = quotes.current_deposit(appointment)
    paid = quotes.money(deposit.held if deposit else 0, appointment.currency)
    facts = terms_facts(appointment) | {"paid": paid}
    plan.tell(appointment=appointment, kind="confirmed", to="client", at=at, facts=facts)
    plan.tell(appointment=appointment, kind="booked", to="provider", at=at, facts={"paid": paid})
    plan_reminders(appointment, at=at)


def plan_reminders(appointment: Appointment, *, at: datetime) -> None:
    """The reminders for the present start; a client who lapsed lately gets one more (rule 16)."""
    last = (
        Appointment.objects.ended()
        .filter(client_id=appointment.client_id)
        .order_by("-starts_at")
        .values_list("pk", flat=True)[:LAST_ENDED]
    )
    lapsed = Lapse.objects.counting().filter(appointment_id__in=list(last)).exists()
    plan.reminders(appointment=appointment, terms=quotes.terms(appointment), lapsed_recently=lapsed, at=at)


@transaction.atomic
def approve(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The provider says yes to a request: confirmed, or held for a day while its deposit is paid (rule 11)."""
    appointment = take(appointment)
    must_be(appointment, Status.REQUESTED)
    if appointment.hold_expires_at and appointment.hold_expires_at <= at:
        raise NotAllowed("request_over", _("This request has ended; the client has had an answer."))
    record(appointment, "approved", by=by, at=at)
    if not appointment.deposit_amount:
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(appointment, by=by, at=at)
        return appointment
    waits_until = min(at + APPROVED_WAITS, last_moment(appointment.service, appointment.starts_at))
    appointment.to_status(Status.HELD, hold_expires_at=waits_until)
    ask_deposit(appointment, credit=None, at=at)
    if appointment.status == Status.HELD:
        facts = terms_facts(appointment) | {"hold_expires_at": quotes.iso(waits_until)}
        plan.tell(appointment=appointment, kind="pay_link", to="client", at=at, facts=facts)
    return appointment


@transaction.atomic
def decline(*, appointment: Appointment, note: str, by: Actor, at: datetime) -> list[datetime]:
    """The provider says no, kindly and with other times (A5, A15)."""
    appointment = take(appointment)
    must_be(appointment, Status.REQUESTED)
    appointment.to_status(Status.DECLINED)
    record(appointment, "declined", by=by, at=at, note=note)
    times_offered = offers(appointment, at=at)
    plan.drop(appointment=appointment, at=at)
    plan.tell(
        appointment=appointment,
        kind="declined",
        to="client",
        at=at,
        facts={"note": note, "offers": iso_all(times_offered)},
    )
    return times_offered


@transaction.atomic
def deposit_paid(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> None:
    """Money has arrived. In time it confirms; after the hold lapsed it gets the slot if that is still
    free, else all of it goes back with an apology and three times (rule 11). Told twice, done once."""
    appointment = take(payment.deposit.appointment)
    free_lapsed(appointment.provider, at=at, but=appointment)
    if not checkout.record_paid(payment=payment, intent_id=intent_id, amount=amount, at=at):
        return
    deposit = Deposit.objects.get(pk=payment.deposit_id)
    record(appointment, "deposit_paid", by=SYSTEM, at=at, amount=amount, currency=payment.currency)
    if deposit.move_id:
        from booking.lifecycle.changing import finish_paid_move

        finish_paid_move(appointment, deposit, at=at)
    elif appointment.status == Status.HELD or (
        appointment.status == Status.EXPIRED
        and not deposit.carried
        and availability.is_free(appointment=appointment, at=at)
    ):
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(appointment, by=SYSTEM, at=at)
    else:
        send_back(appointment, deposit, amount, at=at)


def send_back(appointment: Appointment, deposit: Deposit, amount: int, *, at: datetime) -> None:
    """Money that came for nothing goes back whole, with an apology and three times."""
    refunds.give_back(deposit=deposit, amount=amount, reason="paid_too_late", by=SYSTEM, at=at)
    facts = {
        "refund": quotes.money(amount, appointment.currency),
        "offers": iso_all(offers(appointment, at=at)),
    }
    plan.tell(
        appointment=appointment,
        kind="paid_too_late",
        to="client",
        at=at,
        about=f"deposit:{deposit.uid}",
        facts=facts,
    )


@transaction.atomic
def payment_failed(*, payment: Payment, at: datetime) -> None:
    """The client's payment did not go through: the hold goes on, the provider hears of it once."""
    appointment = take(payment.deposit.appointment)
    if payment.state == Payment.State.PAID or payment.failed_at:
        return
    payment.failed_at = at
    payment.save(update_fields=["failed_at"])
    record(appointment, "payment_failed", by=SYSTEM, at=at)
    plan.tell(
        appointment=appointment,
        kind="payment_failed",
        to="provider",
        at=at,
        about=f"payment:{payment.uid}",
        facts={"amount": quotes.money(payment.amount, payment.currency)},
    )


@transaction.atomic
def expire(*, appointment: Appointment, at: datetime) -> bool:
    """The wait for a deposit or an answer is over; False when it is not (any more)."""
    appointment = take(appointment)
    if appointment.hold_expires_at is None or appointment.hold_expires_at > at:
        return False
    end_wait(appointment, at=at)
    return True


def end_wait(appointment: Appointment, *, at: datetime) -> None:
    """Frees the slot, ends the session at the gateway, gives a used credit back, and answers a client
    who has been waiting for a word of ours."""
    was_request = appointment.status == Status.REQUESTED
    appointment.to_status(Status.EXPIRED)
    record(appointment, "expired", by=SYSTEM, at=at)
    deposit = quotes.current_deposit(appointment)
    if deposit:
        checkout.ask_to_close(deposit=deposit, at=at)
        credits.put_back(deposit=deposit, at=at)
    if was_request or appointment.service.approval:
        facts = {"was_request": was_request, "offers": iso_all(offers(appointment, at=at))}
        plan.tell(appointment=appointment, kind="expired", to="client", at=at, facts=facts)


def lapse_move(move: Move, *, at: datetime) -> None:
    """The new time of a move was not paid for in time: nothing has moved (rule 2)."""
    move.state, move.hold_expires_at = "lapsed", None
    move.save(update_fields=["state", "hold_expires_at"])
    BusyTime.objects.filter(appointment_id=move.appointment_id, kind="move").delete()
    deposit = Deposit.objects.filter(move=move).first()
    if deposit:
        checkout.ask_to_close(deposit=deposit, at=at)
    record(move.appointment, "move_lapsed", by=SYSTEM, at=at, to=quotes.iso(move.to_start_at))


def lapse_holds(*, at: datetime) -> int:
    """Sweep: every hold, request and held move whose time is over. Returns how many."""
    ended = each(Appointment.objects.lapsed(at=at), lambda held: expire(appointment=held, at=at))
    for move in Move.objects.filter(state="waiting", hold_expires_at__lte=at):
        with transaction.atomic():
            appointment = take(move.appointment)
            waiting = appointment.moves.filter(pk=move.pk, state="waiting", hold_expires_at__lte=at).first()
            if waiting:
                lapse_move(waiting, at=at)
                ended += 1
    return ended
