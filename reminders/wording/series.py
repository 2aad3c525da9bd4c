"""What is said of appointments that were booked in one go, week after week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import formats
from reminders.wording import safe
from reminders.wording.case import Case, parsed
from reminders.wording.letter import Link, Links, Note, Row, Rows, Words
from reminders.wording.shared import Catalogue, Draft, agreed_terms, hello, opening, reply_note, what_row


def series_confirmed(case: Case) -> Draft:
    coming = case.facts.get("coming") or []
    facts = {"count": len(coming), "service": case.service}
    return Draft(
        subject=_("Confirmed: {count} times {service}").format(**facts),
        heading=_("Your appointments are confirmed"),
        blocks=[
            hello(case),
            opening(
                _("The times are yours, and {provider} looks forward to them.").format(provider=case.provider)
            ),
            Rows([what_row(case), *_dates(case, coming), *_sums(case)]),
            Words(
                _(
                    "Each has a page of its own behind its date: see what a change costs, move it or cancel it."
                )
            ),
            agreed_terms(case),
            Note(_("All of them are attached in one file for your calendar.")),
            reply_note(case),
        ],
    )


def series_booked(case: Case) -> Draft:
    starts = [start for one in case.facts.get("starts") or [] if (start := parsed(one))]
    said = ngettext("{name} booked {count} appointment.", "{name} booked {count} appointments.", len(starts))
    zone = case.zones[0]
    words = said.format(name=case.client, count=len(starts))
    rows = [Row(str(n), formats.moment(start, zone)) for n, start in enumerate(starts, 1)]
    return Draft(
        subject=_("Booked: {count} times {service}, {name}").format(
            count=len(starts), service=case.service, name=case.client
        ),
        heading=_("New bookings, week after week"),
        preview=words,
        blocks=[
            Words(words),
            Rows([*rows, *_sums(case)]),
            Links([Link(_("See the first"), case.dashboard_url, main=True)]),
        ],
    )


def _dates(case: Case, coming: list[Mapping[str, Any]]) -> list[Row]:
    """Each by its own clock, which is named once: they all have the same."""
    rows = []
    for n, one in enumerate(coming, 1):
        start, zone = parsed(one["start"]), str(one["zone"])
        assert start is not None
        more = [formats.zone_label(zone, start)] if n == 1 or _shifts(coming[n - 2], one) else []
        rows.append(Row(safe.line(str(n)), formats.moment(start, zone), more, url=str(one["url"])))
    return rows


def _shifts(before: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Whether the clocks changed in between."""
    earlier, later = parsed(before["start"]), parsed(one["start"])
    assert earlier is not None
    assert later is not None
    zone = str(one["zone"])
    return formats.zone_label(zone, earlier) != formats.zone_label(zone, later)


def _sums(case: Case) -> list[Row]:
    price, paid = case.money("price"), case.money("paid")
    rows = [Row(_("Price of all"), price)] if price else [Row(_("Price"), _("Free of charge"))]
    return [*rows, Row(_("Deposits paid"), paid)] if paid else rows


SAYS: Catalogue = {"series_confirmed": series_confirmed}
TO_PROVIDER: Catalogue = {"series_booked": series_booked}
