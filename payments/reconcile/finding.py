"""Finding: everything that differs, account by account, within a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from payments import accounts, gateways
from payments.gateways import GatewayRefused, GatewayUnavailable
from payments.models import ConnectedAccount, Dispute, Payment, Refund
from payments.reconcile import of_accounts, of_books, of_days, of_disputes, of_events, of_payments, of_refunds
from payments.reconcile.found import Found
from payments.reconcile.of_days import Totals
from payments.reconcile.there import There

STRIPE = "stripe"
# The gateway makes a thing up to a day after our own row: it is listed from this much earlier.
SLACK = timedelta(days=2)
NOTHING = timedelta(0)


def differences(
    *,
    at: datetime,
    since: datetime | None = None,
    settled: timedelta = NOTHING,
    totals: Totals | None = None,
) -> Iterator[Found]:
    """Every difference once, payments first. ``since`` looks at what was made from then on; what is younger
    than ``settled`` may still be under way and is left for the next time. ``totals`` is filled with what
    came in and went back by account. Asks the gateway: never inside a transaction. Where there is no Stripe, the
    books alone are looked at."""
    seen = set()
    for found in _all(at=at, since=since, settled=settled, totals={} if totals is None else totals):
        if found.key not in seen:
            seen.add(found.key)
            yield found


def _all(*, at: datetime, since: datetime | None, settled: timedelta, totals: Totals) -> Iterator[Found]:
    if gateways.current().name == STRIPE:
        yield from of_accounts.of_accounts()
        for account in of_accounts.can_be_asked():
            try:
                owner = accounts.named(account)
                for found in _of_account(account, at=at, since=since, settled=settled, totals=totals):
                    yield _on(account, owner, found)
            except (GatewayUnavailable, GatewayRefused) as away:
                if not account:
                    raise
                yield of_accounts.away(account, away)
        yield from of_events.failed(since=since)
    yield from of_books.of_books()


def _on(account: str, owner: ConnectedAccount | None, found: Found) -> Found:
    """With the account that it was found on. Where no payment says whose it is, its owner's."""
    if owner is None:
        return found
    if found.payment:
        return replace(found, account=account)
    named = found.facts | {"account": account}
    return replace(found, account=account, facts=named, provider=found.provider or owner.provider)


def _of_account(
    account: str, *, at: datetime, since: datetime | None, settled: timedelta, totals: Totals
) -> Iterator[Found]:
    early = since - SLACK if since else None
    there = There(gateways.named(STRIPE, account=account), account=account, since=early)
    payments = Payment.objects.filter(gateway=STRIPE, account=account)
    refunds = Refund.objects.filter(payment__gateway=STRIPE, payment__account=account)
    disputes = Dispute.objects.filter(payment__gateway=STRIPE, payment__account=account)
    made = Q(created_at__lte=at - settled) & (Q(created_at__gte=since) if since else Q())
    lately = Q(created_at__gte=early) if early else Q()
    everything = [
        _cut(there),
        of_payments.of_payments(payments.filter(made), there),
        of_payments.unknown(there),
        of_refunds.of_refunds(refunds.filter(made), there, at=at),
        of_refunds.unknown(there),
        of_disputes.of_disputes(disputes.filter(_open_or_since(since)), there),
        of_disputes.unknown(there),
        of_events.undelivered(there),
        of_days.of_days(
            payments.filter(lately | (Q(paid_at__gte=early) if early else Q())),
            refunds.filter(lately | (Q(settled_at__gte=early) if early else Q())),
            there,
            first=(since + timedelta(days=1)).date() if since else None,
            last=(at - timedelta(days=1)).date() if settled else at.date(),
            totals=totals,
        ),
    ]
    for some in everything:
        for found in some:
            # What the gateway made a moment ago is on its way to us.
            if found.about_at is None or found.about_at <= at - settled:
                yield found


def _cut(there: There) -> Iterator[Found]:
    """What was too much to be read whole: said, lest what was not read passes for what is not there."""
    for kind in there.cut:
        name = f"list {kind}" + (f" {there.account}" if there.account else "")
        yield Found("list_cut", name, {"what": kind})


def _open_or_since(since: datetime | None) -> Q:
    """A dispute goes on for months: one that is open is looked at however old it is."""
    return ~Q(state__in=Dispute.OVER) | Q(opened_at__gte=since) if since else Q()
