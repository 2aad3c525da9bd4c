"""What a message says as it is when it leaves: what it was staged with may be hours old."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from booking import quotes, tokens
from booking.models import Appointment
from config import as_json
from payments import credits

MONEY_BACK = ("refund", "credited")  # mails that look back: what a change would cost is not in them


def facts(appointment: Appointment, kind: str, at: datetime) -> dict[str, Any]:
    """What a message says beyond its own facts, as it is when it leaves: links always, what a change
    costs in all that looks ahead (rule 13), what is left of a credit (``holds`` False: nothing)."""
    said: dict[str, Any] = {"manage_url": tokens.manage_url(appointment)}
    if kind not in MONEY_BACK and appointment.status == "confirmed" and at <= appointment.starts_at:
        quote = quotes.cancel(appointment, at=at)
        said |= {
            "quote_text": quote.text,
            "free_until": as_json.instant(quote.outcome.free_until),
            "cost": as_json.money(quote.outcome.cost, appointment.currency),
            "terms_lines": quotes.agreed_lines(appointment),
        }
    if kind.startswith("reminder"):
        said["has_note"] = appointment.shared_notes.exists()
    if kind == "confirm_booking":
        said["yes_url"] = tokens.yes_url(appointment)
    if kind == "credit_ends":
        left = sum(credit.left for credit in credits.of(appointment=appointment))
        said |= {"credit": as_json.money(left, appointment.currency), "holds": left > 0}
    if kind == "already_has_credit":
        said |= _credit(appointment, at)
    return said


def _credit(appointment: Appointment, at: datetime) -> dict[str, Any]:
    """The credit that a client could pay this booking with, and the link to it. The link is the key to
    another appointment, so it is made when the mail leaves and kept nowhere."""
    credit = credits.waiting(client=appointment.client, start=appointment.starts_at, at=at)
    if credit is None or appointment.status not in ("held", "confirmed"):
        return {"holds": False}
    source = tokens.manage_url(credit.deposit.appointment)
    this_one = f"?credit_for={appointment.uid}" if appointment.status == "held" else ""
    return {
        "credit": as_json.money(credit.left, credit.currency),
        "carry_until": as_json.instant(credit.expires_at),
        "credit_url": source + this_one,
    }
