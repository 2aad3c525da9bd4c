"""Papers as PDF, made from what was written down when they were issued: always the same bytes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from booking import brand, colours
from booking.texts import text_in
from config import formats
from payments.models import Paper
from payments.papers import pdf
from policies import wording
from policies.rules.tax import Tax

Kind = Paper.Kind
LOGO = (55.0, 16.0)  # mm at most


def document(paper: Paper, *, language: str = "") -> bytes:
    """The paper in ``language``, else as its client reads it."""
    spoken = language or paper.language
    clocks = formats.hour_cycle() if language else paper.payment.appointment.hour_cycle
    with translation.override(spoken), formats.on_clocks(clocks):
        return _sheet(paper, spoken).bytes()


def title(paper: Paper) -> str:
    """What it is, with its number."""
    names = {
        Kind.RECEIPT: _("Receipt %(number)s"),
        Kind.CREDIT_NOTE: _("Credit note %(number)s"),
        Kind.CORRECTION: _("Correction %(number)s"),
    }
    return names[Kind(paper.kind)] % {"number": paper.number}


def _sheet(paper: Paper, language: str) -> pdf.Sheet:
    provider = paper.facts["provider"]
    sheet = pdf.Sheet(
        title=f"{title(paper)}, {provider['legal_name']}",
        language=language,
        made_at=paper.issued_at,
        author=provider["legal_name"],
        foot=f"{provider['legal_name']} · {paper.number}",
    )
    _letterhead(sheet, paper, title(paper))
    sheet.sides(_from(provider), _to(paper))
    sheet.pairs(_about(paper))
    sheet.gap(2)
    sheet.table(
        [pdf.Column(_("What"), 3.2), pdf.Column(_("Amount"), 1.0, right=True)],
        [[_what(paper), _money(paper, _net(paper))], *_tax_row(paper)],
        totals=[[_total(paper), _money(paper, paper.amount)]],
    )
    for words in _words(paper):
        sheet.text(words, soft=True)
    if provider["note"]:
        sheet.gap(2)
        sheet.text(provider["note"], small=True)
    return sheet


def _letterhead(sheet: pdf.Sheet, paper: Paper, words: str) -> None:
    """Logo and colour as they were when the paper was issued; older papers know of none."""
    provider = paper.facts["provider"]
    look = provider.get("brand", {})
    if logo := brand.logo(paper.provider, look):
        share = min(LOGO[0] / logo.width, LOGO[1] / logo.height)
        sheet.picture(
            logo.content, width=logo.width * share, height=logo.height * share, words=provider["name"]
        )
    sheet.heading(words, colour=colours.light(look["colour"]).accent if look.get("colour") else "")
    sheet.gap(2)


def _from(provider: dict[str, Any]) -> list[str]:
    lines = [provider["legal_name"]]
    if provider["name"] != provider["legal_name"]:
        lines.append(provider["name"])
    lines += provider["address"].split("\n") if provider["address"] else []
    if provider["tax_number"]:
        lines.append(_("Tax number: %(number)s") % {"number": provider["tax_number"]})
    return [*lines, provider["email"]]


def _to(paper: Paper) -> list[str]:
    return paper.recipient.split("\n") if paper.recipient else [_("A client whose name was erased")]


def _about(paper: Paper) -> list[tuple[str, str]]:
    facts, zone = paper.facts, paper.facts["provider"]["timezone"]
    rows = [(_("Date of issue"), formats.day(paper.issued_at, zone))]
    if follows := facts.get("follows"):
        issued = formats.day(datetime.fromisoformat(follows["issued_at"]), zone)
        words = _("%(number)s of %(day)s") % {"number": follows["number"], "day": issued}
        name = _("Corrects credit note") if paper.kind == Kind.CORRECTION else _("For receipt")
        rows.append((name, words))
    rows.append((_("Paid on"), _paid_on(facts, zone)))
    rows.append((_("Paid by"), _paid_by(facts)))
    start = datetime.fromisoformat(facts["starts_at"])
    rows.append((_("Appointment"), f"{formats.moment(start, zone)} ({formats.zone_city(zone)})"))
    return rows


def _paid_on(facts: dict[str, Any], zone: str) -> str:
    if facts["received_on"]:
        return formats.day(date.fromisoformat(facts["received_on"]))
    return formats.day(datetime.fromisoformat(facts["paid_at"]), zone)


def _paid_by(facts: dict[str, Any]) -> str:
    names = {"card": _("card"), "cash": _("cash"), "transfer": _("bank transfer"), "other": _("another way")}
    words = names[facts["method"]]
    return f"{words}, {facts['reference']}" if facts["reference"] else words


def _what(paper: Paper) -> str:
    facts = paper.facts
    service = text_in(facts["service"], fallback=facts["provider"]["language"])
    names = {
        "deposit": _("Deposit: %(service)s"),
        "balance": _("Rest of the price: %(service)s"),
        "fee": _("Fee by the agreed terms: %(service)s"),
        "other": _("%(description)s: %(service)s"),
    }
    return names[facts["for"]] % {"service": service, "description": facts["description"]}


def _net(paper: Paper) -> int:
    return paper.amount - paper.tax if paper.facts["tax"] else paper.amount


def _tax_row(paper: Paper) -> list[list[str]]:
    tax = paper.facts["tax"]
    return [[wording.tax_rate(Tax(**tax)), _money(paper, paper.tax)]] if tax else []


def _total(paper: Paper) -> str:
    names = {
        Kind.RECEIPT: _("Paid"),
        Kind.CREDIT_NOTE: _("Given back"),
        Kind.CORRECTION: _("Did not reach the client"),
    }
    return names[Kind(paper.kind)]


def _words(paper: Paper) -> list[str]:
    if paper.kind == Kind.CORRECTION:
        return [
            _("The bank could not carry out the refund, so the credit note named above no longer counts.")
        ]
    if paper.kind == Kind.CREDIT_NOTE and paper.refund_id is None:
        return [_("The payment had been written down by mistake.")]
    note = paper.facts.get("note")
    return [note] if note else []


def _money(paper: Paper, amount: int) -> str:
    return formats.money(amount, paper.currency)


def response(paper: Paper, *, language: str) -> HttpResponse:
    """The paper for a browser, named by its number."""
    name = f'inline; filename="{paper.number}.pdf"'
    return HttpResponse(
        document(paper, language=language),
        content_type="application/pdf",
        headers={"Content-Disposition": name},
    )
