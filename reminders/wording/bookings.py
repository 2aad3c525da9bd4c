"""What a client hears when an appointment begins, changes or ends."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Block, Link, Links, Note, Row, Rows, Sum, Words
from reminders.wording.proposals import proposed
from reminders.wording.shared import (
    Catalogue,
    Draft,
    add_links,
    agreed_terms,
    appointment_rows,
    cost_of_change,
    hello,
    opening,
    outcome,
    price_rows,
    provider_note,
    reply_note,
    request_rows,
    settles_note,
    subject_day,
    taxed,
    terms_in_short,
    your_page,
)


def confirmed(case: Case) -> Draft:
    when = subject_day(case)
    return Draft(
        subject=_("Confirmed: {service}, {when}").format(service=case.service, when=when),
        heading=_("Your appointment is confirmed"),
        preview=_("{when}, with {provider}").format(when=when, provider=case.provider),
        blocks=[
            hello(case),
            opening(
                _("The time is yours, and {provider} looks forward to it.").format(provider=case.provider)
            ),
            appointment_rows(case),
            price_rows(case),
            your_page(case),
            Links(case.changes),
            *cost_of_change(case),
            terms_in_short(case),
            agreed_terms(case),
            Note(_("The appointment is attached for your calendar.")),
            add_links(case),
            reply_note(case),
        ],
    )


def requested(case: Case) -> Draft:
    until = case.moment(case.instant("hold_expires_at") or case.appointment.hold_expires_at)
    waits = _("The time is kept for you while {provider} looks at it, until {moment} at the latest.")
    return Draft(
        subject=_("Your request: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("We have your request"),
        blocks=[
            hello(case),
            opening(_("Thank you for asking. {provider} answers you soon.").format(provider=case.provider)),
            Words(waits.format(provider=case.provider, moment=until)) if until else None,
            request_rows(case),
            Words(_("Nothing is to be paid before the answer.")) if case.appointment.deposit_amount else None,
            your_page(case),
            reply_note(case),
        ],
    )


def pay_link(case: Case) -> Draft:
    until = case.moment(case.instant("hold_expires_at") or case.appointment.hold_expires_at)
    by_provider = case.facts.get("booked_by") == "provider"
    pay = _("One step is left: pay the deposit of {amount} until {moment}, and the time is yours.")
    return Draft(
        subject=_("Please pay the deposit: {service}, {when}").format(
            service=case.service, when=subject_day(case)
        ),
        heading=(_("{provider} has a time for you") if by_provider else _("{provider} says yes")).format(
            provider=case.provider
        ),
        blocks=[
            hello(case),
            Sum(_deposit(case), pay.format(amount=_deposit(case), moment=until)),
            taxed(case, _deposit(case), "tax_deposit"),
            provider_note(case),
            Links([Link(_("Pay {amount}").format(amount=_deposit(case)), _pay_url(case), main=True)]),
            request_rows(case),
            agreed_terms(case) if by_provider else None,
            Words(_("Without the payment the time is given free again. That costs you nothing.")),
            reply_note(case),
        ],
    )


def moved(case: Case) -> Draft:
    by_provider = case.facts.get("by") == "provider"
    said = (
        _("{provider} has moved your appointment.") if by_provider else _("Your appointment has a new time.")
    )
    before = case.instant("from_start")
    return Draft(
        subject=_("New time: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("Your appointment has moved"),
        preview=_("Now: {when}").format(when=subject_day(case)),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider)),
            appointment_rows(case),
            Rows([Row(_("Before"), case.moment(before))]) if before else None,
            *_what_followed(case),
            settles_note(case),
            your_page(case),
            Links(case.changes),
            *cost_of_change(case),
            Note(_("The new time is attached for your calendar; it takes the place of the old one.")),
            reply_note(case),
        ],
    )


def _what_followed(case: Case) -> list[Block]:
    words = {
        "carry": _("Your deposit of {amount} goes with it."),
        "forfeit": _("{provider} keeps {amount} of the earlier deposit, as agreed."),
        "refund": _("{amount} goes back to you, the way you paid."),
        "fee": _("A fee of {amount} is owed, as agreed."),
    }
    there = {name: said for name, said in words.items() if case.amount(name)}
    return [
        Sum(case.money(name), said.format(provider=case.provider, amount=case.money(name)))
        for name, said in there.items()
    ]


def mode_changed(case: Case) -> Draft:
    return Draft(
        subject=_("Changed: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("Same time, another way"),
        blocks=[
            hello(case),
            opening(_("Your appointment keeps its time. What has changed is where you meet.")),
            appointment_rows(case),
            your_page(case),
            Note(_("The change is attached for your calendar.")),
            reply_note(case),
        ],
    )


def move_asks_deposit(case: Case) -> Draft:
    until = case.moment(case.instant("hold_expires_at"))
    said = _("The new time is kept for you until {moment}. It is yours once its deposit of {amount} is paid.")
    earlier = _("Once you move, {provider} keeps {amount} of the earlier deposit, as agreed.").format(
        provider=case.provider, amount=case.money("forfeit")
    )
    return Draft(
        subject=_("Please pay the deposit for your new time: {service}").format(service=case.service),
        heading=_("Your new time waits for its deposit"),
        blocks=[
            hello(case),
            Words(said.format(moment=until, amount=_deposit(case))),
            taxed(case, _deposit(case), "tax_deposit"),
            Rows(
                [
                    case.when_row(_("New time"), case.instant("to_start")),
                    Row(_("Until then"), case.moment(case.appointment.starts_at)),
                ]
            ),
            Words(earlier) if case.amount("forfeit") else None,
            Links([Link(_("Pay {amount}").format(amount=_deposit(case)), _pay_url(case), main=True)]),
            Words(_("Without the payment nothing has moved: your appointment stays when it was.")),
            reply_note(case),
        ],
    )


def cancelled(case: Case) -> Draft:
    by_provider = case.facts.get("by") == "provider"
    when = case.moment(case.appointment.starts_at)
    said = _("Your appointment on {when} is cancelled, as you asked.")
    if by_provider:
        said = _("{provider} has to cancel your appointment on {when}. We are sorry.")
    invitation = _("Shall we find a new time?") if by_provider else _("Would another time do?")
    return Draft(
        subject=_("Cancelled: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("Your appointment is cancelled"),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider, when=when)),
            provider_note(case) if by_provider else None,
            *outcome(case),
            *cheaper(case),
            case.offers(invitation),
            your_page(case),
            Note(_("The attached file takes it out of your calendar.")),
            reply_note(case),
        ],
    )


def cheaper(case: Case) -> list[Words | Links]:
    """What the provider offers to those for whom it costs too much (A13)."""
    said = case.facts.get("cost_offer")
    if not isinstance(said, dict):
        return []
    words = safe.lines(case.local(said.get("words")), longest=2000)
    links = (
        [Link(safe.line(case.local(said.get("name"))), case.service_url(said["slug"]))]
        if said.get("slug")
        else []
    )
    heading = _("Perhaps this suits better:")
    return [*([Words(words)] if words else []), *([Links(links, heading)] if links else [])]


def declined(case: Case) -> Draft:
    said = _("Thank you for asking. {provider} cannot take your appointment on {when}.")
    return Draft(
        subject=_("About your request: {service}").format(service=case.service),
        heading=_("This time does not work"),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider, when=case.moment(case.appointment.starts_at))),
            provider_note(case),
            Words(_("It costs you nothing.")),
            *proposed(case),
            case.offers(_("Would one of these times do?")),
            reply_note(case),
        ],
    )


def expired(case: Case) -> Draft:
    when = case.moment(case.appointment.starts_at)
    said = _("The time that was kept for you ({when}) is free again, for the deposit was not paid.")
    if case.facts.get("was_request"):
        said = _("{provider} could not answer your request for {when} in time. We are sorry.")
    return Draft(
        subject=_("No longer kept: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("This time is no longer kept for you"),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider, when=when)),
            Words(_("It costs you nothing.")),
            case.offers(_("Would you still like to come?")),
            reply_note(case),
        ],
    )


def _deposit(case: Case) -> str:
    return case.money("deposit") or case.price(case.appointment.deposit_amount)


def _pay_url(case: Case) -> str:
    """The appointment's page opens a payment when it is wanted; a session of its own may have ended."""
    return str(case.facts.get("pay_url") or case.manage_url)


SAYS: Catalogue = {
    "confirmed": confirmed,
    "requested": requested,
    "pay_link": pay_link,
    "moved": moved,
    "mode_changed": mode_changed,
    "move_asks_deposit": move_asks_deposit,
    "cancelled": cancelled,
    "declined": declined,
    "expired": expired,
}
