"""The provider's clients."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle
from booking.api import desk_shapes, schema_desk
from booking.api.desk_inputs import BlockInput, MergeInput
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.models import Client
from booking.telling import on_record
from config.refusal import Refusal


class OwnerOnly(Refusal):
    """A person's whole record is the owner's to hand out or to erase."""

    code = "owner_only"
    status = 403


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
        client = (
            Client.objects.select_related("merged_into")
            .filter(provider=self.access.provider, uid=uid)
            .first()
        )
        if client is None:
            raise Http404
        return client


class BlockDoor(ClientDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Take no more bookings from this client.", BlockInput, of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        reason = self.read(BlockInput).get("reason") or ""
        return self.once(
            lambda: Answer(
                desk_shapes.client(lifecycle.block(client=self.found(id), reason=reason, at=self.at))
            )
        )


class UnblockDoor(ClientDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Take bookings from this client again.", of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.once(lambda: Answer(desk_shapes.client(lifecycle.unblock(client=self.found(id)))))


class OwnerDoor(ClientDoor):
    """What the token of an owner alone may do."""

    def owned(self, uid: UUID) -> Client:
        if not self.access.owner:
            raise OwnerOnly(_("Only the owner's token may do this."))
        client = self.found(uid)
        client.provider = self.access.provider
        return client


class EraseDoor(OwnerDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Erase the person, for good; the money stays.", of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        client, by = self.owned(id), actors.provider(self.access.user)
        return self.once(
            lambda: Answer(desk_shapes.client(lifecycle.erase(client=client, by=by, at=self.at)))
        )


class MergeDoor(OwnerDoor):
    http_method_names = ["post", "options"]

    @schema_desk.act("Take over all of another client who is the same person.", MergeInput, of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        stays, by = self.owned(id), actors.provider(self.access.user)
        goes = self.found(self.read(MergeInput)["client"])
        return self.once(
            lambda: Answer(desk_shapes.client(lifecycle.merge(stays=stays, goes=goes, by=by, at=self.at)))
        )


class ExportDoor(OwnerDoor):
    http_method_names = ["get", "head", "options"]

    @schema_desk.export
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(on_record.everything(client=self.owned(id), at=self.at), headers=PRIVATE)
