"""What nobody paid or answered in time ends, and its time is free again (rule 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from booking import quotes
from booking.actors import SYSTEM
from booking.lifecycle.steps import each, offers, record, take
from booking.models import Appointment, BusyTime, Move, Proposal, Provider, Status
from config import as_json
from payments import checkout, credits
from payments.models import Deposit
from reminders import plan

ENDED = (Status.CANCELLED, Status.DECLINED, Status.NO_SHOW, Status.EXPIRED)


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
        facts = {"was_request": was_request, "offers": as_json.instants(offers(appointment, at=at))}
        plan.tell(appointment=appointment, kind="expired", to="client", at=at, facts=facts)


def lapse_move(move: Move, *, at: datetime) -> None:
    """The new time of a move was not paid for in time: nothing has moved (rule 2)."""
    move.state, move.hold_expires_at = "lapsed", None
    move.save(update_fields=["state", "hold_expires_at"])
    BusyTime.objects.filter(appointment_id=move.appointment_id, kind="move").delete()
    deposit = Deposit.objects.filter(move=move).first()
    if deposit:
        checkout.ask_to_close(deposit=deposit, at=at)
    record(move.appointment, "move_lapsed", by=SYSTEM, at=at, to=as_json.instant(move.to_start_at))


def decide(proposal: Proposal, state: str, *, at: datetime, **more: Any) -> None:
    """A proposal comes to its end, whatever that is; the database frees its times with it."""
    proposal.state, proposal.decided_at = state, at
    for field, value in more.items():
        setattr(proposal, field, value)
    proposal.save(update_fields=["state", "decided_at", *more])
    plan.drop(appointment=proposal.appointment, at=at, kinds=("proposal",))


def end_proposal(appointment: Appointment, state: str, *, at: datetime) -> None:
    """What was proposed is overtaken by what happens to the appointment."""
    if proposal := appointment.proposals.open().first():
        decide(proposal, state, at=at)


def lapse_proposal(proposal: Proposal, appointment: Appointment, *, at: datetime) -> None:
    """Nobody answered in time: the times are free, and both sides hear of it."""
    decide(proposal, Proposal.State.LAPSED, at=at)
    record(appointment, "proposal_lapsed", by=SYSTEM, at=at)
    standing = appointment.status == Status.CONFIRMED
    facts = {
        "standing": standing,
        "starts": as_json.instants([one.start_at for one in proposal.times.all()]),
        "offers": [] if standing else as_json.instants(offers(appointment, at=at)),
    }
    for reader in ("client", "provider"):
        plan.tell(
            appointment=appointment,
            kind="proposal_lapsed",
            to=reader,
            at=at,
            about=f"proposal:{proposal.uid}",
            facts=facts,
        )


def lapse_holds(*, at: datetime) -> int:
    """Sweep: every hold, request and held move whose time is over. Returns how many."""
    ended = each(
        Appointment.objects.lapsed(at=at).order_by("hold_expires_at"),
        lambda held: expire(appointment=held, at=at),
    )
    moves = Move.objects.filter(state="waiting", hold_expires_at__lte=at).select_related("appointment")
    return ended + each(moves.order_by("hold_expires_at"), lambda move: lapse_held_move(move, at=at))


@transaction.atomic
def lapse_held_move(move: Move, *, at: datetime) -> bool:
    """False when it does not wait any more."""
    appointment = take(move.appointment)
    waiting = appointment.moves.filter(pk=move.pk, state="waiting", hold_expires_at__lte=at).first()
    if waiting is None:
        return False
    lapse_move(waiting, at=at)
    return True


def free_lapsed(provider: Provider, *, at: datetime, but: Appointment | None = None) -> None:
    """Holds that are over are over now, sweep or no sweep (F-08); all ``but`` one that is being paid."""
    over = BusyTime.objects.filter(provider=provider, expires_at__lte=at).select_related(
        "appointment__service", "appointment__client"
    )
    for held in over:
        appointment = held.appointment
        assert appointment is not None  # only what waits for a client has an end
        appointment.provider = appointment.service.provider = provider
        if held.kind == "move":
            lapse_move(appointment.moves.get(state="waiting"), at=at)
        elif held.kind == "proposal":
            if proposal := appointment.proposals.lapsed(at=at).first():  # one of several of its times
                lapse_proposal(proposal, appointment, at=at)
        elif appointment != but:
            end_wait(appointment, at=at)
