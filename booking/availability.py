"""When a provider can be booked: the rules of `booking.slots` over what the database holds.

The month of a provider costs two queries here (schedule, taken time), however busy it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

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
from config import as_json
from config.refusal import Refusal
from policies.rules.wishes import Wishes

LONGEST_RANGE_DAYS = 62
OFFERED = 3
OFFER_DAYS = 28
WEEK = timedelta(days=8)  # a local week reaches no further from any instant in it


class NotBookable(Refusal):
    """The start (or the mode) that was asked for is not one that can be booked."""

    code = "invalid"
    status = 400


class SlotTaken(Refusal):
    """Somebody else has the time. ``alternatives`` are up to three other starts."""

    code = "slot_taken"
    status = 409


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


def agenda(
    *,
    provider: Provider,
    since: datetime,
    until: datetime,
    at: datetime,
    without: Appointment | None = None,
    service: Service | None = None,
) -> rules.Agenda:
    """Hours, overrides and taken time of a provider between two instants, in two queries; in three where the
    provider set limits, which then hold for the booking of ``service``.
    ``without`` leaves out the time that one appointment takes, for its own move."""
    weekly, special = schedule(provider, since.date() - timedelta(days=3), until.date() + timedelta(days=3))
    taken = BusyTime.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        provider=provider,
        blocked_until__gt=since,
        blocked_from__lt=until,
    )
    if without is not None:
        taken = taken.exclude(appointment=without)
    other = BusyElsewhere.objects.filter(provider=provider, blocked_until__gt=since, blocked_from__lt=until)
    span = ("blocked_from", "blocked_until")
    rows = taken.order_by().values_list(*span).union(other.order_by().values_list(*span), all=True)
    return rules.Agenda(
        hours=rules.Hours(tuple(weekly)),
        overrides=tuple(special),
        zone=provider.timezone,
        busy=[rules.covering(start, end) for start, end in rows.order_by("blocked_from")],
        limits=limits(provider, service, since=since, until=until, at=at, without=without),
    )


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
    taken = BusyTime.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        provider=provider,
        appointment__isnull=False,
        blocked_until__gt=since - WEEK,
        blocked_from__lt=until + WEEK,
    )
    if without is not None:
        taken = taken.exclude(appointment=without)
    waiting = Move.objects.filter(appointment=OuterRef("appointment"), state="waiting")
    begins = Case(
        When(kind="move", then=Subquery(waiting.values("to_start_at")[:1])),
        default=F("appointment__starts_at"),
    )
    columns = ("kind", "blocked_from", "blocked_until", "appointment", "appointment__service")
    rows = taken.annotate(begins=begins).values_list("begins", "appointment__mode", *columns)
    booked = [
        Booked(
            id=appointment,
            start=rules.epoch(begins or since),
            span=rules.covering(since, until),
            service=kept,
            mode=mode,
            counts=kind != "proposal",
        )
        for begins, mode, kind, since, until, appointment, kept in rows
    ]
    return limits_for(provider, service, booked)


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


def slots(
    *,
    provider: Provider,
    service: Service,
    first: date,
    last: date,
    at: datetime,
    zone: str = "",
    mode: str | None = None,
) -> dict[str, list[str]]:
    """The free starts by local date of ``zone`` (the provider's when empty), days in between left out."""
    offer = offer_of(service)
    since, until = rules.reach(offer, tz=zone or provider.timezone, first=first, last=last)
    found = agenda(provider=provider, since=since, until=until, at=at, service=service)
    return rules.month(offer, found, first=first, last=last, tz=zone, mode=mode, at=at)


def check_start(
    *,
    provider: Provider,
    service: Service,
    start: datetime,
    mode: str,
    at: datetime,
    moving: Appointment | None = None,
    wishes: Wishes | None = None,
) -> None:
    """Refuse what could not be clicked: `past`, `too_soon`, `too_far`, `not_open`, `off_grid` as
    ``errors.start`` of a `NotBookable`, an unknown mode likewise, and `SlotTaken`."""
    if mode not in service.modes:
        choices = ", ".join(service.modes)
        detail = _("This service is offered as: %(modes)s.") % {"modes": choices}
        raise NotBookable(detail, errors={"mode": [detail]})
    offer = offer_of(service)
    span = timedelta(minutes=2 * offer.duration + offer.buffer_before + offer.buffer_after)
    found = agenda(
        provider=provider, since=start - span, until=start + span, at=at, without=moving, service=service
    )
    no = rules.why_not(start, offer, found, at=at, mode=mode)
    if no == "taken":
        raise taken(service=service, start=start, at=at, mode=mode, moving=moving, wishes=wishes)
    if no:
        raise NotBookable(why(no), errors={"start": [no]})


def why(code: str) -> str:
    """The sentence for a start that cannot be booked."""
    return {
        "past": _("This time has passed."),
        "too_soon": _("This time is too soon to be booked."),
        "too_far": _("This time is too far ahead to be booked yet."),
        "off_grid": _("Appointments do not start at this minute."),
        "not_open": _("This time is outside the opening hours."),
    }[code]


def taken(
    *,
    service: Service,
    start: datetime,
    at: datetime,
    mode: str | None = None,
    moving: Appointment | None = None,
    wishes: Wishes | None = None,
) -> SlotTaken:
    """The refusal for a slot that is gone, with three others near it, those that suit first."""
    others = near(service=service, start=start, at=at, mode=mode, without=moving, wishes=wishes)
    return SlotTaken(
        _("Somebody was faster: this time has just been taken."),
        alternatives=as_json.instants(others),
    )


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
    found = free(service=service, around=start, at=at, mode=mode, without=without)
    chosen: list[int] = []
    for group in by_wish(found, wishes):
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
    found = free(service=service, around=near, at=at, mode=mode)
    wanted = rules.epoch(near)
    found = [start for start in found if start != wanted]
    if before is not None:
        found = [start for start in found if start < rules.epoch(before)] or found
    chosen: list[int] = []
    for group in by_wish(found, wishes):
        chosen += spread(group, wanted, count - len(chosen))
    return [rules.moment(start) for start in sorted(chosen)]


def by_wish(starts: list[int], wishes: Wishes | None) -> list[list[int]]:
    """The starts in groups, those that suit best first; one group where nothing was wished."""
    if not wishes:
        return [starts]
    groups: list[list[int]] = [[], [], []]
    for start in starts:
        groups[wishes.miss(rules.moment(start))].append(start)
    return groups


def spread(starts: list[int], wanted: int, count: int) -> list[int]:
    """Up to ``count`` of them, on different days as far as there are enough."""
    chosen = days_apart(starts, wanted)[:count]
    rest = sorted((s for s in starts if s not in chosen), key=lambda s: abs(s - wanted))
    return [*chosen, *rest[: count - len(chosen)]]


def days_apart(starts: list[int], wanted: int) -> list[int]:
    """One start of each whole day's distance from ``wanted``, the nearest days first."""
    half = rules.DAY // 2
    by_distance = groupby(starts, key=lambda start: (start - wanted + half) // rules.DAY)
    best = [
        min(group, key=lambda start: abs((start - wanted + half) % rules.DAY - half))
        for _distance, group in by_distance
    ]
    return sorted(best, key=lambda start: abs(start - wanted))


def free(
    *,
    service: Service,
    around: datetime,
    at: datetime,
    mode: str | None = None,
    without: Appointment | None = None,
) -> list[int]:
    """The free starts of some weeks around an instant, or where there are none up to the horizon."""
    offer = offer_of(service)
    horizon = at + timedelta(days=service.horizon_days + 1)
    middle = min(max(around, at), horizon)
    days = timedelta(days=OFFER_DAYS)
    for since, until in ((max(at, middle - days), min(horizon, middle + days)), (at, horizon)):
        found = agenda(
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
    offers = {service: offer_of(service) for service in services}
    if not offers:
        return None
    until = at + timedelta(days=max(offer.horizon_days for offer in offers.values()) + 1)
    days = timedelta(days=2)
    any_of_them = next((one for one in offers if one.limits), next(iter(offers)))
    found = agenda(provider=provider, since=at - days, until=until + days, at=at, service=any_of_them)
    firsts = []
    for n, (service, offer) in enumerate(offers.items()):
        if found.limits is not None:
            found = replace(found, limits=limits_for(provider, service, found.limits.booked))
        if starts := rules.starts(offer, found, since=at, until=until, at=at):
            firsts.append((starts[0], n, service))
    first = min(firsts, default=None)
    return (first[2], rules.moment(first[0])) if first else None


def is_free(*, appointment: Appointment, at: datetime) -> bool:
    """Whether the time of an appointment that lost its hold is still to be had (rule 11)."""
    taken = BusyTime.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        provider_id=appointment.provider_id,
        blocked_until__gt=appointment.blocked_from,
        blocked_from__lt=appointment.blocked_until,
    )
    other = BusyElsewhere.objects.filter(
        provider_id=appointment.provider_id,
        blocked_until__gt=appointment.blocked_from,
        blocked_from__lt=appointment.blocked_until,
    )
    free = not taken.exclude(appointment=appointment).exists() and not other.exists()
    return appointment.starts_at > at and free and has_room(appointment=appointment, at=at)


def has_room(*, appointment: Appointment, at: datetime, mode: str = "", travel_alone: bool = False) -> bool:
    """Whether the provider's limits leave room for it at its time, in ``mode`` or as it is; no query without
    limits. ``travel_alone``: it stands already, and how many there are is not asked."""
    found = limits(
        appointment.provider,
        appointment.service,
        since=appointment.blocked_from,
        until=appointment.blocked_until,
        at=at,
        without=appointment,
    )
    if found is None:
        return True
    own = rules.covering(appointment.blocked_from, appointment.blocked_until)
    taken = found.with_travel((), mode or appointment.mode)
    apart = all(until <= own[0] or own[1] <= since for since, until in taken)
    return apart and (travel_alone or bool(found.within([rules.epoch(appointment.starts_at)])))
