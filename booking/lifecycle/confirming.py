"""What being confirmed means: the deposit that is asked before, the mails and reminders after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from booking import included_tax, quotes, records
from booking.actors import SYSTEM, Actor
from booking.lifecycle.steps import record
from booking.models import Appointment, Service, Status
from config import as_json
from payments import checkout
from payments.models import Credit, Deposit
from policies.rules import patterns
from reminders import plan


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


def terms_facts(appointment: Appointment) -> dict[str, Any]:
    """Price, deposit and the terms as agreed, for messages."""
    return {
        "price": as_json.money(appointment.price, appointment.currency),
        "tax": included_tax.in_price(appointment),
        "deposit": as_json.money(appointment.deposit_amount, appointment.currency),
        "tax_deposit": included_tax.asked(
            appointment=appointment, what="deposit", amount=appointment.deposit_amount
        ),
        "policy_text": appointment.agreement.text,
        "status": appointment.status,
    }


def ask_deposit(appointment: Appointment, *, credit: Credit | None, at: datetime) -> Deposit:
    """Ask the deposit of a held appointment; one that a credit covers is confirmed at once."""
    deposit = checkout.ask(appointment=appointment, amount=appointment.deposit_amount, at=at, credit=credit)
    if deposit.is_paid:
        appointment.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(appointment, by=SYSTEM, at=at)
    return deposit


def welcome(appointment: Appointment, *, by: Actor, at: datetime, booked_for: bool = False) -> None:
    """What follows from being confirmed: the mails and the reminders (rules 13 to 16)."""
    record(appointment, "confirmed", by=SYSTEM, at=at)
    deposit = quotes.current_deposit(appointment)
    paid = as_json.money(deposit.held if deposit else 0, appointment.currency)
    facts = terms_facts(appointment) | {"paid": paid}
    if booked_for:
        facts["booked_by"] = "provider"
    plan_reminders(appointment, at=at)
    if whole := series_facts(appointment):
        plan.tell(appointment=appointment, kind="series_confirmed", to="client", at=at, facts=facts | whole)
        plan.tell(appointment=appointment, kind="series_booked", to="provider", at=at, facts=whole)
    elif not told_by_first(appointment):
        plan.tell(appointment=appointment, kind="confirmed", to="client", at=at, facts=facts)
        plan.tell(appointment=appointment, kind="booked", to="provider", at=at, facts={"paid": paid})


def told_by_first(appointment: Appointment) -> bool:
    """One mail speaks for a series, that of the first (if it stands)."""
    first = appointment.series_first
    return first is not None and first.status == Status.CONFIRMED


def series_facts(first: Appointment) -> dict[str, Any]:
    """Starts and sums of what stands of the series that ``first`` begins; nothing where it stands alone."""
    rest = first.series_rest.filter(status=Status.CONFIRMED) if first.series_first_id is None else []
    members = [first, *rest]
    if len(members) < 2:
        return {}
    deposits = [quotes.current_deposit(one) for one in members]
    price, paid = sum(one.price for one in members), sum(one.held for one in deposits if one)
    return {
        "starts": [as_json.instant(start) for start in sorted(one.starts_at for one in members)],
        "price": as_json.money(price, first.currency),
        "paid": as_json.money(paid, first.currency),
    }


def plan_reminders(appointment: Appointment, *, at: datetime) -> None:
    """The reminders for the present start; a client who lapsed lately gets one more (rule 16)."""
    ended = records.of_client(client_id=appointment.client_id)
    plan.reminders(
        appointment=appointment,
        terms=quotes.terms(appointment),
        lapsed_recently=patterns.wants_day_ahead(ended),
        at=at,
    )
