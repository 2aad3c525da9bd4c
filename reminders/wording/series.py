"""What is said of appointments that were booked in one go, week after week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import formats
from reminders.wording import safe
from reminders.wording.case import Case, parsed
from reminders.wording.letter import Link, Links, Note, Row, Rows, Sum, Words
from reminders.wording.provider import becomes_final, money_rows
from reminders.wording.shared import (
    Catalogue,
    Draft,
    agreed_terms,
    client_reason,
    hello,
    opening,
    outcome,
    reply_note,
    settles_note,
    what_row,
    your_page,
)


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


def series_cancelled(case: Case) -> Draft:
    dates = case.facts.get("dates") or []
    said = _("Your {count} appointments from {when} on are cancelled, as you asked.")
    words = said.format(count=len(dates), when=case.moment(case.appointment.starts_at))
    return Draft(
        subject=_("Cancelled: {count} times {service}").format(count=len(dates), service=case.service),
        heading=_("Your appointments are cancelled"),
        blocks=[
            hello(case),
            Words(words),
            Rows([_cancelled(case, one, n) for n, one in enumerate(dates, 1)]),
            settles_note(case),
            your_page(case),
            Note(_("The attached file takes them out of your calendar.")),
            reply_note(case),
        ],
    )


def _cancelled(case: Case, one: Mapping[str, Any], n: int) -> Row:
    """A date, and what becomes of the money of it in sentences."""
    own = replace(case, facts={name: said for name, said in one.items() if name != "settles_at"})
    money = [block.text for block in outcome(own) if isinstance(block, Sum | Words)]
    return Row(str(n), case.moment(parsed(one["start"])), money)


def provider_series_cancelled(case: Case) -> Draft:
    dates = case.facts.get("dates") or []
    heading = _("{name} has cancelled {count} appointments").format(name=case.client, count=len(dates))
    zone = case.zones[0]
    rows = [
        Row(str(n), formats.moment(start, zone))
        for n, one in enumerate(dates, 1)
        if (start := parsed(one["start"]))
    ]
    return Draft(
        subject=_("Cancelled: {name}, {count} times").format(name=case.client, count=len(dates)),
        heading=heading,
        preview=_("The times are free again."),
        blocks=[
            Rows(rows),
            client_reason(case),
            money_rows(case),
            becomes_final(case),
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


SAYS: Catalogue = {"series_confirmed": series_confirmed, "series_cancelled": series_cancelled}
TO_PROVIDER: Catalogue = {"series_booked": series_booked, "series_cancelled": provider_series_cancelled}
