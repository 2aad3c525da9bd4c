"""Differences between the books and the gateway: open ones, and what became of the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from booking.dashboard import paging
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config.formats import short_moment
from config.refusal import Refusal
from payments import gateways, reconcile
from payments.dashboard.tabs import tabs
from payments.models import Difference
from payments.papers import ways

State = Difference.State
TONES = {"open": "bad", "mended": "good", "accepted": "plain"}
STATES = {
    "open": gettext_lazy("Open"),
    "mended": gettext_lazy("Mended"),
    "accepted": gettext_lazy("Accepted"),
}


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    return _page(request, desk)


def _page(
    request: HttpRequest, desk: Desk, *, wrong: str = "", typed: str = "", told: str = "", status: int = 200
) -> HttpResponse:
    """Open ones, or all; ``wrong`` is the difference whose form came back."""
    every = request.GET.get("state") == "all"
    rows = desk.differences.select_related("payment", "user")
    rows = rows if every else rows.filter(state=State.OPEN)
    found = paging.page(
        rows, by="found_at", after=request.GET.get("after", ""), asked={"state": "all"} if every else {}
    )
    last, named = reconcile.last_finished(), ways.names(desk.provider)
    context: dict[str, Any] = {
        "every": every,
        "rows": [_row(desk, one, named) for one in found.rows],
        "more": found.more,
        "compared": short_moment(last, desk.zone) if last else "",
        "sandbox": gateways.current().name != "stripe",
        "wrong": wrong,
        "typed": typed,
        "told": told,
        "tabs": tabs("desk_differences"),
    }
    return page(request, desk, "dashboard/money/differences.html", section="money", status=status, **context)


def _row(desk: Desk, one: Difference, named: dict[str, str]) -> dict[str, Any]:
    account = one.payment.account if one.payment else one.facts.get("account", "")
    return {
        "difference": one,
        "account": ways.told(ways.CARD, account, named) if account or (named and one.payment) else "",
        "words": reconcile.explain(one.kind, one.facts),
        "state": str(STATES[one.state]),
        "tone": TONES[one.state],
        "found": short_moment(one.found_at, desk.zone),
        "settled": short_moment(one.settled_at, desk.zone) if one.settled_at else "",
        "appointment": one.payment.appointment if one.payment else None,
        "may_accept": one.state == State.OPEN and "refund" in desk.rights,
    }


@require_POST
@at_desk(may="refund")
def accept(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """A member has looked, and lets it be, for a reason."""
    difference = get_object_or_404(desk.differences, uid=uid)
    typed = request.POST.get("note", "")[:1000]
    try:
        reconcile.accept(difference=difference, note=typed, by=desk.by, at=desk.at)
    except Refusal as refusal:
        told = refusal.detail or ""
        return _page(request, desk, wrong=str(uid), typed=typed, told=told, status=refusal.status)
    messages.success(request, _("Noted. It is shown again only if it differs in another way."))
    return HttpResponseRedirect(reverse("desk_differences"))
