"""Sums per day and currency: what came in and went back, there and here.

Each single difference is told by itself as well; these sums are the control that none was overlooked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import QuerySet

from payments.models import Payment, Refund
from payments.reconcile.found import Found, made_at, money
from payments.reconcile.there import There, Thing, ours, reference

PAID = Payment.State.PAID
BACK = (Refund.State.PENDING, Refund.State.DONE)


@dataclass
class Sums:
    in_there: int = 0
    out_there: int = 0
    in_here: int = 0
    out_here: int = 0

    @property
    def agree(self) -> bool:
        return self.in_there == self.in_here and self.out_there == self.out_here

    def add(self, other: Sums) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


# By account and currency; no account: the installation's own.
Totals = dict[tuple[str, str], Sums]


def of_days(
    payments: QuerySet[Payment],
    refunds: QuerySet[Refund],
    there: There,
    *,
    first: date | None,
    last: date,
    totals: Totals,
) -> Iterator[Found]:
    """Every day from ``first`` to ``last`` and currency whose sums differ; all of them are added to ``totals``.
    What both sides know is counted on the gateway's day, what one side alone knows on its own."""
    days: dict[tuple[date, str], Sums] = defaultdict(Sums)
    mine = _in(payments, there, days)
    _out(refunds, there, days, mine)
    for (day, currency), sums in sorted(days.items()):
        if day > last or (first and day < first):
            continue
        totals.setdefault((there.account, currency), Sums()).add(sums)
        if not sums.agree:
            facts = {name: money(value, currency) for name, value in vars(sums).items()}
            name = f"day {day} {currency}" + (f" {there.account}" if there.account else "")
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            yield Found("day_sum", name, facts | {"day": str(day)}, about_at=at)


def _in(payments: QuerySet[Payment], there: There, days: dict[tuple[date, str], Sums]) -> set[str]:
    """Counts what came in; returns the payments at the gateway that are in our name."""
    mine = set()
    for thing in there.intents.values():
        if thing.get("status") == "succeeded" and ours(thing, "payment"):
            mine.add(str(thing["id"]))
            days[_day(thing)].in_there += int(thing.get("amount_received") or 0)
    for payment in payments.filter(state=PAID).order_by("pk").iterator():
        known = there.intents.get(str(payment.intent_id))
        day = _day(known) if known else ((payment.paid_at or payment.created_at).date(), payment.currency)
        days[day].in_here += payment.amount
    return mine


def _out(refunds: QuerySet[Refund], there: There, days: dict[tuple[date, str], Sums], mine: set[str]) -> None:
    known = set(
        Payment.objects.filter(intent_id__in=list(there.refunds_of)[:5000]).values_list(
            "intent_id", flat=True
        )
    )
    for thing in there.refunds.values():
        state = there.gateway.refund_in(thing).state
        if state != "failed" and reference(thing.get("payment_intent")) in mine | known:
            days[_day(thing)].out_there += int(thing.get("amount") or 0)
    for refund in refunds.filter(state__in=BACK).order_by("pk").iterator():
        mirror = there.refunds.get(str(refund.gateway_id))
        day = _day(mirror) if mirror else (refund.created_at.date(), refund.currency)
        days[day].out_here += refund.amount


def _day(thing: Thing) -> tuple[date, str]:
    made = made_at(thing) or datetime.fromtimestamp(0, UTC)
    return made.date(), str(thing.get("currency") or "").upper()
