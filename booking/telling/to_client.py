"""The timeline in the client's words: the same lines on the page and in the API."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from booking.models import Appointment, SharedNote, TimelineEntry
from config import formats

# What only the provider and the workers are asked is not the client's business.
UNTOLD = frozenset(
    {
        "asked_if_there",
        "asked_no_show",
        "payment_failed",
        "repayment_asked",
        "repayment_declined",
        "repayment_withdrawn",
        "dispute_opened",
        "dispute_answered",
        "dispute_closed",
    }
)


@dataclass(frozen=True)
class Line:
    """``at`` in words is ``when``, on the clocks of the client."""

    kind: str
    at: datetime
    when: str
    words: str


def lines(appointment: Appointment) -> list[Line]:
    """Everything that happened, newest first."""
    told = [line(entry, appointment) for entry in appointment.timeline.all() if entry.kind not in UNTOLD]
    return [one for one in reversed(told) if one.words]


@dataclass(frozen=True)
class Note:
    """A note that the provider shared. ``who`` is the member who wrote it, where that one has a name."""

    uid: UUID
    text: str
    who: str
    at: datetime
    when: str
    changed_at: datetime | None
    changed: str


def notes(appointment: Appointment) -> list[Note]:
    """Those of an appointment, newest first, on the clocks of the client."""
    rows = appointment.shared_notes.select_related("user")
    return [note(one, appointment, zone=appointment.clock) for one in rows]


def note(one: SharedNote, appointment: Appointment, *, zone: str) -> Note:
    return Note(
        uid=one.uid,
        text=one.text,
        who=one.user.name or appointment.provider.name,
        at=one.shared_at,
        when=formats.moment(one.shared_at, zone),
        changed_at=one.changed_at,
        changed=formats.moment(one.changed_at, zone) if one.changed_at else "",
    )


def line(entry: TimelineEntry, appointment: Appointment) -> Line:
    words = sentence(entry, provider=appointment.provider.name, zone=appointment.clock)
    return Line(entry.kind, entry.at, formats.moment(entry.at, appointment.clock), words)


def sentence(entry: TimelineEntry, *, provider: str, zone: str) -> str:
    """One thing that happened. Sentences of acts of both sides come in two forms."""
    facts = {"who": provider, **_spoken(entry.facts, zone)}
    # Of somebody who was erased the facts are gone.
    known = defaultdict(lambda: "…", {name: words for name, words in facts.items() if words})
    mine = _by_client() if entry.by == "client" else {}
    template = mine.get(entry.kind) or _by_anyone().get(entry.kind, "")
    if entry.kind == "booked" and entry.facts.get("status") == "requested":
        template = _("You asked for this time.")
    if entry.kind == "excused" and entry.facts.get("full") is False:
        template = _("%(who)s excused a part of it.")
    forgiven = " " + _("It was forgiven, as the terms allow.") if entry.facts.get("forgiven") else ""
    return template % known + forgiven if template else ""


def _spoken(facts: dict[str, Any], zone: str) -> dict[str, str]:
    """The facts of an entry as words: money, instants and minutes."""
    spoken: dict[str, str] = {name: str(facts.get(name, "")) for name in ("minutes", "last4")}
    if "amount" in facts and "currency" in facts:
        spoken["amount"] = formats.money(facts["amount"], facts["currency"])
    for name in ("from_start", "to_start", "to"):
        if facts.get(name):
            spoken[name] = formats.moment(datetime.fromisoformat(facts[name]), zone)
    starts = (formats.moment(datetime.fromisoformat(one), zone) for one in facts.get("starts") or [])
    spoken["starts"] = "; ".join(starts)
    for name in ("forfeit", "fee"):
        money = facts.get(name) or {}
        spoken[name] = formats.money(money["amount"], money["currency"]) if money else ""
    return spoken


def _by_client() -> dict[str, str]:
    return {
        "booked": _("You booked this time."),
        "cancelled": _("You cancelled."),
        "moved": _("You moved it from %(from_start)s to %(to_start)s."),
        "arrived": _("You said that you are here."),
        "health_consent_withdrawn": _(
            "You took your consent back. Your answers about your health are erased."
        ),
        "mode_changed": _("You changed how you meet."),
    }


def _by_anyone() -> dict[str, str]:
    return {
        "booked": _("%(who)s booked this time for you."),
        "said_yes": _("You said yes by mail."),
        "confirmed": _("The appointment was confirmed."),
        "approved": _("%(who)s said yes."),
        "declined": _("%(who)s could not take this appointment."),
        "deposit_paid": _("Your deposit of %(amount)s arrived."),
        "credit_used": _("Your credit was used for it."),
        "expired": _("The time was given back, because the wait was over."),
        "move_held": _("The new time, %(to)s, is kept for you until its deposit is paid."),
        "move_lapsed": _("The new time was not paid for, so nothing has moved."),
        "cancelled": _("%(who)s had to cancel."),
        "moved": _("%(who)s moved it from %(from_start)s to %(to_start)s, with your yes."),
        "mode_changed": _("%(who)s changed how you meet."),
        "will_come": _("You said that you will be there."),
        "tested": _("You tested camera and sound: it works."),
        "needs_help": _("You said that you need help with the call."),
        "helped": _("%(who)s answered your wish for help with the call."),
        "arrived": _("%(who)s saw that you are here."),
        "arrival_undone": _("%(who)s took back that you were seen: it was somebody else."),
        "late": _("You said that you are %(minutes)s minutes late."),
        "late_accepted": _("%(who)s waits %(minutes)s minutes longer for you."),
        "contacted": _("%(who)s wrote to you, because you were not there yet."),
        "reached_out": _("%(who)s tried to reach you."),
        "no_show": _("You were not there, so it was marked as missed."),
        "no_show_undone": _("The mark as missed was taken back."),
        "completed": _("You kept the appointment. Thank you."),
        "explained": _("You told what happened."),
        "terms_kept": _("%(who)s read what you wrote; the terms stay as agreed."),
        "proposed": _("%(who)s proposed: %(starts)s."),
        "proposal_accepted": _("You took the proposed time: %(to)s."),
        "proposal_refused": _("You said that none of the proposed times suits."),
        "proposal_lapsed": _("The proposed times are no longer kept."),
        "proposal_withdrawn": _("%(who)s took the proposed times back."),
        "urgent": _("%(who)s marked it as urgent."),
        "not_urgent": _("It is no longer marked as urgent."),
        "note_shared": _("%(who)s wrote a note for you."),
        "note_changed": _("%(who)s changed a note for you."),
        "note_taken_back": _("%(who)s took a note for you back."),
        "address_corrected": _("Your e-mail address was corrected."),
        "wishes_told": _("You said which times suit you."),
        "excused": _("%(who)s excused it. It does not count against you."),
        "refunded": _("%(amount)s went back to you."),
        "refunded_elsewhere": _("%(amount)s went back to you."),
        "handed_over": _("%(amount)s was given back to you."),
        "credited": _("%(amount)s waits as your credit."),
        "settled": _("The money was settled as the terms say."),
        "charge_asked": _("%(who)s asked for %(amount)s."),
        "card_saved": _("Your card ending in %(last4)s was saved for this appointment."),
        "card_removed": _("You took your card away. Nothing is charged to it."),
        "card_not_charged": _("Your card could not be charged with %(amount)s. It is still to be paid."),
        "charge_paid": _("Your payment of %(amount)s arrived."),
        "charge_waived": _("%(amount)s is not asked any more."),
        "paid_by_hand": _("%(who)s noted your payment of %(amount)s."),
        "by_hand_undone": _("%(who)s took the note of a payment of %(amount)s back."),
        "credit_ended": _("Your credit of %(amount)s has ended."),
    }
