"""Tax over a time, by rate: what the papers say, less what was kept where that bears none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.expressions import CombinedExpression

from booking.models import Business, Client, Provider
from payments.models import Deposit, LedgerEntry, Paper
from payments.papers.statements import Period
from policies.rules.tax import Tax

KEPT, GIVEN_UP = Q(target="forfeited"), Q(source="forfeited")


@dataclass(frozen=True)
class Line:
    """``rate`` in basis points, None: no tax. ``gross`` includes ``tax``."""

    rate: int | None
    gross: int
    tax: int

    @property
    def net(self) -> int:
        return self.gross - self.tax


def summary(*, provider: Provider, period: Period, client: Client | None = None) -> list[Line]:
    """The highest rate first, what bears none last."""
    papers = Paper.objects.filter(provider=provider, issued_at__gte=period.since, issued_at__lt=period.until)
    if client:
        papers = papers.filter(client=client)
    sums: dict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    went = Q(kind=Paper.Kind.CREDIT_NOTE)
    rows = papers.order_by().values("tax_rate")
    for row in rows.annotate(gross=_less("amount", ~went, went), contained=_less("tax", ~went, went)):
        sums[row["tax_rate"]][0] += row["gross"]
        sums[row["tax_rate"]][1] += row["contained"]
    for rate, gross, tax in _kept_untaxed(provider, period, client):
        sums[rate][0] -= gross
        sums[rate][1] -= tax
        sums[None][0] += gross
    lines = [Line(rate, gross, tax) for rate, (gross, tax) in sums.items() if gross or tax]
    return sorted(lines, key=lambda line: -1 if line.rate is None else line.rate, reverse=True)


def _kept_untaxed(
    provider: Provider, period: Period, client: Client | None
) -> Iterator[tuple[int, int, int]]:
    """What of taxed deposits was kept in this time (less what was given up again), with its tax: where a
    kept deposit bears no tax, the receipt's tax is not due any more."""
    business = Business.objects.filter(provider=provider).first()
    if business and business.fees_taxed:
        return
    within = LedgerEntry.objects.filter(KEPT | GIVEN_UP, at__gte=period.since, at__lt=period.until)
    ours = within.filter(deposit__appointment__client=client) if client else within.filter(provider=provider)
    deposits = ours.order_by().values("deposit")
    before, after = _kept(deposits, period.since), _kept(deposits, period.until)
    changed = [pk for pk in after if after[pk] != before.get(pk, 0)]
    rates, currency = _rates(changed), provider.currency
    for pk in changed:
        rate = rates.get(pk)
        if rate is not None:
            tax, first, last = Tax(rate, ""), before.get(pk, 0), after[pk]
            yield rate, last - first, tax.within(last, currency) - tax.within(first, currency)


def _kept(deposits: QuerySet[LedgerEntry, Any], at: datetime) -> dict[int, int]:
    entries = LedgerEntry.objects.filter(KEPT | GIVEN_UP, deposit__in=deposits, at__lt=at).order_by()
    rows = entries.values("deposit").annotate(kept=_less("amount", KEPT, GIVEN_UP))
    return {row["deposit"]: row["kept"] for row in rows}


def _less(column: str, these: Q, those: Q) -> CombinedExpression:
    """The sum over these rows less the sum over those."""
    return Sum(column, default=0, filter=these) - Sum(column, default=0, filter=those)


def _rates(deposits: list[int]) -> dict[int, int | None]:
    """The rate on the receipts of the money in each deposit: its own, else those behind its credit."""
    found: dict[int, int | None] = {}
    behind = {pk: pk for pk in deposits}  # where to look for a deposit's receipt next
    while behind:
        looked = set(behind.values())
        receipts = Paper.objects.filter(payment__deposit__in=looked, kind=Paper.Kind.RECEIPT)
        rates = dict(receipts.values_list("payment__deposit", "tax_rate"))
        found |= {pk: rates[at] for pk, at in behind.items() if at in rates}
        credits = Deposit.objects.filter(pk__in=looked - set(rates), credit__isnull=False)
        sources = dict(credits.values_list("pk", "credit__deposit"))
        behind = {pk: sources[at] for pk, at in behind.items() if at in sources}
    return found
