"""Two clients who are one person: who they may be, what merging does, and the act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from booking import doubles, lifecycle
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Client
from config import formats
from config.refusal import Refusal

IN_COMMON: dict[str, str | Promise] = {
    "name": gettext_lazy("the same name"),
    "phone": gettext_lazy("the same number"),
    "mailbox": gettext_lazy("the same mailbox"),
}


@require_safe
@at_desk(may="own")
def suggest(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Whom this client may be, with why: looked for apart, for no index finds who writes a name otherwise."""
    client = get_object_or_404(desk.clients.filter(erased_at=None), uid=uid)
    found = [
        {"client": other, "words": ", ".join(str(IN_COMMON[one]) for one in why)}
        for other, why in doubles.likely(client=client)
    ]
    template = "dashboard/_doubles.html" if request.headers.get("HX-Request") else "dashboard/doubles.html"
    return page(request, desk, template, section="clients", client=client, doubles=found)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def merge(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """What becomes of both; and, with the button, the act. ``uid`` stays, ``with`` goes."""
    stays = get_object_or_404(desk.clients.filter(erased_at=None), uid=uid)
    said = request.POST if request.method == "POST" else request.GET
    goes = _other(desk, said.get("with", ""), stays)
    if request.method == "POST":
        try:
            lifecycle.merge(stays=stays, goes=goes, by=desk.by, at=desk.at)
        except Refusal as no:
            messages.error(request, str(no))
        else:
            messages.success(request, _("Merged. All of it stands here now."))
        return HttpResponseRedirect(reverse("desk_client", args=[stays.uid]))
    context: dict[str, Any] = {"stays": _known(desk, stays), "goes": _known(desk, goes)}
    return page(request, desk, "dashboard/merge.html", section="clients", **context)


def _other(desk: Desk, said: str, stays: Client) -> Client:
    try:
        return get_object_or_404(desk.clients.filter(erased_at=None).exclude(pk=stays.pk), uid=UUID(said))
    except ValueError:
        raise Http404 from None


def _known(desk: Desk, client: Client) -> dict[str, Any]:
    """What there is of a client, to be compared."""
    return {
        "client": client,
        "since": formats.day(client.created_at, desk.zone),
        "appointments": desk.appointments.filter(client=client).count(),
        "credits": desk.credits.filter(client=client, ended_at=None).count(),
        "notes": desk.notes.filter(client=client).count(),
        "blocked": client.blocked_at is not None,
    }
