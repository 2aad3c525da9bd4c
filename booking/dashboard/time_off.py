"""Time that the provider keeps free: taken by a form that the grid fills in, looked at and given back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import lifecycle
from booking.api.fields import Line
from booking.dashboard import calendar
from booking.dashboard.access import adds, at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.own_time import asked, next_hour, written
from booking.dashboard.proposing import OwnStart
from booking.dashboard.times import local_day
from booking.pages.forms import Checked
from config import formats
from config.refusal import Refusal


class TimeOffForm(forms.Form):
    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["start"] = OwnStart(zone=zone, label=_("From"), required=True)
        self.fields["end"] = OwnStart(zone=zone, label=_("Until"), required=True)
        self.fields["title"] = Checked(
            Line(max_length=100),
            label=_("What for?"),
            help_text=_("For your own eyes. Clients only see that you are not free."),
            max_length=100,
            required=False,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
@adds
def take(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The form, filled in by ``start`` and ``end`` of the address; and, sent, the time is taken."""
    if request.method != "POST":
        starts = asked(request.GET.get("start", ""), desk) or next_hour(desk)
        ends = asked(request.GET.get("end", ""), desk) or starts + timedelta(hours=1)
        initial = {"start": written(starts, desk.zone), "end": written(ends, desk.zone)}
        return _form(request, desk, TimeOffForm(zone=desk.zone, initial=initial))
    form = TimeOffForm(request.POST, zone=desk.zone)
    if not form.is_valid():
        return _form(request, desk, form, status=400)
    said = form.cleaned_data
    try:
        made = lifecycle.take_time_off(
            provider=desk.provider,
            starts_at=said["start"],
            ends_at=said["end"],
            title=said["title"],
            at=desk.at,
        )
    except Refusal as refusal:
        form.add_error("end" if "errors" in refusal.facts else None, refusal.detail or "")
        return _form(request, desk, form, status=refusal.status)
    messages.success(request, _("Kept free. Nobody can book this time."))
    return HttpResponseRedirect(calendar.address("week", local_day(made.starts_at, desk.zone)))


def _form(request: HttpRequest, desk: Desk, form: TimeOffForm, *, status: int = 200) -> HttpResponse:
    return page(
        request,
        desk,
        "dashboard/take_time_off.html",
        section="calendar",
        status=status,
        form=form,
        zone_words=formats.zone_label(desk.zone, desk.at),
    )


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    found = get_object_or_404(desk.time_off, uid=uid)
    return page(
        request,
        desk,
        "dashboard/time_off.html",
        section="calendar",
        found=found,
        start=formats.moment(found.starts_at, desk.zone),
        end=formats.moment(found.ends_at, desk.zone),
        zone_words=formats.zone_label(desk.zone, found.starts_at),
        back=calendar.address("week", local_day(found.starts_at, desk.zone)),
        may_act="act" in desk.rights,
    )


@require_POST
@at_desk(may="act")
def end(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    found = get_object_or_404(desk.time_off, uid=uid)
    back = calendar.address("week", local_day(found.starts_at, desk.zone))
    lifecycle.end_time_off(time_off=found)
    messages.success(request, _("This time can be booked again."))
    return HttpResponseRedirect(back)
