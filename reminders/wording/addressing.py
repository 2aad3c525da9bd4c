"""The client's address: mails are to go to another one, or somebody who has it asks for the links again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import tokens
from config import formats
from reminders.wording import safe
from reminders.wording.case import Case, parsed
from reminders.wording.letter import Link, Links, Note, Row, Rows, Words
from reminders.wording.shared import (
    Catalogue,
    Draft,
    agreed_terms,
    hello,
    opening,
    reply_note,
    request_rows,
    subject_day,
)


def address_confirm(case: Case) -> Draft:
    """Carries no link to an appointment: nobody knows yet who reads it."""
    who = case.provider
    until = ""
    links = []
    if (asked := case.instant("asked_at")) and (client := case.message.person):
        until = formats.moment(asked + tokens.CONFIRM_WITHIN, case.zones[0])
        email = str(case.facts["email"])
        token = tokens.address_token(client=client.uid, email=email, asked_at=asked)
        links = [Link(_("Yes, write to me here"), tokens.address_url(token), main=True)]
    said = _("Somebody with the link to an appointment with {provider} asked us to write to this address.")
    lasts = _("The button works until {moment}. Until then nothing changes.").format(moment=until)
    return Draft(
        subject=_("Please confirm your address for {provider}").format(provider=who),
        heading=_("Is this your address?"),
        blocks=[
            opening(said.format(provider=who)),
            Links(links),
            Words(lasts) if until else None,
            Note(_("Was it not you? Then do nothing, and no more mails come.")),
        ],
    )


def confirm_booking(case: Case) -> Draft:
    """Carries no link but its own: nobody knows yet who reads it."""
    until = case.moment(case.instant("hold_expires_at"))
    more = int(case.facts.get("count") or 1) - 1
    rest = ngettext("And {count} more, in the weeks after.", "And {count} more, in the weeks after.", more)
    kept = _("The time is kept for you until {moment}. Without your yes it is given to others.")
    return Draft(
        subject=_("Please confirm: {service}, {day}").format(service=case.service, day=subject_day(case)),
        heading=_("Do you want this time?"),
        blocks=[
            hello(case),
            opening(
                _("You picked a time with {provider}. It is yours with one tap.").format(
                    provider=case.provider
                )
            ),
            request_rows(case),
            Words(rest.format(count=more)) if more > 0 else None,
            Links([Link(_("Yes, book this time"), str(case.facts.get("yes_url") or ""), main=True)]),
            Words(kept.format(moment=until)) if until else None,
            agreed_terms(case),
            Note(_("Was it not you? Then do nothing: the booking ends by itself.")),
        ],
    )


def address_changed(case: Case) -> Draft:
    said = _("Mails about your appointments with {provider} go to another address from now on.")
    return Draft(
        subject=_("Your address at {provider} was changed").format(provider=case.provider),
        heading=_("Your address was changed"),
        blocks=[
            hello(case),
            opening(said.format(provider=case.provider)),
            Words(_("Links in earlier mails are dead. If you asked for it, all is well.")),
            Words(_("Was it not you? Answer this mail at once: it can be put right.")),
            reply_note(case),
        ],
    )


def my_links(case: Case) -> Draft:
    coming = case.facts.get("coming") or []
    book = f"{settings.BASE_URL}/{case.message.provider.slug}/"
    nothing = _("Nothing is ahead with {provider} at the moment.").format(provider=case.provider)
    said = _("This is what you have ahead with {provider}. Each link opens its appointment.")
    return Draft(
        subject=_("Your appointments with {provider}").format(provider=case.provider),
        heading=_("Your appointments"),
        blocks=[
            hello(case),
            opening(said.format(provider=case.provider) if coming else nothing),
            Rows([_coming(case, one) for one in coming]) if coming else None,
            Links([Link(_("Book a time"), book, main=not coming)]),
            Note(
                _("Was it not you who asked? Then somebody typed your address. Only you got these links.")
                if coming
                else _("Was it not you who asked? Then somebody typed your address. Nothing has changed.")
            ),
        ],
    )


def _coming(case: Case, one: Mapping[str, Any]) -> Row:
    """One appointment: when by its own clock, what, and what it waits for."""
    start, zone = parsed(one["start"]), str(one["zone"])
    assert start is not None
    waits = {
        "requested": _("Waits for an answer"),
        "held": _("Waits for its deposit"),
        "mail": _("Waits for your yes by mail"),
    }
    more = [formats.zone_label(zone, start), waits.get(str(one.get("waits")), "")]
    label = safe.line(case.local(one["service"]), longest=120)
    return Row(label, formats.moment(start, zone), [line for line in more if line], url=str(one["url"]))


SAYS: Catalogue = {
    "address_confirm": address_confirm,
    "address_changed": address_changed,
    "confirm_booking": confirm_booking,
    "my_links": my_links,
}
