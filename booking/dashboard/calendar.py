"""The calendar: a list that does everything without JavaScript, and a grid beside it that is fed JSON.

The grid shows wall-clock times as they are sent, so it is sent the provider's own (`feed`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.dashboard.access import Desk, at_desk, page
from booking.dashboard.agenda import by_day, entries
from booking.dashboard.times import day_in, local_day, span
from booking.models.appointment import TAKING_TIME
from booking.texts import text_in
from config import formats
from config.formats import short_moment

VIEWS = ("day", "week", "month", "list")
LIST_DAYS = 28
LONGEST = timedelta(days=62)
EVENING, MORNING = 18 * 60, 8 * 60


@dataclass(frozen=True)
class Range:
    """What is shown: ``days`` from ``first`` on, the days that the arrows lead to, and its name."""

    view: str
    first: date
    days: int
    back: date
    on: date
    name: str


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    today = local_day(desk.at, desk.zone)
    view = request.GET.get("view", "")
    shown = range_of(view if view in VIEWS else "week", day_in(request.GET.get("date", "")) or today)
    first, last = span(shown.first, shown.days, desk.zone)
    found = desk.appointments.between(first, last).filter(status__in=TAKING_TIME).order_by("starts_at", "pk")
    opens, closes = _open_hours(desk)
    context: dict[str, Any] = {
        "shown": shown,
        "views": [
            {"name": name, "words": words, "url": address(name, shown.first), "current": name == shown.view}
            for name, words in _view_names()
        ],
        "back_url": address(shown.view, shown.back),
        "on_url": address(shown.view, shown.on),
        "today_url": address(shown.view, today),
        "days": by_day(desk, entries(desk, found)),
        "proposed": _proposed(desk, first, last),
        "zone_words": formats.zone_label(desk.zone, first),
        "offset": _offset(desk),
        "opens": opens,
        "closes": closes,
    }
    return page(request, desk, "dashboard/calendar.html", section="calendar", **context)


def _view_names() -> list[tuple[str, str]]:
    return [("day", _("Day")), ("week", _("Week")), ("month", _("Month")), ("list", _("List"))]


def address(view: str, on: date) -> str:
    return f"{reverse('desk_calendar')}?{urlencode({'view': view, 'date': on.isoformat()})}"


def range_of(view: str, day: date) -> Range:
    """The day itself, its week from Monday, its month, or four weeks from it."""
    if view == "day":
        return Range(view, day, 1, day - timedelta(days=1), day + timedelta(days=1), formats.day(day))
    if view == "month":
        first = day.replace(day=1)
        on = (first + timedelta(days=32)).replace(day=1)
        back = (first - timedelta(days=1)).replace(day=1)
        return Range(view, first, (on - first).days, back, on, formats.month(day))
    first = day - timedelta(days=day.weekday()) if view == "week" else day
    days = 7 if view == "week" else LIST_DAYS
    step, end = timedelta(days=days), first + timedelta(days=days - 1)
    name = _("%(first)s to %(last)s") % {"first": formats.short_day(first), "last": formats.short_day(end)}
    return Range(view, first, days, first - step, first + step, name)


def _open_hours(desk: Desk) -> tuple[str, str]:
    """What the grid shows of a day: the open hours and an hour around them."""
    minutes = list(desk.hours.values_list("opens_minute", "closes_minute"))
    opens = min([MORNING, *(one[0] for one in minutes)]) - 60
    closes = max([EVENING, *(one[1] for one in minutes)]) + 60
    return _clock(max(opens, 0)), _clock(min(closes, 1440))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _offset(desk: Desk) -> str:
    """How far the provider's clocks are from UTC now, so that the line of now is right anywhere."""
    text = desk.at.astimezone(ZoneInfo(desk.zone)).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


@require_safe
@at_desk()
def feed(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What the grid shows, between ``start`` and ``end``, in the provider's local times without a zone."""
    start, end = _local(request.GET.get("start", ""), desk), _local(request.GET.get("end", ""), desk)
    if start is None or end is None or not start < end <= start + LONGEST:
        return HttpResponse(b"[]", content_type="application/json", status=400)
    found = (
        desk.appointments.between(start - timedelta(days=1), end)
        .filter(status__in=TAKING_TIME, ends_at__gt=start)
        .order_by("starts_at", "pk")
        .values("uid", "starts_at", "ends_at", "status", "mode", "client__name", "service__name")
    )
    zone = ZoneInfo(desk.zone)
    events = [_event(one, zone, fallback=desk.provider.language) for one in found]
    events += [_held(one, zone) for one in _held_times(desk, start, end)]
    return HttpResponse(orjson.dumps(events), content_type="application/json")


def _event(row: Mapping[str, Any], zone: ZoneInfo, *, fallback: str) -> dict[str, Any]:
    return {
        "id": str(row["uid"]),
        "start": _naive(row["starts_at"], zone),
        "end": _naive(row["ends_at"], zone),
        "title": row["client__name"],
        "classNames": [f"state-{row['status']}"],
        "extendedProps": {
            "service": text_in(row["service__name"], fallback=fallback),
            "url": reverse("desk_appointment", args=[row["uid"]]),
        },
    }


def _held_times(desk: Desk, first: datetime, last: datetime) -> Any:
    """The times that are proposed and wait for an answer."""
    held = desk.proposed_times.filter(start_at__gte=first, start_at__lt=last)
    return held.select_related("proposal__appointment__client", "proposal__appointment__service").order_by(
        "start_at", "pk"
    )


def _proposed(desk: Desk, first: datetime, last: datetime) -> list[dict[str, Any]]:
    return [
        {
            "appointment": one.proposal.appointment,
            "when": short_moment(one.start_at, desk.zone),
            "until": short_moment(one.proposal.expires_at, desk.zone),
        }
        for one in _held_times(desk, first, last)
    ]


def _held(one: Any, zone: ZoneInfo) -> dict[str, Any]:
    appointment = one.proposal.appointment
    return {
        "id": f"proposed-{one.pk}",
        "start": _naive(one.start_at, zone),
        "end": _naive(one.start_at + timedelta(minutes=appointment.service.duration_minutes), zone),
        "title": appointment.client.name,
        "classNames": ["state-proposed"],
        "extendedProps": {
            "service": _("proposed, waits for an answer"),
            "url": reverse("desk_appointment", args=[appointment.uid]),
        },
    }


def _naive(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def _local(text: str, desk: Desk) -> datetime | None:
    """An instant of the feed's question: without a zone it is on the provider's clocks."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if not 2000 < found.year < 2200:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(desk.zone))).astimezone(UTC)
