"""`/a/{token}/proposal/{id}/`: times that the provider proposes, one tap each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import lifecycle, quotes, tokens
from booking.models import Appointment, Proposal, Status
from booking.pages import offering, paying, sheet
from booking.pages.appointment import answered
from booking.pages.forms import RefuseForm, moment_in
from booking.pages.picker import compact
from booking.pages.private import by_token
from booking.pages.when import when
from config import formats, network
from config.refusal import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def proposal(request: HttpRequest, *, appointment: Appointment, uid: UUID, at: datetime) -> HttpResponse:
    """Take one of them, or none."""
    found = appointment.proposals.select_related("made").filter(uid=uid).first()
    if found is None:
        raise Http404
    found.appointment = appointment
    if request.method != "POST":
        return _page(request, appointment, found, at=at)
    try:
        if request.POST.get("act") in ("refuse", "cancel"):
            return _refused(request, appointment, found, at=at)
        return _accepted(request, appointment, found, at=at)
    except Refusal as refusal:
        found.refresh_from_db()
        return _page(request, appointment, found, at=at, refusal=refusal)


def _accepted(
    request: HttpRequest, appointment: Appointment, found: Proposal, *, at: datetime
) -> HttpResponse:
    start = moment_in(request.POST.get("start", ""))
    if start is None:
        raise lifecycle.NotAllowed("which", _("Please choose one of the times."))
    made = lifecycle.accept_proposal(
        proposal=found,
        start=start,
        agreed_version=request.POST.get("policy_version", ""),
        language=(get_language() or "en").split("-")[0],
        hour_cycle=formats.hour_cycle(),
        ip=network.client_address(request),
        user_agent=request.headers.get("User-Agent", ""),
        at=at,
    )
    if made.pk == appointment.pk:
        return answered(appointment, "moved")
    return HttpResponseRedirect(paying.after_booking(made, at=at))


def _refused(
    request: HttpRequest, appointment: Appointment, found: Proposal, *, at: datetime
) -> HttpResponse:
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, appointment, found, at=at, form=form)
    cancel = request.POST["act"] == "cancel"
    kept = lifecycle.refuse_proposal(proposal=found, note=form.cleaned_data["note"], cancel=cancel, at=at)
    if cancel:
        return answered(appointment, "cancelled")
    if kept.status == Status.CONFIRMED:
        return answered(appointment, "kept_time")
    return HttpResponseRedirect(sheet.book_url(appointment))


def _page(
    request: HttpRequest,
    appointment: Appointment,
    found: Proposal,
    *,
    at: datetime,
    refusal: Refusal | None = None,
    form: RefuseForm | None = None,
) -> HttpResponse:
    standing = appointment.status == Status.CONFIRMED
    top = sheet.head(appointment, at=at)
    context: dict[str, Any] = {
        "provider": appointment.provider,
        "demo": appointment.provider.is_demo,
        "sheet": top,
        "standing": standing,
        "has_deposit": appointment.deposit_amount > 0,
        "note": found.note,
        "refusal": refusal,
        "form": form or RefuseForm(),
        **(_choices(request, appointment, found) if _is_open(found, at) else {"over": _over(found)}),
    }
    if not standing and _is_open(found, at):
        offered = quotes.offer(appointment.service)
        context |= {
            "offer": offering.of(appointment.service, offered),
            "terms": offering.terms_of(appointment.service, offered),
            "credit": sheet.credit_words(appointment),
        }
    if found.made:
        context["new_url"] = tokens.manage_path(found.made)
    status = refusal.status if refusal else 400 if form is not None else 200
    return render(request, "booking/proposal.html", context, status=status)


def _is_open(found: Proposal, at: datetime) -> bool:
    return found.state == Proposal.State.OPEN and at < found.expires_at


def _choices(request: HttpRequest, appointment: Appointment, found: Proposal) -> dict[str, Any]:
    """The times, the one that the link named first."""
    asked = moment_in(request.POST.get("start", "") or request.GET.get("start", ""))
    provider, zone = appointment.provider, appointment.clock
    there = appointment.timezone if zone == provider.timezone else provider.timezone
    length = appointment.duration
    rows = [
        {
            "start": compact(one.start_at),
            "when": when(
                start=one.start_at, end=one.start_at + length, here=zone, there=there, who=provider.name
            ),
            "asked": one.start_at == asked,
        }
        for one in found.times.all()
    ]
    rows.sort(key=lambda row: not row["asked"])
    return {"times": rows, "until": formats.moment(found.expires_at, zone)}


def _over(found: Proposal) -> str:
    return {
        Proposal.State.ACCEPTED: _("You have taken one of the times."),
        Proposal.State.REFUSED: _("You said that none of the times suits."),
        Proposal.State.WITHDRAWN: _("These times are no longer proposed."),
    }.get(Proposal.State(found.state), _("The time to decide is over, so these times are no longer kept."))
