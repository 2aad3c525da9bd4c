"""Cancel, and change of mode: nothing is lost unannounced, and every cancel ends in new times (A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import availability, costs, quotes
from booking.actors import Actor
from booking.lifecycle import concerns
from booking.lifecycle.expiring import end_proposal, lapse_move
from booking.lifecycle.releasing import release_balance
from booking.lifecycle.steps import (
    already_started,
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
from booking.models import Appointment, Proposal, Status
from booking.quotes import Quote
from config import as_json
from config.refusal import Refusal
from payments import checkout
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
    return end_by_cancel(appointment, outcome, reason=reason, note=note, by=by, at=at)


def end_by_cancel(
    appointment: Appointment,
    outcome: Outcome,
    *,
    reason: str,
    note: str,
    by: Actor,
    at: datetime,
    tell_alone: bool = True,
) -> Cancelled:
    """The cancel itself and all that follows from it; the mails unless one of the caller's speaks of it."""
    end_proposal(
        appointment, Proposal.State.REFUSED if by.kind == "client" else Proposal.State.WITHDRAWN, at=at
    )
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
    if lapse:
        concerns.notice(lapse=lapse, at=at)
    settlement = move_money(appointment, outcome, cause="cancel", lapse=lapse, by=by, at=at)
    release_balance(appointment, by=by, at=at)
    if was_waiting and (deposit := quotes.current_deposit(appointment)):
        checkout.ask_to_close(deposit=deposit, at=at)
    money = money_facts(appointment, outcome, settlement)
    record(appointment, "cancelled", by=by, at=at, reason=reason, note=note, **money)

    plan.drop(appointment=appointment, at=at)
    facts = money | {"by": by.kind, "reason": reason, "note": note}
    proposed = tell_cancel(appointment, outcome, facts, by=by, at=at) if tell_alone else []
    return Cancelled(appointment, outcome, proposed)


def tell_cancel(
    appointment: Appointment, outcome: Outcome, facts: dict[str, Any], *, by: Actor, at: datetime
) -> list[datetime]:
    """Both are told, with the times that could be had instead, which are returned."""
    proposed = offers(appointment, at=at, before=outcome.carry_until)
    facts = facts | {"offers": as_json.instants(proposed)}
    cheaper = cost_facts(appointment, facts["reason"], by=by)
    plan.tell(appointment=appointment, kind="cancelled", to="client", at=at, facts=facts | cheaper)
    plan.tell(appointment=appointment, kind="cancelled", to="provider", at=at, facts=facts)
    return proposed


def cost_facts(appointment: Appointment, reason: str, *, by: Actor) -> dict[str, object]:
    """The offer for those who say that it costs too much, where the provider set one up (A13)."""
    offer = costs.offer_of(appointment.provider) if reason == costs.REASON and by.kind == "client" else None
    if offer is None:
        return {}
    service = {"slug": offer.service.slug, "name": offer.service.name} if offer.service else {}
    return {"cost_offer": {"words": offer.texts, **service}}


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
    if not availability.has_room(appointment=appointment, at=at, mode=mode, travel_alone=True):
        detail = _("There is not enough time to travel before or after it. Please choose another time, too.")
        raise availability.NotBookable(detail, errors={"mode": [detail]})
    old = appointment.mode
    put(appointment, mode=mode, version=appointment.version + 1)
    record(appointment, "mode_changed", by=by, at=at, old=old, new=mode)
    facts = {"old_mode": old, "mode": mode}
    about = f"mode:{appointment.version}"
    plan.tell(appointment=appointment, kind="mode_changed", to="client", at=at, about=about, facts=facts)
    plan.tell(appointment=appointment, kind="mode_changed", to="provider", at=at, about=about, facts=facts)
    return appointment
