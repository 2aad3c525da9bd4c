"""Appointments: the list, one of them with everything about it, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.dashboard import anew, notes_form, paging, searching, sheet
from booking.dashboard.access import at_desk, page
from booking.dashboard.acts import ACTS, Act
from booking.dashboard.agenda import entries
from booking.dashboard.desk import Desk
from booking.dashboard.forms import ActForm
from booking.dashboard.notes_form import Sent
from booking.models import Appointment, Status
from booking.templatetags.kept import status_name
from config.refusal import Refusal

PERIODS = ("upcoming", "past", "all")


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """All appointments, found by name, state and period."""
    asked = {
        "q": request.GET.get("q", "").strip()[: searching.LONGEST],
        "status": request.GET.get("status", ""),
        "period": request.GET.get("period", ""),
    }
    if asked["period"] not in PERIODS:
        asked["period"] = "all" if asked["q"] or asked["status"] else "upcoming"
    rows = _found(desk, asked)
    found = paging.page(
        rows,
        by="starts_at",
        after=request.GET.get("after", ""),
        asked=asked,
        newest_first=asked["period"] != "upcoming",
    )
    context: dict[str, Any] = {
        "asked": asked,
        "entries": entries(desk, found.rows, with_day=True),
        "more": found.more,
        "statuses": [(status, status_name(status)) for status in Status.values],
        "periods": [("upcoming", _("To come")), ("past", _("Past")), ("all", _("All"))],
        "narrowed": bool(asked["q"] or asked["status"]),
    }
    return page(request, desk, "dashboard/appointments.html", section="appointments", **context)


def _found(desk: Desk, asked: dict[str, str]) -> Any:
    rows = desk.appointments
    if asked["period"] == "upcoming":
        rows = rows.not_over(at=desk.at)
    elif asked["period"] == "past":
        rows = rows.filter(ends_at__lte=desk.at)
    if asked["status"] in Status.values:
        rows = rows.filter(status=asked["status"])
    if asked["q"]:
        rows = rows.filter(searching.theirs(desk, asked["q"], "client"))
    return rows


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One appointment: what, when, who, money, terms, messages, and what can be done now."""
    return shown(request, desk, desk.appointment(uid), opened=request.GET.get("open", ""))


@require_POST
@at_desk(may="act")
def act(request: HttpRequest, *, desk: Desk, uid: UUID, name: str) -> HttpResponse:
    """Do one act. A form that needs another look, or a refusal, comes back with what was typed."""
    chosen = ACTS.get(name.replace("-", "_"))
    if chosen is None:
        raise Http404
    appointment = desk.appointment(uid)
    stake = sheet.stake_of(appointment)
    form = chosen.form(
        request.POST, appointment=appointment, stake=stake, at=desk.at, auto_id=f"{chosen.name}_%s"
    )
    if not form.is_valid():
        return shown(request, desk, appointment, sent=(chosen.name, form), status=400)
    try:
        chosen.do(desk=desk, appointment=appointment, said=form.said)
    except Refusal as refusal:
        return _refused(request, desk, uid, chosen, form, refusal)
    messages.success(request, str(chosen.done))
    if request.POST.get("then") == "today":
        return HttpResponseRedirect(reverse("dashboard"))
    return HttpResponseRedirect(reverse("desk_appointment", args=[uid]))


def _refused(
    request: HttpRequest, desk: Desk, uid: UUID, chosen: Act, form: ActForm, refusal: Refusal
) -> HttpResponse:
    """The page as it is now, with the reason on top and the words that were typed."""
    refused = {
        "heading": _("That was not possible"),
        "words": refusal.detail or "",
        "note": form.cleaned_data.get("note", ""),
    }
    appointment = desk.appointment(uid)
    return shown(request, desk, appointment, sent=(chosen.name, form), refused=refused, status=refusal.status)


def shown(
    request: HttpRequest,
    desk: Desk,
    appointment: Appointment,
    *,
    sent: tuple[str, ActForm] | None = None,
    shared: Sent | None = None,
    private: Sent | None = None,
    refused: dict[str, str] | None = None,
    opened: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; ``sent``, ``shared`` and ``private`` are forms that came back."""
    context = sheet.whole(desk, appointment, sent=sent, opened=opened) | {
        "refused": refused,
        "shared": notes_form.shared(desk, appointment, shared),
        "private": notes_form.of_appointment(desk, appointment, private),
    }
    shown = request.GET.get("acts", context["acts_now"])  # what a page that is open offers
    context |= {"acts_shown": shown, "news": shown != context["acts_now"]}
    said = context | {"provider": desk.provider, "desk": desk}
    standing = render_to_string("dashboard/_standing.html", said, request)
    happened = render_to_string("dashboard/_timeline.html", said)
    mark = anew.mark(standing, happened, str(context["live"]))
    if request.GET.get("mark") == mark:
        return anew.nothing()
    context |= {"standing": standing, "happened": happened, "mark": mark}
    return page(request, desk, "dashboard/appointment.html", section="appointments", status=status, **context)
