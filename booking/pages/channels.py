"""`/a/{token}/messages/`: by which ways a client is reminded, and where mails go. Each yes and no is kept; a no
is one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework import serializers

from booking import lifecycle, tokens
from booking.actors import CLIENT
from booking.api.fields import Email, e164
from booking.models import Appointment, Client
from booking.models.appointment import TAKING_TIME
from booking.pages import state
from booking.pages.private import by_address_token, by_token, path_of
from config.refusal import Refusal
from reminders import consents
from reminders.models import Route

NAMES = dict(Route.Kind.choices) | {"sms": "SMS", "whatsapp": "WhatsApp"}


def words(kind: str, provider: str) -> str:
    """What a client agrees to, exactly."""
    return _("%(provider)s may remind me by %(channel)s. I can end this at any time.") % {
        "provider": provider,
        "channel": NAMES[kind],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def ways(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """The ways that there are; a POST says yes or no to one."""
    error, typed = "", request.POST.get("phone", "").strip()[:40]
    if request.method == "POST":
        channel, give = request.POST.get("channel", ""), request.POST.get("act") == "give"
        number = number_in(appointment, typed) if give and channel in NAMES else ""
        if channel in known(appointment, give=give) and number is not None:
            say(appointment, channel, give=give, phone=number, at=at)
            return HttpResponseRedirect("?done=1")
        error = _("Please write a telephone number with its country, as +39 02 5555 0101.")
    done = request.GET.get("done", "")
    status = 400 if error else 200
    return _page(request, appointment, at=at, error=error, typed=typed, done=done, status=status)


def _page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    at: datetime,
    status: int = 200,
    typed: str = "",
    **said: Any,
) -> HttpResponse:
    facts = (
        _facts(appointment, at)
        | {"typed": typed or (appointment.client.phone if appointment.brought_client else "")}
        | said
    )
    return render(request, "booking/messages.html", facts, status=status)


@require_POST
@by_token
def new_address(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """The client types where mails are to go; the mail that goes there asks for a yes."""
    typed = request.POST.get("email", "").strip()[:300]
    try:
        email = Email().run_validation(typed)
        lifecycle.ask_address(appointment=appointment, email=email, at=at)
    except serializers.ValidationError as wrong:
        found = wrong.detail if isinstance(wrong.detail, list) else [wrong.detail]
        return _page(request, appointment, at=at, wrong_email=str(found[0]), typed_email=typed, status=400)
    except Refusal as no:
        return _page(request, appointment, at=at, wrong_email=str(no), typed_email=typed, status=no.status)
    return HttpResponseRedirect(f"{path_of(appointment)}messages/?done=address")


@require_http_methods(["GET", "HEAD", "POST"])
@by_address_token
def confirm_address(request: HttpRequest, *, client: Client, at: datetime) -> HttpResponse:
    """Who got the mail says yes: links in earlier mails end, and the page of what is ahead opens."""
    refused = ""
    if request.method == "POST":
        try:
            lifecycle.confirm_address(client=client, at=at)
            return HttpResponseRedirect(_newest(client, at=at))
        except Refusal as no:
            refused = str(no)
    facts = {"client": client, "provider": client.provider, "demo": client.provider.is_demo}
    facts["refused"] = refused
    return render(request, "booking/address.html", facts, status=409 if refused else 200)


def _newest(client: Client, *, at: datetime) -> str:
    """The page of an appointment whose link lives: of the next one, else of the last."""
    rows = Appointment.objects.filter(client=client, ends_at__gt=at - tokens.LIVES_ON)
    ahead = rows.filter(ends_at__gt=at, status__in=TAKING_TIME).order_by("starts_at").first()
    found = ahead or rows.order_by("-starts_at").first()
    return f"{tokens.manage_path(found)}?done=address" if found else f"/{client.provider.slug}/"


def known(appointment: Appointment, *, give: bool) -> list[str]:
    """To what a yes can be said; a no always can."""
    return [*(consents.offered(appointment.provider) if give else NAMES), consents.MORE_REMINDERS]


def say(appointment: Appointment, channel: str, *, give: bool, phone: str, at: datetime) -> None:
    """The client's yes or no to one way, with the words that it was shown."""
    said = words(channel, appointment.provider.name) if channel in NAMES else ""
    lifecycle.reach_by(
        client=appointment.client, channel=channel, give=give, phone=phone, words=said, by=CLIENT, at=at
    )


def number_in(appointment: Appointment, typed: str) -> str | None:
    """The number to write to; None where none is there or it cannot be one."""
    if not typed:
        return appointment.client.phone or None
    return e164(typed, like=appointment.provider.phone, zone=appointment.timezone)


def ways_of(appointment: Appointment) -> list[dict[str, Any]]:
    """What the provider offers and what the client agreed to, with the words of each."""
    given = consents.given_by(appointment.client)
    kinds = sorted({*consents.offered(appointment.provider), *(given & NAMES.keys())})
    who = appointment.provider.name
    return [
        {"kind": kind, "name": NAMES[kind], "given": kind in given, "words": words(kind, who)}
        for kind in kinds
    ]


def _facts(appointment: Appointment, at: datetime) -> dict[str, Any]:
    client, provider = appointment.client, appointment.provider
    trouble = bool(client.mail_bounced_at or client.mail_complained_at)
    return {
        "provider": provider,
        "demo": provider.is_demo,
        "home": path_of(appointment),
        "ways": ways_of(appointment),
        "more": consents.wants_more(client),
        "address": client.email if trouble else state.masked(client.email),
        "trouble": trouble,
        "asked": client.new_email if _still_asked(client, at) else "",
    }


def _still_asked(client: Client, at: datetime) -> bool:
    since = client.new_email_asked_at
    return bool(client.new_email) and since is not None and at - since < tokens.CONFIRM_WITHIN
