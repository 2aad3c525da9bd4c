"""The way to the pay page and back."""

from __future__ import annotations

from datetime import datetime

from booking import lifecycle, quotes
from booking.models import Appointment, Status
from booking.pages.private import path_of
from config.refusal import Refusal
from payments import cards, checkout
from payments.models import Deposit


def after_booking(appointment: Appointment, *, at: datetime) -> str:
    """Where a client goes once the time is taken: to pay what is due, else to the appointment."""
    card = cards.of(appointment=appointment)
    if card and not card.method_id and appointment.status == Status.CONFIRMED:
        return card_page(appointment, at=at)
    if "pay" not in lifecycle.allowed(appointment, at=at):
        waits = {Status.REQUESTED: "requested", Status.HELD: "by_mail"}
        done = waits.get(Status(appointment.status), "booked")
        return f"{path_of(appointment)}?done={done}"
    try:
        return address(appointment, at=at) or path_of(appointment)
    except Refusal:
        # The gateway is away: the time is held all the same, and the page offers to pay again.
        return f"{path_of(appointment)}?done=pay_later"


def card_page(appointment: Appointment, *, at: datetime) -> str:
    """Where the card that was agreed to is given; the appointment's own page where that is not possible."""
    card = cards.of(appointment=appointment)
    try:
        return cards.open_page(card=card, at=at) if card else path_of(appointment)
    except Refusal:
        return f"{path_of(appointment)}?done=booked"


def address(appointment: Appointment, *, at: datetime) -> str:
    """The pay page of the deposit that is due; empty where none is."""
    deposit = due(appointment)
    return checkout.open_session(deposit=deposit, at=at) if deposit else ""


def due(appointment: Appointment) -> Deposit | None:
    """The deposit that waits to be paid: that of a move under way, else the appointment's own."""
    moving = Deposit.objects.filter(appointment=appointment, move__state="waiting").first()
    found = moving or quotes.current_deposit(appointment)
    if found is None and appointment.series_first:  # which asks for all of them
        found = quotes.current_deposit(appointment.series_first)
    return found if found and not found.is_paid else None
