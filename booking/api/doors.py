"""What every door of the API has in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone, translation
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import tokens
from booking.api import idempotency, pay_links
from booking.api.authentication import Access, Bearer, HasScope
from booking.api.idempotency import Answer
from booking.api.paging import Pagination
from booking.api.refusals import of_one_shape
from booking.api.throttles import Acts, PerMinute, Reads, Tokens
from booking.models import Appointment
from config import errors, formats
from config.refusal import Refusal

PRIVATE = {"Cache-Control": "no-store"}
LATER = {429: "60", 503: errors.RETRY_AFTER}


class Door(APIView):
    """Reads the clock once, and answers every POST through ``once``."""

    at: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.at = timezone.now()
        super().initial(request, *args, **kwargs)

    def read(
        self, shape: type[serializers.Serializer[Any]], source: Any = None, **context: Any
    ) -> dict[str, Any]:
        """The body (or ``source``) as ``shape`` reads it; everything wrong with it is one 400."""
        serializer = shape(data=self.request.data if source is None else source, context=context)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def once(self, act: Callable[[], Answer]) -> Response:
        """The answer of ``act``, the same for the same ``Idempotency-Key``, with its pay link."""
        answer = idempotency.once(self.request, scope=self.key_scope(), act=act, at=self.at)
        body = dict(answer.body)
        if answer.deposit is not None:
            body["pay_url"] = pay_links.ensured(answer.deposit, at=self.at)
        if answer.charge is not None:
            body["pay_url"] = pay_links.for_charge(answer.charge, at=self.at)
        no = answer.status >= 400
        return Response(body, answer.status, headers=PRIVATE, content_type=errors.PROBLEM if no else None)

    def key_scope(self) -> str:
        """Keys of different people and of different addresses do not meet."""
        return f"{type(self).__name__}:{self.whose()}"

    def whose(self) -> str:
        return "public"

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            exc = of_one_shape(exc)
        response = super().handle_exception(exc)
        if isinstance(exc, Refusal) and "retry_after" in exc.facts:
            response.headers["Retry-After"] = str(exc.facts["retry_after"])
        if response.status_code in LATER:
            response.headers.setdefault("Retry-After", LATER[response.status_code])
        return response


class PublicDoor(Door):
    """Open to all; GETs and acts are counted apart."""

    permission_classes = [AllowAny]
    limit: ClassVar[type[PerMinute]] = Acts

    def get_throttles(self) -> list[Any]:
        return [Reads() if self.request.method in ("GET", "HEAD", "OPTIONS") else self.limit()]


class OwnDoor(PublicDoor):
    """One client's own appointment, by the token in its link."""

    appointment: Appointment

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        found = tokens.find(kwargs["token"], at=self.at)
        if found is None:
            raise Http404
        found.service.provider = found.provider
        self.appointment = found
        if "Accept-Language" not in request.headers:
            translation.activate(found.language)
        formats.on_clocks_unless_said(found.hour_cycle)

    def whose(self) -> str:
        return f"appointment {self.appointment.pk}"


class DeskDoor(Door):
    """The provider's side, by bearer token. Whatever belongs to another provider is not there."""

    authentication_classes = [Bearer]
    permission_classes = [HasScope]
    throttle_classes = [Tokens]
    scope = "write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.auth is not None:
            formats.on_clocks_unless_said(self.access.provider.hour_cycle)

    @property
    def access(self) -> Access:
        assert isinstance(self.request.auth, Access)
        return self.request.auth

    def whose(self) -> str:
        return f"provider {self.access.provider.pk}"

    def listed(self, rows: QuerySet[Any], shape: Callable[[Any], dict[str, Any]]) -> Response:
        """One page of rows."""
        pages = Pagination()
        page = pages.paginate_queryset(rows, self.request, view=self) or []
        response = pages.get_paginated_response([shape(one) for one in page])
        response["Cache-Control"] = "no-store"
        return response
