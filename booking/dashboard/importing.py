"""Clients from another tool: the file is read and shown, and nothing is written before the second yes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.dashboard import clients_file
from booking.dashboard.access import at_desk, page
from booking.dashboard.clients_file import Found, NotAList, Row
from booking.dashboard.desk import Desk
from booking.dashboard.tabs import tabs

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def bring(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The form; the preview of what was sent; and, confirmed, the clients."""
    if request.method != "POST":
        return _page(request, desk)
    file = request.FILES.get("file")
    text = clients_file.decoded(file.read()) if file else request.POST.get("text", "")
    if not text:
        return _page(request, desk, wrong=_("Choose a file."))
    try:
        found = clients_file.read(text, provider=desk.provider)
    except NotAList as no:
        return _page(request, desk, wrong=str(no))
    fresh, doubles, wrong = _sorted(found, desk)
    if request.POST.get("sure") and not file:
        return _brought(request, desk, fresh)
    preview = {
        "columns": found.columns,
        "unused": found.unused,
        "text": text,
        "fresh": fresh,
        "doubles": doubles,
        "wrong": wrong,
        "shown": fresh[:SHOWN],
        "shown_wrong": wrong[:SHOWN],
        "shown_doubles": doubles[:SHOWN],
    }
    return _page(request, desk, preview=preview)


def _sorted(found: Found, desk: Desk) -> tuple[list[Row], list[Row], list[Row]]:
    """Those who are new, those who are known or twice in the file, and those who cannot be taken."""
    seen = set(desk.clients.values_list("email", flat=True))
    fresh: list[Row] = []
    doubles: list[Row] = []
    wrong: list[Row] = []
    for row in found.rows:
        if row.wrong:
            wrong.append(row)
        elif row.email in seen:
            doubles.append(row)
        else:
            fresh.append(row)
            seen.add(row.email)
    return fresh, doubles, wrong


def _brought(request: HttpRequest, desk: Desk, fresh: list[Row]) -> HttpResponse:
    people = [lifecycle.Person(row.name, row.email, row.phone, row.note) for row in fresh]
    made = lifecycle.bring_clients(provider=desk.provider, people=people, by=desk.by, at=desk.at)
    said = ngettext("%(count)d client is new here.", "%(count)d clients are new here.", made)
    messages.success(request, said % {"count": made})
    return HttpResponseRedirect(reverse("desk_clients"))


def _page(
    request: HttpRequest, desk: Desk, *, wrong: str = "", preview: dict[str, Any] | None = None
) -> HttpResponse:
    return page(
        request,
        desk,
        "dashboard/bring_clients.html",
        section="clients",
        status=400 if wrong else 200,
        tabs=tabs("desk_clients_import"),
        wrong=wrong,
        preview=preview,
    )
