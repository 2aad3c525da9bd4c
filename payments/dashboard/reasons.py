"""Why a settlement is due: the act, its notice, the rule that applies, what the client says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from booking import quotes
from booking.dashboard.desk import Desk
from booking.models import Appointment
from booking.telling.spoken import CLIENT_REASONS, EXCEPTION_REASONS, said
from config import formats
from config.formats import short_moment
from payments.models import Decision, Settlement
from policies import wording
from policies.rules.notice import effective_notice

WHAT: dict[str, str | Promise] = {
    "planned": gettext_lazy("It waits"),
    "reduced": gettext_lazy("Excused"),
    "dropped": gettext_lazy("Taken back"),
    "kept": gettext_lazy("The terms stay"),
    "settled": gettext_lazy("Settled"),
    "returned": gettext_lazy("Excused afterwards"),
}
WHY: dict[str, str | Promise] = EXCEPTION_REASONS | {
    "cancel": gettext_lazy("Cancelled"),
    "move": gettext_lazy("Moved"),
    "no_show": gettext_lazy("Missed"),
    "undone": gettext_lazy("They did come"),
    "refund": gettext_lazy("Money was given back meanwhile"),
}
WHO = {"client": gettext_lazy("the client"), "system": gettext_lazy("by itself")}
TONES = {"waiting": "warn", "done": "plain", "dropped": "good"}
STATES = {
    "waiting": pgettext_lazy("a settlement", "Waits"),
    "done": gettext_lazy("Settled"),
    "dropped": gettext_lazy("Not settled"),
}


@dataclass(frozen=True)
class Due:
    """One settlement as it is read: everything in words. ``explanation`` is what the client wrote."""

    settlement: Settlement
    appointment: Appointment
    day: str
    state: str
    tone: str
    act: str
    rule: str
    amount: int
    due: str
    explained: str
    explanation: str
    agreed: str
    may_excuse: bool
    proposed: str

    @property
    def waits(self) -> bool:
        return self.settlement.state == Settlement.State.WAITING


def due(desk: Desk, settlement: Settlement) -> Due:
    """Asks no database for what ``settling`` has fetched with it."""
    appointment = desk.known(settlement.appointment)
    told = [one.facts for one in appointment.timeline.all() if one.kind == "explained"]
    explanation = told[-1] if told else {}
    reason = str(explanation.get("reason", ""))
    return Due(
        settlement=settlement,
        appointment=appointment,
        day=formats.day(appointment.starts_at, desk.zone),
        state=str(STATES[settlement.state]),
        tone=TONES[settlement.state],
        act=_act(settlement, _notice(settlement)),
        rule=_rule(settlement, _notice(settlement)),
        amount=settlement.forfeit + settlement.fee,
        due=short_moment(settlement.settled_at or settlement.due_at, desk.zone),
        explained=said(CLIENT_REASONS, reason) if reason else "",
        explanation=str(explanation.get("note", "")),
        agreed=formats.moment(appointment.agreement.agreed_at, desk.zone),
        may_excuse="act" in desk.rights and settlement.state == Settlement.State.WAITING,
        proposed=reason if reason in EXCEPTION_REASONS else "goodwill",
    )


def _notice(settlement: Settlement) -> timedelta | None:
    """The notice that counted when it was planned: of a move against the old start (rules 2 and 4)."""
    appointment = settlement.appointment
    if settlement.cause == "no_show":
        return None
    if settlement.cause == "move":
        made = next((one for one in appointment.moves.all() if one.at == settlement.created_at), None)
        if made:
            return made.notice
    return effective_notice(appointment.starts_at, settlement.created_at, appointment.smallest_notice)


def _act(settlement: Settlement, notice: timedelta | None) -> str:
    if settlement.cause == "no_show" or notice is None:
        return _("Missed, without a word in time")
    words = {
        "cancel": _("Cancelled %(notice)s before the start"),
        "move": _("Moved %(notice)s before the start"),
    }
    return words[settlement.cause] % {"notice": formats.length(_round(notice))}


def _round(notice: timedelta) -> timedelta:
    """In whole hours, or minutes where it is less: never longer than it was."""
    unit = timedelta(hours=1) if notice >= timedelta(hours=2) else timedelta(minutes=1)
    return max(notice // unit, 0) * unit


def _rule(settlement: Settlement, notice: timedelta | None) -> str:
    appointment = settlement.appointment
    act: Any = settlement.cause
    return wording.rule_text(
        quotes.terms(appointment),
        act=act,
        notice=notice,
        price=appointment.price,
        deposit=settlement.deposit.asked if settlement.deposit else 0,
        currency=appointment.currency,
        zone=appointment.provider.timezone,
        language=get_language() or "en",
    )


def history(desk: Desk, settlement: Settlement) -> list[dict[str, Any]]:
    """Every decision: what, when, who, why, and the amounts before and after."""
    return [_line(desk, one, settlement.currency) for one in settlement.decisions.select_related("user")]


def _line(desk: Desk, one: Decision, currency: str) -> dict[str, Any]:
    who = str(one.user) if one.user else str(WHO.get(one.by, ""))
    before, after = one.forfeit_before + one.fee_before, one.forfeit_after + one.fee_after
    return {
        "what": said(WHAT, one.what),
        "why": said(WHY, one.reason) if one.reason else "",
        "note": one.note,
        "when": short_moment(one.at, desk.zone),
        "who": who,
        "before": formats.money(before, currency),
        "after": formats.money(after, currency),
        "changed": before != after,
    }
