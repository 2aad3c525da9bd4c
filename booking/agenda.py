"""What stands in a provider's book: open hours, taken time and limits, as `booking.slots` takes them.

Hours, overrides and taken time between two instants cost two queries, however busy the provider is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast

from booking import slots as rules
from booking.limits import Booked, Limits, Most
from booking.models import (
    Appointment,
    BusyElsewhere,
    BusyTime,
    Move,
    Override,
    Provider,
    Service,
    WeeklyHours,
)
from booking.models.taken import BusyTimeQuerySet

WEEK = timedelta(days=8)  # a local week reaches no further from any instant in it
_WAITING = Move.objects.filter(appointment=OuterRef("appointment"), state="waiting")
_BEGINS = Case(
    When(kind="move", then=Subquery(_WAITING.values("to_start_at")[:1])),
    default=F("appointment__starts_at"),
)


def offer_of(service: Service) -> rules.Offer:
    return rules.Offer(
        duration=service.duration_minutes,
        slot_interval=service.slot_interval_minutes,
        buffer_before=service.buffer_before_minutes,
        buffer_after=service.buffer_after_minutes,
        min_notice_minutes=service.min_notice_minutes,
        horizon_days=service.horizon_days,
        modes=tuple(service.modes),
    )


def between(
    *,
    provider: Provider,
    since: datetime,
    until: datetime,
    at: datetime,
    without: Appointment | None = None,
    service: Service | None = None,
) -> rules.Agenda:
    """Hours, overrides and taken time between two instants; a third query where the provider set limits, which then
    hold for the booking of ``service``. ``without`` leaves out the time that one appointment takes, for its own move."""
    weekly, special = schedule(provider, since.date() - timedelta(days=3), until.date() + timedelta(days=3))
    other = BusyElsewhere.objects.filter(provider=provider).overlapping(since, until)
    span = ("blocked_from", "blocked_until")
    mine = taken(provider, since, until, at=at, without=without).order_by().values_list(*span)
    rows = mine.union(other.order_by().values_list(*span), all=True)
    return rules.Agenda(
        hours=rules.Hours(tuple(weekly)),
        overrides=tuple(special),
        zone=provider.timezone,
        busy=[rules.covering(start, end) for start, end in rows.order_by("blocked_from")],
        limits=limits(provider, service, since=since, until=until, at=at, without=without),
    )


def taken(
    provider: Provider, since: datetime, until: datetime, *, at: datetime, without: Appointment | None = None
) -> BusyTimeQuerySet:
    """What takes any time of the provider's between two instants, but ``without``."""
    rows = BusyTime.objects.filter(provider=provider).standing(at=at).overlapping(since, until)
    return rows if without is None else rows.exclude(appointment=without)


def schedule(
    provider: Provider, first: date, last: date
) -> tuple[list[tuple[int, int, int]], list[rules.Override]]:
    """The weekly hours, and the overrides from ``first`` to ``last``, in one query."""
    columns = ("day", "opens_minute", "closes_minute")
    weekly = WeeklyHours.objects.filter(provider=provider).annotate(
        day=Cast(F("weekday"), CharField()), on_date=Value(0)
    )
    special = Override.objects.filter(provider=provider, on__range=(first, last)).annotate(
        day=Cast(F("on"), CharField()), on_date=Value(1)
    )
    hours: list[tuple[int, int, int]] = []
    overrides: list[rules.Override] = []
    rows = (
        weekly.order_by()
        .values_list("on_date", *columns)
        .union(special.order_by().values_list("on_date", *columns), all=True)
    )
    for on_date, day, opens, closes in rows:
        if on_date:
            periods = () if opens is None else ((opens, closes),)
            overrides.append(rules.Override(on=date.fromisoformat(day), periods=periods))
        else:
            hours.append((int(day), opens, closes))
    return hours, overrides


def limits(
    provider: Provider,
    service: Service | None,
    *,
    since: datetime,
    until: datetime,
    at: datetime,
    without: Appointment | None = None,
) -> Limits | None:
    """What binds the booking of a service between two instants; None, and no query, where nothing does."""
    if service is None or not (provider.limits or service.limits):
        return None
    rows = taken(provider, since - WEEK, until + WEEK, at=at, without=without)
    return limits_for(provider, service, _booked(rows.filter(appointment__isnull=False)))


def limits_for(provider: Provider, service: Service, booked: Sequence[Booked]) -> Limits:
    said, own = provider.limits, service.limits
    return Limits(
        zone=provider.timezone,
        service=service.pk,
        of_all=Most(said.get("per_day"), said.get("per_week")),
        of_service=Most(own.get("per_day"), own.get("per_week")),
        travel_minutes=said.get("travel_minutes", 0),
        booked=booked,
    )


def _booked(rows: BusyTimeQuerySet) -> list[Booked]:
    """The appointments that take this time, each at the start that it has or waits for."""
    columns = ("kind", "blocked_from", "blocked_until", "appointment", "appointment__service")
    return [
        Booked(
            id=appointment,
            start=rules.epoch(begins or since),
            span=rules.covering(since, until),
            service=service,
            mode=mode,
            counts=kind != "proposal",
        )
        for begins, mode, kind, since, until, appointment, service in rows.annotate(
            begins=_BEGINS
        ).values_list("begins", "appointment__mode", *columns)
    ]
