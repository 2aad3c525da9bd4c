"""The story: one function per thing that happens to an appointment.

Everything that follows from an act stands in its function, top to bottom. Each takes the provider's
row first, then looks, then writes, in one transaction; none of them waits for anything outside the
database. What must leave the house (money, mail) is written as rows here and sent by the sweeps."""

from booking.lifecycle.absence import (
    ask_or_mark_no_shows,
    contact,
    mark_no_show,
    reached_out,
    start_contacts,
    undo_no_show,
)
from booking.lifecycle.addressing import (
    AddressTaken,
    TooManyWishes,
    ask_address,
    confirm_address,
    correct_address,
    reach_by,
)
from booking.lifecycle.alternatives import Alternatives, alternatives
from booking.lifecycle.attendance import (
    TooEarly,
    accept_late,
    arrive,
    complete,
    complete_kept,
    helped,
    late,
    tested,
    undo_arrive,
    will_come,
)
from booking.lifecycle.beginning import PolicyChanged, apply_credit, approve, hold
from booking.lifecycle.booking_for import book_for, check_own_time
from booking.lifecycle.by_mail import WAITS as MAIL_WAITS
from booking.lifecycle.by_mail import TooManyMails, confirm_by_mail, mail_again
from booking.lifecycle.changing import Cancelled, QuoteChanged, QuoteNeeded, cancel, change_mode
from booking.lifecycle.concerns import decide_concern, raise_concerns
from booking.lifecycle.connecting import account_seen
from booking.lifecycle.consenting import withdraw_consent
from booking.lifecycle.declining import decline
from booking.lifecycle.disputing import answer_dispute, dispute_seen
from booking.lifecycle.ending_series import RestQuote, cancel_rest, others_of, rest_quote
from booking.lifecycle.erasing import StillOpen, erase, still_open
from booking.lifecycle.expiring import expire, lapse_holds
from booking.lifecycle.finding import ask_links, send_links
from booking.lifecycle.foreseeing import ForeseenMove, foresee_move, must_be_free
from booking.lifecycle.foretelling import tell_settlements_ahead
from booking.lifecycle.introducing import ClientDetails, NotAccepted
from booking.lifecycle.judgement import (
    Loss,
    at_stake,
    end_credits,
    excuse,
    explain,
    keep_terms,
    kept_facts,
    losses,
    settle,
    stakes,
)
from booking.lifecycle.knowing import Person, block, bring_clients, change_note, note, unblock
from booking.lifecycle.merging import merge
from booking.lifecycle.moving import Moved, move, why_not_there
from booking.lifecycle.noting import MOST_NOTES, can_share, change_shared_note, share_note, take_note_back
from booking.lifecycle.on_file import card_given, charge_cards, remove_card
from booking.lifecycle.owing import (
    ask_again,
    ask_balance,
    balance_due,
    charge,
    charge_paid,
    deposit_due,
    paid_by_hand,
    undo_by_hand,
    waive_charge,
)
from booking.lifecycle.paying import deposit_paid, payment_failed
from booking.lifecycle.proposing import (
    accept_proposal,
    lapse_proposals,
    propose,
    refuse_proposal,
    withdraw_proposal,
)
from booking.lifecycle.reminding import choose_reminders
from booking.lifecycle.repaying import (
    OwnRepayment,
    approve_repayment,
    decline_repayment,
    give_back,
    given_by_hand,
    letter_of,
    refund,
)
from booking.lifecycle.resting import NotATime, TimeTaken, end_time_off, take_time_off
from booking.lifecycle.retaining import forget_logs, forget_notes, forget_strangers
from booking.lifecycle.returning import refund_failed, refunds_seen
from booking.lifecycle.series import (
    NoSeries,
    Occurrence,
    SeriesNotFree,
    foresee,
    hold_series,
    starts_of,
)
from booking.lifecycle.steps import NotAllowed, allowed
from booking.lifecycle.urgency import mark_urgent, not_urgent, prefer

__all__ = [
    "MAIL_WAITS",
    "MOST_NOTES",
    "AddressTaken",
    "Alternatives",
    "Cancelled",
    "ClientDetails",
    "ForeseenMove",
    "Loss",
    "Moved",
    "NoSeries",
    "NotATime",
    "NotAccepted",
    "NotAllowed",
    "Occurrence",
    "OwnRepayment",
    "Person",
    "PolicyChanged",
    "QuoteChanged",
    "QuoteNeeded",
    "RestQuote",
    "SeriesNotFree",
    "StillOpen",
    "TimeTaken",
    "TooEarly",
    "TooManyMails",
    "TooManyWishes",
    "accept_late",
    "accept_proposal",
    "account_seen",
    "allowed",
    "alternatives",
    "answer_dispute",
    "apply_credit",
    "approve",
    "approve_repayment",
    "arrive",
    "ask_address",
    "ask_again",
    "ask_balance",
    "ask_links",
    "ask_or_mark_no_shows",
    "at_stake",
    "balance_due",
    "block",
    "book_for",
    "bring_clients",
    "can_share",
    "cancel",
    "cancel_rest",
    "card_given",
    "change_mode",
    "change_note",
    "change_shared_note",
    "charge",
    "charge_cards",
    "charge_paid",
    "check_own_time",
    "choose_reminders",
    "complete",
    "complete_kept",
    "confirm_address",
    "confirm_by_mail",
    "contact",
    "correct_address",
    "decide_concern",
    "decline",
    "decline_repayment",
    "deposit_due",
    "deposit_paid",
    "dispute_seen",
    "end_credits",
    "end_time_off",
    "erase",
    "excuse",
    "expire",
    "explain",
    "foresee",
    "foresee_move",
    "forget_logs",
    "forget_notes",
    "forget_strangers",
    "give_back",
    "given_by_hand",
    "helped",
    "hold",
    "hold_series",
    "keep_terms",
    "kept_facts",
    "lapse_holds",
    "lapse_proposals",
    "late",
    "letter_of",
    "losses",
    "mail_again",
    "mark_no_show",
    "mark_urgent",
    "merge",
    "move",
    "must_be_free",
    "not_urgent",
    "note",
    "others_of",
    "paid_by_hand",
    "payment_failed",
    "prefer",
    "propose",
    "raise_concerns",
    "reach_by",
    "reached_out",
    "refund",
    "refund_failed",
    "refunds_seen",
    "refuse_proposal",
    "remove_card",
    "rest_quote",
    "send_links",
    "settle",
    "share_note",
    "stakes",
    "start_contacts",
    "starts_of",
    "still_open",
    "take_note_back",
    "take_time_off",
    "tell_settlements_ahead",
    "tested",
    "unblock",
    "undo_arrive",
    "undo_by_hand",
    "undo_no_show",
    "waive_charge",
    "why_not_there",
    "will_come",
    "withdraw_consent",
    "withdraw_proposal",
]
