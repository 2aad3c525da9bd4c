"""When somebody is not there (A1 to A3, rule 7): worried first, firm second, kind throughout."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Mode
from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Block, Link, Links, Row, Rows, Words
from reminders.wording.shared import (
    Catalogue,
    Draft,
    agreed_terms,
    hello,
    lost,
    opening,
    outcome,
    provider_note,
    reply_note,
    settles_note,
    where_rows,
    your_page,
)


def contact(case: Case) -> Draft:
    until = case.clock(case.instant("waits_until"))
    waits = _("{provider} is waiting for you until {time}.").format(provider=case.provider, time=until)
    video = case.appointment.mode == Mode.VIDEO and case.meeting_url
    join = [Link(_("Join now"), case.join_url, main=True)] if video else []
    return Draft(
        subject=_("We are waiting for you until {time}").format(time=until),
        heading=_("Are you on your way?"),
        preview=waits,
        blocks=[
            hello(case),
            opening(
                _("We hope that all is well. Your appointment began at {time}.").format(
                    time=case.clock(case.appointment.starts_at)
                )
            ),
            Words(waits),
            Links([*join, Link(_("I'm late"), f"{case.manage_url}#late", main=not join)]),
            Rows([*where_rows(case, ahead=False), *_phone(case)]),
            reply_note(case),
        ],
    )


def no_show(case: Case) -> Draft:
    said = _("We waited for you on {when} and did not hear from you. We hope that nothing bad has happened.")
    return Draft(
        subject=_("We missed you: {service}").format(service=case.service),
        heading=_("We missed you"),
        blocks=[
            hello(case),
            opening(said.format(when=case.moment(case.appointment.starts_at))),
            *outcome(case),
            *_tell_us(case),
            case.offers(_("Would you like a new time?")),
            agreed_terms(case),
            reply_note(case),
        ],
    )


def _tell_us(case: Case) -> list[Block | None]:
    """How to explain; the words are there already where money waits for it."""
    said = _("If something got in the way, tell us. Things happen to everyone.")
    link = Link(_("Tell us what happened"), f"{case.manage_url}#explain", main=True)
    return [None if settles_note(case) else opening(said), Links([link])]


def no_show_undone(case: Case) -> Draft:
    said = _(
        "We wrote to you that you missed your appointment on {when}. That was our mistake, and we are sorry."
    )
    return Draft(
        subject=_("Our mistake: {service}").format(service=case.service),
        heading=_("You did not miss anything"),
        blocks=[
            hello(case),
            Words(said.format(when=case.moment(case.appointment.starts_at))),
            Words(_("It is put right: nothing is charged for it and nothing of it stays in your record.")),
            your_page(case),
            reply_note(case),
        ],
    )


def terms_kept(case: Case) -> Draft:
    """An explanation was read and the terms apply all the same: kind about the person, plain about money."""
    read = _("{provider} has read what you wrote about {when}, and thanks you for saying it.").format(
        provider=case.provider, when=case.moment(case.appointment.starts_at)
    )
    stays = _("This time we keep to what we agreed on.")
    due = case.instant("settles_at")
    settled = _("It is settled on {moment}.").format(moment=case.moment(due)) if due else ""
    ahead = _("It changes nothing about how welcome you are. We would be glad to see you again.")
    return Draft(
        subject=_("Your message about {service}").format(service=case.service),
        heading=_("Thank you for telling us"),
        blocks=[
            hello(case),
            opening(read),
            Words(stays),
            *lost(case),
            Words(settled),
            provider_note(case),
            Words(ahead),
            your_page(case),
            reply_note(case),
        ],
    )


def late_accepted(case: Case) -> Draft:
    minutes = int(case.facts.get("minutes") or 0)
    said = ngettext(
        "Thank you for telling us. {minutes} minute later is fine.",
        "Thank you for telling us. {minutes} minutes later is fine.",
        minutes,
    ).format(minutes=minutes)
    until = case.clock(case.instant("waits_until"))
    waits = _("{provider} waits for you until {time}.").format(provider=case.provider, time=until)
    return Draft(
        subject=_("All right, see you in a moment"),
        heading=_("See you in a moment"),
        blocks=[
            hello(case),
            Words(said),
            Words(waits) if until else None,
            Rows(where_rows(case, ahead=False)),
            your_page(case),
        ],
    )


def _phone(case: Case) -> list[Row]:
    phone = safe.line(case.appointment.provider.phone)
    shown = phone and case.appointment.mode == Mode.IN_PERSON
    return [Row(_("Call"), phone, url=f"tel:{phone}")] if shown else []


SAYS: Catalogue = {
    "contact": contact,
    "no_show": no_show,
    "no_show_undone": no_show_undone,
    "terms_kept": terms_kept,
    "late_accepted": late_accepted,
}
