"""What is to be told, written down in the transaction of the fact itself: where a timeline gets its line and where a
ledger gets its entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from booking.models import Appointment, WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    from payments.models import Deposit

PATIENCE = timedelta(days=3)  # then nothing more is tried

# The lines of a timeline that are told. What was declined or lapsed takes no more time, as what was cancelled; the
# status says which of them it was.
OF_LINE = {
    "confirmed": "appointment.confirmed",
    "no_show_undone": "appointment.confirmed",
    "moved": "appointment.moved",
    "cancelled": "appointment.cancelled",
    "declined": "appointment.cancelled",
    "expired": "appointment.cancelled",
    "completed": "appointment.completed",
    "no_show": "appointment.no_show",
    "excused": "appointment.excused",
}
OF_BOOKING = {"held": "appointment.held", "requested": "appointment.requested"}
OF_BUCKET = {
    "held": "deposit.paid",
    "refunded": "deposit.refunded",
    "forfeited": "deposit.forfeited",
    "carried": "deposit.carried",
}
BACK = ("refunded", "disputed")  # what comes back from there is where it was before, and no news


def line(appointment: Appointment, kind: str, facts: dict[str, Any], *, at: datetime) -> None:
    """A line of the timeline."""
    event = OF_LINE.get(kind, "")
    if kind == "booked":  # one that is confirmed at once has a line of that, too
        event = OF_BOOKING.get(facts.get("status", ""), "")
    elif kind == "approved" and appointment.deposit_amount:
        event = "appointment.held"
    if event:
        _stage(event, appointment.uid, of=appointment.pk, at=at)


def entry(deposit: Deposit, *, source: str, target: str, at: datetime) -> None:
    """An entry of a deposit's ledger."""
    paid = source == "outside"
    event = OF_BUCKET.get(target, "")
    if event and source not in BACK and (target == "held") == paid:
        _stage(event, deposit.uid, of=deposit.appointment_id, at=at)


def _stage(event: str, about: UUID, *, of: int, at: datetime) -> None:
    provider = Appointment.objects.filter(pk=of).values("provider")
    found = WebhookEndpoint.objects.filter(provider__in=provider, off_at=None)
    rows = [new(one, event, about, at=at) for one in found if not one.events or event in one.events]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)


def new(endpoint: WebhookEndpoint, event: str, about: UUID | None, *, at: datetime) -> WebhookDelivery:
    return WebhookDelivery(endpoint=endpoint, event=event, about=about, at=at, due_at=at, until=at + PATIENCE)
