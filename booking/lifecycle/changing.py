"""Cancel, move, change of mode: nothing is lost unannounced, and every cancel ends in new times (A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import availability, quotes
from booking.actors import CLIENT, Actor
from booking.lifecycle.beginning import free_lapsed, lapse_move, plan_reminders, send_back, times
from booking.lifecycle.steps import (
    NotAllowed,
    already_started,
    iso_all,
    lapsed,
    money_facts,
    move_money,
    must_be,
    offers,
    put,
    record,
    take,
    waiting_move,
)
from booking.models import Appointment, BusyTime, Move, Status
from booking.quotes import Quote
from config.guards import refused_by
from config.refusal import Refusal
from payments import checkout, credits
from payments.models import Deposit
from policies.rules import cancellation
from policies.rules.cancellation import Outcome
from reminders import plan


class QuoteChanged(Refusal):
    """The act would now have another outcome than the one that was quoted; the new quote is in the facts."""

    code = "quote_changed"


class QuoteNeeded(Refusal):
    code = "invalid"
    status = 400


@dataclass(frozen=True)
class Cancelled:
    """A cancel that was done: its outcome and up to three times to go on with."""

    appointment: Appointment
    outcome: Outcome
    offers: list[datetime]


@dataclass(frozen=True)
class Moved:
    """A move that was done, or one that waits for ``deposit`` (then nothing has moved yet)."""

    appointment: Appointment
    move: Move
    outcome: Outcome
    deposit: Deposit | None


@transaction.atomic
def cancel(
    *,
    appointment: Appointment,
    reason: str,
    by: Actor,
    at: datetime,
    note: str = "",
    quote: str | None = None,
    as_credit: bool = False,
) -> Cancelled:
    """Cancel. By the client: exactly as quoted, or `QuoteChanged`. By the provider: everything goes back
    (or is carried without a deadline), never a lapse (rule 6). Refuses after the start."""
    appointment = take(appointment)
    must_be(appointment, Status.REQUESTED, Status.HELD, Status.CONFIRMED)
    outcome = outcome_of_cancel(appointment, quote, by=by, as_credit=as_credit, at=at)

    if move := waiting_move(appointment):
        lapse_move(move, at=at)
    was_waiting = appointment.status in (Status.REQUESTED, Status.HELD)
    notice = outcome.notice if by.kind == "client" else appointment.smallest_notice
    appointment.to_status(
        Status.CANCELLED,
        cancelled_at=at,
        cancelled_by=by.kind,
        cancel_reason=reason,
        smallest_notice=notice,
    )
    lapse = lapsed(appointment, outcome, at=at)
    settlement = move_money(appointment, outcome, cause="cancel", lapse=lapse, by=by, at=at)
    if was_waiting and (deposit := quotes.current_deposit(appointment)):
        checkout.ask_to_close(deposit=deposit, at=at)
    money = money_facts(appointment, outcome, settlement)
    record(appointment, "cancelled", by=by, at=at, reason=reason, note=note, **money)

    plan.drop(appointment=appointment, at=at)
    proposed = offers(appointment, at=at, before=outcome.carry_until)
    facts = money | {"by": by.kind, "reason": reason, "note": note, "offers": iso_all(proposed)}
    plan.tell(appointment=appointment, kind="cancelled", to="client", at=at, facts=facts)
    plan.tell(appointment=appointment, kind="cancelled", to="provider", at=at, facts=facts)
    announce_end_of_credit(appointment, at=at)
    return Cancelled(appointment, outcome, proposed)


def outcome_of_cancel(
    appointment: Appointment, quote: str | None, *, by: Actor, as_credit: bool, at: datetime
) -> Outcome:
    """The outcome to act on: the client's as quoted, the provider's by rule 6."""
    if by.kind == "client":
        asked = quotes.cancel(appointment, at=at)
        same_as_quoted(asked, quote)
        return asked.outcome
    standing = quotes.standing(appointment, at=at)
    outcome = cancellation.provider_cancel(standing, as_credit=as_credit, at=at)
    if not outcome.allowed:
        raise already_started()
    return outcome


def same_as_quoted(asked: Quote, quote: str | None) -> None:
    """The act goes on only when the client was told exactly this outcome."""
    if not asked.outcome.allowed:
        raise already_started()
    if not quote:
        detail = _('Ask for a quote first and send its "quote" along.')
        raise QuoteNeeded(detail, errors={"quote": [detail]})
    if quote != asked.token:
        raise QuoteChanged(
            _("What this costs has changed since you were told. Please look at it once more."),
            quote=asked.as_json(),
        )


def announce_end_of_credit(appointment: Appointment, *, at: datetime) -> None:
    """The client hears of a credit's deadline again a day before it ends (rule 5)."""
    credit = credits.find(appointment=appointment)
    if credit and credit.expires_at and credit.expires_at - timedelta(days=1) > at:
        plan.tell(
            appointment=appointment,
            kind="credit_ends",
            to="client",
            at=at,
            due_at=credit.expires_at - timedelta(days=1),
            about=f"credit:{credit.uid}",
            facts={
                "credit": quotes.money(credit.left, credit.currency),
                "carry_until": quotes.iso(credit.expires_at),
                "unused": credit.unused,
            },
        )


@transaction.atomic
def move(*, appointment: Appointment, start: datetime, quote: str | None, by: Actor, at: datetime) -> Moved:
    """Move to ``start``, exactly as quoted: the new time is taken and the old one given back together, or
    nothing happens (rule 2). Where the new time asks its own deposit it is held and nothing has moved
    until that is paid."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    free_lapsed(appointment.provider, at=at)
    if start == appointment.starts_at:
        raise NotAllowed("same_time", _("The appointment is at this time already."))
    asked = quotes.move(appointment, start=start, at=at)
    same_as_quoted(asked, quote)
    availability.check_start(
        provider=appointment.provider,
        service=appointment.service,
        start=start,
        mode=appointment.mode,
        at=at,
        moving=appointment,
    )
    if waiting := waiting_move(appointment):
        lapse_move(waiting, at=at)
    made = Move(
        appointment=appointment,
        state="done",
        from_start_at=appointment.starts_at,
        to_start_at=start,
        by=by.kind,
        at=at,
        notice=asked.outcome.notice,
        outcome=plain(asked.outcome),
    )
    if asked.outcome.new_deposit and appointment.deposit_amount:
        return wait_for_deposit(appointment, made, asked.outcome, by=by, at=at)
    made.save()
    go_to(appointment, made, asked.outcome, by=by, at=at)
    return Moved(appointment, made, asked.outcome, None)


def plain(outcome: Outcome) -> dict[str, Any]:
    """What a waiting move must still know of its outcome when it is paid."""
    return {
        "refund": outcome.refund,
        "carry": outcome.carry,
        "forfeit": outcome.forfeit,
        "fee": outcome.fee,
        "lapse": outcome.lapse,
        "forgiven": outcome.forgiven,
        "late": outcome.late,
        "follows": outcome.follows,
    }


def wait_for_deposit(
    appointment: Appointment, made: Move, outcome: Outcome, *, by: Actor, at: datetime
) -> Moved:
    """Hold the new time beside the old one until its own deposit is paid."""
    made.state = "waiting"
    made.hold_expires_at = at + timedelta(minutes=appointment.provider.hold_minutes)
    made.save()
    hold_time(appointment, made, at=at)
    deposit = checkout.ask(appointment=appointment, amount=appointment.deposit_amount, at=at, move=made)
    record(appointment, "move_held", by=by, at=at, to=quotes.iso(made.to_start_at))
    facts = money_facts(appointment, outcome, None) | {
        "to_start": quotes.iso(made.to_start_at),
        "deposit": quotes.money(deposit.asked, deposit.currency),
        "hold_expires_at": quotes.iso(made.hold_expires_at),
    }
    plan.tell(
        appointment=appointment,
        kind="move_asks_deposit",
        to="client",
        at=at,
        about=f"move:{made.pk}",
        facts=facts,
    )
    return Moved(appointment, made, outcome, deposit)


def hold_time(appointment: Appointment, made: Move, *, at: datetime) -> None:
    """Take the part of the new time that the appointment does not hold already."""
    shift = made.to_start_at - made.from_start_at
    first, last = appointment.blocked_from + shift, appointment.blocked_until + shift
    if first < appointment.blocked_until and appointment.blocked_from < last:
        first, last = (
            (max(first, appointment.blocked_until), last)
            if shift > timedelta(0)
            else (first, min(last, appointment.blocked_from))
        )
    try:
        with transaction.atomic():
            BusyTime.objects.create(
                provider=appointment.provider,
                appointment=appointment,
                kind="move",
                blocked_from=first,
                blocked_until=last,
                expires_at=made.hold_expires_at,
            )
    except IntegrityError as error:
        raise clash(error, appointment, made.to_start_at, at=at) from None


def clash(error: IntegrityError, appointment: Appointment, start: datetime, *, at: datetime) -> Exception:
    """A broken constraint as its refusal, by its name; anything else stays what it is."""
    if not refused_by(error).startswith("no_overlap"):
        return error
    return availability.taken(
        service=appointment.service, start=start, at=at, mode=appointment.mode, moving=appointment
    )


def go_to(
    appointment: Appointment,
    made: Move,
    outcome: Outcome,
    *,
    by: Actor,
    at: datetime,
    new_deposit: Deposit | None = None,
) -> None:
    """The move itself and all that follows from it."""
    old_start = appointment.starts_at
    lapse = lapsed(appointment, outcome, at=made.at)
    settlement = move_money(appointment, outcome, cause="move", lapse=lapse, by=by, at=at)
    if new_deposit:
        checkout.make_current(deposit=new_deposit, at=at)
    terms = quotes.terms(appointment)
    try:
        with transaction.atomic():
            put(
                appointment,
                **times(appointment.service, made.to_start_at, terms.grace),
                moves_used=0 if new_deposit else appointment.moves_used + 1,
                smallest_notice=None if new_deposit else outcome.notice,
                accepted_delay_minutes=0,
                asked_delay_minutes=0,
                will_come_at=None,
                version=appointment.version + 1,
            )
    except IntegrityError as error:
        raise clash(error, appointment, made.to_start_at, at=at) from None
    money = money_facts(appointment, outcome, settlement)
    record(
        appointment,
        "moved",
        by=by,
        at=at,
        from_start=quotes.iso(old_start),
        to_start=quotes.iso(made.to_start_at),
        **money,
    )
    facts = money | {"from_start": quotes.iso(old_start), "policy_text": appointment.agreement.text}
    plan.drop(appointment=appointment, at=at)
    plan.tell(appointment=appointment, kind="moved", to="client", at=at, about=f"move:{made.pk}", facts=facts)
    plan.tell(
        appointment=appointment, kind="moved", to="provider", at=at, about=f"move:{made.pk}", facts=facts
    )
    plan_reminders(appointment, at=at)


def finish_paid_move(appointment: Appointment, deposit: Deposit, *, at: datetime) -> None:
    """The deposit of a held move was paid: move now, on the terms that were quoted. If the hold had
    lapsed, the new time is taken if it is still free, else the money goes back (rule 11)."""
    made = deposit.move
    if made is None:
        raise LookupError(f"deposit {deposit.uid} belongs to no move")
    free = appointment.status == Status.CONFIRMED and at <= appointment.starts_at
    if made.state != "waiting":
        free = free and made.state == "lapsed" and made.from_start_at == appointment.starts_at
        free = free and waiting_move(appointment) is None and still_free(appointment, made, at=at)
    if not free:
        send_back(appointment, deposit, deposit.held, at=at)
        return
    BusyTime.objects.filter(appointment=appointment, kind="move").delete()
    made.state, made.hold_expires_at = "done", None
    made.save(update_fields=["state", "hold_expires_at"])
    said = made.outcome
    outcome = Outcome(act="move", notice=made.notice, new_deposit=True, **said)
    go_to(appointment, made, outcome, by=CLIENT, at=at, new_deposit=deposit)


def still_free(appointment: Appointment, made: Move, *, at: datetime) -> bool:
    shift = made.to_start_at - appointment.starts_at
    elsewhere = Appointment(
        pk=appointment.pk,
        provider_id=appointment.provider_id,
        starts_at=made.to_start_at,
        blocked_from=appointment.blocked_from + shift,
        blocked_until=appointment.blocked_until + shift,
    )
    return availability.is_free(appointment=elsewhere, at=at)


@transaction.atomic
def change_mode(*, appointment: Appointment, mode: str, by: Actor, at: datetime) -> Appointment:
    """Another mode at the same time: in person, video or phone (A8)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at > appointment.starts_at:
        raise already_started()
    if mode not in appointment.service.modes:
        detail = _("This service is offered as: %(modes)s.") % {"modes": ", ".join(appointment.service.modes)}
        raise availability.NotBookable(detail, errors={"mode": [detail]})
    if mode == appointment.mode:
        return appointment
    old = appointment.mode
    put(appointment, mode=mode, version=appointment.version + 1)
    record(appointment, "mode_changed", by=by, at=at, old=old, new=mode)
    facts = {"old_mode": old, "mode": mode}
    about = f"mode:{appointment.version}"
    plan.tell(appointment=appointment, kind="mode_changed", to="client", at=at, about=about, facts=facts)
    plan.tell(appointment=appointment, kind="mode_changed", to="provider", at=at, about=about, facts=facts)
    return appointment
