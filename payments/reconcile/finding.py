"""Finding: everything that differs, account by account, within a window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from payments import gateways
from payments.gateways import GatewayRefused, GatewayUnavailable
from payments.models import Dispute, Payment, Refund
from payments.reconcile import of_accounts, of_books, of_days, of_disputes, of_events, of_payments, of_refunds
from payments.reconcile.found import Found
from payments.reconcile.there import There

STRIPE = "stripe"
# The gateway makes a thing up to a day after our own row: it is listed from this much earlier.
SLACK = timedelta(days=2)
NOTHING = timedelta(0)


def differences(
    *, at: datetime, since: datetime | None = None, settled: timedelta = NOTHING
) -> Iterator[Found]:
    """Every difference once, payments first. ``since`` looks at what was made from then on; what is younger
    than ``settled`` may still be under way and is left for the next time. Asks the gateway: never inside a
    transaction. Where there is no Stripe, the books alone are looked at."""
    seen = set()
    for found in _all(at=at, since=since, settled=settled):
        if found.key not in seen:
            seen.add(found.key)
            yield found


def _all(*, at: datetime, since: datetime | None, settled: timedelta) -> Iterator[Found]:
    if gateways.current().name == STRIPE:
        yield from of_accounts.of_accounts()
        for account in of_accounts.can_be_asked():
            try:
                yield from _of_account(account, at=at, since=since, settled=settled)
            except (GatewayUnavailable, GatewayRefused) as away:
                if not account:
                    raise
                yield of_accounts.away(account, away)
        yield from of_events.failed(since=since)
    yield from of_books.of_books()


def _of_account(account: str, *, at: datetime, since: datetime | None, settled: timedelta) -> Iterator[Found]:
    early = since - SLACK if since else None
    there = There(gateways.named(STRIPE, account=account), account=account, since=early)
    payments = Payment.objects.filter(gateway=STRIPE, account=account)
    refunds = Refund.objects.filter(payment__gateway=STRIPE, payment__account=account)
    disputes = Dispute.objects.filter(payment__gateway=STRIPE, payment__account=account)
    made = Q(created_at__lte=at - settled) & (Q(created_at__gte=since) if since else Q())
    lately = Q(created_at__gte=early) if early else Q()
    everything = [
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
        ),
    ]
    for some in everything:
        for found in some:
            # What the gateway made a moment ago is on its way to us.
            if found.about_at is None or found.about_at <= at - settled:
                yield found


def _open_or_since(since: datetime | None) -> Q:
    """A dispute goes on for months: one that is open is looked at however old it is."""
    return ~Q(state__in=Dispute.OVER) | Q(opened_at__gte=since) if since else Q()
