"""Everything on record about one appointment, as a paper (A20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from config import formats
from payments.papers.pdf import Column, Sheet

Json = dict[str, Any]
Told = tuple[str, str, str]
LONGEST_MESSAGE = 1_500


def pdf(*, record: Json, told: Sequence[Told], language: str, at: datetime, brief: bool = False) -> bytes:
    """``record`` as `payments.evidence` gathers it, ``told`` its timeline in words (when, who, what). In the
    language that is active. ``brief`` lists the messages without their text."""
    client, booked = record["client"]["name"], record["appointment"]
    sheet = Sheet(
        title=_("On record: %(name)s") % {"name": client},
        language=language,
        made_at=at,
        author=record["provider"]["name"],
        foot=f"{record['provider']['name']} · {booked['id']}",
    )
    sheet.heading(_("Everything on record"))
    sheet.text(
        _("About one appointment, as written down when it happened. Made on %(when)s.")
        % {"when": _when(record["made_at"], record)},
        soft=True,
    )
    _booked(sheet, record)
    _agreed(sheet, record)
    _about_health(sheet, record)
    _attended(sheet, record)
    _money(sheet, record)
    _told(sheet, told)
    _messages(sheet, record, brief=brief)
    _notes(sheet, record)
    return sheet.bytes()


def _booked(sheet: Sheet, record: Json) -> None:
    booked, client, provider = record["appointment"], record["client"], record["provider"]
    sheet.heading(_("The appointment"), level=2)
    rows = [
        (_("Reference"), booked["id"]),
        (_("Client"), ", ".join(filter(None, (client["name"], client["email"], client["phone"])))),
        (_("Provider"), ", ".join(filter(None, (provider["name"], provider["email"])))),
        (_("What"), booked["service"]),
        (_("From"), _when(booked["starts_at"], record)),
        (_("To"), _when(booked["ends_at"], record)),
        (_("Booked on"), _when(booked["created_at"], record)),
        (_("Confirmed on"), _when(booked["confirmed_at"], record)),
        (_("Cancelled on"), _when(booked["cancelled_at"], record)),
        (_("Missed, marked on"), _when(booked["no_show_at"], record)),
        (_("Completed on"), _when(booked["completed_at"], record)),
        (_("Price"), _sum(booked["price"])),
        (_("Deposit, as agreed"), _sum(booked["deposit"])),
    ]
    sheet.pairs([(label, words) for label, words in rows if words])
    for one in booked["moves"]:
        if one["state"] == "done":
            facts = {"old": _when(one["from"], record), "new": _when(one["to"], record)}
            sheet.text(_("Moved from %(old)s to %(new)s.") % facts)


def _agreed(sheet: Sheet, record: Json) -> None:
    agreed = record["agreement"]
    sheet.heading(_("What was agreed"), level=2)
    if not agreed:
        sheet.text(_("Nothing was agreed in writing."))
        return
    fits = _("The text has not changed since: it still fits its seal.")
    if not agreed["sha256_fits"]:
        fits = _("The text does not fit its seal.")
    how = _("booked by the provider, under these terms")
    if agreed["by_client"]:
        how = _("shown on the booking page before paying, agreed to with a tick")
    rows = [
        (_("Agreed on"), _when(agreed["agreed_at"], record)),
        (_("How"), how),
        (_("IP address"), agreed["ip_address"] or _("not known")),
        (_("Browser"), agreed["user_agent"] or _("not known")),
        (_("Terms"), f"{agreed['policy']}, {agreed['version']}"),
        ("SHA-256", f"{agreed['sha256'][:32]}\n{agreed['sha256'][32:]}"),
    ]
    sheet.pairs(rows)
    sheet.text(fits, soft=True)
    sheet.heading(_("The text as it was shown"), level=3)
    sheet.text(agreed["text"])


def _about_health(sheet: Sheet, record: Json) -> None:
    said = record["health_consents"]
    if not said:
        return
    sheet.heading(_("Consent to answers about health"), level=2)
    names = {"given": _("Given on"), "withdrawn": _("Taken back on")}
    sheet.pairs([(names[one["act"]], _when(one["at"], record)) for one in said])
    sheet.pairs([("SHA-256", said[0]["sha256"])])
    sheet.heading(_("The text as it was shown"), level=3)
    sheet.text(said[0]["text"])


def _attended(sheet: Sheet, record: Json) -> None:
    seen = record["attendance"]
    sheet.heading(_("Who was there"), level=2)
    rows = [
        (_("The client said: I'll be there"), _when(seen["will_come_at"], record)),
        (_("The client was there"), _when(seen["arrived_at"], record)),
        (_("The client was written to"), _when(seen["contacted_at"], record)),
        (_("The provider waited until"), _when(seen["grace_ends_at"], record)),
        (_("Marked as missed"), _when(seen["no_show_at"], record)),
        (_("The client explained"), _when(seen["explained_at"], record)),
    ]
    sheet.pairs([(label, words) for label, words in rows if words])


def _money(sheet: Sheet, record: Json) -> None:
    money = record["money"]
    sheet.heading(_("Money"), level=2)
    rows = [
        (_when(one["paid_at"], record), _("Paid"), one["gateway_id"] or one["reference"], _sum(one["amount"]))
        for one in money["payments"]
        if one["paid_at"]
    ]
    rows += [
        (_when(one["at"], record), _refund(one), one["gateway_id"] or one["reason"], _sum(one["amount"]))
        for one in money["refunds"]
    ]
    rows += [
        (
            _when(one["at"], record),
            _("An exception was made"),
            one["note"] or one["reason"],
            _sum(one["amount"]),
        )
        for one in record["exceptions"]
    ]
    rows += [
        (_when(one["opened_at"], record), _("Disputed at the bank"), one["id"], _sum(one["amount"]))
        for one in money["disputes"]
    ]
    if not rows:
        sheet.text(_("No money has moved."))
        return
    columns = [
        Column(_("When"), 1.5),
        Column(_("What"), 1.3),
        Column(_("Reference"), 1.6),
        Column(_("Amount"), 0.8, right=True),
    ]
    sheet.table(columns, rows)


def _refund(found: Json) -> str:
    names = {"failed": _("A refund failed"), "done": _("Given back")}
    return names.get(found["state"], _("On its way back"))


def _told(sheet: Sheet, told: Sequence[Told]) -> None:
    sheet.heading(_("What happened"), level=2)
    columns = [Column(_("When"), 1.4), Column(_("What"), 2.7), Column(_("By"), 0.9)]
    sheet.table(columns, [(when, words, who) for when, who, words in told])


def _messages(sheet: Sheet, record: Json, *, brief: bool) -> None:
    sent = [one for one in record["messages"] if one["to"] == "client" and one["sent_at"]]
    sheet.heading(_("Messages to the client"), level=2)
    if not sent:
        sheet.text(_("None so far."))
        return
    columns = [Column(_("Sent on"), 1.4), Column(_("To"), 1.3), Column(_("Subject"), 2.3)]
    rows = [(_when(one["sent_at"], record), one["address"], one["subject"]) for one in sent]
    sheet.table(columns, rows)
    for one in () if brief else sent:
        sheet.heading(one["subject"], level=3)
        text = one["text"]
        sheet.text(
            text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE].rstrip() + " …", small=True
        )


def _notes(sheet: Sheet, record: Json) -> None:
    if not record["shared_notes"]:
        return
    sheet.heading(_("Notes shared with the client"), level=2)
    for one in reversed(record["shared_notes"]):
        sheet.heading(f"{_when(one['shared_at'], record)}, {one['who']}", level=3)
        sheet.text(one["text"])


def _when(said: str | None, record: Json) -> str:
    """On the provider's clock, with UTC beside it."""
    if not said:
        return ""
    at = datetime.fromisoformat(said).astimezone(UTC)
    return f"{formats.moment(at, record['provider']['timezone'])} ({at:%Y-%m-%d %H:%M} UTC)"


def _sum(said: Json) -> str:
    return formats.money(said["amount"], said["currency"])
