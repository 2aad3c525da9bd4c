"""The day itself: who comes, who is late, and what was kept (A2, rule 11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from booking import quotes
from booking.actors import CLIENT, SYSTEM, Actor
from booking.lifecycle.steps import EARLY_ARRIVAL, LATE_NOTICE, NotAllowed, each, must_be, put, record, take
from booking.models import Appointment, Mode, Status
from config import as_json
from config.refusal import Refusal
from payments import ledger
from policies.rules import no_show
from reminders import plan

COMPLETES_AFTER = timedelta(hours=24)
TRIED = ("camera", "microphone", "speaker", "connection")
SEEN = ("ok", "denied", "missing", "busy", "silent", "slow", "failed")


class TooEarly(Refusal):
    """Not before its time: a no-show before the end of grace, an arrival hours ahead."""

    code = "too_early"


@transaction.atomic
def will_come(*, appointment: Appointment, at: datetime) -> Appointment:
    """The client says *I'll be there*."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if appointment.will_come_at is None:
        put(appointment, will_come_at=at)
        record(appointment, "will_come", by=CLIENT, at=at)
    return appointment


@transaction.atomic
def tested(*, appointment: Appointment, works: bool, found: dict[str, str], at: datetime) -> Appointment:
    """The client tried camera, microphone and connection (A9). Whoever needs help is passed on, once until
    it works; ``found`` is what the browser saw, as ``{"camera": "denied"}``, names and states of `TRIED`
    and `SEEN` alone."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if appointment.mode != Mode.VIDEO:
        raise NotAllowed("not_by_video", _("You do not meet by video, so there is nothing to test."))
    if at >= appointment.ends_at:
        raise NotAllowed("already_over", _("The appointment is over."))
    seen = {name: state for name, state in found.items() if name in TRIED and state in SEEN}
    asked_already = appointment.needs_help_at is not None
    put(
        appointment,
        tested_at=at if works else appointment.tested_at,
        needs_help_at=None if works else appointment.needs_help_at or at,
    )
    record(appointment, "tested" if works else "needs_help", by=CLIENT, at=at, found=seen)
    if not works and not asked_already:
        about = f"help:{at.isoformat()}"
        plan.tell(
            appointment=appointment,
            kind="needs_help",
            to="provider",
            at=at,
            about=about,
            facts={"found": seen},
        )
    return appointment


@transaction.atomic
def helped(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The provider answered *I need help*: a word, a call, another link. It is asked for anew by another test."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if appointment.needs_help_at is None:
        raise NotAllowed("nothing_asked", _("The client has not asked for help with the call."))
    put(appointment, needs_help_at=None)
    record(appointment, "helped", by=by, at=at)
    return appointment


@transaction.atomic
def arrive(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The client is here: checked in, opened the meeting link, or the provider says so."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at < appointment.starts_at - EARLY_ARRIVAL:
        raise TooEarly(_("It is too early to check in: please come back half an hour before the start."))
    if by.kind == "client" and at >= appointment.ends_at:
        raise NotAllowed("already_over", _("The appointment is over."))
    if appointment.arrived_at is None:
        put(appointment, arrived_at=at)
        record(appointment, "arrived", by=by, at=at)
    return appointment


@transaction.atomic
def undo_arrive(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """It was somebody else who came in: the wait goes on as if nobody had been seen. Where the client checked in, that
    stays said."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if appointment.arrived_at is None:
        raise NotAllowed("not_arrived", _("Nobody has said that they are here."))
    if appointment.timeline.filter(kind="arrived").latest("at", "pk").by != by.kind:
        raise NotAllowed("checked_in", _("The client checked in, and that stays."))
    put(appointment, arrived_at=None)
    record(appointment, "arrival_undone", by=by, at=at)
    return appointment


@transaction.atomic
def late(*, appointment: Appointment, minutes: int, at: datetime) -> Appointment:
    """The client says *I'm late, 10 minutes*; the provider is asked to wait (A2)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at < appointment.starts_at - LATE_NOTICE:
        raise TooEarly(_("There is still time: you can say this from two hours before the start."))
    if at > appointment.grace_ends_at:
        raise NotAllowed(
            "too_late", _("The time that the provider waits is over. Please write to them directly.")
        )
    put(appointment, asked_delay_minutes=minutes)
    record(appointment, "late", by=CLIENT, at=at, minutes=minutes)
    plan.tell(
        appointment=appointment,
        kind="late_asked",
        to="provider",
        at=at,
        about=f"late:{at.isoformat()}",
        facts={"minutes": minutes},
    )
    return appointment


@transaction.atomic
def accept_late(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The provider waits: grace grows by the minutes asked for (rule 7)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    minutes = appointment.asked_delay_minutes
    if minutes <= appointment.accepted_delay_minutes:
        raise NotAllowed("nothing_asked", _("The client has not asked you to wait longer."))
    waits_until = no_show.grace_ends_at(
        appointment.starts_at, quotes.terms(appointment), delay=timedelta(minutes=minutes)
    )
    put(
        appointment,
        accepted_delay_minutes=minutes,
        grace_ends_at=waits_until,
        asked_no_show_at=None,
    )
    record(appointment, "late_accepted", by=by, at=at, minutes=minutes)
    plan.tell(
        appointment=appointment,
        kind="late_accepted",
        to="client",
        at=at,
        about=f"late:{minutes}",
        facts={"minutes": minutes, "waits_until": as_json.instant(waits_until)},
    )
    return appointment


@transaction.atomic
def complete(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """Kept: the deposit is applied to the price. From the start on by the provider (rule 11)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at < appointment.starts_at:
        raise TooEarly(_("The appointment has not started yet."))
    appointment.to_status(Status.COMPLETED, completed_at=at)
    deposit = quotes.current_deposit(appointment)
    if deposit and deposit.held:
        ledger.post(
            deposit=deposit,
            source="held",
            target="applied",
            amount=deposit.held,
            reason="completed",
            by=by,
            at=at,
        )
    plan.drop(appointment=appointment, at=at)
    record(appointment, "completed", by=by, at=at)
    return appointment


def complete_kept(*, at: datetime) -> int:
    """Sweep: what ended a day ago and was not marked otherwise was kept."""
    over = Appointment.objects.filter(
        Q(ends_at__lte=at - COMPLETES_AFTER),
        status=Status.CONFIRMED,
        starts_at__lte=at - COMPLETES_AFTER,
    ).order_by("starts_at")
    return each(over, lambda appointment: complete(appointment=appointment, by=SYSTEM, at=at))
