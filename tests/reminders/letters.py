"""Every kind of message with the facts that the story hands in."""

from datetime import timedelta
from typing import Any

from booking.models import Appointment
from reminders import wording
from reminders.kinds import BY_READER
from reminders.models import Message
from tests.reminders import scene
from tests.reminders.scene import START

NAMES = [(to, kind) for to, kinds in BY_READER.items() for kind in kinds]
SOON = (START - timedelta(days=3)).isoformat()
LATER = (START + timedelta(days=2, hours=1)).isoformat()
OFFERS = [(START + timedelta(days=day)).isoformat() for day in (2, 3, 4)]
POLICY = (
    "Up to 48 hours before the start you may cancel or move: the deposit stays yours.\n"
    "Later the deposit of €27.00 is kept."
)


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


VAT = {"rate": "22", "name": "VAT", "amount": euros(1623)}
OUTCOME = {
    "refund": euros(0),
    "carry": euros(0),
    "forfeit": euros(2700),
    "fee": euros(1800),
    "carry_until": None,
    "settles_at": LATER,
    "late": True,
    "forgiven": False,
}
PROPOSED = {"proposal": "6c2a7a48-9f6c-4b39-8a6e-0d8f5a4f2b11", "starts": OFFERS, "standing": True}
COMING = {
    "start": LATER,
    "zone": "America/New_York",
    "service": {"en": "Session"},
    "url": scene.MANAGE,
}
TOLD: dict[str, dict[str, Any]] = {
    "confirmed": {"policy_text": POLICY, "paid": euros(2700), "deposit": euros(2700), "tax": VAT},
    "requested": {"hold_expires_at": SOON, "policy_text": POLICY},
    "pay_link": {"deposit": euros(2700), "tax_deposit": VAT, "hold_expires_at": SOON},
    "moved": {"from_start": SOON, "carry": euros(2700), "policy_text": POLICY},
    "move_asks_deposit": {"to_start": LATER, "deposit": euros(2700), "hold_expires_at": SOON},
    "cancelled": OUTCOME | {"by": "client", "reason": "illness", "note": "I have a cold.", "offers": OFFERS},
    "declined": {"note": "That week I am away.", "offers": OFFERS},
    "expired": {"was_request": True, "offers": OFFERS},
    "contact": {"waits_until": (START + timedelta(minutes=15)).isoformat()},
    "is_client_there": {"waits_until": (START + timedelta(minutes=15)).isoformat()},
    "no_show": OUTCOME | {"policy_text": POLICY, "offers": OFFERS},
    "refund": {"refund": euros(2700), "reason": "goodwill"},
    "excused": {"full": True, "refund": euros(2700), "credit": euros(0), "fee_waived": euros(1800)},
    "terms_kept": {"forfeit": euros(2700), "fee": euros(1800), "settles_at": LATER, "note": "Take care."},
    "credit_ends": {"credit": euros(2700), "carry_until": LATER, "unused": "forfeit", "offers": OFFERS},
    "paid_too_late": {"refund": euros(2700), "offers": OFFERS},
    "late_accepted": {"minutes": 10, "waits_until": (START + timedelta(minutes=25)).isoformat()},
    "late_asked": {"minutes": 10},
    "needs_help": {"found": {"camera": "denied", "microphone": "ok"}},
    "fee_owed": {"fee": euros(1800), "tax": VAT},
    "card_charged": {"fee": euros(6300), "card": "Visa 4242", "receipt": "R-2027-0001", "tax": VAT},
    "balance_due": {"fee": euros(6300), "what": "", "tax": VAT},
    "already_has_credit": {"credit": euros(2700), "carry_until": LATER},
    "daily": {
        "told": [{"group": "bookings", "subject": "Booked: Mira", "url": "http://testserver/dashboard/"}]
    },
    "mail_bounced": {
        "name": "Mira",
        "email": "mira@example.com",
        "client": "0",
        "why": "550 no such mailbox",
    },
    "calendar_failed": {"name": "Family", "since": "2027-03-01T09:00:00+00:00"},
    "webhook_off": {"host": "program.example", "since": "2027-03-01T09:00:00+00:00"},
    "channel_failed": {"name": "Texts", "failure": "error=401"},
    "account_ready": {},
    "account_stopped": {"gone": False},
    "channel_used_up": {"name": "Texts", "percent": 80, "cap": 100},
    "booked": {"paid": euros(2700)},
    "approval_needed": {"hold_expires_at": SOON},
    "payment_failed": {"amount": euros(2700)},
    "explained": OUTCOME | {"reason": "transport", "note": "The train stood still."},
    "settled": {"forfeit": euros(2700), "fee": euros(1800)},
    "settlements_ahead": {
        "rows": [
            {
                "appointment": "6f6f7c1e-0000-4000-8000-000000000001",
                "name": "Ada Moss",
                "cause": "no_show",
                "amount": euros(2700),
                "due_at": LATER,
                "explained": True,
            }
        ],
        "count": 1,
        "totals": [euros(2700)],
    },
    "credited": {"credit": euros(2700), "reason": "We ended early"},
    "refund_asked": {"refund": euros(2700), "who": "Sam Reed", "reason": "We ended early"},
    "dispute_opened": {
        "disputed": euros(2700),
        "bank_reason": "product_not_received",
        "asks_only": False,
        "due_by": LATER,
        "dispute": "6c2a7a48-9f6c-4b39-8a6e-0d8f5a4f2b12",
    },
    "dispute_closed": {
        "disputed": euros(2700),
        "bank_reason": "product_not_received",
        "outcome": "won",
        "dispute": "6c2a7a48-9f6c-4b39-8a6e-0d8f5a4f2b12",
    },
    "refund_failed": {"refund": euros(2700), "failure": "expired_or_canceled_card"},
    "note_shared": {"changed": False},
    "address_confirm": {"email": "mira@example.org", "asked_at": SOON},
    "address_changed": {"email": "mira@example.com"},
    "confirm_booking": {
        "policy_text": POLICY,
        "hold_expires_at": SOON,
        "count": 3,
        "yes_url": "https://kept.example/a/yes/0123/",
    },
    "my_links": {"coming": [COMING | {"waits": waits} for waits in ("", "held", "requested", "mail")]},
    "series_confirmed": {
        "coming": [COMING, COMING],
        "policy_text": POLICY,
        "price": euros(18000),
        "paid": euros(5400),
    },
    "series_cancelled": OUTCOME
    | {
        "dates": [
            OUTCOME | {"of": "6f6f7c1e-0000-4000-8000-000000000001", "start": start} for start in OFFERS
        ],
        "reason": "transport",
        "note": "The train stood still.",
    },
    "series_booked": {"starts": OFFERS, "price": euros(27000), "paid": euros(8100)},
    "proposal": PROPOSED | {"expires_at": SOON, "note": "That morning the doctor comes."},
    "proposal_lapsed": PROPOSED | {"offers": OFFERS},
    "proposal_withdrawn": PROPOSED,
    "proposal_refused": PROPOSED | {"note": "I work on both days."},
}


def letter(
    kind: str,
    to: str = "client",
    *,
    of: Appointment,
    at: Any = START - timedelta(days=4),
    **more: Any,
) -> wording.Letter:
    """The letter with the facts that are usual for its kind, and ``more``."""
    message = Message(provider=of.provider, appointment=of, kind=kind, to=to, start_at=of.starts_at)
    return wording.write(message, facts=scene.NOW | TOLD.get(kind, {}) | more, at=at)
