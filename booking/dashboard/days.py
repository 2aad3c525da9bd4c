"""Days that differ from the week: closed, or open at other hours; one day or many in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from booking import transfer
from booking.dashboard import hours_form as periods_of
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.hours_form import Day
from booking.dashboard.times import day_in, local_day, span
from booking.models import Appointment
from booking.models.appointment import WAITING, Status
from config import formats

LONGEST = 366  # days of one range
AHEAD = 3653  # how far from today a day may be
STANDING = (*WAITING, Status.CONFIRMED)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Special:
    """One day or several in a row that have the same hours."""

    first: date
    last: date
    periods: tuple[tuple[int, int], ...]

    @property
    def closed(self) -> bool:
        return not self.periods

    @property
    def name(self) -> str:
        if self.first == self.last:
            return formats.day(self.first)
        first, last = formats.short_day(self.first), formats.short_day(self.last)
        return _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def hours(self) -> str:
        told = [formats.span(*map(formats.time_of_day, period)) for period in self.periods]
        return ", ".join(told)


class DaysForm(forms.Form):
    first = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day, where there are more"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What holds then"),
        widget=forms.RadioSelect,
        initial="closed",
        choices=[
            ("closed", gettext_lazy("Closed")),
            ("open", gettext_lazy("Open at these hours instead of the usual ones")),
        ],
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        for name in ("first", "last"):
            self.fields[name].widget.attrs["min"] = today.isoformat()

    def clean_first(self) -> date:
        first: date = self.cleaned_data["first"]
        if first < self.today:
            raise forms.ValidationError(_("This day has passed."))
        if first > self.today + timedelta(days=AHEAD):
            raise forms.ValidationError(_("Choose a day within the next ten years."))
        return first

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", _("It must not be before the first day."))
        elif first and last and last >= first + timedelta(days=LONGEST):
            self.add_error("last", _("At most a year in one go."))
        return found

    @property
    def days(self) -> list[date]:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"] or self.cleaned_data["first"]
        return [first + n * DAY for n in range((last - first).days + 1)]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What differs, and a form for more. What is saved for a day takes the place of what differed there."""
    may = "act" in desk.rights
    form = DaysForm(today=local_day(desk.at, desk.zone))
    hours = periods_of.shown(_hours(), [], spare=2)
    if request.method != "POST":
        return _page(request, desk, form, hours, may=may)
    if not may:
        return _page(request, desk, form, hours, may=may, status=403)
    form = DaysForm(request.POST, today=local_day(desk.at, desk.zone))
    hours = periods_of.typed(hours, request.POST)
    fine = form.is_valid()
    opens = form.cleaned_data.get("what") == "open"
    if opens and not periods_of.read(hours):
        form.add_error("what", _("Please look at the hours again."))
    elif opens and not hours.periods:
        form.add_error("what", _("From when to when? Write at least one period."))
    if not fine or form.errors:
        return _page(request, desk, form, hours, may=may, status=400)
    _save(desk, form.days, hours.periods if opens else [])
    said = ngettext("The day is saved.", "%(n)s days are saved.", len(form.days)) % {"n": len(form.days)}
    messages.success(request, said)
    lying = standing(desk, form.days[0], form.days[-1])
    if any(not fits(one, hours.periods if opens else [], desk.zone) for one in lying):
        messages.warning(
            request, _("Appointments stand outside these hours. They stay as they are: see below.")
        )
    return HttpResponseRedirect(reverse("desk_days"))


@require_POST
@at_desk(may="act")
def remove(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The usual hours hold again from ``first`` to ``last``."""
    first, last = day_in(request.POST.get("first", "")), day_in(request.POST.get("last", ""))
    if first is None or last is None or not desk.overrides.filter(on__range=(first, last)).exists():
        raise Http404
    edges = (first.isoformat(), last.isoformat())

    def change(content: dict[str, Any]) -> str:
        content["overrides"] = [one for one in content["overrides"] if not edges[0] <= one["on"] <= edges[1]]
        return ""

    transfer.edit(provider=desk.provider, change=change, at=desk.at)
    messages.success(request, _("Your usual hours hold there again."))
    return HttpResponseRedirect(reverse("desk_days"))


def _hours() -> Day:
    return Day("open", _("Hours"))


def _save(desk: Desk, days: list[date], periods: list[periods_of.Period]) -> None:
    names = {day.isoformat() for day in days}
    wanted: list[dict[str, Any]] = []
    for name in sorted(names):
        wanted += [
            {"on": name, "from": periods_of.clock(opens), "to": periods_of.clock(closes)}
            for opens, closes in periods
        ] or [{"on": name, "closed": True}]

    def change(content: dict[str, Any]) -> str:
        kept = [one for one in content["overrides"] if one["on"] not in names]
        content["overrides"] = sorted([*kept, *wanted], key=lambda one: (one["on"], one.get("from", "")))
        return ""

    transfer.edit(provider=desk.provider, change=change, at=desk.at)


def specials(desk: Desk) -> list[Special]:
    """Days that differ, those in a row that have the same hours as one, in order."""
    by_day: dict[date, tuple[tuple[int, int], ...]] = {}
    for row in desk.overrides.order_by("on", "opens_minute"):
        opens, closes = row.opens_minute, row.closes_minute
        period = () if opens is None or closes is None else ((opens, closes),)
        by_day[row.on] = by_day.get(row.on, ()) + period
    numbered = enumerate(sorted(by_day.items()))
    found = []
    for (_start, periods), group in groupby(numbered, key=lambda one: (one[1][0] - one[0] * DAY, one[1][1])):
        days = [day for _n, (day, _periods) in group]
        found.append(Special(days[0], days[-1], periods))
    return found


def standing(desk: Desk, first: date, last: date) -> list[Appointment]:
    """Appointments that are ahead and begin on these days."""
    since, until = span(first, (last - first).days + 1, desk.zone)
    rows = desk.appointments.between(max(since, desk.at), until).filter(status__in=STANDING)
    return list(rows.order_by("starts_at", "pk"))


def fits(appointment: Appointment, periods: Sequence[periods_of.Period], zone: str) -> bool:
    """Whether it lies in one of the periods of its day, by the clocks on the wall."""
    day = local_day(appointment.starts_at, zone)
    begins, ends = (one.astimezone(ZoneInfo(zone)) for one in (appointment.starts_at, appointment.ends_at))
    first = begins.hour * 60 + begins.minute
    last = (ends.date() - day).days * 1440 + ends.hour * 60 + ends.minute
    return any(opens <= first and last <= closes for opens, closes in periods)


def _page(
    request: HttpRequest, desk: Desk, form: DaysForm, hours: Day, *, may: bool, status: int = 200
) -> HttpResponse:
    today = local_day(desk.at, desk.zone)
    found = specials(desk)
    ahead = [one for one in found if one.last >= today]
    lying = _lying(desk, ahead)
    return page(
        request,
        desk,
        "dashboard/set_up/days.html",
        section="set_up",
        status=status,
        form=form,
        hours=hours,
        may=may,
        ahead=[(one, lying.get(one, [])) for one in ahead],
        past=[one for one in reversed(found) if one.last < today],
        affected=sum(len(some) for some in lying.values()),
    )


def _lying(desk: Desk, ahead: list[Special]) -> dict[Special, list[dict[str, Any]]]:
    """By day that differs the appointments that do not fit into it, in one query."""
    found: dict[Special, list[dict[str, Any]]] = {}
    for one in standing(desk, ahead[0].first, ahead[-1].last) if ahead else []:
        day = local_day(one.starts_at, desk.zone)
        special = next((other for other in ahead if other.first <= day <= other.last), None)
        if special is not None and not fits(one, special.periods, desk.zone):
            told = {
                "url": reverse("desk_appointment", args=[one.uid]),
                "client": one.client.name,
                "when": formats.short_moment(one.starts_at, desk.zone),
            }
            found.setdefault(special, []).append(told)
    return found
