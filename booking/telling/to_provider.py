"""The timeline in the provider's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Appointment, TimelineEntry
from booking.telling.spoken import CLIENT_REASONS, WAYS, said
from booking.templatetags.kept import mode_name
from config import formats

# What happened, by who did it; what is not under its own doer is said as by anyone.
BY_CLIENT: dict[str, str | Promise] = {
    "booked": gettext_lazy("%(client)s booked."),
    "cancelled": gettext_lazy("%(client)s cancelled."),
    "moved": gettext_lazy("%(client)s moved it from %(from_start)s to %(to_start)s."),
    "arrived": gettext_lazy("%(client)s is here."),
    "health_consent_withdrawn": gettext_lazy(
        "%(client)s took back the consent; the answers about health are erased."
    ),
    "mode_changed": gettext_lazy("%(client)s changed how you meet: %(mode)s."),
}
BY_SYSTEM: dict[str, str | Promise] = {
    "contacted": gettext_lazy("%(client)s was not there, and was written to by mail."),
    "no_show": gettext_lazy("Marked as missed by the terms: nobody came."),
    "completed": gettext_lazy("Nobody said otherwise, so it counts as kept."),
}
BY_ANYONE: dict[str, str | Promise] = {
    "booked": gettext_lazy("Booked for %(client)s."),
    "said_yes": gettext_lazy("%(client)s said yes by mail."),
    "confirmed": gettext_lazy("Confirmed."),
    "approved": gettext_lazy("You said yes."),
    "declined": gettext_lazy("You said no."),
    "deposit_paid": gettext_lazy("The deposit of %(amount)s arrived."),
    "credit_used": gettext_lazy("A credit was used for it."),
    "payment_failed": gettext_lazy("A payment did not go through."),
    "expired": gettext_lazy("The time was given back, because the wait was over."),
    "move_held": gettext_lazy("%(client)s wants to move to %(to)s; that waits for its deposit."),
    "move_lapsed": gettext_lazy("The new time was not paid for, so nothing has moved."),
    "cancelled": gettext_lazy("You cancelled."),
    "moved": gettext_lazy("Moved from %(from_start)s to %(to_start)s."),
    "mode_changed": gettext_lazy("You changed how you meet: %(mode)s."),
    "will_come": gettext_lazy("%(client)s said: I'll be there."),
    "tested": gettext_lazy("%(client)s tested camera and sound: it works."),
    "needs_help": gettext_lazy("%(client)s needs help with the call."),
    "helped": gettext_lazy("You helped %(client)s with the call."),
    "arrived": gettext_lazy("You saw that %(client)s is here."),
    "arrival_undone": gettext_lazy("You took back that %(client)s was here."),
    "asked_if_there": gettext_lazy("You were asked whether %(client)s is there."),
    "asked_no_show": gettext_lazy("You were asked whether it was missed."),
    "late": gettext_lazy("%(client)s is %(minutes)s minutes late and asks you to wait."),
    "late_accepted": gettext_lazy("You wait %(minutes)s minutes longer."),
    "contacted": gettext_lazy("You wrote to %(client)s by mail."),
    "reached_out": gettext_lazy("You tried to reach %(client)s: %(way)s."),
    "no_show": gettext_lazy("Marked as missed."),
    "no_show_undone": gettext_lazy("The mark as missed was taken back."),
    "completed": gettext_lazy("Kept."),
    "explained": gettext_lazy("%(client)s told what happened."),
    "terms_kept": gettext_lazy("You read it; the terms stay."),
    "excused": gettext_lazy("You excused it."),
    "refunded": gettext_lazy("%(amount)s went back to %(client)s."),
    "proposed": gettext_lazy("You proposed: %(starts)s."),
    "proposal_accepted": gettext_lazy("%(client)s took the proposed time: %(to)s."),
    "proposal_refused": gettext_lazy("%(client)s cannot take any of the proposed times."),
    "proposal_lapsed": gettext_lazy("The proposed times were not answered in time and are free again."),
    "proposal_withdrawn": gettext_lazy("You took the proposed times back."),
    "urgent": gettext_lazy("You marked it as urgent."),
    "not_urgent": gettext_lazy("It is no longer marked as urgent."),
    "note_shared": gettext_lazy("You shared a note with %(client)s."),
    "note_changed": gettext_lazy("You changed a note that is shared with %(client)s."),
    "note_taken_back": gettext_lazy("You took a note back that was shared with %(client)s."),
    "address_corrected": gettext_lazy("The e-mail address was corrected; earlier links are dead."),
    "wishes_told": gettext_lazy("%(client)s said which times suit."),
    "credited": gettext_lazy("%(amount)s waits as a credit of %(client)s."),
    "repayment_asked": gettext_lazy(
        "Asked to give %(amount)s back to %(client)s; that waits for a second yes."
    ),
    "repayment_declined": gettext_lazy("A second member said no to giving %(amount)s back."),
    "repayment_withdrawn": gettext_lazy("The wish to give %(amount)s back was taken back."),
    "handed_over": gettext_lazy("%(amount)s was given back to %(client)s by hand."),
    "refunded_elsewhere": gettext_lazy(
        "%(amount)s went back to %(client)s, sent from the payment service's own pages."
    ),
    "dispute_opened": gettext_lazy("The bank of %(client)s disputes %(amount)s."),
    "dispute_answered": gettext_lazy("Your answer to the bank was sent."),
    "dispute_closed": gettext_lazy("The dispute over %(amount)s is over."),
    "refund_failed": gettext_lazy("A refund of %(amount)s could not be made; the money is with you again."),
    "settled": gettext_lazy("%(forfeit_and_fee)s was settled as the terms say."),
    "charge_asked": gettext_lazy("%(client)s was asked for %(amount)s."),
    "card_saved": gettext_lazy("%(client)s saved a card for this appointment."),
    "card_removed": gettext_lazy("%(client)s took the saved card away."),
    "card_not_charged": gettext_lazy(
        "The saved card could not be charged with %(amount)s; %(client)s got the link to pay."
    ),
    "charge_paid": gettext_lazy("%(client)s paid %(amount)s of what was owed."),
    "charge_waived": gettext_lazy("%(amount)s is not asked of %(client)s any more."),
    "paid_by_hand": gettext_lazy("A payment of %(amount)s by hand was written down."),
    "by_hand_undone": gettext_lazy("The note of a payment of %(amount)s by hand was taken back."),
    "credit_ended": gettext_lazy("A credit of %(amount)s has ended."),
}
BY_DOER = {"client": BY_CLIENT, "system": BY_SYSTEM}
REASONED = ("refunded", "credited", "repayment_asked")


@dataclass(frozen=True)
class Line:
    """``who`` is the member who did it, empty where it was the client or the program."""

    kind: str
    at: datetime
    when: str
    words: str
    note: str
    who: str


def lines(appointment: Appointment, entries: list[TimelineEntry]) -> list[Line]:
    """Everything that happened, newest first."""
    return [_line(entry, appointment) for entry in reversed(entries)]


def _line(entry: TimelineEntry, appointment: Appointment) -> Line:
    zone = appointment.provider.timezone
    facts = _spoken(entry.facts, zone) | {"client": appointment.client.name}
    if appointment.client.erased_at:
        facts = {name: words or "…" for name, words in facts.items()}
    words = _words(entry) % facts
    return Line(
        kind=entry.kind,
        at=entry.at,
        when=formats.short_moment(entry.at, zone),
        words=words,
        note=str(
            entry.facts.get("note") or (entry.facts.get("reason") if entry.kind in REASONED else "") or ""
        ),
        who=str(entry.user) if entry.user else "",
    )


def _words(entry: TimelineEntry) -> str:
    if entry.kind == "booked" and entry.facts.get("status") == "requested":
        return _("%(client)s asked for this time.")
    own = BY_DOER.get(entry.by, {})
    found = str(own.get(entry.kind) or BY_ANYONE.get(entry.kind, ""))
    if entry.kind == "excused" and entry.facts.get("full") is False:
        found = _("You excused a part of it.")
    if found and entry.kind in ("cancelled", "explained", "excused") and entry.facts.get("reason"):
        found = found + " " + _("Reason: %(reason)s.")
    if found and entry.facts.get("forgiven"):
        found = found + " " + _("Forgiven by your terms.")
    if found and entry.facts.get("mailed"):
        found = found + " " + _("A mail says so.")
    if found and entry.facts.get("asked_by"):
        found = found + " " + _("Asked for by %(asked_by)s, approved by a second member.")
    return found or entry.kind.replace("_", " ").replace("%", "%%")


def _spoken(facts: dict[str, Any], zone: str) -> dict[str, str]:
    """The facts of an entry as words: money, instants, minutes, reasons."""
    spoken = {
        "minutes": str(facts.get("minutes", "")),
        "reason": said(CLIENT_REASONS, facts.get("reason") or ""),
    }
    spoken["way"] = said(WAYS, str(facts.get("way", "")))
    spoken["mode"] = mode_name(str(facts.get("new", "")))
    spoken["amount"] = (
        formats.money(facts["amount"], facts["currency"]) if "amount" in facts and "currency" in facts else ""
    )
    for name in ("from_start", "to_start", "to"):
        spoken[name] = formats.moment(datetime.fromisoformat(facts[name]), zone) if facts.get(name) else ""
    starts = [datetime.fromisoformat(one) for one in facts.get("starts") or []]
    spoken["starts"] = "; ".join(formats.short_moment(one, zone) for one in starts)
    spoken["forfeit_and_fee"] = _sum(facts)
    spoken["asked_by"] = str(facts.get("asked_by") or "")
    return spoken


def _sum(facts: dict[str, Any]) -> str:
    found = [facts[name] for name in ("forfeit", "fee") if isinstance(facts.get(name), dict)]
    total = sum(money["amount"] for money in found)
    return formats.money(total, found[0]["currency"]) if found else ""
