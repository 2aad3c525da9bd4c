"""A note for the client: that it is there, and where. What it says may be about health and is in no mail."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reminders.wording.case import Case
from reminders.wording.letter import Link, Links, Rows, Words
from reminders.wording.shared import Catalogue, Draft, hello, opening, reply_note, subject_day, what_row


def note_shared(case: Case) -> Draft:
    heading = _("{provider} wrote a note for you")
    if case.facts.get("changed"):
        heading = _("{provider} changed a note for you")
    return Draft(
        subject=_("A note for you: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=heading.format(provider=case.provider),
        preview=_("It is on the page of your appointment."),
        blocks=[
            hello(case),
            opening(_("You find it on the page of your appointment.")),
            Words(_("What it says is for you alone, so it is not in this mail.")),
            Rows([case.when_row(), what_row(case)]),
            Links([note_link(case, main=True)]),
            reply_note(case),
        ],
    )


def note_link(case: Case, *, main: bool = False) -> Link:
    return Link(_("Read the note"), f"{case.manage_url}#note", main=main)


def note_there(case: Case) -> Links | None:
    """In mails about something else, where there is one."""
    if not case.facts.get("has_note"):
        return None
    return Links([note_link(case)], _("{provider} wrote a note for you.").format(provider=case.provider))


SAYS: Catalogue = {"note_shared": note_shared}
