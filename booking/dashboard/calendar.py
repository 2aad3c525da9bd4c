"""The calendar: a list that does everything without JavaScript, and a grid beside it that is fed JSON
(`calendar_feed`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.dashboard import calendar_feed
from booking.dashboard.access import at_desk, page
from booking.dashboard.agenda import Entry, entries
from booking.dashboard.desk import Desk, SideBySide
from booking.dashboard.times import day_in, local_day, span, start_of
from booking.models.appointment import TAKING_TIME
from booking.texts import text_in
from config import formats

VIEWS = ("day", "week", "month", "list")
LIST_DAYS = 28
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


@dataclass(frozen=True)
class Block:
    """Time that is taken by something else than an appointment; ``url`` opens it, ``end`` is empty where it ends
    on another day, which ``words`` then say."""

    starts_at: datetime
    kind: str
    start: str
    end: str
    title: str
    words: list[str]
    url: str


@dataclass(frozen=True)
class Day:
    """One day of the list, with what is on it in order, and where its buttons lead."""

    on: date
    words: str
    is_today: bool
    is_past: bool
    lines: list[Entry | Block]
    book_url: str
    free_url: str


@dataclass(frozen=True)
class Column:
    """Another desk of the same user on the day that is shown: to read, and to sit down at."""

    desk: Desk
    lines: list[tuple[str, str, str]]


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    today = local_day(desk.at, desk.zone)
    view = request.GET.get("view", "")
    shown = range_of(view if view in VIEWS else "week", day_in(request.GET.get("date", "")) or today)
    opens, closes = _open_hours(desk)
    columns = shown.view == "day" and bool(desk.beside)
    context: dict[str, Any] = {
        "shown": shown,
        "views": [
            {"name": name, "words": words, "url": address(name, shown.first), "current": name == shown.view}
            for name, words in _view_names()
        ],
        "back_url": address(shown.view, shown.back),
        "on_url": address(shown.view, shown.on),
        "today_url": address(shown.view, today),
        "days": listed(desk, shown),
        "feed": calendar_feed.address(
            *grid_span(shown, desk.zone), desk.zone, columns=columns, plain=view == "month"
        ),
        "columns": _columns(desk, shown) if columns else [],
        "desks": calendar_feed.shown_desks(desk) if columns else [],
        "states": _states(),
        "zone_words": formats.zone_label(desk.zone, start_of(shown.first, desk.zone)),
        "offset": _offset(desk),
        "opens": opens,
        "closes": closes,
        "may_act": "act" in desk.rights,
    }
    return page(request, desk, "dashboard/calendar.html", section="calendar", **context)


def grid_span(shown: Range, zone: str) -> tuple[datetime, datetime]:
    """The instants that the grid shows: a month with the days of its first and last week."""
    if shown.view != "month":
        return span(shown.first, shown.days, zone)
    before = shown.first.weekday()
    return span(shown.first - timedelta(days=before), -(-(before + shown.days) // 7) * 7, zone)


def _states() -> list[tuple[str, str]]:
    """The legend, in the order of an appointment's life."""
    return [
        ("state-requested", _("Asked for")),
        ("state-held", _("Waits for the deposit")),
        ("state-confirmed", _("Confirmed")),
        ("state-completed", _("Kept")),
        ("state-no_show", _("Missed")),
        ("state-proposed", _("Proposed, kept for the client")),
        ("is-off", _("Time off")),
        ("is-elsewhere", _("Busy elsewhere")),
        ("buffer", _("Before and after")),
    ]


def listed(desk: Desk, shown: Range) -> list[Day]:
    """The days with what is on them: all of a day or a week, of more only those with something."""
    first, last = span(shown.first, shown.days, desk.zone)
    found = desk.appointments.between(first, last).filter(status__in=TAKING_TIME).order_by("starts_at", "pk")
    days: dict[date, list[Entry | Block]] = {}
    if shown.days <= 7:
        days = {shown.first + timedelta(days=n): [] for n in range(shown.days)}
    for one in entries(desk, found):
        days.setdefault(one.day, []).append(one)
    for block in blocks(desk, first, last):
        days.setdefault(local_day(max(block.starts_at, first), desk.zone), []).append(block)
    return [_day(desk, on, lines) for on, lines in sorted(days.items())]


def _day(desk: Desk, on: date, lines: list[Entry | Block]) -> Day:
    today = local_day(desk.at, desk.zone)
    there = urlencode({"start": f"{on.isoformat()}T{MORNING // 60:02}:00"})
    return Day(
        on=on,
        words=formats.day(on),
        is_today=on == today,
        is_past=on < today,
        lines=sorted(lines, key=_begins),
        book_url=f"{reverse('desk_book')}?{there}",
        free_url=f"{reverse('desk_take_time_off')}?{there}",
    )


def _begins(line: Entry | Block) -> datetime:
    return line.starts_at if isinstance(line, Block) else line.appointment.starts_at


def blocks(desk: Desk, first: datetime, last: datetime) -> list[Block]:
    """What is no appointment, from the same source as the grid's."""
    drawn = calendar_feed.Drawing(desk, (desk,), first, last, appointments=False)
    return [_block(desk, one) for one in drawn.taken()]


def _block(desk: Desk, event: calendar_feed.Event) -> Block:
    starts, ends = (_instant(event[name], desk.zone) for name in ("start", "end"))
    same_day = local_day(starts, desk.zone) == local_day(ends, desk.zone)
    until = "" if same_day else _("until %(until)s") % {"until": formats.short_moment(ends, desk.zone)}
    return Block(
        starts_at=starts,
        kind=event["classNames"][0],
        start=formats.time(starts, desk.zone),
        end=formats.time(ends, desk.zone) if same_day else "",
        title=event["title"],
        words=[said for said in (event["extendedProps"]["service"], until) if said],
        url=event["extendedProps"]["url"],
    )


def _instant(naive: str, zone: str) -> datetime:
    return datetime.fromisoformat(naive).replace(tzinfo=ZoneInfo(zone))


def _columns(desk: Desk, shown: Range) -> list[Column]:
    """The other desks on that day, as lists beside the grid."""
    first, last = span(shown.first, shown.days, desk.zone)
    theirs: dict[int, list[tuple[str, str, str]]] = {one.provider.pk: [] for one in desk.beside}
    if not theirs:
        return []
    found = SideBySide(*desk.beside).appointments.between(first, last).filter(status__in=TAKING_TIME)
    for one in found.order_by("starts_at", "pk").select_related("client", "service"):
        words = text_in(one.service.name, fallback=desk.provider.language)
        theirs[one.provider_id].append((formats.time(one.starts_at, desk.zone), one.client.name, words))
    return [Column(one, theirs[one.provider.pk]) for one in desk.beside]


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
    return Range(view, first, days, first - step, first + step, formats.days(first, end))


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
