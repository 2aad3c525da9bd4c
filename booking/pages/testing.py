"""`/a/{token}/join/test/`: camera, microphone, sound and connection, tried while there is time (A9).

The browser does the trying (static/js/call-test.js); what it found travels with the client's answer.
Without JavaScript the page says how to try by hand, and both answers work all the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.lifecycle.attendance import SEEN, TRIED
from booking.models import Appointment, Mode
from booking.pages import sheet
from booking.pages.private import by_token, path_of
from booking.pages.state import Told
from config.refusal import Refusal

# The one page that may look and listen, and only after its reader said yes to the browser.
MAY_LISTEN = "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()"
LONGEST_FOUND = 200


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def test(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    told, status = _told_after(request.GET.get("done", ""), appointment), 200
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in ("works", "help"):
            told, status = Told("warn", _("Does it work? Please choose one of the two answers.")), 400
        else:
            try:
                found = _found(request.POST.get("found", ""))
                lifecycle.tested(appointment=appointment, works=answer == "works", found=found, at=at)
                return HttpResponseRedirect(f"{path_of(appointment)}join/test/?done={answer}")
            except Refusal as refusal:
                told = Told("warn", _("That was not possible"), refusal.detail or "")
                status = refusal.status
    response = render(request, "booking/call_test.html", _context(appointment, told, at=at), status=status)
    response.headers["Permissions-Policy"] = MAY_LISTEN
    return response


def _context(appointment: Appointment, told: Told | None, *, at: datetime) -> dict[str, Any]:
    head = sheet.head(appointment, at=at)
    provider = appointment.provider
    return {
        "provider": provider,
        "sheet": head,
        "told": told,
        "may_test": "test" in head.acts,
        "checks": [{"code": code, "name": name} for code, name in _names().items()],
        "said": {"state": _states(), "advice": _advice()},
        "by_phone": "mode" in head.acts and _can_phone(appointment),
        "test_url": provider.places.get("video", {}).get("test_url", ""),
    }


def _can_phone(appointment: Appointment) -> bool:
    """Whether the phone is offered, and somebody has a number to call."""
    place = appointment.provider.places.get("phone") or {}
    number = (
        appointment.provider.called_at if place.get("who_calls") == "client" else appointment.client.phone
    )
    return Mode.PHONE in appointment.service.modes and appointment.mode == Mode.VIDEO and bool(number)


def _found(said: str) -> dict[str, str]:
    """``camera:denied,microphone:ok`` as a mapping; what is none of ours is passed over."""
    pairs = (part.partition(":") for part in said[:LONGEST_FOUND].split(","))
    return {name: state for name, _, state in pairs if name in TRIED and state in SEEN}


def _told_after(done: str, appointment: Appointment) -> Told | None:
    who = {"who": appointment.provider.name}
    return {
        "works": Told("good", _("Good, you are ready"), _("%(who)s sees that it works.") % who),
        "help": Told(
            "info",
            _("Help is on its way"),
            _("%(who)s knows that the call does not work yet and gets in touch with you.") % who,
        ),
    }.get(done)


def _names() -> dict[str, str]:
    return {
        "camera": _("Camera"),
        "microphone": _("Microphone"),
        "speaker": _("Sound"),
        "connection": _("Connection"),
    }


def _states() -> dict[str, str]:
    """What each check found, in a word or two."""
    return {
        "waiting": _("not tried yet"),
        "trying": _("one moment…"),
        "ok": _("works"),
        "denied": _("not allowed"),
        "missing": _("not found"),
        "busy": _("in use elsewhere"),
        "silent": _("nothing heard yet"),
        "slow": _("slow"),
        "failed": _("no answer"),
    }


def _advice() -> dict[str, str]:
    """What to do about it, kindly. ``camera.denied`` goes before ``denied``."""
    return {
        "denied": _(
            "Your browser was told not to share it. Press the small camera or lock beside the address of this"
            " page, allow it, and try again."
        ),
        "camera.missing": _(
            "No camera was found. Plug one in, or come without a picture: your voice is enough."
        ),
        "microphone.missing": _("No microphone was found. A headset, or a phone call, will do."),
        "busy": _("Another program is using it. Close other calls and try again."),
        "microphone.silent": _("Say a few words. If the bar does not move, choose another microphone."),
        "speaker.silent": _("Turn the sound up, or take out headphones that play elsewhere."),
        "slow": _("It will do for the voice. Closer to your router, or without a VPN, it is better."),
        "failed": _("We could not be reached. Is this device online?"),
        "in_app": _(
            "This page was opened inside another app, which keeps camera and microphone to itself. Open it in"
            " your browser: copy the address from the mail, or use the menu with the three dots."
        ),
        "unsupported": _(
            "This browser cannot try camera and microphone here. An up-to-date Chrome, Safari, Firefox or Edge"
            " can."
        ),
    }
