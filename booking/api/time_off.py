"""`time-off/`: when the provider takes no appointments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking import lifecycle
from booking.api import schema_desk, shapes
from booking.api.desk_inputs import TimeOffInput
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.models import TimeOff


class TimeOffDoor(DeskDoor):
    @schema_desk.time_off_list
    def get(self, request: Request) -> Response:
        return self.listed(TimeOff.objects.filter(provider=self.access.provider), self.shown)

    @schema_desk.take_time_off
    def post(self, request: Request) -> Response:
        asked = self.read(TimeOffInput)
        return self.once(lambda: Answer(self.shown(self.taken(asked)), 201))

    def taken(self, asked: dict[str, Any]) -> TimeOff:
        return lifecycle.take_time_off(
            provider=self.access.provider,
            starts_at=asked["from"],
            ends_at=asked["until"],
            title=asked.get("title") or "",
            at=self.at,
        )

    def shown(self, found: TimeOff) -> dict[str, Any]:
        zone = self.access.provider.timezone
        return {
            "id": str(found.uid),
            "from": shapes.local(found.starts_at, zone),
            "until": shapes.local(found.ends_at, zone),
            "title": found.title,
        }


class OneTimeOffDoor(TimeOffDoor):
    http_method_names = ["get", "delete", "options", "head"]

    @schema_desk.time_off
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(self.shown(self.found(id)), headers=PRIVATE)

    @schema_desk.end_time_off
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        lifecycle.end_time_off(time_off=self.found(id))
        return Response(status=204)

    def found(self, uid: UUID) -> TimeOff:
        found = TimeOff.objects.filter(provider=self.access.provider, uid=uid).first()
        if found is None:
            raise Http404
        return found
