"""The story: one function per thing that happens to an appointment.

Everything that follows from an act stands in its function, top to bottom. Each takes the provider's
row first, then looks, then writes, in one transaction; none of them waits for anything outside the
database. What must leave the house (money, mail) is written as rows here and sent by the sweeps."""

from booking.lifecycle.absence import (
    ask_or_mark_no_shows,
    contact,
    mark_no_show,
    start_contacts,
    undo_no_show,
)
from booking.lifecycle.attendance import (
    TooEarly,
    accept_late,
    arrive,
    complete,
    complete_kept,
    late,
    will_come,
)
from booking.lifecycle.beginning import (
    ClientDetails,
    NotAccepted,
    PolicyChanged,
    apply_credit,
    approve,
    decline,
    hold,
)
from booking.lifecycle.changing import Cancelled, QuoteChanged, QuoteNeeded, cancel, change_mode
from booking.lifecycle.expiring import expire, lapse_holds
from booking.lifecycle.judgement import (
    at_stake,
    end_credits,
    excuse,
    explain,
    keep_terms,
    kept_facts,
    refund,
    settle,
    stakes,
)
from booking.lifecycle.moving import Moved, move
from booking.lifecycle.owing import charge_paid
from booking.lifecycle.paying import deposit_paid, payment_failed
from booking.lifecycle.returning import refund_failed
from booking.lifecycle.steps import NotAllowed, allowed

__all__ = [
    "Cancelled",
    "ClientDetails",
    "Moved",
    "NotAccepted",
    "NotAllowed",
    "PolicyChanged",
    "QuoteChanged",
    "QuoteNeeded",
    "TooEarly",
    "accept_late",
    "allowed",
    "apply_credit",
    "approve",
    "arrive",
    "ask_or_mark_no_shows",
    "at_stake",
    "cancel",
    "change_mode",
    "charge_paid",
    "complete",
    "complete_kept",
    "contact",
    "decline",
    "deposit_paid",
    "end_credits",
    "excuse",
    "expire",
    "explain",
    "hold",
    "keep_terms",
    "kept_facts",
    "lapse_holds",
    "late",
    "mark_no_show",
    "move",
    "payment_failed",
    "refund",
    "refund_failed",
    "settle",
    "stakes",
    "start_contacts",
    "undo_no_show",
    "will_come",
]
