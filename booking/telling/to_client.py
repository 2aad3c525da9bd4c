"""The timeline in the client's words: the same lines on the page and in the API."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Appointment, SharedNote, TimelineEntry
from config import formats

# What happened, by who did it: the client, or whoever is not in the first table.
BY_CLIENT: dict[str, str | Promise] = {
    "booked": gettext_lazy("You booked this time."),
    "cancelled": gettext_lazy("You cancelled."),
    "moved": gettext_lazy("You moved it from %(from_start)s to %(to_start)s."),
    "arrived": gettext_lazy("You said that you are here."),
    "health_consent_withdrawn": gettext_lazy(
        "You took your consent back. Your answers about your health are erased."
    ),
    "mode_changed": gettext_lazy("You changed how you meet."),
}
BY_ANYONE: dict[str, str | Promise] = {
    "booked": gettext_lazy("%(who)s booked this time for you."),
    "said_yes": gettext_lazy("You said yes by mail."),
    "confirmed": gettext_lazy("The appointment was confirmed."),
    "approved": gettext_lazy("%(who)s said yes."),
    "declined": gettext_lazy("%(who)s could not take this appointment."),
    "deposit_paid": gettext_lazy("Your deposit of %(amount)s arrived."),
    "credit_used": gettext_lazy("Your credit was used for it."),
    "expired": gettext_lazy("The time was given back, because the wait was over."),
    "move_held": gettext_lazy("The new time, %(to)s, is kept for you until its deposit is paid."),
    "move_lapsed": gettext_lazy("The new time was not paid for, so nothing has moved."),
    "cancelled": gettext_lazy("%(who)s had to cancel."),
    "moved": gettext_lazy("%(who)s moved it from %(from_start)s to %(to_start)s, with your yes."),
    "mode_changed": gettext_lazy("%(who)s changed how you meet."),
    "will_come": gettext_lazy("You said that you will be there."),
    "tested": gettext_lazy("You tested camera and sound: it works."),
    "needs_help": gettext_lazy("You said that you need help with the call."),
    "helped": gettext_lazy("%(who)s answered your wish for help with the call."),
    "arrived": gettext_lazy("%(who)s saw that you are here."),
    "arrival_undone": gettext_lazy("%(who)s took back that you were seen: it was somebody else."),
    "late": gettext_lazy("You said that you are %(minutes)s minutes late."),
    "late_accepted": gettext_lazy("%(who)s waits %(minutes)s minutes longer for you."),
    "contacted": gettext_lazy("%(who)s wrote to you, because you were not there yet."),
    "reached_out": gettext_lazy("%(who)s tried to reach you."),
    "no_show": gettext_lazy("You were not there, so it was marked as missed."),
    "no_show_undone": gettext_lazy("The mark as missed was taken back."),
    "completed": gettext_lazy("You kept the appointment. Thank you."),
    "explained": gettext_lazy("You told what happened."),
    "terms_kept": gettext_lazy("%(who)s read what you wrote; the terms stay as agreed."),
    "proposed": gettext_lazy("%(who)s proposed: %(starts)s."),
    "proposal_accepted": gettext_lazy("You took the proposed time: %(to)s."),
    "proposal_refused": gettext_lazy("You said that none of the proposed times suits."),
    "proposal_lapsed": gettext_lazy("The proposed times are no longer kept."),
    "proposal_withdrawn": gettext_lazy("%(who)s took the proposed times back."),
    "urgent": gettext_lazy("%(who)s marked it as urgent."),
    "not_urgent": gettext_lazy("It is no longer marked as urgent."),
    "note_shared": gettext_lazy("%(who)s wrote a note for you."),
    "note_changed": gettext_lazy("%(who)s changed a note for you."),
    "note_taken_back": gettext_lazy("%(who)s took a note for you back."),
    "address_corrected": gettext_lazy("Your e-mail address was corrected."),
    "wishes_told": gettext_lazy("You said which times suit you."),
    "excused": gettext_lazy("%(who)s excused it. It does not count against you."),
    "refunded": gettext_lazy("%(amount)s went back to you."),
    "refunded_elsewhere": gettext_lazy("%(amount)s went back to you."),
    "handed_over": gettext_lazy("%(amount)s was given back to you."),
    "credited": gettext_lazy("%(amount)s waits as your credit."),
    "settled": gettext_lazy("The money was settled as the terms say."),
    "charge_asked": gettext_lazy("%(who)s asked for %(amount)s."),
    "card_saved": gettext_lazy("Your card ending in %(last4)s was saved for this appointment."),
    "card_removed": gettext_lazy("You took your card away. Nothing is charged to it."),
    "card_not_charged": gettext_lazy(
        "Your card could not be charged with %(amount)s. It is still to be paid."
    ),
    "charge_paid": gettext_lazy("Your payment of %(amount)s arrived."),
    "charge_waived": gettext_lazy("%(amount)s is not asked any more."),
    "paid_by_hand": gettext_lazy("%(who)s noted your payment of %(amount)s."),
    "by_hand_undone": gettext_lazy("%(who)s took the note of a payment of %(amount)s back."),
    "credit_ended": gettext_lazy("Your credit of %(amount)s has ended."),
}
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
    mine = BY_CLIENT if entry.by == "client" else {}
    template = str(mine.get(entry.kind) or BY_ANYONE.get(entry.kind, ""))
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
