"""Settlements: what is due and why, excused with one click, and the history of each decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from booking import lifecycle
from booking.dashboard import paging
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.telling.spoken import EXCEPTION_REASONS
from config import formats
from config.refusal import Refusal
from payments.dashboard import reasons
from payments.dashboard.tabs import tabs
from payments.models import Settlement

WAITING = Settlement.State.WAITING


class ExcuseForm(forms.Form):
    """All of it, for a reason."""

    reason = forms.ChoiceField(label=gettext_lazy("Why?"), choices=list(EXCEPTION_REASONS.items()))


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What waits, the next one first, or what is past, the last one first."""
    past = request.GET.get("state") == "past"
    rows = _rows(desk)
    rows = rows.exclude(state=WAITING) if past else rows.filter(state=WAITING)
    found = paging.page(
        rows,
        by="created_at" if past else "due_at",
        after=request.GET.get("after", ""),
        asked={"state": "past"} if past else {},
        newest_first=past,
    )
    context: dict[str, Any] = {
        "past": past,
        "rows": [reasons.due(desk, one) for one in found.rows],
        "reasons": list(EXCEPTION_REASONS.items()),
        "totals": _totals(desk),
        "more": found.more,
        "tabs": tabs("desk_settlements"),
    }
    return page(request, desk, "dashboard/money/settlements.html", section="money", **context)


def _rows(desk: Desk) -> Any:
    names = ("appointment__client", "appointment__service", "appointment__policy_version")
    asked = desk.settlements.select_related(*names, "appointment__agreement", "deposit", "lapse")
    return asked.prefetch_related("appointment__moves", "appointment__timeline", "decisions__user")


def _totals(desk: Desk) -> list[str]:
    """What waits, by currency."""
    sums = desk.settlements.filter(state=WAITING).values("currency").order_by("currency")
    found = sums.annotate(forfeits=Sum("forfeit"), fees=Sum("fee"))
    return [formats.money(one["forfeits"] + one["fees"], one["currency"]) for one in found]


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One settlement: the rule, the notice, the explanation, the terms as agreed, the history."""
    return _page(request, desk, _found(desk, uid))


def _found(desk: Desk, uid: UUID) -> Settlement:
    settlement = get_object_or_404(_rows(desk), uid=uid)
    desk.known(settlement.appointment)
    return settlement


def _page(
    request: HttpRequest,
    desk: Desk,
    settlement: Settlement,
    *,
    form: ExcuseForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "row": reasons.due(desk, settlement),
        "history": reasons.history(desk, settlement),
        "reasons": list(EXCEPTION_REASONS.items()),
        "form": form,
        "refused": refused,
        "tabs": tabs("desk_settlements"),
    }
    return page(request, desk, "dashboard/money/settlement.html", section="money", status=status, **context)


@require_POST
@at_desk(may="act")
def excuse(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """All of what waits is waived, for the reason given."""
    settlement = _found(desk, uid)
    form = ExcuseForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, settlement, form=form, status=400)
    try:
        _excuse(desk, settlement, form.cleaned_data["reason"])
    except Refusal as refusal:
        fresh = _found(desk, uid)
        return _page(request, desk, fresh, refused=refusal.detail or "", status=refusal.status)
    messages.success(
        request, _("Excused. %(name)s gets a mail.") % {"name": settlement.appointment.client.name}
    )
    return HttpResponseRedirect(reverse("desk_settlements"))


def _excuse(desk: Desk, settlement: Settlement, reason: str) -> None:
    with desk.alone():
        settlement.refresh_from_db(fields=["state"])
        if settlement.state != WAITING:
            raise lifecycle.NotAllowed(
                "not_waiting",
                _("It does not wait any more: somebody decided, or it was settled. See the history below."),
            )
        lifecycle.excuse(appointment=settlement.appointment, reason=reason, note="", by=desk.by, at=desk.at)
