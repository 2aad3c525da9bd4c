"""What the tests of money share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from booking.models import Appointment, Provider
from payments import checkout, webhooks
from payments.models import BUCKETS, Deposit, Payment, StripeEvent
from tests.booking import stories

DEPOSIT = 2700
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    return timezone.now()


def held(*, at: datetime | None = None, provider: Provider | None = None, **over: Any) -> Deposit:
    """The deposit of an appointment that is held until it is paid: 27.00 euros."""
    at = at or now()
    start = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=14)
    start += timedelta(days=-start.weekday(), hours=9)
    appointment = stories.book(provider or stories.studio(at=at - DAY), at=at, **{"start": start} | over)
    return appointment.deposits.get()


def paid(*, at: datetime | None = None, **over: Any) -> Deposit:
    """The same, paid and confirmed, as the story does it, at the gateway of the settings."""
    at = at or now()
    deposit = held(at=at, **over)
    pay_at_gateway(deposit, at=at)
    return fresh(deposit)


def pay_at_gateway(deposit: Deposit, *, at: datetime) -> None:
    """Opened, paid on the sandbox's page and applied."""
    from payments.gateways import sandbox

    checkout.open_session(deposit=deposit, at=at)
    body, signature = sandbox.pay(payment=payment_of(deposit), outcome="paid", at=at)
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)


def payment_of(deposit: Deposit) -> Payment:
    return deposit.payments.latest("pk")


def fresh(deposit: Deposit) -> Deposit:
    return Deposit.objects.select_related("appointment").get(pk=deposit.pk)


def buckets(deposit: Deposit) -> dict[str, int]:
    """What is in the buckets of a deposit, empty ones left out."""
    deposit = fresh(deposit)
    return {bucket: getattr(deposit, bucket) for bucket in BUCKETS if getattr(deposit, bucket)}


def status(deposit: Deposit) -> str:
    return Appointment.objects.get(pk=deposit.appointment_id).status


def waiting_events() -> int:
    return StripeEvent.objects.filter(applied_at=None).count()
