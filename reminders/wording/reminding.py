"""The reminders (rules 13 to 16, A9)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reminders.wording.case import Case
from reminders.wording.letter import Link, Links
from reminders.wording.noting import note_there
from reminders.wording.shared import (
    Catalogue,
    Draft,
    appointment_rows,
    cost_of_change,
    hello,
    opening,
    reply_note,
    subject_day,
    terms_in_short,
    your_page,
)


def reminder(case: Case) -> Draft:
    """Where, how to test it, what a change costs, and one click for each of the three answers."""
    when = subject_day(case)
    return Draft(
        subject=_("Reminder: {service}, {when}").format(service=case.service, when=when),
        heading=_("See you soon"),
        preview=_("{when}, with {provider}").format(when=when, provider=case.provider),
        blocks=[
            hello(case),
            opening(_("Here is all you need for your appointment.")),
            appointment_rows(case),
            note_there(case),
            Links(_answers(case), _("Will it work for you? One click is enough.")),
            *cost_of_change(case),
            terms_in_short(case),
            reply_note(case),
        ],
    )


def reminder_hours(case: Case) -> Draft:
    """Short: it is read on the way."""
    return Draft(
        subject=_("Today: {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("Your appointment is today"),
        preview=_("With {provider}").format(provider=case.provider),
        blocks=[
            hello(case),
            appointment_rows(case),
            note_there(case),
            your_page(case, _("Running late, or something else")),
            reply_note(case),
        ],
    )


def _answers(case: Case) -> list[Link]:
    coming = Link(_("I'll be there"), f"{case.manage_url}confirm/", main=True)
    return [coming, *case.changes]


SAYS: Catalogue = {
    "reminder": reminder,
    "reminder_day": reminder,
    "reminder_hours": reminder_hours,
}
