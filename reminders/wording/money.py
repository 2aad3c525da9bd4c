"""What a client hears about money alone."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Status
from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Link, Links, Row, Rows, Sum, Words
from reminders.wording.shared import (
    Catalogue,
    Draft,
    deadline,
    hello,
    provider_note,
    reply_note,
    tax_lines,
    taxed,
    your_page,
)

WHY: Mapping[str, object] = {
    "cancelled": gettext_lazy("The appointment was cancelled."),
    "declined": gettext_lazy("The appointment could not be taken."),
    "moved": gettext_lazy("The appointment was moved."),
    "paid_too_late": gettext_lazy("The payment came after the time was given free."),
    "excused": gettext_lazy("You are excused."),
    "our_mistake": gettext_lazy("It was our mistake."),
    "goodwill": gettext_lazy("Goodwill."),
    "unused_credit": gettext_lazy("Your credit was not used."),
}


def refund(case: Case) -> Draft:
    amount = case.money("refund")
    said = str(case.facts.get("reason") or "")
    reason = str(WHY.get(said) or safe.line(said))
    rows = [Row(_("Amount"), amount, big=True), Row(_("For"), _which(case))]
    if reason:
        rows.append(Row(_("Reason"), reason))
    by_hand = bool(case.facts.get("by_hand"))
    if by_hand and case.facts.get("reference"):
        rows.append(Row(_("Reference"), safe.line(case.facts["reference"])))
    said = _("{provider} has sent {amount} back to you, the way you paid.")
    if by_hand:
        said = _("{provider} has given {amount} back to you, by hand and not to your card.")
    return Draft(
        subject=_("{amount} goes back to you").format(amount=amount),
        heading=_("You have your money back") if by_hand else _("Your refund is on its way"),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider, amount=amount)),
            Rows(rows),
            provider_note(case),
            None if by_hand else Words(_("Banks take 5 to 10 days to show it.")),
            your_page(case),
            reply_note(case),
        ],
    )


def refund_failed(case: Case) -> Draft:
    """The truth about a refund that was announced (F-58)."""
    amount = case.money("refund")
    return Draft(
        subject=_("Your refund of {amount} has not arrived yet").format(amount=amount),
        heading=_("Your refund did not go through"),
        blocks=[
            hello(case),
            Words(
                _(
                    "We sent {amount} back to you, and your bank did not take it. That is often a card that has"
                    " been replaced or closed. The money is not lost: it is with {provider}, who knows of it and"
                    " finds another way to give it to you."
                ).format(amount=amount, provider=case.provider)
            ),
            Rows([Row(_("Amount"), amount), Row(_("For"), _which(case))]),
            Words(_("If you would like it in a certain way, a transfer perhaps, just answer this mail.")),
            your_page(case),
            reply_note(case),
        ],
    )


def credited(case: Case) -> Draft:
    """Given back, and kept as a credit."""
    amount = case.money("credit")
    rows = [Row(_("Credit"), amount), Row(_("For"), _which(case))]
    if reason := safe.line(case.facts.get("reason") or ""):
        rows.append(Row(_("Reason"), reason))
    return Draft(
        subject=_("{amount} waits as your credit").format(amount=amount),
        heading=_("You have a credit"),
        blocks=[
            hello(case),
            Words(_("{amount} waits as your credit for a new time, without an end.").format(amount=amount)),
            Rows(rows),
            case.offers(_("Would you like a new time?")),
            None if case.facts.get("offers") else Links([Link(_("Use my credit"), case.book_url, main=True)]),
            your_page(case),
            reply_note(case),
        ],
    )


def excused(case: Case) -> Draft:
    said, heading = _("{provider} has looked at what happened and excuses it."), _("You are excused")
    if case.facts.get("full") is False:
        heading = _("A part of it is excused")
        said = _("{provider} has looked at what happened and excuses a part of it.")
    credit = _("{amount} waits as your credit for a new time, without an end.")
    waived = _("The fee of {amount} is not asked any more.")
    back = _("{amount} goes back to you, the way you paid. Banks take 5 to 10 days to show it.")
    parts = [("refund", back), ("credit", credit), ("fee_waived", waived)]
    return Draft(
        subject=_("Excused: {service}").format(service=case.service),
        heading=heading,
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider)),
            *(
                Sum(case.money(name), words.format(amount=case.money(name)))
                for name, words in parts
                if case.amount(name)
            ),
            Rows([Row(_("For"), _which(case))]),
            provider_note(case),
            case.offers(_("Would you like a new time?")),
            your_page(case),
            reply_note(case),
        ],
    )


def credit_ends(case: Case) -> Draft:
    until = deadline(case)
    said = _(
        "Your credit of {amount} with {provider} can still be used for an appointment that starts {deadline}."
    )
    after = _("After that it is kept, as agreed.")
    if case.facts.get("unused") == "refund":
        after = _("After that it goes back to you, as agreed.")
    return Draft(
        subject=_("Your credit of {amount} ends soon").format(amount=case.money("credit")),
        heading=_("Your credit ends soon"),
        blocks=[
            hello(case),
            Sum(
                case.money("credit"),
                said.format(amount=case.money("credit"), provider=case.provider, deadline=until),
            ),
            Words(after),
            case.offers(_("One click picks a time and uses your credit")),
            None if case.facts.get("offers") else Links([Link(_("Use my credit"), case.book_url, main=True)]),
            reply_note(case),
        ],
    )


def paid_too_late(case: Case) -> Draft:
    amount, when = case.money("refund"), case.moment(case.appointment.starts_at)
    said = _(
        "Your payment of {amount} reached us after the time on {when} was given free, and it can no longer be"
        " yours. We are sorry."
    )
    if case.appointment.status == Status.CONFIRMED:
        said = _(
            "Your payment of {amount} reached us after the new time was given free. Nothing has moved: your"
            " appointment stays on {when}."
        )
    back = _("{amount} goes back to you, all of it. Banks take 5 to 10 days to show it.")
    return Draft(
        subject=_("Your payment came too late, all of it goes back"),
        heading=_("Your payment came too late"),
        blocks=[
            hello(case),
            Words(said.format(amount=amount, when=when)),
            Sum(amount, back.format(amount=amount)),
            case.offers(_("Would one of these times do?")),
            your_page(case),
            reply_note(case),
        ],
    )


def fee_owed(case: Case) -> Draft:
    amount = case.money("fee")
    return Draft(
        subject=_("To pay: {amount} to {provider}").format(amount=amount, provider=case.provider),
        heading=_("{amount} is open").format(amount=amount),
        blocks=[
            hello(case),
            Sum(
                amount,
                _("By the terms that we agreed, {amount} is owed to {provider}.").format(
                    amount=amount, provider=case.provider
                ),
            ),
            _card_was_not_charged(case),
            taxed(case, amount),
            Rows([Row(_("For"), _which(case))]),
            pay_now(case, amount),
            Words(_("If you see it differently, or if it is difficult right now, answer this mail.")),
        ],
    )


def card_charged(case: Case) -> Draft:
    amount, card = case.money("fee"), case.typed("card")
    said = _(
        "By the terms that we agreed, {amount} was charged to your card {card}, as you allowed when you booked."
    )
    return Draft(
        subject=_("{amount} was charged to your card").format(amount=amount),
        heading=_("Your card was charged"),
        blocks=[
            hello(case),
            Sum(amount, said.format(amount=amount, card=card)),
            Rows([Row(_("For"), _which(case)), *_receipt(case)]),
            Words(_("If you see it differently, answer this mail.")),
            your_page(case),
        ],
    )


def _receipt(case: Case) -> list[Row]:
    """The number of the receipt, and the tax that stands on it."""
    number = safe.line(case.facts.get("receipt") or "")
    return [Row(_("Receipt"), number, tax_lines(case))] if number else []


def balance_due(case: Case) -> Draft:
    amount, what = case.money("fee"), case.typed("what")
    said = _("{provider} asks for the rest of the price: {amount}.")
    if what:
        said = _("{provider} asks for {amount}.")
    return Draft(
        subject=_("To pay: {amount} to {provider}").format(amount=amount, provider=case.provider),
        heading=_("{amount} is open").format(amount=amount),
        blocks=[
            hello(case),
            Sum(amount, said.format(amount=amount, provider=case.provider)),
            taxed(case, amount),
            Rows([*([Row(_("What"), what)] if what else []), Row(_("For"), _which(case))]),
            pay_now(case, amount),
            Words(_("If it was paid already, or if it is difficult right now, answer this mail.")),
        ],
    )


def pay_now(case: Case, amount: str) -> Links:
    """To the page with the button: opening a link pays nothing."""
    return Links([Link(_("Pay {amount}").format(amount=amount), f"{case.manage_url}#owed", main=True)])


def _card_was_not_charged(case: Case) -> Words | None:
    card, why = case.typed("card"), case.text("why")
    if not card:
        return None
    said = _("Your card {card} was not charged: the bank declined it. Nothing was taken.")
    if why == "authentication_required":
        said = _("Your card {card} was not charged: the bank wants you to confirm it. Nothing was taken.")
    return Words(said.format(card=card))


def already_has_credit(case: Case) -> Draft:
    until = deadline(case)
    said = _("You have a credit of {amount} with {provider}. It can pay for this booking.")
    if case.appointment.status == Status.CONFIRMED:
        said = _(
            "You have a credit of {amount} with {provider}. It was not used for this booking, which is paid;"
            " it can pay for another one."
        )
    holds = _("It holds for an appointment that starts {deadline}.").format(deadline=until)
    apply = Link(_("Use my credit"), str(case.facts.get("credit_url") or case.manage_url), main=True)
    return Draft(
        subject=_("You have a credit of {amount}").format(amount=case.money("credit")),
        heading=_("You have a credit"),
        blocks=[
            hello(case),
            Sum(case.money("credit"), said.format(amount=case.money("credit"), provider=case.provider)),
            Words(holds) if until else None,
            Rows([Row(_("For"), _which(case))]),
            Links([apply]),
            reply_note(case),
        ],
    )


def _which(case: Case) -> str:
    return _("{service}, {when}").format(service=case.service, when=case.moment(case.appointment.starts_at))


SAYS: Catalogue = {
    "refund": refund,
    "refund_failed": refund_failed,
    "credited": credited,
    "excused": excused,
    "credit_ends": credit_ends,
    "paid_too_late": paid_too_late,
    "fee_owed": fee_owed,
    "balance_due": balance_due,
    "card_charged": card_charged,
    "already_has_credit": already_has_credit,
}
