"""Parts of the letters to a provider."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Link, Links, Row, Rows, Words
from reminders.wording.shared import deadline, how


def person_rows(case: Case) -> Rows:
    client = case.appointment.client
    reach = [safe.line(one) for one in (client.email, client.phone) if one]
    return Rows(
        [
            Row(_("Who"), case.client, reach),
            Row(_("What"), case.service),
            case.when_row(),
            Row(_("How"), how(case)),
        ]
    )


def paid(case: Case) -> Rows | None:
    return Rows([Row(_("Deposit paid"), case.money("paid"))]) if case.amount("paid") else None


def answers(case: Case) -> Rows:
    """What the client answered to the service's questions. Answers about health stay where they can be erased."""
    rows = []
    for question in case.appointment.service.questions:
        answer = case.appointment.answers.get(question.get("id"))
        if answer in (None, ""):
            continue
        if question.get("health"):
            rows.append(
                Row(safe.line(case.local(question.get("label"))), _("answered; please read it in Kept"))
            )
        else:
            label = safe.line(case.local(question.get("label")))
            first, *more = safe.typed_lines(_in_words(answer)).split("\n")
            rows.append(Row(label, first, more))
    return Rows(rows)


def _in_words(answer: object) -> str:
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def money_rows(case: Case) -> Rows:
    carry, until = case.money("carry"), deadline(case)
    if carry and until:
        carry = _("{amount}, for a start {deadline}").format(amount=carry, deadline=until)
    shown = [
        (_("Goes back to the client"), case.money("refund")),
        (_("Stays as the client's credit"), carry),
        (_("You keep"), case.money("forfeit")),
        (_("Fee owed to you"), case.money("fee")),
    ]
    return Rows([Row(label, amount) for label, amount in shown if amount])


def becomes_final(case: Case) -> Words | None:
    due = case.instant("settles_at")
    if not due:
        return None
    return Words(
        _("It becomes final on {moment}. Until then you can excuse it.").format(moment=case.moment(due))
    )


def open_it(case: Case, label: str = "") -> Links:
    return Links([Link(label or _("Open the appointment"), case.dashboard_url, main=True)])
