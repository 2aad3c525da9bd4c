"""An explanation as a decision to take: what was said, how it went so far, what each answer does (A18).

Nobody has to answer: then the terms apply on time. Every answer says its amounts and what the client will
read before it is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from booking import lifecycle, tokens
from booking.dashboard.acts import ACTS, Act
from booking.dashboard.consequences import Consequences, Stake
from booking.dashboard.desk import Desk
from booking.dashboard.records import Record
from booking.models import Appointment, Status
from booking.telling.spoken import CLIENT_REASONS, EXCEPTION_REASONS, said
from config import as_json, formats
from reminders import wording
from reminders.models import Message
from reminders.wording.letter import Prose, Sum, Terms, Words

LABELS: dict[str, str | Promise] = {
    "excuse": gettext_lazy("Excuse all of it"),
    "credit": gettext_lazy("Excuse it, as a credit"),
    "keep": gettext_lazy("The terms stay"),
    "came": gettext_lazy("They did come"),
}
# The act of an answer, and the mail that it sends.
ACT_AND_MAIL = {
    "excuse": ("excuse", "excused"),
    "credit": ("excuse", "excused"),
    "keep": ("keep_terms", "terms_kept"),
    "came": ("undo_no_show", "no_show_undone"),
}


@dataclass(frozen=True)
class Answer:
    """One click: the act with what its form is sent, what it does, and the words that the client reads."""

    name: str
    act: Act
    consequence: str
    fields: dict[str, str]
    reads: str

    @property
    def label(self) -> str:
        return str(LABELS[self.name])


@dataclass(frozen=True)
class Decision:
    """``deadline`` is what happens without an answer."""

    reason: str
    said: str
    record: Record
    deadline: str
    answers: list[Answer]


OwnWords = dict[tuple[str, str], dict[str, str]]  # by kind of mail and language


def own_words(desk: Desk) -> OwnWords:
    """The provider's own words for the mails that answer, for all decisions of a page at once."""
    rows = desk.adapted.filter(kind__in={mail for _act, mail in ACT_AND_MAIL.values()})
    return {(one.kind, one.language): one.texts for one in rows}


def decision(
    desk: Desk, appointment: Appointment, *, stake: Stake, record: Record, own: OwnWords
) -> Decision | None:
    """The decision that waits on this appointment; None where none does. Its timeline is at hand."""
    if not appointment.explained_at or appointment.explanation_decided_at:
        return None
    facts = [one.facts for one in appointment.timeline.all() if one.kind == "explained"]
    told = facts[-1] if facts else {}
    reason = str(told.get("reason", ""))
    answers = _answers(desk, appointment, stake, reason, own) if "act" in desk.rights else []
    return Decision(
        reason=said(CLIENT_REASONS, reason) if reason else "",
        said=str(told.get("note", "")),
        record=record,
        deadline=_deadline(appointment, stake),
        answers=answers,
    )


def _deadline(appointment: Appointment, stake: Stake) -> str:
    lost = formats.money(stake.lost, appointment.currency)
    if stake.due_at:
        due = formats.moment(stake.due_at, appointment.provider.timezone)
        return _("Without an answer the terms apply: %(lost)s is settled on %(due)s.") % {
            "lost": lost,
            "due": due,
        }
    if stake.lost:
        return _("The terms have applied: %(lost)s. You can still excuse it.") % {"lost": lost}
    return _("No money is at stake. It counts in the record until you excuse it.")


def _answers(desk: Desk, appointment: Appointment, stake: Stake, reason: str, own: OwnWords) -> list[Answer]:
    answer = partial(_answer, desk, appointment, stake=stake, own=own)
    fees = stake.lost - stake.paid
    excuse = {"reason": reason if reason in EXCEPTION_REASONS else "goodwill", "share": "all"}
    found = [
        answer(
            "excuse",
            consequence=_whole(appointment, stake.paid, fees, as_credit=False),
            fields=excuse | {"back": "refund"},
            facts={"refund": stake.paid, "fee_waived": fees},
        )
    ]
    if stake.paid:
        as_credit = answer(
            "credit",
            consequence=_whole(appointment, stake.paid, fees, as_credit=True),
            fields=excuse | {"back": "credit"},
            facts={"credit": stake.paid, "fee_waived": fees},
        )
        found.append(as_credit)
    found.append(answer("keep", consequence=_kept(appointment, stake)))
    if appointment.status == Status.NO_SHOW and (stake.due_at or not stake.lost):
        found.append(answer("came", consequence=Consequences(appointment, stake).undo_no_show()))
    return found


def _kept(appointment: Appointment, stake: Stake) -> str:
    name = appointment.client.name
    if not stake.lost:
        return _("It counts in the record of %(name)s.") % {"name": name}
    lost = formats.money(stake.lost, appointment.currency)
    return _("%(lost)s stays as agreed, and it counts in the record of %(name)s.") % {
        "lost": lost,
        "name": name,
    }


def _whole(appointment: Appointment, paid: int, fees: int, *, as_credit: bool) -> str:
    facts = {
        "paid": formats.money(paid, appointment.currency),
        "fees": formats.money(fees, appointment.currency),
        "name": appointment.client.name,
    }
    parts = []
    if paid and as_credit:
        parts.append(_("%(paid)s waits as a credit without an end.") % facts)
    elif paid:
        parts.append(_("%(paid)s goes back.") % facts)
    if fees:
        parts.append(_("%(fees)s is not asked any more.") % facts)
    return " ".join([*parts, _("Nothing counts against %(name)s.") % facts])


def _answer(
    desk: Desk,
    appointment: Appointment,
    name: str,
    *,
    stake: Stake,
    own: OwnWords,
    consequence: str,
    fields: dict[str, str] | None = None,
    facts: dict[str, int] | None = None,
) -> Answer:
    money: dict[str, Any] = {
        key: as_json.money(amount, appointment.currency) for key, amount in (facts or {}).items()
    }
    act, kind = ACT_AND_MAIL[name]
    loss = lifecycle.Loss(paid=stake.paid, fees=stake.lost - stake.paid, due_at=stake.due_at)
    told = lifecycle.kept_facts(appointment, loss) if name == "keep" else money | {"full": True}
    return Answer(
        name=name,
        act=ACTS[act],
        consequence=consequence,
        fields=fields or {},
        reads=words_ahead(appointment, kind, told, desk=desk, own=own),
    )


def words_ahead(
    appointment: Appointment, kind: str, facts: dict[str, Any], *, desk: Desk, own: OwnWords
) -> str:
    """The words of a mail before it is caused, in the language of its reader."""
    message = Message(
        provider=desk.provider,
        appointment=appointment,
        kind=kind,
        to="client",
        start_at=appointment.starts_at,
    )
    known = {"manage_url": tokens.manage_url(appointment)}
    with formats.speaking_to(appointment):
        texts = own.get((kind, get_language() or "en"), {})
        letter = wording.write(message, facts=known | facts, at=desk.at, texts=texts)
    found = [block.text for block in letter.blocks if isinstance(block, Words | Prose | Sum | Terms)]
    return "\n".join([letter.subject, *found])
