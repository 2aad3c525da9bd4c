"""A client is not there: contact, ask, mark, and undo what was wrong (A1 to A3, rule 7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking import quotes
from booking.actors import SYSTEM, Actor
from booking.lifecycle import concerns
from booking.lifecycle.attendance import COMPLETES_AFTER, TooEarly
from booking.lifecycle.expiring import end_proposal
from booking.lifecycle.releasing import release_balance
from booking.lifecycle.steps import (
    NotAllowed,
    each,
    lapsed,
    money_facts,
    move_money,
    must_be,
    offers,
    put,
    record,
    take,
    waiting_settlement,
)
from booking.models import Appointment, Lapse, Mode, Proposal, Status
from config import as_json
from payments import credits, settlements
from payments.models import Settlement
from policies.rules import no_show
from reminders import plan


@transaction.atomic
def contact(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """Write to a client who is not there: we are waiting until HH:MM, tell us if you are late (A1, A2)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if at < appointment.starts_at:
        raise TooEarly(_("The appointment has not started yet."))
    if appointment.arrived_at:
        raise NotAllowed("already_arrived", _("The client is there already."))
    put(appointment, contacted_at=at)
    record(appointment, "contacted", by=by, at=at)
    plan.tell(
        appointment=appointment,
        kind="contact",
        to="client",
        at=at,
        facts={"waits_until": as_json.instant(appointment.grace_ends_at)},
    )
    return appointment


WAYS = ("call", "text", "mail")


@transaction.atomic
def reached_out(*, appointment: Appointment, way: str, by: Actor, at: datetime) -> Appointment:
    """The provider called, texted or mailed a client who is not there: every contact is on the timeline,
    whatever came of it (A1)."""
    appointment = take(appointment)
    if at < appointment.starts_at:
        raise TooEarly(_("The appointment has not started yet."))
    if appointment.arrived_at or appointment.status not in (Status.CONFIRMED, Status.NO_SHOW):
        raise NotAllowed("already_arrived", _("The client is there already."))
    record(appointment, "reached_out", by=by, at=at, way=way)
    return appointment


@transaction.atomic
def ask_if_there(*, appointment: Appointment, at: datetime) -> None:
    """Ask the provider *is NAME there?* before the client is written to (rule 7)."""
    appointment = take(appointment)
    if appointment.status == Status.CONFIRMED and not appointment.asked_there_at:
        put(appointment, asked_there_at=at)
        record(appointment, "asked_if_there", by=SYSTEM, at=at)
        facts = {"waits_until": as_json.instant(appointment.grace_ends_at)}
        plan.tell(appointment=appointment, kind="is_client_there", to="provider", at=at, facts=facts)


def start_contacts(*, at: datetime) -> int:
    """Sweep: five minutes after the start nobody was seen. By video, and where the client calls, the
    client is written to; else the provider is asked first. Returns how many of either."""
    unseen = (
        Appointment.objects.filter(
            status=Status.CONFIRMED,
            arrived_at=None,
            asked_no_show_at=None,
            contacted_at=None,
            asked_there_at=None,
            starts_at__lte=at - no_show.CONTACT_AFTER,
            grace_ends_at__gt=at,
        )
        .with_names()
        .order_by("starts_at")
    )
    return each(unseen, lambda appointment: reach_out(appointment, at=at))


@transaction.atomic
def reach_out(appointment: Appointment, *, at: datetime) -> bool:
    """Once, however many look at one time."""
    appointment = take(appointment)
    if appointment.contacted_at or appointment.asked_there_at:
        return False
    if client_makes_contact(appointment):
        contact(appointment=appointment, by=SYSTEM, at=at)
    else:
        ask_if_there(appointment=appointment, at=at)
    return True


def client_makes_contact(appointment: Appointment) -> bool:
    """Whether an unseen client can be told apart from a present one without the provider: by video, and
    by phone where the client calls."""
    if appointment.mode == Mode.PHONE:
        return appointment.provider.places.get("phone", {}).get("who_calls") == "client"
    return appointment.mode == Mode.VIDEO


@transaction.atomic
def mark_no_show(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The client did not come: the lapse, what it costs (money waits, rule 8) and the follow-up with the
    terms, how to explain and three times (A3)."""
    appointment = take(appointment)
    must_be(appointment, Status.CONFIRMED)
    if appointment.arrived_at:
        raise NotAllowed("already_arrived", _("The client was there, so this is no no-show."))
    if at < appointment.grace_ends_at:
        raise TooEarly(
            _("You said you would wait a little longer. A no-show can be marked when grace is over."),
            grace_ends_at=as_json.instant(appointment.grace_ends_at),
        )
    outcome = no_show.no_show(quotes.standing(appointment, at=at), at=at)
    appointment.to_status(Status.NO_SHOW, no_show_at=at)
    lapse = lapsed(appointment, outcome, at=at)
    if lapse:
        concerns.notice(lapse=lapse, at=at)
    settlement = move_money(appointment, outcome, cause="no_show", lapse=lapse, by=by, at=at)
    release_balance(appointment, by=by, at=at)
    money = money_facts(appointment, outcome, settlement)
    record(appointment, "no_show", by=by, at=at, **money)
    plan.drop(appointment=appointment, at=at)
    facts = money | {
        "policy_text": appointment.agreement.text,
        "offers": as_json.instants(offers(appointment, at=at, before=outcome.carry_until)),
    }
    plan.tell(
        appointment=appointment, kind="no_show", to="client", at=at, about=f"at:{at.isoformat()}", facts=facts
    )
    return appointment


@transaction.atomic
def undo_no_show(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The mark was wrong: the appointment stands as if it had never been made, the client gets a
    correction, the money stays where it was (F-65). After the settlement an exception is the way."""
    appointment = take(appointment)
    must_be(appointment, Status.NO_SHOW)
    lapse = Lapse.objects.filter(appointment=appointment, kind="no_show", undone_at=None).last()
    settlement = waiting_settlement(appointment)
    if appointment.settlements.filter(lapse=lapse, state=Settlement.State.DONE).exists():
        raise NotAllowed(
            "already_settled",
            _("The money has been settled. Excuse the no-show instead, and the client gets it back."),
        )
    if settlement:
        settlements.drop(settlement=settlement, by=by, reason="undone", at=at)
    credits.undo(appointment=appointment, by=by, at=at)
    if lapse:
        lapse.undone_at = at
        lapse.save(update_fields=["undone_at"])
    # Nobody is asked again, and no worker marks it again; the provider still may.
    appointment.to_status(Status.CONFIRMED, asked_no_show_at=at)
    if appointment.explained_at:
        put(appointment, explanation_decided_at=at)  # the correction is the answer
    end_proposal(appointment, Proposal.State.WITHDRAWN, at=at)
    record(appointment, "no_show_undone", by=by, at=at)
    plan.drop(appointment=appointment, at=at, kinds=["no_show"])
    plan.tell(
        appointment=appointment, kind="no_show_undone", to="client", at=at, about=f"at:{at.isoformat()}"
    )
    return appointment


@transaction.atomic
def ask_about_no_show(*, appointment: Appointment, at: datetime) -> None:
    """At the end of grace the provider decides (``auto_no_show: ask``)."""
    appointment = take(appointment)
    if appointment.status == Status.CONFIRMED and not appointment.asked_no_show_at:
        put(appointment, asked_no_show_at=at)
        record(appointment, "asked_no_show", by=SYSTEM, at=at)
        plan.tell(
            appointment=appointment,
            kind="decision_no_show",
            to="provider",
            at=at,
            about=f"delay:{appointment.accepted_delay_minutes}",
        )


def ask_or_mark_no_shows(*, at: datetime) -> int:
    """Sweep: grace is over and nobody said anything. Asks or marks, by the terms; returns how many were
    marked."""
    unseen = (
        Appointment.objects.filter(
            status=Status.CONFIRMED,
            arrived_at=None,
            asked_no_show_at=None,
            starts_at__lte=at,
            grace_ends_at__lte=at,
            ends_at__gt=at - COMPLETES_AFTER,
        )
        .with_names()
        .select_related("policy_version")
        .order_by("starts_at")
    )
    return each(unseen, lambda appointment: ask_or_mark(appointment, at=at))


def ask_or_mark(appointment: Appointment, *, at: datetime) -> bool:
    """True when marked, False when the provider was asked."""
    if quotes.terms(appointment).auto_no_show == "mark":
        mark_no_show(appointment=appointment, by=SYSTEM, at=at)
        return True
    ask_about_no_show(appointment=appointment, at=at)
    return False
