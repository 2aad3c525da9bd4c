"""Statements as people read them: the words, the CSV and the PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Business
from booking.texts import text_in
from config import formats
from payments.papers import pdf, tables, taxes, ways
from payments.papers.statements import Balances, Movement, Statement
from payments.papers.ways import CARD, Way
from policies import wording
from policies.rules.tax import Tax

OWN = "installation"  # in place of an account's id: the one that is not the provider's
MOST_PRINTED = 600  # some three seconds of work: a request must not take longer
COLUMNS = (
    "date",
    "time",
    "client",
    "service",
    "appointment_on",
    "appointment",
    "what",
    "amount",
    "paid_ahead_change",
    "paid_ahead",
    "owed_change",
    "owed",
    "currency",
    "paper",
    "method",
    "account",
    "account_name",
    "reference",
    "platform_fee",
    "tax_percent",
    "tax",
)
WORDS: dict[str, str | Promise] = {
    "paid": gettext_lazy("Paid"),
    "taken_back": gettext_lazy("Payment taken back"),
    "given_back": gettext_lazy("Given back"),
    "refund_failed": gettext_lazy("A refund failed"),
    "applied": gettext_lazy("Part of the price"),
    "kept": gettext_lazy("Kept, as the terms say"),
    "kept_undone": gettext_lazy("Not kept after all"),
    "carried": gettext_lazy("Carried as a credit"),
    "credit_used": gettext_lazy("Credit used"),
    "disputed": gettext_lazy("In dispute"),
    "dispute_over": gettext_lazy("Dispute over"),
    "charged": gettext_lazy("Owed"),
    "waived": gettext_lazy("Waived"),
    "moved": gettext_lazy("Moved"),
}


def words(what: str) -> str:
    return str(WORDS[what])


def csv(statement: Statement, *, dialect: tables.Dialect = tables.PLAIN) -> Iterator[bytes]:
    """One line for each movement; the first and the last are the balances."""
    return tables.rows(COLUMNS, _Cells(statement).lines(), dialect=dialect)


class _Cells:
    """What stands under each of ``COLUMNS``."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.currency = statement.provider.currency
        self.zone = ZoneInfo(statement.provider.timezone)
        self.language = statement.provider.language
        self.named = ways.names(statement.provider)

    def lines(self) -> Iterator[list[Any]]:
        period = self.statement.period
        yield self.balance("opening", period.since, self.statement.opening)
        for one, now in self.statement.movements():
            yield self.movement(one, now)
        yield self.balance("closing", period.until - timedelta(microseconds=1), self.statement.closing)

    def balance(self, what: str, at: datetime, found: Balances) -> list[Any]:
        ahead, owed = self.money(found.ahead), self.money(found.owed)
        return [self.day(at), *[""] * 5, what, "", "", ahead, "", owed, self.currency, *[""] * 8]

    def movement(self, one: Movement, now: Balances) -> list[Any]:
        return [
            self.day(one.at),
            one.at.astimezone(self.zone).strftime("%H:%M:%S"),
            one.client,
            text_in(one.service, fallback=self.language),
            self.day(one.starts_at),
            str(one.appointment),
            one.what,
            self.money(one.amount),
            self.money(one.ahead),
            self.money(now.ahead),
            self.money(one.owed),
            self.money(now.owed),
            self.currency,
            one.paper,
            *self.way(one.way),
            *self.tax(one),
        ]

    def way(self, found: Way) -> list[Any]:
        on = found.account or (OWN if found.method == CARD else "")
        fee = self.money(found.fee) if found.fee else ""
        return [found.method, on, self.named.get(found.account, ""), found.reference, fee]

    def tax(self, one: Movement) -> list[Any]:
        return ["", ""] if one.tax_rate is None else [Decimal(one.tax_rate) / 100, self.money(one.tax)]

    def day(self, at: datetime) -> str:
        return at.astimezone(self.zone).date().isoformat()

    def money(self, amount: int) -> Any:
        return tables.amount(amount, self.currency)


def document(statement: Statement, *, language: str) -> bytes:
    """The statement as PDF. Of more than ``MOST_PRINTED`` movements only the sums are printed."""
    with translation.override(language):
        return _sheet(statement, language).bytes()


def months(first: date | None, *, until: date) -> list[str]:
    """From the month of ``first`` to that of ``until``, the last one first: ``2027-03``. That of ``until``
    alone where nothing was first."""
    first = min(first or until, until)
    numbers = range(first.year * 12 + first.month - 1, until.year * 12 + until.month)
    return [f"{n // 12}-{n % 12 + 1:02}" for n in reversed(numbers)]


def title(statement: Statement) -> str:
    facts = {"month": formats.month(statement.period.since, statement.provider.timezone)}
    if statement.client:
        facts["client"] = statement.client.name
        return _("Statement for %(client)s, %(month)s") % facts
    return _("Statement, %(month)s") % facts


def _sheet(statement: Statement, language: str) -> pdf.Sheet:
    provider = statement.provider
    business = Business.objects.filter(provider=provider).first() or Business(legal_name=provider.name)
    sheet = pdf.Sheet(
        title=f"{title(statement)}, {business.legal_name}",
        language=language,
        made_at=statement.period.until,
        author=business.legal_name,
        foot=f"{business.legal_name} · {title(statement)}",
    )
    rows: list[list[str]] = []
    more = 0
    for one, now in statement.movements():
        if len(rows) < MOST_PRINTED:
            rows.append(_row(statement, one, now))
        else:
            more += 1
    sheet.heading(title(statement))
    sheet.sides(_from(business), [statement.client.name, statement.client.email] if statement.client else [])
    moved = (_("What"), _("Amount"), _("Paid ahead"), _("Owed"))
    _summed(sheet, _("In sum"), moved, sums(statement))
    paid = (_("Paid by"), _("Paid"), _("Given back"), _("In dispute"), _("Platform fee"), _("Remaining"))
    _summed(sheet, _("Where it was paid"), paid, ways.rows(statement))
    taxed = (_("Rate"), _("Net"), _("Tax"), _("Gross"))
    _summed(sheet, _("Tax in what was received"), taxed, tax_rows(statement))
    if rows and not more:
        sheet.heading(_("Every movement"), level=2)
        sheet.table(_columns(statement), rows)
    elif more:
        sheet.text(
            _("There are too many movements to print them; the table for spreadsheets has all of them.")
        )
    return sheet


def _from(business: Business) -> list[str]:
    lines = [business.legal_name, *(business.address.split("\n") if business.address else [])]
    return [
        *lines,
        *([_("Tax number: %(number)s") % {"number": business.tax_number}] if business.tax_number else []),
    ]


def sums(statement: Statement) -> list[tuple[str, ...]]:
    """Opening, what happened by kind, closing: the amount, and by how much it changed what is paid ahead and what
    is owed, so that either column adds up. To be asked when the movements were walked through."""
    currency = statement.provider.currency

    def money(amount: int) -> str:
        return formats.money(amount, currency) if amount else ""

    def balance(name: str, found: Balances) -> tuple[str, ...]:
        return name, "", formats.money(found.ahead, currency), formats.money(found.owed, currency)

    changes = statement.changes
    return [
        balance(_("At the beginning"), statement.opening),
        *(
            (words(what), money(statement.sums[what]), money(changes[what].ahead), money(changes[what].owed))
            for what in WORDS
            if what in statement.sums
        ),
        balance(_("At the end"), statement.closing),
    ]


def tax_rows(statement: Statement) -> list[tuple[str, ...]]:
    """Rate, net, tax and gross of what was received, less what was given back; of several the sum at the end."""
    provider = statement.provider
    business = Business.objects.filter(provider=provider).first()
    name = business.tax_name if business else ""
    lines = taxes.summary(provider=provider, period=statement.period, client=statement.client)
    if all(line.rate is None for line in lines):
        return []
    rows = [(_tax_name(line.rate, name), (line.net, line.tax, line.gross)) for line in lines]
    if len(rows) > 1:
        net, tax, gross = (sum(column) for column in zip(*(amounts for _n, amounts in rows), strict=True))
        rows.append((_("Together"), (net, tax, gross)))
    return [(rate, *(formats.money(one, provider.currency) for one in amounts)) for rate, amounts in rows]


def _tax_name(rate: int | None, name: str) -> str:
    return _("No tax") if rate is None else wording.tax_rate(Tax(rate, name))


def _summed(sheet: pdf.Sheet, title: str, heads: Sequence[str], rows: list[tuple[str, ...]]) -> None:
    """A table of amounts whose last row, where there are several, stands out as the sum of the others."""
    if rows:
        sheet.heading(title, level=2)
        body, totals = (rows[:-1], rows[-1:]) if len(rows) > 1 else (rows, [])
        first, *amounts = heads
        columns = [pdf.Column(first, 2.4), *(pdf.Column(one, 1, True) for one in amounts)]
        sheet.table(columns, body, totals=totals)


def _columns(statement: Statement) -> list[pdf.Column]:
    about = [] if statement.client else [pdf.Column(_("Client"), 1.3)]
    sums = [pdf.Column(name, 1.05, True) for name in (_("Amount"), _("Paid ahead"), _("Owed"))]
    return [
        pdf.Column(_("Day"), 1.55),
        *about,
        pdf.Column(_("Service"), 1.25),
        pdf.Column(_("What"), 1.9),
        *sums,
    ]


def _row(statement: Statement, one: Movement, now: Balances) -> list[str]:
    provider = statement.provider
    about = [] if statement.client else [one.client]
    service = text_in(one.service, fallback=provider.language)
    money = [formats.money(amount, provider.currency) for amount in (one.amount, now.ahead, now.owed)]
    what = f"{words(one.what)}\n{one.paper}" if one.paper else words(one.what)
    return [formats.short_day(one.at, provider.timezone), *about, service, what, *money]
