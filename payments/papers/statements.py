"""Statements: what a client paid ahead and owes, and how it came to be, over a time.

A statement has two balances. ``ahead`` is the client's money that the provider has: held, or carried as a
credit that nobody used. ``owed`` is what the client is to pay. Every movement says by how much it changes
either, and opening plus changes is closing, to the minor unit. The sums are the ledger's own. A door reads a statement
within `one_moment`, for it is asked for in several parts."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from booking.models import Client, Provider
from payments.models import DEPOSIT_AHEAD, Charge, Deposit, LedgerEntry, Paper, Waiver
from payments.papers import ways
from payments.papers.ways import NO_WAY, Flow, Way

AHEAD = ("held", "carried")
NAMES = ("client__name", "service__name", "starts_at", "uid", "client_id")
CHUNK = 2000
# In which order things of one instant happened: it is owed before it is waived or paid.
CHARGED, WAIVED, MOVED = range(3)


class Movement(NamedTuple):
    """One line. ``what`` is a code of ``WHATS``."""

    at: datetime
    rank: int
    pk: int
    what: str
    reason: str
    amount: int
    ahead: int  # by how much it changes what is paid ahead
    owed: int  # by how much it changes what is owed
    client: str
    service: dict[str, str]
    starts_at: datetime
    appointment: UUID
    paper: str = ""  # the number of the receipt, credit note or correction of it, if one was issued
    way: Way = NO_WAY  # by which money came or went
    tax_rate: int | None = None  # on its paper, in basis points
    tax: int = 0


WHATS = (
    "paid",
    "taken_back",
    "given_back",
    "refund_failed",
    "applied",
    "kept",
    "kept_undone",
    "carried",
    "credit_used",
    "disputed",
    "dispute_over",
    "charged",
    "waived",
    "moved",
)


@dataclass(frozen=True)
class Period:
    """From ``since`` on, before ``until``."""

    since: datetime
    until: datetime


@dataclass
class Balances:
    ahead: int = 0
    owed: int = 0


@dataclass
class Statement:
    """Of a provider, or of one of its clients. ``opening`` is known at once, ``closing``, ``sums``, ``changes`` of
    the balances by what happened and ``flows`` by method and account when the movements were walked through."""

    provider: Provider
    client: Client | None
    period: Period
    opening: Balances
    closing: Balances
    sums: dict[str, int] = field(default_factory=dict)
    changes: dict[str, Balances] = field(default_factory=dict)
    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)

    def movements(self) -> Iterator[tuple[Movement, Balances]]:
        """Each movement with the balances after it, the oldest first; the database is read in chunks."""
        now = Balances(self.opening.ahead, self.opening.owed)
        self.sums, self.changes, self.flows = {}, {}, {}
        for one in ways.followed(_movements(self.provider, self.client, self.period), provider=self.provider):
            now.ahead += one.ahead
            now.owed += one.owed
            self.sums[one.what] = self.sums.get(one.what, 0) + one.amount
            change = self.changes.setdefault(one.what, Balances())
            change.ahead, change.owed = change.ahead + one.ahead, change.owed + one.owed
            self.closing = Balances(now.ahead, now.owed)
            if one.way != NO_WAY:
                flow = self.flows.setdefault((one.way.method, one.way.account), Flow())
                flow.count(one.what, one.amount, one.way.fee)
            yield one, self.closing


def month(provider: Provider, year: int, number: int) -> Period:
    """A month of the provider's calendar."""
    zone = ZoneInfo(provider.timezone)
    first = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))


def first_moved_at(provider: Provider) -> datetime | None:
    """When the first payment arrived or the first charge was asked; None where nothing ever did."""
    firsts = [
        LedgerEntry.objects.of(provider).aggregate(first=Min("at"))["first"],
        Charge.objects.filter(provider=provider).aggregate(first=Min("created_at"))["first"],
    ]
    return min((one for one in firsts if one), default=None)


def of(*, provider: Provider, period: Period, client: Client | None = None) -> Statement:
    """The statement of a provider, or of one client of its own."""
    opening = balances(provider=provider, client=client, at=period.since)
    return Statement(provider, client, period, opening, Balances(opening.ahead, opening.owed))


def balances(*, provider: Provider, client: Client | None = None, at: datetime) -> Balances:
    """How things stood before ``at``: as they stand now, less what has happened since. A deposit and a charge
    know their own sums, so that nothing is read of those that came to their end before."""
    return Balances(_ahead(provider, client, at), _owed(provider, client, at))


def _whose(provider: Provider, client: Client | None, before: str = "appointment") -> dict[str, Any]:
    """By appointment, not by join of a client whose name may stand twice."""
    return {f"{before}__client": client} if client else {"provider": provider}


def _ahead(provider: Provider, client: Client | None, at: datetime) -> int:
    """Now and since in one statement, so that this sum is right by itself."""
    rows = Deposit.objects.filter(DEPOSIT_AHEAD, **_whose(provider, client))
    entries = LedgerEntry.objects.filter(
        deposit__isnull=False, at__gte=at, **_whose(provider, client, "deposit__appointment")
    )
    used = Q(source="outside", reason="carried_in")
    gained = Sum("amount", default=0, filter=Q(target__in=AHEAD) & ~used)
    lost = Sum("amount", default=0, filter=Q(source__in=AHEAD))
    now = Sum(F("held") + F("carried") - F("carried_in"))
    found = Provider.objects.filter(pk=provider.pk).values_list(
        _sum(rows, "appointment__provider" if client else "provider", now)
        - _sum(entries, "provider", gained - lost)
    )
    return int(found.get()[0])


def _sum(rows: QuerySet[Any], by: str, total: Any) -> Coalesce:
    """Over all of ``rows``, which have the same ``by``; as part of another statement."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(sum=total).values("sum")), 0)


def _charges(provider: Provider, client: Client | None, at: datetime, *these: QuerySet[Any]) -> Any:
    """Those of ``these`` keys that were owed before ``at``, with what of it was still asked then and what had
    been paid."""
    since = {"charge": OuterRef("pk"), "at__gte": at}
    entries, waivers = LedgerEntry.objects.filter(**since), Waiver.objects.filter(**since)
    came, left = Sum("amount", filter=Q(source="outside")), Sum("amount", filter=Q(target="outside"))
    charges = Charge.objects.filter(created_at__lt=at, **_whose(provider, client))
    return charges.filter(pk__in=these[0].union(*these[1:])).annotate(
        asked=F("amount") - F("waived") + _sum(waivers, "charge", Sum("amount")),
        had=F("paid") - _sum(entries, "charge", came) + _sum(entries, "charge", left),
    )


def _happened(provider: Provider, client: Client | None, **when: datetime) -> tuple[QuerySet[Any], ...]:
    """The keys of the charges to which something happened."""
    whose = _whose(provider, client, "charge__appointment")
    moved = LedgerEntry.objects.filter(charge__isnull=False, **whose, **when)
    waived = Waiver.objects.filter(**whose, **when)
    return tuple(one.order_by().values("charge") for one in (moved, waived))


def _owed(provider: Provider, client: Client | None, at: datetime) -> int:
    """What is owed now, or was before something happened to it since."""
    now = Charge.objects.filter(state=Charge.State.OWED, **_whose(provider, client)).values("pk")
    rows = _charges(provider, client, at, now, *_happened(provider, client, at__gte=at))
    rows = rows.annotate(open=Greatest(F("asked") - F("had"), 0))
    return int(rows.aggregate(sum=Sum("open", default=0))["sum"])


def _movements(provider: Provider, client: Client | None, period: Period) -> Iterator[Movement]:
    streams = (_charged, _waived, _charge_entries, _deposit_entries)
    rows = heapq.merge(*(stream(provider, client, period) for stream in streams), key=lambda row: row[:3])
    asked: dict[int, list[int]] = {
        pk: [due, had]
        for pk, due, had in _touched(provider, client, period).values_list("pk", "asked", "had")
    }
    for row in rows:
        at, rank, pk, what, reason, amount, ahead, due, had, charge, *names = row
        owed = _step(asked, charge, due, had) if charge else 0
        yield Movement(at, rank, pk, what, reason, amount, ahead, owed, *names)


def _touched(provider: Provider, client: Client | None, period: Period) -> Any:
    """The charges from before the time that something happened to in it."""
    happened = _happened(provider, client, at__gte=period.since, at__lt=period.until)
    return _charges(provider, client, period.since, *happened)


def _step(asked: dict[int, list[int]], charge: int, due: int, had: int) -> int:
    """By how much what is open of a charge changes: never below nothing, whatever was paid too much."""
    now = asked.setdefault(charge, [0, 0])
    before = max(0, now[0] - now[1])
    now[0] += due
    now[1] += had
    return max(0, now[0] - now[1]) - before


def _named(rows: QuerySet[Any], at: str, before: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    names = [f"{before}__{name}" for name in NAMES[:4]]
    ordered = rows.order_by(at, "pk").values_list(at, "pk", *columns, *names)
    return ordered.iterator(chunk_size=CHUNK)


def _charged(provider: Provider, client: Client | None, period: Period) -> Iterator[tuple[Any, ...]]:
    rows = Charge.objects.filter(
        created_at__gte=period.since, created_at__lt=period.until, **_whose(provider, client)
    )
    for at, pk, amount, kind, *names in _named(rows, "created_at", "appointment", "amount", "kind"):
        yield at, CHARGED, pk, "charged", kind, amount, 0, amount, 0, pk, *names


def _waived(provider: Provider, client: Client | None, period: Period) -> Iterator[tuple[Any, ...]]:
    rows = Waiver.objects.filter(
        at__gte=period.since, at__lt=period.until, **_whose(provider, client, "charge__appointment")
    )
    for at, pk, amount, charge, *names in _named(rows, "at", "charge__appointment", "amount", "charge_id"):
        yield at, WAIVED, pk, "waived", "", amount, 0, -amount, 0, charge, *names


def _entries(provider: Provider, client: Client | None, period: Period, whole: str) -> QuerySet[LedgerEntry]:
    about = {f"{whole}__isnull": False} | _whose(provider, client, f"{whole}__appointment")
    return LedgerEntry.objects.filter(at__gte=period.since, at__lt=period.until, **about)


def _charge_entries(provider: Provider, client: Client | None, period: Period) -> Iterator[tuple[Any, ...]]:
    rows = _entries(provider, client, period, "charge")
    columns = ("amount", "source", "target", "reason", "charge_id", "paper")
    for at, pk, amount, source, target, reason, charge, paper, *names in _named(
        _with_papers(rows, "charge"), "at", "charge__appointment", *columns
    ):
        had = amount if source == "outside" else -amount if target == "outside" else 0
        what = what_of(source, target, reason)
        yield at, MOVED, pk, what, reason, amount, 0, 0, had, charge, *names, paper


def _deposit_entries(provider: Provider, client: Client | None, period: Period) -> Iterator[tuple[Any, ...]]:
    rows = _entries(provider, client, period, "deposit")
    columns = ("amount", "source", "target", "reason", "paper")
    for at, pk, amount, source, target, reason, paper, *names in _named(
        _with_papers(rows, "deposit"), "at", "deposit__appointment", *columns
    ):
        what = what_of(source, target, reason)
        ahead = 0 if what == "credit_used" else amount * ((target in AHEAD) - (source in AHEAD))
        yield at, MOVED, pk, what, reason, amount, ahead, 0, 0, 0, *names, paper


def _with_papers(rows: QuerySet[LedgerEntry], whole: str) -> QuerySet[LedgerEntry]:
    """With the number of the paper of each entry, looked up row by row as they are read. An entry is
    written together with its payment or refund: they have the whole, the instant and the amount in common."""

    def paper(kind: str, row: str, at: str, **more: Any) -> Subquery:
        same = {
            f"{row}__{whole}": OuterRef(f"{whole}_id"),
            f"{row}__{at}": OuterRef("at"),
            "amount": OuterRef("amount"),
        }
        return Subquery(Paper.objects.filter(kind=kind, **same, **more).order_by("pk").values("number")[:1])

    kinds = Paper.Kind
    found = Case(
        When(source="outside", then=paper(kinds.RECEIPT, "payment", "paid_at")),
        When(target="outside", then=paper(kinds.CREDIT_NOTE, "payment", "undone_at", refund=None)),
        When(
            target="refunded",
            then=paper(kinds.CREDIT_NOTE, "refund", "created_at", refund__source=OuterRef("source")),
        ),
        When(
            source="refunded",
            then=paper(kinds.CORRECTION, "refund", "settled_at", refund__source=OuterRef("target")),
        ),
    )
    return rows.annotate(paper=Coalesce(found, Value("")))


def what_of(source: str, target: str, reason: str) -> str:
    """What a ledger entry is called."""
    if source == "outside":
        return "credit_used" if reason == "carried_in" else "paid"
    if target == "outside":
        return "taken_back"
    if source == "refunded":
        return "refund_failed"
    if source == "disputed":
        return "dispute_over"
    by_target = {
        "refunded": "given_back",
        "applied": "applied",
        "forfeited": "kept",
        "carried": "carried",
        "disputed": "disputed",
    }
    return "kept_undone" if source == "forfeited" and target == "held" else by_target.get(target, "moved")
