"""Notes about one appointment: the team's own, and those that its client reads."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking import lifecycle
from booking.dashboard import appointments, notes_form
from booking.dashboard.access import adds, at_desk
from booking.dashboard.desk import Desk
from booking.dashboard.notes_form import Sent
from booking.dashboard.persons import note_of, written
from booking.models import Appointment
from config.refusal import Refusal


def _back(appointment: Appointment, anchor: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk_appointment', args=[appointment.uid])}#{anchor}")


@require_POST
@at_desk(may="act")
@adds
def private(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Write a private note about this appointment, or (with ``note``) change one's own; emptied, it goes."""
    appointment = desk.appointment(uid)
    known = note_of(request, desk.notes.filter(appointment=appointment))
    sent = written(request, desk, appointment.client, known, appointment=appointment)
    if sent is None:
        return _back(appointment, "private")
    return appointments.shown(request, desk, appointment, private=sent, status=400)


@require_POST
@at_desk(may="act")
@adds
def share(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Share a note with the client, or (``look``) see first how it reads."""
    appointment = desk.appointment(uid)
    form = notes_form.new_shared(request.POST)
    return _done(request, desk, appointment, Sent(form, look="look" in request.POST))


@require_POST
@at_desk(may="act")
def change(request: HttpRequest, *, desk: Desk, uid: UUID, note: UUID) -> HttpResponse:
    """Put a shared note in other words, or (``back``) take it back."""
    appointment = desk.appointment(uid)
    found = desk.shared_notes.filter(appointment=appointment, uid=note).first()
    if found is None and not appointment.timeline.filter(facts__shared_note=str(note)).exists():
        raise Http404
    if found is None:  # another member took it back meanwhile: what was typed is there for a new one
        again = notes_form.new_shared(request.POST)
        again.is_valid()
        again.add_error(None, _("This note was taken back meanwhile."))
        return appointments.shown(request, desk, appointment, shared=Sent(again), status=409)
    if "back" in request.POST:
        with suppress(lifecycle.NotAllowed):  # somebody else did at this moment
            lifecycle.take_note_back(note=found, by=desk.by, at=desk.at)
        messages.success(request, _("Taken back: it is on the client's page no more."))
        return _back(appointment, "shared")
    form = notes_form.changing(found, request.POST)
    return _done(request, desk, appointment, Sent(form, of=note, look="look" in request.POST))


def _done(request: HttpRequest, desk: Desk, appointment: Appointment, sent: Sent) -> HttpResponse:
    if not sent.form.is_valid():
        return appointments.shown(request, desk, appointment, shared=sent, status=400)
    if sent.look:
        return appointments.shown(request, desk, appointment, shared=sent)
    try:
        _share(desk, appointment, sent)
    except Refusal as no:
        sent.form.add_error(None, str(no))
        return appointments.shown(request, desk, appointment, shared=sent, status=no.status)
    told = sent.form.cleaned_data["tell"]
    done = _("Shared, and the mail is on its way.") if told else _("Shared: it is on the client's page.")
    messages.success(request, done)
    return _back(appointment, "shared")


def _share(desk: Desk, appointment: Appointment, sent: Sent) -> None:
    said: dict[str, Any] = {**sent.form.cleaned_data, "by": desk.by, "at": desk.at}
    if sent.of is None:
        lifecycle.share_note(appointment=appointment, **said)
    else:
        found = desk.shared_notes.select_related("appointment").get(uid=sent.of)
        lifecycle.change_shared_note(note=found, **said)


@require_POST
@at_desk(may="act")
def look(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """How what is typed so far will read. Changes nothing."""
    appointment, text = desk.appointment(uid), request.POST.get("text", "").strip()
    context = {"look": text[: notes_form.LONGEST], "appointment": appointment}
    return render(request, "dashboard/_note_look.html", context)
