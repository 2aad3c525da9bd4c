"""What a client owes beyond the deposit: asked, paid through a link or by hand, waived (A13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import included_tax
from booking.actors import SYSTEM, Actor
from booking.lifecycle.confirming import welcome
from booking.lifecycle.paying import finish_paid_move, shared
from booking.lifecycle.releasing import close_and_even
from booking.lifecycle.steps import NotAllowed, TooMuch, record, take
from booking.models import Appointment, Status
from config import as_json, formats
from payments import byhand, cards, charges, checkout, settlements
from payments.models import Charge, Deposit, Payment
from policies.rules import money
from reminders import plan

BALANCE_OF = (Status.CONFIRMED, Status.COMPLETED)


@transaction.atomic
def charge_paid(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> None:
    """Money for something owed has arrived. Told twice, done once; what is more than is owed by now
    (waived meanwhile, paid another way too) goes back at once."""
    appointment = take(payment.appointment)
    if not checkout.record_paid(payment=payment, intent_id=intent_id, amount=amount, at=at):
        return
    charge = Charge.objects.get(payments=payment)
    record(appointment, "charge_paid", by=SYSTEM, at=at, amount=amount, currency=payment.currency)
    close_and_even(charge, reason="overpaid", by=SYSTEM, at=at)


def balance_due(appointment: Appointment) -> int:
    """What is left of the price after what was paid ahead and what was asked of it already."""
    return charges.balance(appointment=appointment) if appointment.status in BALANCE_OF else 0


def deposit_due(deposit: Deposit) -> int:
    """What can still be paid by hand of a deposit: all that is missing, or nothing where nothing waits for it."""
    return deposit.asked - deposit.paid if _waits_for(deposit, deposit.appointment) else 0


@transaction.atomic
def ask_balance(
    *, appointment: Appointment, by: Actor, at: datetime, amount: int | None = None, tell: bool = True
) -> Charge:
    """The rest of the price, or a part of it, is asked of the client, who gets a mail with the link to pay
    unless ``tell`` is False. What was asked before and is still owed is asked again, not twice."""
    appointment = take(appointment)
    most = balance_due(appointment)
    open_one = Charge.objects.filter(appointment=appointment, kind="balance", state="owed").first()
    if open_one is None and not most:
        raise NotAllowed("nothing_due", _("Nothing of the price is left to pay."))
    if open_one is None:
        asked = _within(amount if amount is not None else most, most, appointment.currency)
        open_one = charges.owe(appointment=appointment, kind="balance", amount=asked, by=by, at=at)
        record(appointment, "charge_asked", by=by, at=at, amount=asked, currency=appointment.currency)
    if tell:
        tell_of(open_one, appointment, at=at)
    return open_one


@transaction.atomic
def charge(
    *, appointment: Appointment, amount: int, description: str, by: Actor, at: datetime, tell: bool = True
) -> Charge:
    """Something else that the client owes, in the provider's words: material, a longer session."""
    appointment = take(appointment)
    if appointment.status not in (*BALANCE_OF, Status.NO_SHOW, Status.CANCELLED):
        raise NotAllowed("not_booked", _("Nothing can be asked before the appointment is confirmed."))
    if amount % money.step(appointment.currency):
        detail = _("The amount must be a multiple of %(step)s minor units.")
        raise TooMuch(detail % {"step": money.step(appointment.currency)})
    made = charges.owe(
        appointment=appointment, kind="other", amount=amount, description=description, by=by, at=at
    )
    record(appointment, "charge_asked", by=by, at=at, amount=amount, currency=appointment.currency)
    if tell:
        tell_of(made, appointment, at=at)
    return made


@transaction.atomic
def ask_again(*, charge: Charge, by: Actor, at: datetime) -> None:
    """The client gets the link to pay once more."""
    appointment = take(charge.appointment)
    charge.refresh_from_db()
    if not charge.owed:
        raise nothing_owed()
    tell_of(charge, appointment, at=at)


@transaction.atomic
def waive_charge(*, charge: Charge, by: Actor, at: datetime, note: str = "") -> int:
    """What is left of a charge is not asked any more; its pay page ends. Returns what was waived."""
    appointment = take(charge.appointment)
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    waived = charge.owed
    if not waived:
        raise nothing_owed()
    charges.take_off(charge=charge, amount=waived, at=at)
    close_and_even(charge, reason="waived", by=by, at=at)
    record(appointment, "charge_waived", by=by, at=at, amount=waived, currency=charge.currency, note=note)
    return waived


@transaction.atomic
def paid_by_hand(
    *,
    by: Actor,
    at: datetime,
    amount: int,
    method: str,
    received_on: date,
    charge: Charge | None = None,
    deposit: Deposit | None = None,
    reference: str = "",
) -> Payment:
    """A member has the money: a charge in whole or in part, or a deposit in whole, which confirms the
    appointment that waited for it."""
    whole: Any = charge or deposit
    appointment = take(whole.appointment)
    whole = type(whole).objects.select_for_update().get(pk=whole.pk)
    left = whole.owed if charge else whole.asked - whole.paid
    if deposit and not _waits_for(deposit, appointment):
        raise nothing_owed()
    _within(amount, left, whole.currency, whole_of_it=deposit is not None)
    payment = byhand.write_down(
        whole=whole,
        amount=amount,
        method=method,
        reference=reference,
        received_on=received_on,
        by=by,
        at=at,
    )
    checkout.ask_to_close(charge=charge, deposit=deposit, at=at)
    record(appointment, "paid_by_hand", by=by, at=at, amount=amount, currency=payment.currency, method=method)
    if deposit:
        go_on_paid(appointment, whole, by=by, at=at)
    return payment


def go_on_paid(appointment: Appointment, deposit: Deposit, *, by: Actor, at: datetime) -> None:
    if deposit.move_id:
        finish_paid_move(appointment, deposit, at=at)
        return
    if appointment.status != Status.HELD:
        return  # it stands already, and was only owed its deposit
    appointment.to_status(Status.CONFIRMED, confirmed_at=at)
    shared(appointment, deposit, at=at)
    welcome(appointment, by=by, at=at)


@transaction.atomic
def undo_by_hand(*, payment: Payment, by: Actor, at: datetime) -> None:
    """A payment by hand was a mistake: taken back by an entry of its own. A charge is owed again; an
    appointment that stands on a deposit keeps standing, its deposit unpaid."""
    appointment = take(payment.appointment)
    byhand.take_back(payment=payment, by=by, at=at)
    if payment.deposit:
        settlements.keep_within(deposit=Deposit.objects.get(pk=payment.deposit.pk), at=at)
    record(appointment, "by_hand_undone", by=by, at=at, amount=payment.amount, currency=payment.currency)


def ask_fee(charge: Charge, *, at: datetime) -> None:
    """A fee by the terms is owed from now on: the card on file is charged with it, or else the client gets
    the link to pay. Called in the settlement's transaction."""
    if cards.stage(charge=charge, at=at) is None:
        tell_of(charge, charge.appointment, at=at)


def tell_of(charge: Charge, appointment: Appointment, *, at: datetime, card: str = "", why: str = "") -> None:
    """The mail with the link to pay; ``card`` is one that was not charged, and ``why``."""
    plan.tell(
        appointment=appointment,
        kind="fee_owed" if charge.kind == "fee" else "balance_due",
        to="client",
        at=at,
        about=f"charge:{charge.uid}:{at.timestamp():.0f}",
        facts={
            "fee": as_json.money(charge.owed, charge.currency),
            "tax": included_tax.asked(appointment=appointment, what=charge.kind, amount=charge.owed),
            "charge": str(charge.uid),
            "what": charge.description,
            "card": card,
            "why": why,
        },
    )


def nothing_owed() -> NotAllowed:
    return NotAllowed("nothing_owed", _("Nothing is owed here any more."))


def _waits_for(deposit: Deposit, appointment: Appointment) -> bool:
    """Whether this deposit is still to be paid: by a hold, a move that is held, or where it was taken back."""
    if deposit.is_paid:
        return False
    if deposit.move:
        return deposit.move.state == "waiting"
    return deposit.current and appointment.status in (Status.HELD, Status.CONFIRMED)


def _within(amount: int, most: int, currency: str, *, whole_of_it: bool = False) -> int:
    """``amount`` if it is more than nothing and not above ``most``."""
    if 0 < amount <= most and not amount % money.step(currency) and (amount == most or not whole_of_it):
        return amount
    words = _("Exactly %(most)s.") if whole_of_it else _("At most %(most)s.")
    detail = words % {"most": formats.money(most, currency)}
    raise TooMuch(detail, errors={"amount": [detail]})
