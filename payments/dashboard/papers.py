"""Papers at the desk: all of them, and one as PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.dashboard import paging, searching
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config import formats
from payments.dashboard.tabs import tabs
from payments.models import Paper
from payments.papers import printing


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Receipts, credit notes and corrections, newest first, by kind, number or name."""
    asked = {"q": request.GET.get("q", "").strip()[: searching.LONGEST], "kind": request.GET.get("kind", "")}
    rows = desk.papers.select_related("client", "follows")
    if asked["kind"] in Paper.Kind.values:
        rows = rows.filter(kind=asked["kind"])
    if asked["q"]:
        rows = rows.filter(Q(number__icontains=asked["q"]) | searching.theirs(desk, asked["q"], "client"))
    found = paging.page(rows, by="issued_at", after=request.GET.get("after", ""), asked=asked)
    context: dict[str, Any] = {
        "asked": asked,
        "kinds": list(kinds().items()),
        "rows": [row(desk, one) for one in found.rows],
        "more": found.more,
        "narrowed": any(asked.values()),
        "tabs": tabs("desk_papers"),
    }
    return page(request, desk, "dashboard/money/papers.html", section="money", **context)


def kinds() -> dict[str, str]:
    return {"receipt": _("Receipt"), "credit_note": _("Credit note"), "correction": _("Correction")}


def row(desk: Desk, paper: Paper) -> dict[str, Any]:
    return {
        "paper": paper,
        "kind": kinds()[paper.kind],
        "day": formats.short_day(paper.issued_at, desk.zone),
        "follows": paper.follows.number if paper.follows else "",
        "theirs": paper.language if paper.language != spoken() else "",
    }


def spoken() -> str:
    return (get_language() or "en").split("-")[0]


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One paper, in the reader's language or in the one that is asked for."""
    asked = request.GET.get("language", "")
    language = asked if asked in dict(settings.LANGUAGES) else spoken()
    return printing.response(get_object_or_404(desk.papers, uid=uid), language=language)
