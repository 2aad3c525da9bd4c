"""Where a deposit is paid. Opening a session asks the gateway, so it happens after the commit."""

from __future__ import annotations

from datetime import datetime

from booking import tokens
from booking.lifecycle import steps
from booking.models import Appointment
from payments import checkout
from payments.models import Charge, Deposit, Payment

WAITING = (Payment.State.STAGED, Payment.State.OPEN)


def ensured(deposit: int, *, at: datetime) -> str | None:
    """The address at which the deposit is (or was) to be paid, opened now when it is not yet.

    Raises ``GatewayUnavailable`` (503) when the gateway cannot be reached: nothing is lost by asking again."""
    payment = Payment.objects.filter(deposit_id=deposit).order_by("-pk").first()
    if payment is None:
        return None
    if payment.url or payment.state not in WAITING:
        return payment.url or None
    return checkout.open_session(deposit=Deposit.objects.get(pk=deposit), at=at)


def for_charge(charge: int, *, at: datetime) -> str | None:
    """The address at which something owed is paid now; None where it is owed no more."""
    try:
        return checkout.open_session(charge=Charge.objects.get(pk=charge), at=at)
    except checkout.NothingToPay:
        return None


def present(appointment: Appointment) -> str | None:
    """The address at which the client can pay now: the pay page of a deposit as far as it was opened, else
    the appointment's own page where something is owed. Asks nobody."""
    open_ones = Payment.objects.filter(deposit__appointment=appointment, state=Payment.State.OPEN)
    found = open_ones.exclude(url="").order_by("-pk").values_list("url", flat=True).first()
    return found or (f"{tokens.manage_url(appointment)}#owed" if steps.owed(appointment) else None)
