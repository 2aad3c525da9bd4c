"""Money arrives, or does not: in time, too late, twice (rule 11)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from booking import availability
from booking.actors import CLIENT, SYSTEM
from booking.lifecycle.confirming import welcome
from booking.lifecycle.expiring import end_proposal, free_lapsed
from booking.lifecycle.moving import go_to
from booking.lifecycle.series import share_out
from booking.lifecycle.steps import offers, record, take, waiting_move
from booking.models import Appointment, BusyTime, Move, Proposal, Status
from config import as_json
from payments import checkout, refunds
from payments.models import Deposit, Payment
from policies.rules.cancellation import Outcome
from reminders import plan


@transaction.atomic
def deposit_paid(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> None:
    """Money has arrived. In time it confirms; after the hold lapsed it gets the slot if that is still
    free, else all of it goes back with an apology and three times (rule 11). Told twice, done once."""
    appointment = take(payment.appointment)
    free_lapsed(appointment.provider, at=at, but=appointment)
    if not checkout.record_paid(payment=payment, intent_id=intent_id, amount=amount, at=at):
        return
    deposit = Deposit.objects.get(payments=payment)
    record(appointment, "deposit_paid", by=SYSTEM, at=at, amount=amount, currency=payment.currency)
    if deposit.move_id:
        finish_paid_move(appointment, deposit, at=at)
        return
    fits = appointment.status == Status.HELD or (
        appointment.status == Status.EXPIRED
        and not appointment.client.erased_at
        and not deposit.carried
        and availability.is_free(appointment=appointment, at=at)
    )
    if fits:
        end_proposal(appointment, Proposal.State.WITHDRAWN, at=at)
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
    own = shared(appointment, deposit, at=at)
    if fits:
        welcome(appointment, by=SYSTEM, at=at)
    else:
        send_back(appointment, deposit, min(own, amount), at=at)


def shared(appointment: Appointment, deposit: Deposit, *, at: datetime) -> int:
    """What was paid for a series goes to each of it, or back for those that are gone meanwhile. Returns what is
    left for ``appointment`` itself: all of it where it leads none."""
    own, missed = share_out(appointment, deposit, at=at)
    for one in missed:
        send_back(one, deposit, one.deposit_amount, at=at)
    return own


@transaction.atomic
def payment_failed(*, payment: Payment, at: datetime) -> None:
    """The client's payment did not go through: the hold goes on, the provider hears of it once."""
    appointment = take(payment.appointment)
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
        facts={"amount": as_json.money(payment.amount, payment.currency)},
    )


def send_back(appointment: Appointment, deposit: Deposit, amount: int, *, at: datetime) -> None:
    """Money that came for nothing goes back whole, with an apology and three times."""
    refunds.give_back(deposit=deposit, amount=amount, reason="paid_too_late", by=SYSTEM, at=at)
    facts = {
        "refund": as_json.money(amount, appointment.currency),
        "offers": as_json.instants(offers(appointment, at=at)),
    }
    plan.tell(
        appointment=appointment,
        kind="paid_too_late",
        to="client",
        at=at,
        about=f"deposit:{deposit.uid}",
        facts=facts,
    )


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
        provider=appointment.provider,
        service=appointment.service,
        mode=appointment.mode,
        starts_at=made.to_start_at,
        ends_at=appointment.ends_at + shift,
        blocked_from=appointment.blocked_from + shift,
        blocked_until=appointment.blocked_until + shift,
    )
    return availability.is_free(appointment=elsewhere, at=at)
