"""A client's mails are to go to another address: the new one confirms, the old one hears of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from booking import tokens
from config import formats
from reminders.wording.case import Case
from reminders.wording.letter import Link, Links, Note, Words
from reminders.wording.shared import Catalogue, Draft, hello, opening, reply_note


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


SAYS: Catalogue = {"address_confirm": address_confirm, "address_changed": address_changed}
