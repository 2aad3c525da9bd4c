"""The story: one function per thing that happens to an appointment.

Everything that follows from an act stands in its function, top to bottom. Each takes the provider's
row first, then looks, then writes, in one transaction; none of them waits for anything outside the
database. What must leave the house (money, mail) is written as rows here and sent by the sweeps."""

from booking.lifecycle.attendance import (
    TooEarly,
    accept_late,
    arrive,
    ask_or_mark_no_shows,
    complete,
    complete_kept,
    contact,
    late,
    mark_no_show,
    start_contacts,
    undo_no_show,
    will_come,
)
from booking.lifecycle.beginning import (
    ClientDetails,
    NotAccepted,
    PolicyChanged,
    approve,
    decline,
    deposit_paid,
    expire,
    hold,
    lapse_holds,
    payment_failed,
)
from booking.lifecycle.changing import Cancelled, Moved, QuoteChanged, cancel, change_mode, move
from booking.lifecycle.judgement import end_credits, excuse, explain, keep_terms, refund, settle
from booking.lifecycle.steps import NotAllowed, allowed

__all__ = [
    "Cancelled",
    "ClientDetails",
    "Moved",
    "NotAccepted",
    "NotAllowed",
    "PolicyChanged",
    "QuoteChanged",
    "TooEarly",
    "accept_late",
    "allowed",
    "approve",
    "arrive",
    "ask_or_mark_no_shows",
    "cancel",
    "change_mode",
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
    "lapse_holds",
    "late",
    "mark_no_show",
    "move",
    "payment_failed",
    "refund",
    "settle",
    "start_contacts",
    "undo_no_show",
    "will_come",
]
