"""What a provider hears of disputes, and of refunds that wait for a second yes."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking.banks import REASONS
from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.desk import person_rows
from reminders.wording.letter import Link, Links, Row, Rows, Words
from reminders.wording.shared import Draft


def dispute_opened(case: Case) -> Draft:
    amount, until = case.money("disputed"), case.moment(case.instant("due_by"))
    asks_only = bool(case.facts.get("asks_only"))
    taken = _(
        "The bank of {name} has taken {amount} back until it has decided. Nothing can be refunded meanwhile: it"
        " would be paid twice."
    )
    asked = _(
        "The bank of {name} asks about a payment of {amount}. No money has moved, and a good answer may end it."
    )
    act = _("Send your side of it before {moment}. What you have on record is filled in already.")
    return Draft(
        subject=_("Disputed: {amount} of {name}").format(amount=amount, name=case.client),
        heading=_("A bank asks about a payment") if asks_only else _("A payment is disputed"),
        preview=_("Answer until {moment}.").format(moment=until) if until else "",
        blocks=[
            Words((asked if asks_only else taken).format(name=case.client, amount=amount)),
            Words(act.format(moment=until)) if until else None,
            _rows(case, until),
            person_rows(case),
            _open(case, _("Read it and answer")),
        ],
    )


def dispute_closed(case: Case) -> Draft:
    amount, outcome = case.money("disputed"), str(case.facts.get("outcome") or "")
    said = {
        "won": _("The bank decided for you: {amount} is with you again, where it was before."),
        "lost": _("The bank decided for {name}: {amount} stays with the client."),
    }.get(outcome, _("The bank asks no more about {amount}. No money has moved."))
    subject = {
        "won": _("Dispute won: {amount} of {name}"),
        "lost": _("Dispute lost: {amount} of {name}"),
    }.get(outcome, _("The bank asks no more: {amount} of {name}"))
    return Draft(
        subject=subject.format(amount=amount, name=case.client),
        heading=_("The dispute is over"),
        preview=said.format(amount=amount, name=case.client),
        blocks=[
            Words(said.format(amount=amount, name=case.client)),
            _rows(case, ""),
            person_rows(case),
            _open(case, _("See what happened")),
        ],
    )


def refund_asked(case: Case) -> Draft:
    amount, who = case.money("refund"), safe.line(case.facts.get("who") or "")
    return Draft(
        subject=_("To approve: {amount} to {name}").format(amount=amount, name=case.client),
        heading=_("A refund waits for a second yes"),
        preview=_("Above the limit of {who}: nothing moves before you have looked.").format(who=who),
        blocks=[
            Words(
                _(
                    "{who} would like to give {amount} back to {name}. That is above their limit, so a second person"
                    " has to look at it."
                ).format(who=who, amount=amount, name=case.client)
            ),
            Rows([Row(_("Amount"), amount), Row(_("Reason"), safe.line(case.facts.get("reason") or ""))]),
            person_rows(case),
            Links(
                [
                    Link(_("Approve or decline"), f"{settings.BASE_URL}/dashboard/money/refunds/", main=True),
                    Link(_("Open the appointment"), case.dashboard_url),
                ]
            ),
        ],
    )


def bank_reason(case: Case) -> str:
    said = str(case.facts.get("bank_reason") or "")
    return str(REASONS.get(said) or safe.line(said.replace("_", " ")))


def _rows(case: Case, until: str) -> Rows:
    shown = [
        (_("Amount"), case.money("disputed")),
        (_("What the bank says"), bank_reason(case)),
        (pgettext("a deadline", "Until"), until),
    ]
    return Rows([Row(label, words) for label, words in shown if words])


def _open(case: Case, label: str) -> Links:
    address = f"{settings.BASE_URL}/dashboard/money/disputes/{safe.line(case.facts.get('dispute') or '')}/"
    return Links([Link(label, address, main=True), Link(_("Open the appointment"), case.dashboard_url)])
