"""A move: one act, in which the new time is taken and the old one given back together (rule 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import availability, free_starts, included_tax, quotes, wishes
from booking.actors import Actor
from booking.lifecycle.changing import same_as_quoted
from booking.lifecycle.confirming import plan_reminders, times
from booking.lifecycle.expiring import end_proposal, free_lapsed, lapse_move
from booking.lifecycle.steps import (
    NotAllowed,
    lapsed,
    money_facts,
    move_money,
    must_be,
    put,
    record,
    take,
    waiting_move,
)
from booking.models import Appointment, BusyTime, Move, Proposal, Status
from config import as_json
from config.guards import refused_by
from config.refusal import Refusal
from payments import checkout
from payments.models import Deposit
from policies.rules.cancellation import Outcome
from reminders import plan


@dataclass(frozen=True)
class Moved:
    """A move that was done, or one that waits for ``deposit`` (then nothing has moved yet)."""

    appointment: Appointment
    move: Move
    outcome: Outcome
    deposit: Deposit | None


@transaction.atomic
def move(*, appointment: Appointment, start: datetime, quote: str | None, by: Actor, at: datetime) -> Moved:
    """Move to ``start``, exactly as quoted: the new time is taken and the old one given back together, or
    nothing happens (rule 2). Where the new time asks its own deposit it is held and nothing has moved
    until that is paid."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    free_lapsed(appointment.provider, at=at)
    if start == appointment.starts_at:
        raise same_time()
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
        if again := waits_already(waiting, start, asked.outcome, by=by):
            return again
        lapse_move(waiting, at=at)
    end_proposal(appointment, Proposal.State.REFUSED, at=at)
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


def waits_already(waiting: Move, start: datetime, outcome: Outcome, *, by: Actor) -> Moved | None:
    """The same move, sent once more because its answer was lost, waits for the deposit that it asked."""
    same = (waiting.to_start_at, waiting.by, waiting.outcome) == (start, by.kind, plain(outcome))
    deposit = Deposit.objects.filter(move=waiting).first() if same else None
    return Moved(waiting.appointment, waiting, outcome, deposit) if deposit else None


def same_time() -> NotAllowed:
    return NotAllowed("same_time", _("The appointment is at this time already."))


def why_not_there(appointment: Appointment, start: datetime, *, at: datetime) -> Refusal | None:
    """What speaks against moving to ``start``, with others that can be had; None where it is free."""
    if start == appointment.starts_at:
        return same_time()
    try:
        availability.check_start(
            provider=appointment.provider,
            service=appointment.service,
            start=start,
            mode=appointment.mode,
            at=at,
            moving=appointment,
            wishes=wishes.of(appointment),
        )
    except Refusal as refusal:
        if "alternatives" not in refusal.facts:
            others = free_starts.near(
                service=appointment.service,
                start=start,
                at=at,
                mode=appointment.mode,
                without=appointment,
                wishes=wishes.of(appointment),
            )
            refusal.facts["alternatives"] = as_json.instants(others)
        return refusal
    return None


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
    record(appointment, "move_held", by=by, at=at, to=as_json.instant(made.to_start_at))
    facts = money_facts(appointment, outcome, None) | {
        "to_start": as_json.instant(made.to_start_at),
        "deposit": as_json.money(deposit.asked, deposit.currency),
        "tax_deposit": included_tax.asked(appointment=appointment, what="deposit", amount=deposit.asked),
        "hold_expires_at": as_json.instant(made.hold_expires_at),
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
        service=appointment.service,
        start=start,
        at=at,
        mode=appointment.mode,
        moving=appointment,
        wishes=wishes.of(appointment),
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
    take_new_time(appointment, made, outcome, afresh=new_deposit is not None, at=at)
    money = money_facts(appointment, outcome, settlement)
    record(
        appointment,
        "moved",
        by=by,
        at=at,
        from_start=as_json.instant(old_start),
        to_start=as_json.instant(made.to_start_at),
        **money,
    )
    facts = money | {
        "by": made.by,
        "from_start": as_json.instant(old_start),
        "policy_text": appointment.agreement.text,
    }
    plan.drop(appointment=appointment, at=at)
    for reader in ("client", "provider"):
        plan.tell(
            appointment=appointment, kind="moved", to=reader, at=at, about=f"move:{made.pk}", facts=facts
        )
    plan_reminders(appointment, at=at)


def take_new_time(
    appointment: Appointment, made: Move, outcome: Outcome, *, afresh: bool, at: datetime
) -> None:
    """The row goes to its new time."""
    terms = quotes.terms(appointment)
    try:
        with transaction.atomic():
            put(
                appointment,
                **times(appointment.service, made.to_start_at, terms.grace),
                **counted(appointment, made, outcome, afresh=afresh),
                accepted_delay_minutes=0,
                asked_delay_minutes=0,
                will_come_at=None,
                version=appointment.version + 1,
            )
    except IntegrityError as error:
        raise clash(error, appointment, made.to_start_at, at=at) from None


def counted(appointment: Appointment, made: Move, outcome: Outcome, *, afresh: bool) -> dict[str, Any]:
    """What a move leaves behind for the next quote: a new deposit starts ``afresh`` (rule 4); one by the
    provider counts for nothing and is the new original start (rule 6)."""
    if made.by == "provider":
        return {"original_start_at": made.to_start_at}
    if afresh:
        return {"moves_used": 0, "smallest_notice": None}
    return {"moves_used": appointment.moves_used + 1, "smallest_notice": outcome.notice}
