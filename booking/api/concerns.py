"""Patterns as tasks: what asks for a word with a client, and what the provider did about it (A12, A19)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle
from booking.api import desk_shapes, schema_desk
from booking.api.desk_inputs import DecideInput, concern_filters
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.api.refusals import wrong
from booking.lifecycle.concerns import DECISIONS
from booking.models import Concern
from booking.models.concern import ConcernQuerySet

SHOWN = (Concern.State.OPEN, Concern.State.DECIDED)


class ConcernsDoor(DeskDoor):
    @schema_desk.concerns
    def get(self, request: Request) -> Response:
        asked = concern_filters(request.query_params)
        return self.listed(self.ours.filter(**asked), desk_shapes.concern)

    @property
    def ours(self) -> ConcernQuerySet:
        """Those that are, or were, the provider's to decide; one that waits to be looked at is nobody's yet."""
        rows = Concern.objects.filter(client__provider=self.access.provider, state__in=SHOWN)
        return rows.select_related("client")


class ConcernDoor(ConcernsDoor):
    @schema_desk.concern
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(desk_shapes.concern(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Concern:
        found = self.ours.filter(uid=uid).first()
        if found is None:
            raise Http404
        return found


class DecideDoor(ConcernDoor):
    http_method_names = ["post", "options"]

    @schema_desk.decide_concern
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        concern, asked = self.found(id), self.read(DecideInput)
        if asked["decision"] not in DECISIONS[concern.pattern]:
            fits = ", ".join(DECISIONS[concern.pattern])
            raise wrong("decision", "invalid_choice", _("The names here are: %(known)s.") % {"known": fits})
        return self.once(lambda: self.decided(concern, asked))

    def decided(self, concern: Concern, asked: dict[str, Any]) -> Answer:
        kept = lifecycle.decide_concern(
            concern=concern,
            decision=asked["decision"],
            reason=asked.get("reason") or "",
            note=asked.get("note") or "",
            by=actors.provider(self.access.user),
            at=self.at,
        )
        return Answer(desk_shapes.concern(kept))
