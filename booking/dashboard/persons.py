"""What is done with a client as a person: notes, no more bookings, everything handed out, forgotten."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework import serializers

from booking import lifecycle
from booking.api.fields import Text
from booking.dashboard import clients
from booking.dashboard.access import adds, at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.notes_form import Sent, changing, new_private
from booking.models import Appointment, Client, ClientNote
from booking.telling import on_record
from config import formats
from config.refusal import Refusal

LONGEST_REASON = 500


def _back(uid: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk_client", args=[uid]))


def _typed(request: HttpRequest, name: str, longest: int) -> str:
    """What was typed, as every text of ours is read; a refusal in words where it cannot be."""
    field = Text(max_length=longest, allow_blank=True)
    return str(field.run_validation(request.POST.get(name, "").strip()))


@require_POST
@at_desk(may="act")
@adds
def note(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Write a private note, or (with ``note``) change one's own; emptied, it goes."""
    client = get_object_or_404(desk.clients, uid=uid)
    sent = written(request, desk, client, note_of(request, desk.notes.filter(client=client)))
    return _back(uid) if sent is None else clients.shown(request, desk, client, note=sent, status=400)


def note_of(request: HttpRequest, notes: QuerySet[ClientNote]) -> ClientNote | None:
    """The one of ``notes`` that is to be changed; None where a new one is written."""
    if not (said := request.POST.get("note", "")):
        return None
    try:
        return get_object_or_404(notes, uid=UUID(said))
    except ValueError:
        raise Http404 from None


def written(
    request: HttpRequest,
    desk: Desk,
    client: Client,
    known: ClientNote | None,
    *,
    appointment: Appointment | None = None,
) -> Sent | None:
    """Keeps what was typed as a note about ``client``, or in place of the note ``known``; the form where that cannot
    be."""
    form = changing(known, request.POST) if known else new_private(request.POST)
    sent = Sent(form, of=known.uid if known else None)
    if not form.is_valid():
        return sent
    text = form.cleaned_data["text"]
    try:
        if known:
            lifecycle.change_note(note=known, text=text, by=desk.by, at=desk.at)
        else:
            lifecycle.note(client=client, appointment=appointment, text=text, by=desk.by, at=desk.at)
    except Refusal as no:
        messages.error(request, str(no))
    return None


def _first(wrong: serializers.ValidationError) -> str:
    return str(wrong.detail[0]) if isinstance(wrong.detail, list) else str(wrong)


@require_POST
@at_desk(may="act")
def block(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Take no more bookings from this client, or (without ``block``) take them again."""
    client = get_object_or_404(desk.clients, uid=uid)
    try:
        if request.POST.get("block"):
            lifecycle.block(client=client, reason=_typed(request, "reason", LONGEST_REASON), at=desk.at)
            messages.success(request, _("No more bookings are taken from them. What stands, stands."))
        else:
            lifecycle.unblock(client=client)
            messages.success(request, _("They can book again."))
    except serializers.ValidationError as wrong:
        messages.error(request, _first(wrong))
    except Refusal as no:
        messages.error(request, str(no))
    return _back(uid)


@require_safe
@at_desk(may="own")
def export(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Everything that is held about the client, as a file."""
    client = get_object_or_404(desk.clients, uid=uid)
    client.provider = desk.provider
    found = on_record.everything(client=client, at=desk.at)
    body = json.dumps(found, ensure_ascii=False, indent=2)
    response = HttpResponse(body.encode("utf-8", "replace"), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="client-{str(uid)[:8]}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def erase(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """What it means, what still stands in the way, and, said yes to twice, the act."""
    client = get_object_or_404(desk.clients.filter(erased_at=None), uid=uid)
    unsure = request.method == "POST" and not request.POST.get("sure")
    if request.method == "POST" and not unsure:
        try:
            lifecycle.erase(client=client, by=desk.by, at=desk.at)
        except lifecycle.StillOpen:
            pass  # the page says what stands
        except Refusal as no:  # merged meanwhile: the client's page leads to whom
            messages.error(request, str(no))
            return HttpResponseRedirect(reverse("desk_client", args=[uid]))
        else:
            messages.success(request, _("Erased. What is left is a number and the money."))
            return HttpResponseRedirect(reverse("desk_clients"))
    standing = [
        {
            "words": one.words,
            "appointment": one.appointment,
            "when": formats.short_moment(one.appointment.starts_at, desk.zone),
        }
        for one in lifecycle.still_open(client=client)
    ]
    refused = request.method == "POST" and bool(standing)
    return page(
        request,
        desk,
        "dashboard/erase.html",
        section="clients",
        status=409 if refused else 400 if unsure else 200,
        client=client,
        standing=standing,
        unsure=unsure,
    )
