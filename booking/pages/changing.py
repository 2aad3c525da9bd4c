"""Cancel and move, each in two steps: see what it costs, then do exactly that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import availability, lifecycle, quotes
from booking.actors import CLIENT
from booking.models import Appointment
from booking.pages import paying, picker, sheet, zones
from booking.pages.appointment import answered, is_done, refused
from booking.pages.forms import ReasonForm, day_in, moment_in
from booking.pages.private import by_token, path_of
from booking.pages.when import when
from booking.templatetags.kept import mode_name
from config import formats
from config.refusal import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def cancel(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """Reason, quote, confirm; then three new times on the appointment's page."""
    act = partial(lifecycle.cancel, by=CLIENT)
    return with_reason(request, appointment, act=act, page=_cancel_page, done="cancelled", at=at)


def with_reason(
    request: HttpRequest,
    appointment: Appointment,
    *,
    act: Callable[..., Any],
    page: Callable[..., HttpResponse],
    done: str,
    at: datetime,
) -> HttpResponse:
    """A reason, the quote that was read, one button: ``act`` does it, ``page`` asks, again where the reason is
    none of ours or the quote has changed."""
    if request.method != "POST":
        return page(request, appointment, at=at)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return page(request, appointment, at=at, form=form)
    said = form.cleaned_data
    quote = request.POST.get("quote", "")
    try:
        act(appointment=appointment, quote=quote, reason=said["reason"], note=said["note"], at=at)
    except lifecycle.QuoteChanged:
        return page(request, appointment, at=at, form=form, changed=True)
    except Refusal as refusal:
        if not is_done(request, appointment):
            return refused(request, appointment, refusal, at=at)
    return answered(appointment, done)


def _cancel_page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    at: datetime,
    form: ReasonForm | None = None,
    changed: bool = False,
) -> HttpResponse:
    top = sheet.head(appointment, at=at)
    if "cancel" not in top.acts:
        return _nothing_to_change(request, appointment, at=at)
    context = {
        **_frame(appointment, top),
        "quote": sheet.cost_of(quotes.cancel(appointment, at=at)),
        "form": form or ReasonForm(),
        "changed": changed,
        "can_move": "move" in top.acts,
        "urgent": _urgent(appointment, at=at),
        "cost_offer": sheet.cost_card(appointment),
    }
    status = 409 if changed else 400 if form is not None and form.errors else 200
    return render(request, "booking/cancel.html", context, status=status)


def _urgent(appointment: Appointment, *, at: datetime) -> dict[str, Any] | None:
    """*Can you still make it?* Asked before a late cancel of an urgent one; it blocks nothing (A4)."""
    found = lifecycle.alternatives(appointment, at=at)
    if found is None or not (found.modes or found.moves):
        return None
    zone = appointment.clock
    return {
        "reason": found.reason,
        "modes": [{"value": mode, "name": mode_name(mode)} for mode in found.modes],
        "moves": [
            {
                "start": picker.compact(quote.start),
                "words": formats.moment(quote.start, zone),
                "cost": _cost_words(quote),
                "token": quote.token,
            }
            for quote in found.moves
            if quote.start
        ],
    }


def _cost_words(quote: quotes.Quote) -> str:
    outcome = quote.outcome
    if not outcome.cost:
        return _("costs nothing")
    facts = {"amount": formats.money(outcome.cost, quote.appointment.currency)}
    if outcome.new_deposit:
        return _("costs %(amount)s, and asks a new deposit") % facts
    return _("costs %(amount)s") % facts


def _frame(appointment: Appointment, top: sheet.Sheet) -> dict[str, Any]:
    return {"provider": appointment.provider, "demo": appointment.provider.is_demo, "sheet": top}


def _nothing_to_change(request: HttpRequest, appointment: Appointment, *, at: datetime) -> HttpResponse:
    """After the start, or for an appointment that stands no more."""
    detail = _("This appointment can no longer be changed here.")
    return refused(request, appointment, lifecycle.NotAllowed("not_allowed", detail), at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def move(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """Pick a time, see what it costs, confirm. The old time stands until the new one is certain."""
    said = request.POST if request.method == "POST" else request.GET
    start = moment_in(said.get("start", ""))
    if request.method != "POST" or start is None:
        return _move_page(request, appointment, start, at=at)
    try:
        moved = lifecycle.move(
            appointment=appointment, start=start, quote=request.POST.get("quote", ""), by=CLIENT, at=at
        )
        if moved.deposit is None:
            return answered(appointment, "moved")
        return HttpResponseRedirect(paying.address(appointment, at=at) or path_of(appointment))
    except lifecycle.QuoteChanged:
        return _move_page(request, appointment, start, at=at, changed=True)
    except (availability.SlotTaken, availability.NotBookable) as lost:
        return _move_page(request, appointment, None, at=at, lost=lost)
    except Refusal as refusal:
        if refusal.code == "same_time":  # the form came once more
            return answered(appointment, "moved")
        return refused(request, appointment, refusal, at=at)


def _move_page(
    request: HttpRequest,
    appointment: Appointment,
    start: datetime | None,
    *,
    at: datetime,
    changed: bool = False,
    lost: Refusal | None = None,
) -> HttpResponse:
    top = sheet.head(appointment, at=at)
    if "move" not in top.acts:
        return _nothing_to_change(request, appointment, at=at)
    said = request.POST if request.method == "POST" else request.GET
    asked = _asked(request, appointment, said)
    lost = lost or (lifecycle.why_not_there(appointment, start, at=at) if start else None)
    context = {**_frame(appointment, top), "here": asked.here, "changed": changed}
    if start and lost is None:
        context |= _quoted(appointment, start, asked, at=at)
    else:
        context["lost"] = _lost(lost, asked) if lost else None
        context["picker"] = picker.build(
            asked=asked,
            ask=_ask(appointment, asked, at),
            horizon_days=appointment.service.horizon_days,
            at=at,
        )
    return render(
        request, "booking/move.html", context, status=409 if changed else lost.status if lost else 200
    )


def _asked(request: HttpRequest, appointment: Appointment, said: Any) -> picker.Asked:
    zone, zone_asked, sought = zones.asked_in(said, otherwise=appointment.clock)
    return picker.Asked(
        here=request.path,
        zone=zone,
        provider_zone=appointment.provider.timezone,
        provider=appointment.provider.name,
        day=day_in(said.get("date", "")),
        zone_asked=zone_asked,
        sought=sought,
    )


def _ask(appointment: Appointment, asked: picker.Asked, at: datetime) -> picker.Ask:
    def ask(first: date, last: date) -> picker.Days:
        return availability.slots(
            provider=appointment.provider,
            service=appointment.service,
            first=first,
            last=last,
            zone=asked.zone,
            mode=appointment.mode,
            at=at,
        )

    return ask


def _lost(refusal: Refusal, asked: picker.Asked) -> dict[str, Any]:
    others = [moment_in(text) for text in refusal.facts.get("alternatives", [])]
    return {
        "heading": _("This time cannot be had"),
        "words": refusal.detail or "",
        "others": [
            {"words": formats.moment(other, asked.zone), "url": asked.url(start=picker.compact(other))}
            for other in others
            if other
        ],
    }


def _quoted(
    appointment: Appointment, start: datetime, asked: picker.Asked, *, at: datetime
) -> dict[str, Any]:
    provider = appointment.provider
    shown = when(
        start=start,
        end=start + appointment.duration,
        here=asked.zone,
        there=provider.timezone,
        who=provider.name,
    )
    return {
        "picked": {"when": shown, "start": picker.compact(start), "change_url": asked.url(start="")},
        "quote": sheet.cost_of(quotes.move(appointment, start=start, at=at)),
        "picker": picker.frame(asked=asked, at=at),
    }
