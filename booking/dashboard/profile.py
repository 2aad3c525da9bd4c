"""Set-up > Profile and places: who the provider is, and where appointments happen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.profile_form import Content, ProfileForm, needed_by
from booking.pages.where import map_url
from booking.transfer.values import zones


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    content = transfer.dump(provider=desk.provider)
    booked = desk.appointments.exists()
    facts: dict[str, Any] = {
        "provider": desk.provider,
        "content": content,
        "settled": booked,
        "busy": booked or bool(content["hours"]),
    }
    may = "own" in desk.rights
    if request.method != "POST" or not may:
        return _page(request, desk, ProfileForm(**facts), status=403 if request.method == "POST" else 200)
    form = ProfileForm(request.POST, **facts)
    if form.is_valid() and _store(desk, form):
        messages.success(request, _("Saved. Clients see it from now on."))
        return HttpResponseRedirect(reverse("desk_profile"))
    return _page(request, desk, form, status=400)


def _store(desk: Desk, form: ProfileForm) -> bool:
    tried: Content = {}

    def put(content: Content) -> str:
        path = form.put(content)
        tried.update(content)
        return path

    try:
        transfer.edit(provider=desk.provider, change=put, at=desk.at)
    except transfer.FileRefused as refused:
        form.told(
            needed_by(refused.as_typed(str(tried["provider"]["currency"])), tried, desk.provider.language),
            form.field_of,
        )
        return False
    return True


def _page(request: HttpRequest, desk: Desk, form: ProfileForm, *, status: int) -> HttpResponse:
    address = form["address"].value() or ""
    return page(
        request, desk, "dashboard/profile.html", section="set_up", status=status, form=form,
        may="own" in desk.rights, zones=sorted(zones()), map_url=map_url(address) if address else "",
    )  # fmt: skip
