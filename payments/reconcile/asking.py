"""Asking sooner: what became of a pay page that is open, before its hold is over (a lost webhook, F-67).

The questions are hints, a row each with a name of its own, so that each is asked once whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payments import hints
from payments.models import Payment, StripeEvent

if TYPE_CHECKING:
    from booking.models import Appointment

STRIPE = "stripe"
# A page is asked after when it is so old, each time once: a handful of calls in the life of a page.
AGES = tuple(timedelta(minutes=minutes) for minutes in (3, 8, 14, 40, 180, 720))
OLDEST = timedelta(days=2)
AT_ONCE = 200
SECONDS_BETWEEN = 15  # of one page, however often its client presses


def ask_open(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Sweep: a hint for every open page that has reached one of ``AGES``. Returns how many are new."""
    pages = Payment.objects.filter(
        state=Payment.State.OPEN,
        gateway=STRIPE,
        off_session=False,
        created_at__lte=at - AGES[0],
        created_at__gt=at - OLDEST,
    )
    wanted = {_name(payment, f"{_age(payment, at)}m"): payment for payment in pages.order_by("created_at")}
    asked = set(StripeEvent.objects.filter(event_id__in=wanted).values_list("event_id", flat=True))
    fresh = [(name, payment) for name, payment in wanted.items() if name not in asked][:limit]
    for name, payment in fresh:
        hints.look_at(payment=payment, session_id=str(payment.session_id), at=at, name=name)
    return len(fresh)


def ask_after(*, appointment: Appointment, at: datetime) -> list[str]:
    """Hints for the open pages of one appointment, whose client has come back from paying. Returns their
    ids, for the door to apply; none for a page that was asked after a moment ago."""
    pages = Payment.objects.of_appointment(appointment).filter(
        state=Payment.State.OPEN, gateway=STRIPE, off_session=False, session_id__isnull=False
    )
    turn = int(at.timestamp()) // SECONDS_BETWEEN
    return [
        hints.look_at(payment=page, session_id=str(page.session_id), at=at, name=_name(page, f"back{turn}"))
        for page in pages
    ]


def is_open(*, appointment: Appointment) -> bool:
    """Whether a page of this appointment may have been paid without our knowing."""
    pages = Payment.objects.of_appointment(appointment)
    return pages.filter(state=Payment.State.OPEN, gateway=STRIPE, off_session=False).exists()


def _age(payment: Payment, at: datetime) -> int:
    """The greatest of ``AGES`` that it has reached, in minutes."""
    reached = max(age for age in AGES if age <= at - payment.created_at)
    return reached // timedelta(minutes=1)


def _name(payment: Payment, what: str) -> str:
    return f"look:{payment.uid}:{what}"
