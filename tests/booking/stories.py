"""What the tests of the story share: a real studio, a booking, a payment, all at instants of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from booking import lifecycle, quotes, transfer
from booking.actors import CLIENT, Actor
from booking.models import Appointment, Provider, Service, User
from payments.models import Credit, Payment
from tests.booking.provider_files import BIANCHI, NOK, content

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)  # 10:00 in Rome, an open Monday
EARLY = MONDAY - timedelta(days=14)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def studio(*, at: datetime = EARLY - timedelta(days=1)) -> Provider:
    """Studio Bianchi, as its file says."""
    return transfer.load(file=transfer.read(content(BIANCHI)), at=at)


def school(*, at: datetime = EARLY - timedelta(days=1)) -> Provider:
    """Khru Nok, as her file says."""
    return transfer.load(file=transfer.read(content(NOK)), at=at)


def owner(provider: Provider) -> Actor:
    return Actor("provider", User.objects.get(memberships__provider=provider, memberships__role="owner"))


def book(
    provider: Provider,
    slug: str = "session",
    *,
    start: datetime = MONDAY,
    at: datetime = EARLY,
    mode: str = "video",
    email: str = "ada@example.com",
    credit: Credit | None = None,
    **over: Any,
) -> Appointment:
    service = Service.objects.select_related("provider", "policy").get(provider=provider, slug=slug)
    asked: dict[str, Any] = {
        "service": service,
        "start": start,
        "mode": mode,
        "zone": "America/New_York",
        "client": lifecycle.ClientDetails(name="Ada Moss", email=email, language="en"),
        "answers": {},
        "agreed_version": quotes.offer(service).version,
        "ip": "203.0.113.7",
        "user_agent": "a test",
        "by": CLIENT,
        "at": at,
        "credit": credit,
    }
    return lifecycle.hold(**asked | over)


def pay(appointment: Appointment, *, at: datetime) -> Appointment:
    """The money for what is open arrives."""
    payment = Payment.objects.filter(deposit__appointment=appointment).exclude(state="paid").latest("pk")
    lifecycle.deposit_paid(payment=payment, intent_id=f"pi_{payment.uid}", amount=payment.amount, at=at)
    return fresh(appointment)


def fresh(appointment: Appointment) -> Appointment:
    return (
        Appointment.objects.with_names().select_related("policy_version", "agreement").get(pk=appointment.pk)
    )


def confirmed(provider: Provider, *, at: datetime = EARLY, **over: Any) -> Appointment:
    """Booked, and paid a minute later."""
    appointment = book(provider, at=at, **over)
    return pay(appointment, at=at + MINUTE) if appointment.status == "held" else fresh(appointment)


def cancel(appointment: Appointment, *, at: datetime, **over: Any) -> lifecycle.Cancelled:
    """As the client does: ask, then do what was quoted."""
    quote = quotes.cancel(fresh(appointment), at=at)
    asked: dict[str, Any] = {"reason": "availability", "by": CLIENT, "quote": quote.token}
    return lifecycle.cancel(appointment=appointment, at=at, **asked | over)


def move(appointment: Appointment, *, start: datetime, at: datetime) -> lifecycle.Moved:
    quote = quotes.move(fresh(appointment), start=start, at=at)
    return lifecycle.move(appointment=appointment, start=start, quote=quote.token, by=CLIENT, at=at)


def kinds(appointment: Appointment, *, to: str = "client", state: str = "waiting") -> list[str]:
    """The messages of an appointment, by kind."""
    return sorted(appointment.messages.filter(to=to, state=state).values_list("kind", flat=True))
