"""The provider's other calendars: their addresses, what was found there, and what to do where nothing can be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.elsewhere import looking
from booking.models import BusyCalendar
from config import formats

AGAIN_AFTER = timedelta(seconds=10)
# What is wrong, and what would be right.
TROUBLE = {
    "address": gettext_lazy(
        "This is no address of a calendar. It looks like https://calendar.example.com/….ics."
    ),
    "not_https": gettext_lazy("The address must begin with https:// or webcal://."),
    "not_public": gettext_lazy(
        "This address cannot be reached from the internet. Is it written as your calendar gives it?"
    ),
    "no_answer": gettext_lazy("Nothing answered there. It may be a disturbance of the other side."),
    "too_slow": gettext_lazy("It answered too slowly. It may be a disturbance of the other side."),
    "certificate": gettext_lazy("The other side cannot prove who it is: its certificate is not valid."),
    "redirects": gettext_lazy("The address leads on and on, and nowhere. Copy it anew from your calendar."),
    "too_large": gettext_lazy("The calendar is larger than 5 MB. Choose one with less in it."),
    "not_a_calendar": gettext_lazy(
        "What lies there is no calendar. Use the address of the iCalendar file (.ics), not that of the page."
    ),
    "too_many": gettext_lazy("It has more than 5,000 busy times in the time that can be booked."),
    "too_much": gettext_lazy("Reading it took too long. An entry in it may repeat without end."),
    "not_opened": gettext_lazy("Its address cannot be read any more. Remove the calendar and add it anew."),
}
STATUS = {
    401: gettext_lazy("It asks for a password. Use its secret or public iCalendar address."),
    403: gettext_lazy("It does not let us in. Was the address withdrawn? Copy it anew from your calendar."),
    404: gettext_lazy("There is nothing at this address any more. Copy it anew from your calendar."),
    410: gettext_lazy("There is nothing at this address any more. Copy it anew from your calendar."),
}


class CalendarForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("For you alone, like “Family”.")
    )
    address = forms.CharField(
        label=gettext_lazy("iCalendar address"),
        max_length=2000,
        help_text=gettext_lazy(
            "Google: settings of the calendar, “secret address in iCal format”. Apple: share as a public calendar."
            " Outlook: publish the calendar, ICS."
        ),
        widget=forms.TextInput({"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}),
    )
    with_titles = forms.BooleanField(
        label=gettext_lazy("Keep the titles, too"),
        help_text=gettext_lazy("Then your calendar here says what the time is for. Clients never see it."),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Each calendar as it stands; a post adds one, once it could be read."""
    form = CalendarForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = looking.add(provider=desk.provider, at=desk.at, **form.cleaned_data)
        except looking.CalendarRefused as no:
            form.add_error(no.field, _why_refused(no))
        else:
            messages.success(request, _found(made.times.count()))
            return HttpResponseRedirect(reverse("desk_calendars"))
    status = 400 if form.is_bound and form.errors else 200
    ahead = Count("times", filter=Q(times__blocked_until__gt=desk.at))
    found = [_told(one, desk) for one in desk.busy_calendars.annotate(ahead=ahead)]
    return page(
        request,
        desk,
        "dashboard/set_up/calendars.html",
        section="set_up",
        status=status,
        form=form,
        calendars=found,
        full=len(found) >= looking.MOST,
        most=looking.MOST,
    )


@require_POST
@at_desk(may="act")
def act(request: HttpRequest, *, desk: Desk, uid: UUID, what: str) -> HttpResponse:
    """Look at one now, or let it go with its busy times."""
    calendar = get_object_or_404(desk.busy_calendars, uid=uid)
    calendar.provider = desk.provider
    if what == "remove":
        looking.remove(calendar=calendar)
        messages.success(request, _("%(name)s is removed, with its busy times.") % {"name": calendar.name})
    elif what == "look":
        if calendar.looked_at is None or calendar.looked_at <= desk.at - AGAIN_AFTER:
            looking.look(calendar=calendar, at=desk.at)
        calendar.refresh_from_db()
        if calendar.trouble:
            messages.error(request, why(calendar.trouble, calendar.trouble_status))
        else:
            messages.success(request, _found(calendar.times.filter(blocked_until__gt=desk.at).count()))
    else:
        raise Http404
    return HttpResponseRedirect(reverse("desk_calendars"))


def why(trouble: str, status: int | None) -> str:
    """What is wrong with a calendar and what to do, as a sentence."""
    if trouble != "status":
        return str(TROUBLE.get(trouble, TROUBLE["no_answer"]))
    said = STATUS.get(status or 0)
    return (
        str(said) if said else _("The other side answered with an error (%(status)s).") % {"status": status}
    )


def _why_refused(no: looking.CalendarRefused) -> str:
    if no.trouble == "most":
        return _("At most %(most)s calendars can be read.") % {"most": looking.MOST}
    if no.trouble == "taken":
        return _("There is a calendar of this name already.")
    return why(no.trouble, no.answered)


def _found(busy: int) -> str:
    said = ngettext(
        "The calendar was read: %(n)s busy time ahead.",
        "The calendar was read: %(n)s busy times ahead.",
        busy,
    )
    return said % {"n": busy}


def _told(calendar: BusyCalendar, desk: Desk) -> dict[str, Any]:
    def moment(instant: Any) -> str:
        return formats.short_moment(instant, desk.zone) if instant else ""

    return {
        "calendar": calendar,
        "address": looking.shown(calendar),
        "read": moment(calendar.read_at),
        "ahead": calendar.ahead,  # type: ignore[attr-defined]  # annotated above
        "why": why(calendar.trouble, calendar.trouble_status) if calendar.trouble else "",
        "since": moment(calendar.failing_since),
        "covers": moment(calendar.covers_until),
        "again": moment(calendar.look_at),
    }
