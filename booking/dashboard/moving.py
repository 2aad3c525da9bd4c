"""A move by the provider, dragged or typed: what it does and the letter first, then one button.

It is a proposal (rule 6): the old time stands until the client says yes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.dashboard import letters
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.forms import note_field
from booking.dashboard.own_time import asked, written
from booking.dashboard.proposing import OwnStart, hours_field
from booking.models import Appointment
from booking.pages.when import when
from config import as_json, formats
from config.refusal import Refusal


class MoveForm(forms.Form):
    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["start"] = OwnStart(zone=zone, label=_("New day and time"), required=True)
        self.fields["hours"] = hours_field(_("How long the new time is kept"))
        self.fields["note"] = note_field(_("A word to the client"), _("The client reads this."))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
def move(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The form; with a time, what would happen and the letter; and, sent for good, the proposal."""
    appointment = desk.appointment(uid)
    if request.method != "POST":
        start = asked(request.GET.get("start", ""), desk)
        initial = {"start": written(start or appointment.starts_at, desk.zone), "hours": 24}
        form = MoveForm(initial=initial, zone=desk.zone)
        return _page(request, desk, appointment, form, start=start)
    form = MoveForm(request.POST, zone=desk.zone)
    if not form.is_valid():
        return _page(request, desk, appointment, form, status=400)
    if request.POST.get("step") != "send":
        return _page(request, desk, appointment, form, start=form.cleaned_data["start"])
    return _send(request, desk, appointment, form)


def _send(request: HttpRequest, desk: Desk, appointment: Appointment, form: MoveForm) -> HttpResponse:
    said = form.cleaned_data
    try:
        lifecycle.propose(
            appointment=appointment,
            starts=[said["start"]],
            note=said["note"],
            within=timedelta(hours=said["hours"]),
            by=desk.by,
            at=desk.at,
        )
    except Refusal as refusal:
        return _page(request, desk, appointment, form, start=said["start"], status=refusal.status)
    messages.success(
        request,
        _("Sent. The old time stands until %(name)s says yes.") % {"name": appointment.client.name},
    )
    return HttpResponseRedirect(reverse("desk_appointment", args=[appointment.uid]))


def _page(
    request: HttpRequest,
    desk: Desk,
    appointment: Appointment,
    form: MoveForm,
    *,
    start: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"appointment": appointment, "form": form, "old": _when(desk, appointment)}
    if start is not None:
        context |= _foreseen(desk, appointment, form, start)
        said = getattr(form, "cleaned_data", {})
        context["typed"] = {
            "start": written(start, desk.zone),
            "hours": said.get("hours", 24),
            "note": said.get("note", ""),
        }
    return page(request, desk, "dashboard/move.html", section="calendar", status=status, **context)


def _foreseen(desk: Desk, appointment: Appointment, form: MoveForm, start: datetime) -> dict[str, Any]:
    said = getattr(form, "cleaned_data", {})
    within = timedelta(hours=said.get("hours") or 24)
    found = lifecycle.foresee_move(appointment=appointment, start=start, within=within, at=desk.at)
    context = {
        "new": when(
            start=found.start,
            end=found.end,
            here=desk.zone,
            there=appointment.clock,
            who=appointment.client.name,
        ),
        "outside": found.outside,
        "elsewhere": found.elsewhere,
        "refused": found.refusal.detail if found.refusal else "",
        "until": formats.moment(found.expires_at, desk.zone),
        "held": getattr(appointment, "held_now", 0) or 0,
    }
    if found.refusal is None:
        facts = {
            "proposal": "foreseen",
            "starts": [as_json.instant(start)],
            "expires_at": as_json.instant(found.expires_at),
            "note": said.get("note", ""),
            "standing": True,
        }
        context["letter"] = letters.preview(appointment, kind="proposal", facts=facts, at=desk.at)
    return context


def _when(desk: Desk, appointment: Appointment) -> Any:
    return when(
        start=appointment.starts_at,
        end=appointment.ends_at,
        here=desk.zone,
        there=appointment.clock,
        who=appointment.client.name,
    )
