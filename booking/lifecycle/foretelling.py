"""The day's list: what will be settled is told to the provider before it happens (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from booking.models import Provider
from config import as_json
from payments.models import Settlement
from reminders import plan

KIND = "settlements_ahead"
TOLD_AT = time(8)
LOOKS_AHEAD = timedelta(hours=50)  # a local day and its morning, whatever the clocks do
MOST = 30  # lines of one letter; the page has them all


def tell_settlements_ahead(*, at: datetime) -> int:
    """Sweep: from 08:00 on the provider's clock, one message a day with what falls due before 08:00 of
    the next. Nothing is due, nothing is sent. Returns how many providers were told."""
    waiting = Settlement.objects.filter(
        state=Settlement.State.WAITING, due_at__gt=at, due_at__lt=at + LOOKS_AHEAD
    )
    rows = waiting.select_related("appointment__client", "provider").order_by("provider_id", "due_at", "pk")
    told = 0
    for _pk, found in groupby(rows.iterator(), key=attrgetter("provider_id")):
        settlements = list(found)
        told += _tell(settlements[0].provider, settlements, at=at)
    return told


def _tell(provider: Provider, settlements: list[Settlement], *, at: datetime) -> bool:
    day = at.astimezone(ZoneInfo(provider.timezone)).date()
    if at < _morning(day, provider):
        return False
    until = _morning(day + timedelta(days=1), provider)
    due = [one for one in settlements if one.due_at < until]
    if not due or provider.messages.filter(kind=KIND, about=day.isoformat()).exists():
        return False
    facts = {"rows": list(_lines(due[:MOST])), "count": len(due), "totals": _totals(due)}
    plan.announce(provider=provider, kind=KIND, about=day.isoformat(), facts=facts, at=at)
    return True


def _morning(day: date, provider: Provider) -> datetime:
    return datetime.combine(day, TOLD_AT, ZoneInfo(provider.timezone)).astimezone(UTC)


def _lines(due: list[Settlement]) -> Iterator[dict[str, Any]]:
    for one in due:
        yield {
            "appointment": str(one.appointment.uid),
            "name": one.appointment.client.name,
            "cause": one.cause,
            "amount": as_json.money(one.forfeit + one.fee, one.currency),
            "due_at": as_json.instant(one.due_at),
            "explained": _waits_for_answer(one),
        }


def _waits_for_answer(settlement: Settlement) -> bool:
    appointment = settlement.appointment
    return bool(appointment.explained_at and not appointment.explanation_decided_at)


def _totals(due: list[Settlement]) -> list[dict[str, Any]]:
    """By currency, for a provider may have changed it."""
    sums: dict[str, int] = {}
    for one in due:
        sums[one.currency] = sums.get(one.currency, 0) + one.forfeit + one.fee
    return [as_json.money(amount, currency) for currency, amount in sorted(sums.items())]
