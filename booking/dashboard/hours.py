"""The weekly hours: painted on a grid or typed as from and to, the same form either way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import free_starts, transfer
from booking.dashboard import hours_form as form
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.hours_form import Day
from booking.texts import text_in
from booking.transfer.sections import WEEKDAYS
from config import formats

ADD, REMOVE, COPY = "add", "remove", "copy"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """A post saves; one that adds, removes or copies a row answers with the form, nothing saved yet."""
    may = "act" in desk.rights
    if request.method != "POST":
        return _page(request, desk, _kept(desk), may=may)
    if not may:
        return _page(request, desk, _kept(desk), may=may, status=403)
    week = [form.typed(day, request.POST) for day in _week()]
    if _rearranged(week, request.POST):
        return _page(request, desk, week, may=may, unsaved=True)
    fine = [form.read(day) for day in week]
    if not all(fine):
        return _page(request, desk, week, may=may, status=400, unsaved=True)
    _save(desk, week)
    messages.success(request, _("Your weekly hours are saved."))
    return HttpResponseRedirect(reverse("desk_hours"))


def _week() -> list[Day]:
    """The seven days, in the order in which the reader's calendar has them."""
    first = formats.locale().first_week_day
    order = [(first + n) % 7 for n in range(7)]
    return [Day(WEEKDAYS[n], formats.weekday(n), formats.weekday(n, short=True)) for n in order]


def _kept(desk: Desk) -> list[Day]:
    by_day: dict[str, list[form.Period]] = {}
    for row in desk.hours.order_by("weekday", "opens_minute"):
        by_day.setdefault(WEEKDAYS[row.weekday], []).append((row.opens_minute, row.closes_minute))
    week = [form.shown(day, by_day.get(day.key, []), spare=0 if day.key in by_day else 1) for day in _week()]
    for day in week:
        day.periods = by_day.get(day.key, [])
    return week


def _rearranged(week: list[Day], said: QueryDict) -> bool:
    """Whether a button asked for other rows, which they then have."""
    days = {day.key: day for day in week}
    asked = {name: str(said.get(name, "")) for name in (ADD, COPY)}
    if asked[ADD] in days:
        day = days[asked[ADD]]
        day.rows = _numbered(day, [(row.opens, row.closes) for row in day.rows] + [("", "")])
    elif REMOVE in said:
        for day in week:
            left = [(row.opens, row.closes) for row in day.rows if row.name != said[REMOVE]]
            day.rows = _numbered(day, left or [("", "")])
    elif asked[COPY] in days:
        told = [(row.opens, row.closes) for row in days[asked[COPY]].rows if not row.empty]
        for key in map(str, said.getlist(f"{asked[COPY]}-copy")):
            if key in days:
                days[key].rows = _numbered(days[key], told or [("", "")])
    else:
        return False
    for day in week:
        form.read(day)
        for row in day.rows:
            row.wrong = ""
    return True


def _numbered(day: Day, told: list[tuple[str, str]]) -> list[form.Row]:
    return [form.Row(day.key, n, *both) for n, both in enumerate(told[: form.MOST])]


def _save(desk: Desk, week: list[Day]) -> None:
    """Through the provider's file, so that what it refuses is refused here, too."""
    order = {day: n for n, day in enumerate(WEEKDAYS)}
    hours = [
        {"weekday": day.key, "from": form.clock(opens), "to": form.clock(closes)}
        for day in sorted(week, key=lambda one: order[one.key])
        for opens, closes in day.periods
    ]

    def change(content: dict[str, Any]) -> str:
        content["hours"] = hours
        return ""

    transfer.edit(provider=desk.provider, change=change, at=desk.at)


def _page(
    request: HttpRequest, desk: Desk, week: list[Day], *, may: bool, status: int = 200, unsaved: bool = False
) -> HttpResponse:
    minutes = sum(form.minutes(day.periods) for day in week)
    return page(
        request,
        desk,
        "dashboard/set_up/hours.html",
        section="set_up",
        status=status,
        week=week,
        may=may,
        unsaved=unsaved,
        wrong=[(day, row) for day in week for row in day.errors],
        total=formats.length(timedelta(minutes=minutes)),
        soonest=soonest(desk),
        zone_words=formats.zone_label(desk.zone, desk.at),
        most=form.MOST,
    )


def soonest(desk: Desk) -> dict[str, str] | None:
    """The next free time that a client sees, and of which service; None where there is none."""
    services = list(desk.services.filter(hidden=False).order_by("position", "pk"))
    found = free_starts.soonest(provider=desk.provider, services=services, at=desk.at)
    if found is None:
        return None
    service, start = found
    return {
        "service": text_in(service.name, fallback=desk.provider.language),
        "when": formats.moment(start, desk.zone),
    }
