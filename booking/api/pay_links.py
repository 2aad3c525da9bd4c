"""Where a deposit is paid. Opening a session asks the gateway, so it happens after the commit."""

from __future__ import annotations

from datetime import datetime

from payments import checkout
from payments.models import Deposit, Payment

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


def present(appointment: int) -> str | None:
    """The address at which the client can pay now, as far as it was opened; asks nobody."""
    open_ones = Payment.objects.filter(deposit__appointment_id=appointment, state=Payment.State.OPEN)
    return open_ones.exclude(url="").order_by("-pk").values_list("url", flat=True).first()
