"""Free starts to choose from: near one that is gone, to propose after a cancel, the soonest of all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from booking import agenda
from booking import slots as rules
from booking.models import Appointment, Provider, Service
from policies.rules.wishes import Wishes

OFFERED = 3
OFFER_DAYS = 28


def near(
    *,
    service: Service,
    start: datetime,
    at: datetime,
    mode: str | None = None,
    without: Appointment | None = None,
    wishes: Wishes | None = None,
    count: int = OFFERED,
) -> list[datetime]:
    """Up to ``count`` free starts nearest to ``start``, in order; where the client said what suits, those
    that do first, then those that suit half (A10)."""
    found = of(service=service, around=start, at=at, mode=mode, without=without)
    chosen: list[int] = []
    for group in _by_wish(found, wishes):
        chosen += rules.nearest(group, rules.epoch(start), count - len(chosen))
    return [rules.moment(one) for one in sorted(chosen)]


def offers(
    *,
    service: Service,
    near: datetime,
    at: datetime,
    mode: str | None = None,
    before: datetime | None = None,
    wishes: Wishes | None = None,
    count: int = OFFERED,
) -> list[datetime]:
    """Up to ``count`` concrete times to propose (A5): those that suit the client's ``wishes`` first, then
    those that suit half, then the others (A10). On different days close to ``near`` and at about the same
    time of day, more on the same days when there are not enough days; none at or after ``before`` (the end of
    a credit) as long as earlier ones exist."""
    found = of(service=service, around=near, at=at, mode=mode)
    wanted = rules.epoch(near)
    found = [start for start in found if start != wanted]
    if before is not None:
        found = [start for start in found if start < rules.epoch(before)] or found
    chosen: list[int] = []
    for group in _by_wish(found, wishes):
        chosen += _spread(group, wanted, count - len(chosen))
    return [rules.moment(start) for start in sorted(chosen)]


def _by_wish(starts: list[int], wishes: Wishes | None) -> list[list[int]]:
    """The starts in groups, those that suit best first; one group where nothing was wished."""
    if not wishes:
        return [starts]
    groups: list[list[int]] = [[], [], []]
    for start in starts:
        groups[wishes.miss(rules.moment(start))].append(start)
    return groups


def _spread(starts: list[int], wanted: int, count: int) -> list[int]:
    """Up to ``count`` of them, on different days as far as there are enough."""
    chosen = _days_apart(starts, wanted)[:count]
    rest = sorted((s for s in starts if s not in chosen), key=lambda s: abs(s - wanted))
    return [*chosen, *rest[: count - len(chosen)]]


def _days_apart(starts: list[int], wanted: int) -> list[int]:
    """One start of each whole day's distance from ``wanted``, the nearest days first."""
    half = rules.DAY // 2
    by_distance = groupby(starts, key=lambda start: (start - wanted + half) // rules.DAY)
    best = [
        min(group, key=lambda start: abs((start - wanted + half) % rules.DAY - half))
        for _distance, group in by_distance
    ]
    return sorted(best, key=lambda start: abs(start - wanted))


def of(
    *,
    service: Service,
    around: datetime,
    at: datetime,
    mode: str | None = None,
    without: Appointment | None = None,
) -> list[int]:
    """The free starts of some weeks around an instant, or where there are none up to the horizon."""
    offer = agenda.offer_of(service)
    horizon = at + timedelta(days=service.horizon_days + 1)
    middle = min(max(around, at), horizon)
    days = timedelta(days=OFFER_DAYS)
    for since, until in ((max(at, middle - days), min(horizon, middle + days)), (at, horizon)):
        found = agenda.between(
            provider=service.provider,
            since=since,
            until=until + days,
            at=at,
            without=without,
            service=service,
        )
        starts = rules.starts(offer, found, since=since, until=until, at=at, mode=mode)
        if starts:
            return starts
    return []


def soonest(
    *, provider: Provider, services: Iterable[Service], at: datetime
) -> tuple[Service, datetime] | None:
    """The next start that can be booked at all, and of which of ``services``; in as many queries for
    one as for all of them."""
    offers = {service: agenda.offer_of(service) for service in services}
    if not offers:
        return None
    until = at + timedelta(days=max(offer.horizon_days for offer in offers.values()) + 1)
    days = timedelta(days=2)
    any_of_them = next((one for one in offers if one.limits), next(iter(offers)))
    found = agenda.between(provider=provider, since=at - days, until=until + days, at=at, service=any_of_them)
    firsts = []
    for n, (service, offer) in enumerate(offers.items()):
        if found.limits is not None:
            found = replace(found, limits=agenda.limits_for(provider, service, found.limits.booked))
        if starts := rules.starts(offer, found, since=at, until=until, at=at):
            firsts.append((starts[0], n, service))
    first = min(firsts, default=None)
    return (first[2], rules.moment(first[0])) if first else None
