"""The address by which a member's own calendar, on a phone or elsewhere, follows the appointments."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import tokens
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk


class SubscribeForm(forms.Form):
    names = forms.ChoiceField(
        label=gettext_lazy("What it shows of a client"),
        choices=[
            ("names", gettext_lazy("Name and phone number")),
            ("initials", gettext_lazy("Initials alone, where others can look into that calendar")),
        ],
        initial="names",
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Everyone has an address of their own, so that one who leaves takes no other's away."""
    mine = desk.membership
    if request.method == "POST" and "stop" in request.POST:
        tokens.close_calendar(membership=mine)
        messages.success(request, _("The address has ended. Calendars that follow it get nothing any more."))
        return HttpResponseRedirect(reverse("desk_subscribe"))
    shows = "names" if mine.calendar_names else "initials"
    form = SubscribeForm(request.POST or None, initial={"names": shows})
    if request.method == "POST" and form.is_valid():
        tokens.open_calendar(membership=mine, names=form.cleaned_data["names"] == "names")
        messages.success(request, _("This is your new address. One that you had before has ended."))
        return HttpResponseRedirect(reverse("desk_subscribe"))
    url = tokens.calendar_url(mine) if mine.calendar_hash else ""
    return page(
        request,
        desk,
        "dashboard/subscribe.html",
        section="calendar",
        status=400 if form.errors else 200,
        form=form,
        url=url,
        webcal=url.replace("https://", "webcal://", 1).replace("http://", "webcal://", 1),
    )
