"""The timeline in the provider's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Appointment, TimelineEntry
from booking.telling.spoken import CLIENT_REASONS, WAYS, said
from booking.templatetags.kept import mode_name
from config import formats

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
    by_client = _by_client() if entry.by == "client" else {}
    by_system = _by_system() if entry.by == "system" else {}
    if entry.kind == "booked" and entry.facts.get("status") == "requested":
        return _("%(client)s asked for this time.")
    found = by_client.get(entry.kind) or by_system.get(entry.kind) or _by_anyone().get(entry.kind)
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


def _by_client() -> dict[str, str]:
    return {
        "booked": _("%(client)s booked."),
        "cancelled": _("%(client)s cancelled."),
        "moved": _("%(client)s moved it from %(from_start)s to %(to_start)s."),
        "arrived": _("%(client)s is here."),
        "health_consent_withdrawn": _(
            "%(client)s took back the consent; the answers about health are erased."
        ),
        "mode_changed": _("%(client)s changed how you meet: %(mode)s."),
    }


def _by_system() -> dict[str, str]:
    return {
        "contacted": _("%(client)s was not there, and was written to by mail."),
        "no_show": _("Marked as missed by the terms: nobody came."),
        "completed": _("Nobody said otherwise, so it counts as kept."),
    }


def _by_anyone() -> dict[str, str]:
    return {
        "booked": _("Booked for %(client)s."),
        "said_yes": _("%(client)s said yes by mail."),
        "confirmed": _("Confirmed."),
        "approved": _("You said yes."),
        "declined": _("You said no."),
        "deposit_paid": _("The deposit of %(amount)s arrived."),
        "credit_used": _("A credit was used for it."),
        "payment_failed": _("A payment did not go through."),
        "expired": _("The time was given back, because the wait was over."),
        "move_held": _("%(client)s wants to move to %(to)s; that waits for its deposit."),
        "move_lapsed": _("The new time was not paid for, so nothing has moved."),
        "cancelled": _("You cancelled."),
        "moved": _("Moved from %(from_start)s to %(to_start)s."),
        "mode_changed": _("You changed how you meet: %(mode)s."),
        "will_come": _("%(client)s said: I'll be there."),
        "tested": _("%(client)s tested camera and sound: it works."),
        "needs_help": _("%(client)s needs help with the call."),
        "helped": _("You helped %(client)s with the call."),
        "arrived": _("You saw that %(client)s is here."),
        "arrival_undone": _("You took back that %(client)s was here."),
        "asked_if_there": _("You were asked whether %(client)s is there."),
        "asked_no_show": _("You were asked whether it was missed."),
        "late": _("%(client)s is %(minutes)s minutes late and asks you to wait."),
        "late_accepted": _("You wait %(minutes)s minutes longer."),
        "contacted": _("You wrote to %(client)s by mail."),
        "reached_out": _("You tried to reach %(client)s: %(way)s."),
        "no_show": _("Marked as missed."),
        "no_show_undone": _("The mark as missed was taken back."),
        "completed": _("Kept."),
        "explained": _("%(client)s told what happened."),
        "terms_kept": _("You read it; the terms stay."),
        "excused": _("You excused it."),
        "refunded": _("%(amount)s went back to %(client)s."),
        "proposed": _("You proposed: %(starts)s."),
        "proposal_accepted": _("%(client)s took the proposed time: %(to)s."),
        "proposal_refused": _("%(client)s cannot take any of the proposed times."),
        "proposal_lapsed": _("The proposed times were not answered in time and are free again."),
        "proposal_withdrawn": _("You took the proposed times back."),
        "urgent": _("You marked it as urgent."),
        "not_urgent": _("It is no longer marked as urgent."),
        "note_shared": _("You shared a note with %(client)s."),
        "note_changed": _("You changed a note that is shared with %(client)s."),
        "note_taken_back": _("You took a note back that was shared with %(client)s."),
        "address_corrected": _("The e-mail address was corrected; earlier links are dead."),
        "wishes_told": _("%(client)s said which times suit."),
        "credited": _("%(amount)s waits as a credit of %(client)s."),
        "repayment_asked": _("Asked to give %(amount)s back to %(client)s; that waits for a second yes."),
        "repayment_declined": _("A second member said no to giving %(amount)s back."),
        "repayment_withdrawn": _("The wish to give %(amount)s back was taken back."),
        "handed_over": _("%(amount)s was given back to %(client)s by hand."),
        "refunded_elsewhere": _(
            "%(amount)s went back to %(client)s, sent from the payment service's own pages."
        ),
        "dispute_opened": _("The bank of %(client)s disputes %(amount)s."),
        "dispute_answered": _("Your answer to the bank was sent."),
        "dispute_closed": _("The dispute over %(amount)s is over."),
        "refund_failed": _("A refund of %(amount)s could not be made; the money is with you again."),
        "settled": _("%(forfeit_and_fee)s was settled as the terms say."),
        "charge_asked": _("%(client)s was asked for %(amount)s."),
        "card_saved": _("%(client)s saved a card for this appointment."),
        "card_removed": _("%(client)s took the saved card away."),
        "card_not_charged": _(
            "The saved card could not be charged with %(amount)s; %(client)s got the link to pay."
        ),
        "charge_paid": _("%(client)s paid %(amount)s of what was owed."),
        "charge_waived": _("%(amount)s is not asked of %(client)s any more."),
        "paid_by_hand": _("A payment of %(amount)s by hand was written down."),
        "by_hand_undone": _("The note of a payment of %(amount)s by hand was taken back."),
        "credit_ended": _("A credit of %(amount)s has ended."),
    }
