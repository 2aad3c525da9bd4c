"""Which desk one sits at, and what else there is."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from booking.dashboard.access import CHOSEN, at_desk, page
from booking.dashboard.desk import Desk


@require_safe
@at_desk()
def more(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What a phone's bar has no room for."""
    return page(request, desk, "dashboard/more.html", section="more")


@require_POST
@at_desk(any_form=True)
def switch(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Sit down at another of one's desks, and go on there at ``next``; one that is not among them is a 404."""
    asked = request.POST.get("desk", "")
    if asked not in {str(one.uid) for one in (desk.provider, *desk.others)}:
        raise Http404
    request.session[CHOSEN] = asked
    there = request.POST.get("next", "")
    inside = there.startswith(reverse("dashboard")) and url_has_allowed_host_and_scheme(
        there, allowed_hosts=None
    )
    return HttpResponseRedirect(there if inside else reverse("dashboard"))
