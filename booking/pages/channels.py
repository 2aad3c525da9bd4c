"""`/a/{token}/messages/`: by which ways a client is reminded. Each yes and no is kept; a no is one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import lifecycle, tokens
from booking.actors import CLIENT
from booking.api.fields import e164
from booking.models import Appointment
from booking.pages.private import by_token
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
    facts = _facts(appointment) | {"error": error, "typed": typed or appointment.client.phone}
    facts["done"] = request.GET.get("done") == "1"
    return render(request, "booking/messages.html", facts, status=400 if error else 200)


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


def _facts(appointment: Appointment) -> dict[str, Any]:
    client, provider = appointment.client, appointment.provider
    return {
        "provider": provider,
        "demo": provider.is_demo,
        "home": tokens.manage_path(appointment),
        "ways": ways_of(appointment),
        "more": consents.wants_more(client),
    }
