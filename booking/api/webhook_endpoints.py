"""`webhook-endpoints/`: where the provider's own programs are told what happens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api import schema_desk
from booking.api.clients import OwnerOnly
from booking.api.desk_inputs import EndpointInput
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.models import WebhookDelivery, WebhookEndpoint
from booking.outgoing import endpoints
from config.as_json import instant
from config.celery import kick

SEND = "booking.tasks.tell_programs"


class EndpointsDoor(DeskDoor):
    @schema_desk.endpoints
    def get(self, request: Request) -> Response:
        return self.listed(self.rows(), shown)

    @schema_desk.add_endpoint
    def post(self, request: Request) -> Response:
        self.must_own()
        asked = self.read(EndpointInput)
        endpoints.check(asked["url"])
        return self.with_secret(self.once(lambda: Answer(shown(self.added(asked)), 201)))

    def added(self, asked: dict[str, Any]) -> WebhookEndpoint:
        return endpoints.add(
            provider=self.access.provider, url=asked["url"], events=asked.get("events") or (), at=self.at
        )

    def with_secret(self, response: Response) -> Response:
        """Added when the answer leaves: what is kept of an answer for a repetition holds no secret."""
        if response.status_code < 400:
            made = self.rows().filter(uid=response.data["id"]).first()
            response.data["secret"] = endpoints.secret(made) if made else ""
        return response

    def rows(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.filter(provider=self.access.provider)

    def found(self, uid: UUID) -> WebhookEndpoint:
        found = self.rows().filter(uid=uid).first()
        if found is None:
            raise Http404
        return found

    def must_own(self) -> None:
        """What is told there outlasts the member who set it up."""
        if not self.access.owner:
            raise OwnerOnly(_("Only the owner's token may do this."))


class EndpointDoor(EndpointsDoor):
    http_method_names = ["get", "delete", "head", "options"]

    @schema_desk.endpoint
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(shown(self.found(id)), headers=PRIVATE)

    @schema_desk.remove_endpoint
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        self.must_own()
        endpoints.remove(endpoint=self.found(id))
        return Response(status=204)


class RotateDoor(EndpointsDoor):
    http_method_names = ["post", "options"]

    @schema_desk.rotate_endpoint
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        self.must_own()
        found = self.found(id)
        act = self.once(lambda: Answer(shown(endpoints.rotate(endpoint=found, at=self.at))))
        return self.with_secret(act)


class TurnOnDoor(EndpointsDoor):
    http_method_names = ["post", "options"]

    @schema_desk.turn_on_endpoint
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        self.must_own()
        found = self.found(id)
        return self.once(lambda: Answer(shown(endpoints.turn_on(endpoint=found))))


class TestDoor(EndpointsDoor):
    http_method_names = ["post", "options"]

    @schema_desk.try_endpoint
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        self.must_own()
        found = self.found(id)
        return self.once(lambda: self.staged(endpoints.test(endpoint=found, at=self.at)))

    def staged(self, made: WebhookDelivery) -> Answer:
        kick(SEND)
        return Answer(delivery(made), 202)


class DeliveriesDoor(EndpointsDoor):
    http_method_names = ["get", "head", "options"]

    @schema_desk.deliveries
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.listed(self.found(id).deliveries.all(), delivery)


class SendAgainDoor(TestDoor):
    @schema_desk.send_again
    def post(self, request: Request, id: UUID, delivery_id: UUID) -> Response:  # noqa: A002
        self.must_own()
        found = self.found(id).deliveries.select_related("endpoint").filter(uid=delivery_id).first()
        if found is None:
            raise Http404
        return self.once(lambda: self.staged(endpoints.send_again(delivery=found, at=self.at)))


def shown(found: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": str(found.uid),
        "url": found.url,
        "events": found.events,
        "on": found.off_at is None,
        "off_at": instant(found.off_at),
        "failing_since": instant(found.failing_since),
        "old_secret_until": instant(found.old_until),
        "created_at": instant(found.created_at),
    }


def delivery(found: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": str(found.uid),
        "webhook_id": f"msg_{found.uid.hex}",
        "event": found.event,
        "about": str(found.about) if found.about else None,
        "at": instant(found.at),
        "state": found.state,
        "attempts": found.attempts,
        "status": found.status,
        "trouble": found.trouble or None,
        "tried_at": instant(found.tried_at),
        "next_at": instant(found.due_at),
    }
