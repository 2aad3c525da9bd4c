"""The provider's clients."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api import desk_shapes, schema_desk
from booking.api.desk_inputs import BlockInput
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.models import Client


class ClientsDoor(DeskDoor):
    @schema_desk.clients
    def get(self, request: Request) -> Response:
        rows = Client.objects.filter(provider=self.access.provider, erased_at=None)
        if email := request.query_params.get("email"):
            rows = rows.filter(email=email.lower()[:254])
        return self.listed(rows, desk_shapes.client)


class ClientDoor(DeskDoor):
    @schema_desk.client
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(desk_shapes.client(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Client:
        client = Client.objects.filter(provider=self.access.provider, uid=uid).first()
        if client is None:
            raise Http404
        return client

    def changed(self, uid: UUID, *, blocked_at: datetime | None, reason: str) -> Answer:
        client = self.found(uid)
        client.blocked_at, client.blocked_reason = blocked_at, reason
        client.save(update_fields=["blocked_at", "blocked_reason"])
        return Answer(desk_shapes.client(client))


class BlockDoor(ClientDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Take no more bookings from this client.", BlockInput, of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        reason = self.read(BlockInput).get("reason") or ""
        return self.once(lambda: self.changed(id, blocked_at=self.at, reason=reason))


class UnblockDoor(ClientDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Take bookings from this client again.", of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.once(lambda: self.changed(id, blocked_at=None, reason=""))
