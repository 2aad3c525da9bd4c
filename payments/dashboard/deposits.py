"""Deposits: all of them, and one with every movement of its money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import lifecycle
from booking.dashboard import paging, searching
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config import formats
from config.formats import short_moment
from payments.dashboard import owed, papers, words
from payments.dashboard.tabs import tabs
from payments.models import BUCKETS, Deposit, Refund

RETURNABLE = ("held", "forfeited", "applied")


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Deposits, those of the latest appointments first, by state or by name."""
    asked = {
        "q": request.GET.get("q", "").strip()[: searching.LONGEST],
        "state": request.GET.get("state", ""),
    }
    after = request.GET.get("after", "")
    found = paging.page(_found(desk, asked), by="appointment__starts_at", after=after, asked=asked)
    waits = desk.settlements.filter(state="waiting", deposit__in=found.rows).order_by("-due_at")
    waiting = dict(waits.values_list("deposit_id", "due_at"))
    failures = desk.refunds.filter(state="failed", deposit__in=found.rows).order_by()
    failed = set(failures.values_list("deposit_id", flat=True))
    context: dict[str, Any] = {
        "asked": asked,
        "states": [(state, str(name)) for state, name in _states()],
        "rows": [_row(desk, one, waiting.get(one.pk), one.pk in failed) for one in found.rows],
        "more": found.more,
        "narrowed": any(asked.values()),
    }
    return page(
        request, desk, "dashboard/money/deposits.html", section="money", tabs=tabs("desk_deposits"), **context
    )


def _states() -> list[tuple[str, str]]:
    return [
        ("held", _("Held")),
        ("waiting", _("Waiting to be settled")),
        ("refunded", _("Given back")),
        ("forfeited", _("Kept by you")),
        ("failed", _("A refund failed")),
    ]


def _found(desk: Desk, asked: dict[str, str]) -> Any:
    rows = desk.deposits.select_related("appointment__client", "appointment__service")
    if asked["state"] in ("held", "refunded", "forfeited"):
        rows = rows.filter(**{f"{asked['state']}__gt": 0})
    elif asked["state"] == "waiting":
        rows = rows.filter(pk__in=desk.settlements.filter(state="waiting").values("deposit"))
    elif asked["state"] == "failed":
        rows = rows.filter(pk__in=desk.refunds.filter(state="failed", charge=None).values("deposit"))
    if asked["q"]:
        rows = rows.filter(searching.theirs(desk, asked["q"], "appointment__client"))
    return rows


def _row(desk: Desk, deposit: Deposit, due_at: Any, failed: bool) -> dict[str, Any]:
    state, tone = words.state(deposit)
    return {
        "deposit": deposit,
        "state": state,
        "tone": tone,
        "day": formats.short_day(deposit.appointment.starts_at, desk.zone),
        "due": short_moment(due_at, desk.zone) if due_at else "",
        "failed": failed,
    }


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One deposit: its sums, its ledger, its payments and refunds."""
    deposit = found(desk, uid)
    return page(request, desk, "dashboard/money/deposit.html", section="money", **sheet(desk, deposit))


def found(desk: Desk, uid: UUID) -> Deposit:
    rows = desk.deposits.select_related("appointment__client", "appointment__service", "credit__deposit")
    deposit = get_object_or_404(rows, uid=uid)
    desk.known(deposit.appointment)
    return deposit


def returnable(deposit: Deposit) -> int:
    """What can still go back."""
    return sum(getattr(deposit, bucket) for bucket in RETURNABLE)


def sheet(desk: Desk, deposit: Deposit) -> dict[str, Any]:
    state, tone = words.state(deposit)
    waiting = desk.settlements.filter(deposit=deposit, state="waiting").order_by("due_at").first()
    return {
        "deposit": deposit,
        "appointment": deposit.appointment,
        "state": state,
        "tone": tone,
        "day": formats.day(deposit.appointment.starts_at, desk.zone),
        "sums": [
            (words.name(words.BUCKETS, bucket), getattr(deposit, bucket))
            for bucket in BUCKETS
            if getattr(deposit, bucket)
        ],
        "settles": _settles(desk, waiting),
        "ledger": [_entry(desk, one) for one in desk.entries.filter(deposit=deposit).select_related("user")],
        "refunds": [
            _refund(desk, one) for one in desk.refunds.filter(deposit=deposit).select_related("user")
        ],
        "payments": [
            owed.payment(desk, one)
            for one in desk.payments.filter(deposit=deposit).order_by("created_at", "pk")
        ],
        "papers": [
            papers.row(desk, one)
            for one in desk.papers.filter(payment__deposit=deposit).select_related("follows")
        ],
        "returnable": returnable(deposit),
        "unpaid": lifecycle.deposit_due(deposit),
    }


def _settles(desk: Desk, settlement: Any) -> str:
    if settlement is None:
        return ""
    return _("%(amount)s is settled on %(due)s. Until then an excuse on the appointment changes it.") % {
        "amount": formats.money(settlement.forfeit + settlement.fee, settlement.currency),
        "due": formats.moment(settlement.due_at, desk.zone),
    }


def _entry(desk: Desk, entry: Any) -> dict[str, Any]:
    return {
        "when": short_moment(entry.at, desk.zone),
        "source": words.name(words.BUCKETS, entry.source),
        "target": words.name(words.BUCKETS, entry.target),
        "amount": entry.amount,
        "reason": words.name(words.REASONS, entry.reason),
        "who": str(entry.user) if entry.user else "",
    }


def _refund(desk: Desk, refund: Refund) -> dict[str, Any]:
    return {
        "refund": refund,
        "state": words.name(words.REFUND_STATES, refund.state),
        "tone": words.REFUND_TONES[refund.state],
        "reason": refund.note or words.name(words.REASONS, refund.reason),
        "failure": words.failure(refund.failure),
        "when": short_moment(refund.settled_at or refund.created_at, desk.zone),
        "who": str(refund.user) if refund.user else "",
    }
