"""A report for spreadsheets: one line for each row of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from booking.insights import Counts, Money, Report
from booking.texts import text_in
from payments.papers import tables
from policies.rules.wishes import DAYS

OF_COUNTS = ("booked", "due", "kept", "no_show", "late_cancel", "excused", "in_time", "by_provider", "open")
OF_MONEY = (
    "paid",
    "from_credit",
    "applied",
    "kept",
    "returned",
    "carried",
    "held",
    "disputed",
    "forgiven",
    "fees_asked",
    "fees_paid",
    "fees_waived",
)
COLUMNS = ("table", "row", *OF_COUNTS, "show_rate", "count", "amount", "currency")
NO_COUNTS = ("",) * (len(OF_COUNTS) + 1)


def csv(report: Report, *, language: str, dialect: tables.Dialect = tables.PLAIN) -> Iterator[bytes]:
    return tables.rows(COLUMNS, _lines(report, language), dialect=dialect)


def _lines(report: Report, language: str) -> Iterator[list[Any]]:
    found, span = report.attendance, report.span
    yield _counted("total", f"{span.first}/{span.last}", found.total)
    yield _counted("before", f"{span.before.first}/{span.before.last}", report.before)
    for step, counts in found.over_time.items():
        yield _counted(span.step, step.isoformat(), counts)
    for number, counts in found.by_weekday.items():
        yield _counted("weekday", DAYS[number], counts)
    for lead, counts in found.by_lead.items():
        yield _counted("lead_time", lead, counts)
    for service, counts in found.by_service.items():
        yield _counted("service", text_in(service.name, fallback=language), counts)
    for cause in found.causes:
        for state, count in (("counts", cause.counting), ("excused", cause.excused)):
            row = ": ".join(filter(None, (cause.kind, cause.reason, state)))
            yield ["cause", row, *NO_COUNTS, count, "", ""]
    for name in ("reminded", "not_reminded", "said_yes"):
        yield _counted("reminders", name, getattr(report.reminding, name))
    for currency, worth in found.worth.items():
        yield _amount("price_of_lapses", worth, currency)
    for one in report.money:
        yield from _money(one)


def _counted(table: str, row: str, counts: Counts) -> list[Any]:
    rate = "" if counts.show_rate is None else round(counts.show_rate, 4)
    return [table, row, *(getattr(counts, name) for name in OF_COUNTS), rate, "", "", ""]


def _money(one: Money) -> Iterator[list[Any]]:
    for name in OF_MONEY:
        yield _amount(name, getattr(one, name), one.currency)
    for what, parts in (("returned", one.returned_for), ("forgiven", one.forgiven_for)):
        for reason, amount in sorted(parts.items()):
            yield _amount(f"{what}: {reason}", amount, one.currency)


def _amount(row: str, minor: int, currency: str) -> list[Any]:
    return ["money", row, *NO_COUNTS, "", tables.amount(minor, currency), currency]
