"""`appointments/`: booking, by a client or on a client's behalf, and the provider's list."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, hoarding, lifecycle, quotes, tokens, wishes
from booking.actors import CLIENT, Actor
from booking.api import answers, desk_shapes, fields, schema_desk, shapes
from booking.api.authentication import HasScope
from booking.api.desk import KNOWN
from booking.api.desk_inputs import OnBehalfInput, filters
from booking.api.doors import DeskDoor
from booking.api.idempotency import Answer
from booking.api.inputs import BookingInput
from booking.api.refusals import wrong
from booking.api.throttles import Bookings, Tokens
from booking.models import Appointment, Provider, Service
from booking.pages import channels
from config import formats, network
from payments import credits
from payments.models import Credit
from reminders import consents

UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


class ClientsOrScope(HasScope):
    """Clients book without a token; with one, its scope counts."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "POST" and request.auth is None:
            return True
        return super().has_permission(request, view)


class AppointmentsDoor(DeskDoor):
    permission_classes = [ClientsOrScope]

    def get_throttles(self) -> list[Any]:
        return [Bookings() if self.request.auth is None else Tokens()]

    def whose(self) -> str:
        return "public" if self.request.auth is None else super().whose()

    @schema_desk.appointments
    def get(self, request: Request) -> Response:
        provider = self.access.provider
        wanted = filters(request.query_params, provider=provider)
        rows = Appointment.objects.of(provider).filter(**wanted).select_related(*KNOWN[:3])
        return self.listed(rows, desk_shapes.row)

    @schema_desk.book
    def post(self, request: Request) -> Response:
        if request.auth is not None:
            return self.on_behalf()
        asked = self.read(BookingInput)
        return self.once(lambda: booked(asked, request=request._request, by=CLIENT, at=self.at))

    def on_behalf(self) -> Response:
        asked = self.read(OnBehalfInput)
        own, by = self.access.provider.slug, actors.provider(self.access.user)
        if asked.setdefault("provider", own) != own:
            raise wrong("provider", "unknown", _("The token is for another provider."))
        act = booked_for if asked.get("own_time") else booked
        return self.once(lambda: act(asked, request=self.request._request, by=by, at=self.at))


def booked_for(asked: dict[str, Any], *, request: HttpRequest, by: Actor, at: datetime) -> Answer:
    """One booking at a time of the provider's own: what is asked of clients is asked of nobody here."""
    service = asked_service(asked)
    questions = [one | {"required": False} for one in service.questions]
    appointment = lifecycle.book_for(
        service=service,
        start=asked["start"],
        mode=asked["mode"],
        zone=asked.get("timezone") or "",
        client=details(asked, service.provider, number=phone(asked["client"]["phone"], service.provider)),
        answers=answers.checked(asked.get("answers"), questions=questions),
        with_deposit=asked.get("with_deposit", True),
        by=by,
        at=at,
    )
    return Answer(shapes.booked(appointment), 201, deposit=due_deposit(appointment))


def booked(asked: dict[str, Any], *, request: HttpRequest, by: Actor, at: datetime) -> Answer:
    """One booking, by the client or on the client's behalf."""
    service = asked_service(asked)
    appointment = lifecycle.hold(
        **wish(asked, service, request=request, by=by, at=at),
        credit=credit_of(asked.get("credit"), at=at),
        save_card=bool(asked.get("save_card")) and by.kind == "client",
    )
    return Answer(shapes.booked(appointment), 201, deposit=due_deposit(appointment))


def wish(
    asked: dict[str, Any], service: Service, *, request: HttpRequest, by: Actor, at: datetime
) -> dict[str, Any]:
    """What the story is told of a booking, of one or of a series."""
    number = phone(asked["client"]["phone"], service.provider, mode=asked["mode"])
    return {
        "service": service,
        "start": asked["start"],
        "mode": asked["mode"],
        "zone": asked.get("timezone") or service.provider.timezone,
        "client": details(asked, service.provider, number=number),
        "answers": answers.checked(asked.get("answers"), questions=service.questions),
        "agreed_version": asked.get("policy_version") or quotes.offer(service).version,
        "ip": network.client_address(request),
        "user_agent": UNPRINTABLE.sub("?", request.headers.get("User-Agent", "")),
        "proof": proof_in(request),
        "by": by,
        "at": at,
    }


def details(asked: dict[str, Any], provider: Provider, *, number: str) -> lifecycle.ClientDetails:
    said = asked["client"]
    return lifecycle.ClientDetails(
        name=said["name"],
        email=said["email"],
        phone=number,
        language=said["language"],
        hour_cycle=said["hour_cycle"] or formats.hour_cycle(),
        wishes=wishes.kept(asked.get("preferences") or {}),
        agrees=agreed_channels(asked, provider),
        consents=bool(asked.get("consent")),
    )


def proof_in(request: HttpRequest) -> hoarding.Proof | None:
    """The header `Kept-Proof`: a challenge's token, and the number found for it after a semicolon."""
    token, _semicolon, answer = request.headers.get("Kept-Proof", "").partition(";")
    return hoarding.Proof(token.strip(), answer.strip()) if token else None


def asked_service(asked: dict[str, Any]) -> Service:
    """The service that is asked for, with its provider and policy; a 400 where there is none."""
    rows = Service.objects.select_related("provider", "policy").filter(provider__slug=asked["provider"])
    service = rows.filter(slug=asked["service"], hidden=False).first()
    if service is None and not Provider.objects.filter(slug=asked["provider"]).exists():
        raise wrong("provider", "unknown", _("There is no such provider."))
    if service is None:
        raise wrong("service", "unknown", _("This provider has no such service."))
    if asked["mode"] not in service.modes:
        modes = ", ".join(service.modes)
        raise wrong("mode", "not_offered", _("This service is offered as: %(modes)s.") % {"modes": modes})
    formats.on_clocks_unless_said(service.provider.hour_cycle)
    return service


def phone(text: str, provider: Provider, *, mode: str = "") -> str:
    """The number in E.164; needed only where the provider is the one who calls."""
    if not text:
        if mode == "phone" and provider.places.get("phone", {}).get("who_calls") == "provider":
            raise wrong("client.phone", "required", _("We need a number to call you at."))
        return ""
    number = fields.e164(text, like=provider.phone, zone=provider.timezone)
    if number is None:
        detail = _("Send a telephone number with its country, as +39 02 5555 0101.")
        raise wrong("client.phone", "invalid", detail)
    return number


def agreed_channels(asked: dict[str, Any], provider: Provider) -> dict[str, str]:
    """The channels that are agreed to, each with its words; a 400 for one that the provider does not have."""
    wanted = asked.get("channels") or []
    offered = consents.offered(provider) if wanted else []
    for n, kind in enumerate(wanted):
        if kind not in offered:
            raise wrong(
                f"channels.{n}", "not_offered", _("This provider does not write to clients that way.")
            )
    if wanted and not asked["client"]["phone"]:
        raise wrong("client.phone", "required", _("We need your number to remind you that way."))
    return {kind: channels.words(kind, provider.name) for kind in wanted}


def credit_of(token: str | None, *, at: datetime) -> Credit | None:
    """The credit behind the link of an appointment; a 400 where none waits there."""
    if not token:
        return None
    source = tokens.find(token, at=at)
    found = credits.find(appointment=source) if source else None
    if found is None:
        raise wrong("credit", "unknown", _("There is no deposit to use behind this link (any more)."))
    return found


def due_deposit(appointment: Appointment) -> int | None:
    """The deposit that the client is to pay now."""
    if appointment.status != "held":
        return None
    return appointment.deposits.filter(current=True).values_list("pk", flat=True).first()
