"""`/{provider}/{service}/`: pick a time, say who is coming, agree to the terms, book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from booking import availability, hoarding, lifecycle, quotes, tokens, wishes
from booking.actors import CLIENT
from booking.api.throttles import Bookings
from booking.models import Appointment, Service
from booking.pages import (
    framed,
    lost,
    mine,
    offering,
    once,
    origin,
    paying,
    picked,
    picker,
    public,
    remembered,
    repeating,
    speaking,
    zones,
)
from booking.pages.forms import CONSENT, BookForm, day_in, moment_in, wishes_in
from booking.pages.limits import counted
from booking.pages.private import quiet
from booking.pages.when import when
from config import formats, network
from config.refusal import Refusal
from payments import accounts, credits
from payments.models import Credit
from policies.rules.wishes import Wishes


@gzip_page
@csrf_exempt  # asked below, so that nothing typed is lost
@require_http_methods(["GET", "HEAD", "POST"])
@counted(Bookings)
def book(request: HttpRequest, provider: str, service: str) -> HttpResponse:
    at = timezone.now()
    mark = remembered.mark(request, provider=provider, service=service, at=at)
    if page := remembered.find(mark):
        return page
    found = get_object_or_404(
        Service.objects.select_related("provider", "policy"), provider__slug=provider, slug=service
    )
    formats.on_clocks_unless_said(found.provider.hour_cycle)
    if request.method != "POST":
        page = _show(request, found, at=at)
        return _with_credit(page) if "credit" in request.GET else remembered.keep(mark, page)
    if "language" in request.POST:
        return speaking.kept(request, _show(request, found, at=at, typed=speaking.heard(request)))
    if request.POST.get("only_pick") or request.POST.get("again"):
        return _show(request, found, at=at, typed=request.POST)
    form = BookForm(request.POST, service=found, mode=request.POST.get("picked_mode", ""))
    frame = framed.of(request)
    if not (frame.sealed(request.POST.get("seal", "")) if frame else origin.is_ours(request)):
        form.add_error(None, _("This page was open for long. Nothing is lost: please send it once more."))
    if not form.is_valid():
        return _show(request, found, at=at, form=form)
    try:
        appointment = once.booked(
            scope=once.scope(found),
            said=request.POST,
            act=lambda: _hold(request, found, form, at=at),
            at=at,
        )
    except Refusal as refusal:
        said = form.cleaned_data
        own = mine.find(request, found, said["start"], email=said["email"], at=at)
        if own is None or not isinstance(refusal, availability.SlotTaken):
            return _show(request, found, at=at, form=form, refusal=refusal)
        appointment = own
    onward = paying.after_booking(appointment, at=at)
    if frame:
        return HttpResponseRedirect(frame.booked_url(appointment, onward=onward))
    return mine.remember(HttpResponseRedirect(onward), request, appointment)


def _hold(request: HttpRequest, service: Service, form: BookForm, *, at: datetime) -> Appointment:
    said = form.cleaned_data
    details = lifecycle.ClientDetails(
        name=said["name"],
        email=said["email"],
        phone=said.get("phone", ""),
        language=get_language() or "en",
        hour_cycle=formats.hour_cycle(),
        wishes=wishes_in(said),
        agrees=form.agrees,
        consents=bool(said.get(CONSENT)),
    )
    asked: dict[str, Any] = {
        "service": service,
        "start": said["start"],
        "mode": said["mode"],
        "zone": zones.known(said["tz"], otherwise=service.provider.timezone),
        "client": details,
        "answers": form.answers,
        "agreed_version": said["policy_version"],
        "ip": network.client_address(request),
        "user_agent": request.headers.get("User-Agent", ""),
        "proof": hoarding.Proof(said["proof"], said["proof_answer"]) if said["proof"] else None,
        "by": CLIENT,
        "at": at,
    }
    if series := repeating.wanted(request.POST):
        instead = repeating.instead(service, said["start"], series)
        return lifecycle.hold_series(**asked, every=series.every, times=series.times, instead=instead)[0]
    credit = _credit(said["credit"], at=at)
    return lifecycle.hold(**asked, credit=credit, save_card=said.get("save_card", False))


def _with_credit(page: HttpResponse) -> HttpResponse:
    """Its address has a secret. Within the site it may be told: a form of a page that tells nobody is sent with
    the origin ``null``, which the check for forgeries refuses."""
    quiet(page).headers["Referrer-Policy"] = "same-origin"
    return page


def _credit(token: str, *, at: datetime) -> Credit | None:
    """The credit that waits behind the link of a cancelled appointment."""
    source = tokens.find(token, at=at) if token else None
    return credits.find(appointment=source) if source else None


def _show(
    request: HttpRequest,
    service: Service,
    *,
    at: datetime,
    form: BookForm | None = None,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page at its step: picking, or details once there is a time that can be had."""
    said = typed or (form.data if form else request.GET)
    asked = _asked(request, service, said)
    gone = "again" in said or (refusal and lost.is_about_time(refusal))
    start = None if gone else moment_in(said.get("start", ""))
    own = None if refusal else mine.find(request, service, start, at=at)
    suits = _wished(said, zone=asked.zone)
    offered = quotes.offer(service)
    problem = refusal or (None if own else _not_free(service, start, asked, suits, at))
    posted = form is not None or typed is not None
    others = lost.others_near(problem, service, said, suits, at=at) if posted or start else []
    proof = _proof(form, refusal, asked.zone)
    offer = offering.of(service, offered)
    context: dict[str, Any] = {
        "provider": service.provider,
        "service": service,
        "service_name": offer.name,
        "offer": offer,
        "preview": public.of_service(request, service, offer),
        "terms": offering.terms_of(service, offered),
        "demo": service.provider.is_demo,
        "lost": None if proof else lost.told(problem, asked, others, typed=said if posted else {}),
        "own": tokens.manage_path(own) if own else "",
        "closed": not posted and _takes_no_deposits(service, offered, asked),
        "frame": framed.of(request),
        "proof": proof,
    }
    if start and not own and not (problem and lost.is_about_time(problem)):
        context |= _details(service, start, asked, offered, form=form, typed=typed, said=said, at=at)
        if asked.mode_decides_clock and form is None:
            context |= {"ways": asked.ways(start), "start": picker.compact(start)}
        else:
            context |= _repeated(context, service, start, asked, said, offered, suits, posted=posted, at=at)
    else:
        ask = _ask(service, asked, at)
        context["picker"] = picker.build(asked=asked, ask=ask, horizon_days=service.horizon_days, at=at)
        context["find_zone"] = not asked.zone_asked and not asked.typed
    context["speaking"] = speaking.of(context, asked)
    status = problem.status if problem else 400 if form is not None and form.errors else 200
    page = render(request, "booking/service.html", context, status=status)
    if "form" in context and not context["frame"]:
        mine.show(page, request, key=context["form"]["key"].value() or "")
    if refusal and "retry_after" in refusal.facts:
        page.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return page


def _proof(form: BookForm | None, refusal: Refusal | None, zone: str) -> dict[str, Any] | None:
    """What the browser is to find first, unseen; who has no script reads until when to wait."""
    if form is None or not isinstance(refusal, hoarding.ProofNeeded):
        return None
    challenge = refusal.facts["challenge"]
    form.data = {name: lost.kept(form.data, name) for name in form.data}
    form.data |= {"proof": challenge["token"], "proof_answer": ""}
    waits = challenge["wait_until"]
    until = formats.time(datetime.fromisoformat(waits) + timedelta(minutes=1), zone) if waits else ""
    return challenge | {"words": refusal.detail, "until": until}


def _takes_no_deposits(service: Service, offered: quotes.Offer, asked: picker.Asked) -> bool:
    """Whether a deposit would be asked at once and nobody could pay it: said before anything is typed."""
    if not offered.deposit or service.approval or asked.credit:
        return False
    return accounts.is_closed(provider=service.provider)


def _asked(request: HttpRequest, service: Service, said: Mapping[str, str]) -> picker.Asked:
    provider = service.provider
    posted = request.method == "POST"
    mode = said.get("picked_mode", said.get("mode", "")) if posted else said.get("mode", "")
    zone, zone_asked, sought = zones.asked_in(said, otherwise=provider.timezone)
    day, start = day_in(said.get("date", "")), moment_in(said.get("start", ""))
    if not day and start:
        day = start.astimezone(ZoneInfo(zone)).date()
    return picker.Asked(
        here=request.path,
        zone=zone,
        provider_zone=provider.timezone,
        provider=provider.name,
        modes=tuple(service.modes),
        mode=mode if mode in service.modes else "",
        day=day,
        zone_asked=zone_asked,
        sought=sought,
        credit=said.get("credit", ""),
        stays=framed.stays(request),
        typed=tuple(lost.typed_of(said)) if posted else (),
    )


def _ask(service: Service, asked: picker.Asked, at: datetime) -> picker.Ask:
    def ask(first: date, last: date) -> picker.Days:
        return availability.slots(
            provider=service.provider,
            service=service,
            first=first,
            last=last,
            zone=asked.clock,
            mode=asked.mode or None,
            at=at,
        )

    return ask


def _wished(said: Mapping[str, Any], *, zone: str) -> Wishes:
    """What is ticked about days and parts of the day."""
    typed = {kind: lost.all_of(said, f"wish_{kind}") for kind in wishes.KINDS if f"wish_{kind}" in said}
    return wishes.read(typed, zone=zone)


def _not_free(
    service: Service, start: datetime | None, asked: picker.Asked, suits: Wishes, at: datetime
) -> Refusal | None:
    if start is None:
        return None
    mode = asked.mode or service.modes[0]
    try:
        availability.check_start(
            provider=service.provider, service=service, start=start, mode=mode, at=at, wishes=suits
        )
    except Refusal as refusal:
        return refusal
    return None


def _details(
    service: Service,
    start: datetime,
    asked: picker.Asked,
    offered: quotes.Offer,
    *,
    form: BookForm | None,
    typed: Mapping[str, str] | None,
    said: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
    """The second step. What was typed stays, the terms are those of now."""
    fixed = {
        "start": picker.compact(start),
        "tz": asked.zone,
        "policy_version": offered.version,
        "credit": asked.credit,
        "picked_mode": asked.mode,
        "key": once.new_key(),
    }
    if form is None:
        # A yes is given to words that were read: those of now, in the language of now.
        kept = [name for name in typed or () if name not in ("agree", "save_card")]
        initial = {name: lost.kept(typed or {}, name) for name in kept}
        if asked.mode:
            fixed["mode"] = asked.mode
        form = BookForm(initial=initial | fixed, service=service, mode=asked.mode)
    else:
        form.data = _with_terms_of_now(form.data, offered.version)
    provider = service.provider
    end = start + timedelta(minutes=service.duration_minutes)
    at_place = asked.meets == "in_person"
    there, who = (asked.zone, _("your clock")) if at_place else (provider.timezone, provider.name)
    shown = when(start=start, end=end, here=asked.clock, there=there, who=who)
    return {
        "form": form,
        "picked": picked.of(service, offered, when=shown, mode=asked.meets),
        "picker": picker.frame(asked=asked, at=start, start=start),
        "terms": offering.terms_for(service, offered, start=start, zone=asked.clock, at=at),
    }


def _with_terms_of_now(typed: Mapping[str, Any], version: str) -> dict[str, Any]:
    """What was typed, under the terms of now; terms that changed meanwhile want a new tick. The key is ours and of this
    showing: whoever knows it comes to what the form books."""
    kept = {name: lost.kept(typed, name) for name in typed}
    if kept.get("policy_version") != version:
        kept.pop("agree", None)
    return kept | {"policy_version": version, "key": once.new_key()}


def _repeated(
    context: dict[str, Any],
    service: Service,
    start: datetime,
    asked: picker.Asked,
    said: Mapping[str, Any],
    offered: quotes.Offer,
    suits: Wishes,
    *,
    posted: bool,
    at: datetime,
) -> dict[str, Any]:
    """The same time week after week, where the service is booked so, with what the button then says."""
    mode = asked.mode or service.modes[0]
    repeat = repeating.build(service, start, asked, said, offered, mode=mode, suits=suits, at=at)
    if repeat is None or not repeat.weeks:
        return {"repeat": repeat}
    context["form"].fields.pop("save_card", None)
    facts = {"count": repeat.count, "amount": formats.money(repeat.deposit, offered.currency)}
    act = _("Book all %(count)s and pay %(amount)s") if offered.deposit else _("Book all %(count)s")
    kept = [one for one in lost.typed_of(said) if one[0] not in repeating.NAMES] if posted else []
    return {"repeat": repeat, "repeat_typed": kept, "picked": replace(context["picked"], act=act % facts)}
