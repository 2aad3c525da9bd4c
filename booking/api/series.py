"""`series/`: the same time week after week, in one go; looked at before, booked all or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle, quotes
from booking.actors import CLIENT, Actor
from booking.api import bookings, schema, schema_desk, shapes
from booking.api.bookings import AppointmentsDoor
from booking.api.desk_inputs import OnBehalfSeriesInput
from booking.api.doors import PRIVATE, OwnDoor, PublicDoor
from booking.api.idempotency import Answer
from booking.api.inputs import CancelInput, SeriesInput, SeriesQuery
from booking.api.refusals import wrong
from policies.rules import weeks


class LookDoor(PublicDoor):
    """What a series would take, before anything is agreed to."""

    @schema.look_at_series
    def get(self, request: Request, provider: str, service: str) -> Response:
        asked = self.read(SeriesQuery, request.query_params) | {"provider": provider, "service": service}
        found = bookings.asked_service(asked)
        seen = lifecycle.foresee(
            service=found,
            start=asked["start"],
            mode=asked["mode"],
            every=asked.get("every") or weeks.EVERY[0],
            times=asked["times"],
            instead={},
            at=self.at,
        )
        offered = quotes.offer(found)
        count = sum(one.start is not None for one in seen)
        return Response(
            {
                "occurrences": [one.as_json() for one in seen],
                "price": shapes.money(count * offered.price, offered.currency),
                "deposit": shapes.money(count * offered.deposit, offered.currency),
                "policy_version": offered.version,
            }
        )


class SeriesDoor(AppointmentsDoor):
    """Books it; with a bearer token on a client's behalf."""

    http_method_names = ["post", "options"]

    @schema_desk.book_series
    def post(self, request: Request) -> Response:
        if request.auth is None:
            asked = self.read(SeriesInput)
            return self.once(lambda: self.booked(asked, by=CLIENT))
        asked, own = self.read(OnBehalfSeriesInput), self.access.provider.slug
        if asked.setdefault("provider", own) != own:
            raise wrong("provider", "unknown", _("The token is for another provider."))
        return self.once(lambda: self.booked(asked, by=actors.provider(self.access.user)))

    def booked(self, asked: dict[str, Any], *, by: Actor) -> Answer:
        service = bookings.asked_service(asked)
        every, times = asked.get("every") or weeks.EVERY[0], asked["times"]
        starts = lifecycle.starts_of(service=service, start=asked["start"], every=every, times=times)
        made = lifecycle.hold_series(
            **bookings.wish(asked, service, request=self.request._request, by=by, at=self.at),
            every=every,
            times=times,
            instead=chosen(asked, starts),
        )
        body = {
            "appointments": [shapes.booked(one) for one in made],
            "price": shapes.money(sum(one.price for one in made), made[0].currency),
            "deposit": shapes.money(sum(one.deposit_amount for one in made), made[0].currency),
            "pay_url": None,
        }
        return Answer(body, 201, deposit=bookings.due_deposit(made[0]))


class OwnSeriesDoor(OwnDoor):
    """The dates of the series that an appointment belongs to."""

    @schema.own_series
    def get(self, request: Request, token: str) -> Response:
        others = list(lifecycle.others_of(self.appointment))
        found = sorted([self.appointment, *others], key=lambda one: one.starts_at) if others else []
        return Response({"appointments": [shapes.booked(one) for one in found]}, headers=PRIVATE)


class RestQuoteDoor(OwnDoor):
    """What it would cost to cancel this one and the later ones."""

    @schema.rest_quote
    def get(self, request: Request, token: str) -> Response:
        asked = lifecycle.rest_quote(self.appointment, at=self.at)
        if asked is None:
            detail = _("No later appointment of this series stands any more.")
            raise lifecycle.NotAllowed("nothing_left", detail)
        return Response(asked.as_json(), headers=PRIVATE)


class CancelRestDoor(OwnDoor):
    @schema.cancel_rest
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(CancelInput)
        return self.once(lambda: self.cancelled(asked))

    def cancelled(self, asked: dict[str, Any]) -> Answer:
        done = lifecycle.cancel_rest(
            appointment=self.appointment,
            quote=asked["quote"],
            reason=asked.get("reason") or "other",
            note=asked.get("note") or "",
            at=self.at,
        )
        return Answer({"appointments": [shapes.booked(one.appointment) for one in done]})


def chosen(asked: dict[str, Any], starts: list[datetime]) -> dict[datetime, datetime | None]:
    """What the caller decided for each that cannot be had; a 400 for a start that is none of the series."""
    found: dict[datetime, datetime | None] = {}
    for n, one in enumerate(asked.get("instead") or []):
        if one["wished"] not in starts:
            raise wrong(f"instead.{n}", "unknown", _("This is no start of the series."))
        found[one["wished"]] = one.get("start")
    return found
