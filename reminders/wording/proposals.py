"""Times that the provider proposes and what became of them (A5, rule 6)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reminders.wording.case import Case, parsed
from reminders.wording.desk import open_it, person_rows
from reminders.wording.letter import Block, Link, Links, Note, Row, Rows, Words
from reminders.wording.shared import (
    Catalogue,
    Draft,
    hello,
    provider_note,
    reply_note,
    subject_day,
    your_page,
)


def proposal(case: Case) -> Draft:
    standing = bool(case.facts.get("standing"))
    said = _("{provider} offers you these times for {service}. They are kept for you while you decide.")
    if standing:
        said = _("{provider} asks to move your appointment of {when}. These times are kept for you.")
    words = said.format(
        provider=case.provider, service=case.service, when=case.moment(case.appointment.starts_at)
    )
    return Draft(
        subject=_("Times for you: {service}").format(service=case.service)
        if not standing
        else _("Can we move it? {service}, {when}").format(service=case.service, when=subject_day(case)),
        heading=_("Would another time do?") if standing else _("Would one of these times do?"),
        preview=words,
        blocks=[
            hello(case),
            Words(words),
            provider_note(case),
            *proposed(case),
            Words(_old_time(case)) if standing else None,
            reply_note(case),
        ],
    )


def _old_time(case: Case) -> str:
    said = [
        _(
            "Your old time stands until you say yes. Another time costs you nothing, and it is no move of your own."
        ),
        _("Your deposit goes along.") if case.appointment.deposit_amount else "",
        _("If none of them suits, you can keep the old time, or cancel and get everything back."),
    ]
    return " ".join(filter(None, said))


def proposed(case: Case) -> list[Block | None]:
    """The times with a link each, and until when they are kept."""
    uid = case.text("proposal")
    starts = [parsed(one) for one in case.facts.get("starts") or []]
    if not uid or not starts:
        return []
    url = f"{case.manage_url}proposal/{uid}/"
    links = [
        Link(case.offered(start), f"{url}?start={start:%Y-%m-%dT%H:%M:%SZ}") for start in starts if start
    ]
    until = case.moment(case.instant("expires_at"))
    kept = _("They are kept for you until {moment}. After that others can book them.").format(moment=until)
    return [Links([*links, Link(_("None of these"), url)]), Words(kept)]


def proposal_lapsed(case: Case) -> Draft:
    if not case.to_client:
        return _to_provider(
            case,
            subject=_("No answer: {name}, the proposed times are free again"),
            heading=_("{name} has not answered in time"),
        )
    standing = bool(case.facts.get("standing"))
    after = _("Your appointment stays as it was, on {when}.").format(
        when=case.moment(case.appointment.starts_at)
    )
    return Draft(
        subject=_("No longer kept: the times for {service}").format(service=case.service),
        heading=_("The times are no longer kept for you"),
        blocks=[
            hello(case),
            Words(_("The time to decide is over, so others can book the times that were proposed to you.")),
            Words(after) if standing else case.offers(_("Would one of these times do?")),
            your_page(case),
            reply_note(case),
        ],
    )


def proposal_withdrawn(case: Case) -> Draft:
    standing = bool(case.facts.get("standing"))
    said = _("{provider} can no longer offer you the times that were proposed. We are sorry.")
    after = _("Your appointment stays as it was, on {when}.").format(
        when=case.moment(case.appointment.starts_at)
    )
    return Draft(
        subject=_("No longer proposed: the times for {service}").format(service=case.service),
        heading=_("The times are no longer proposed"),
        blocks=[
            hello(case),
            Words(said.format(provider=case.provider)),
            Words(after) if standing else Links([Link(_("See all free times"), case.book_url, main=True)]),
            your_page(case) if standing else None,
            reply_note(case),
        ],
    )


def proposal_refused(case: Case) -> Draft:
    return _to_provider(
        case,
        subject=_("None of the times suits: {name}"),
        heading=_("{name} cannot take any of the times"),
    )


def _to_provider(case: Case, *, subject: str, heading: str) -> Draft:
    standing = bool(case.facts.get("standing"))
    starts = [parsed(one) for one in case.facts.get("starts") or []]
    told = [case.moment(start) for start in starts if start]
    note = case.typed("note").split("\n") if case.facts.get("note") else []
    rows = [Row(_("Proposed"), told[0], told[1:])] if told else []
    rows += [Row(_("Note"), note[0], note[1:])] if note else []
    return Draft(
        subject=subject.format(name=case.client),
        heading=heading.format(name=case.client),
        preview=_("The times are free again."),
        blocks=[
            Rows(rows),
            Words(_("The times are free again.")),
            Note(_("The appointment stays as it was.")) if standing else None,
            person_rows(case),
            open_it(case),
        ],
    )


SAYS: Catalogue = {
    "proposal": proposal,
    "proposal_lapsed": proposal_lapsed,
    "proposal_withdrawn": proposal_withdrawn,
}
TO_PROVIDER: Catalogue = {
    "proposal_lapsed": proposal_lapsed,
    "proposal_refused": proposal_refused,
}
