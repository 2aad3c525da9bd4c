"""What anybody may ask: a provider, its free times, and to book one."""

from __future__ import annotations

from typing import Any

import orjson
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from booking import lifecycle, month
from booking.api import schema, shapes
from booking.api.doors import PublicDoor
from booking.api.idempotency import Answer
from booking.api.inputs import AddressInput, slots_query
from booking.api.throttles import Links, Reads
from booking.models import Provider, Service
from config import errors
from policies.models import PolicyVersion

REVALIDATE = "no-cache"
recent: month.Recent[bytes] = month.Recent(512)


class ProviderDoor(PublicDoor):
    @schema.provider
    def get(self, request: Request, provider: str) -> Response:
        found = Provider.objects.filter(slug=provider).first()
        if found is None:
            raise Http404
        newest = Prefetch("policy__versions", PolicyVersion.objects.order_by("number"))
        services = Service.objects.filter(provider=found, hidden=False).select_related("policy")
        listed = list(services.prefetch_related(newest))
        for service in listed:
            service.provider = found
        return Response(shapes.provider(found, listed))


class LinksDoor(PublicDoor):
    """The links of what is ahead, by mail: the same answer for known and unknown."""

    limit = Links

    @schema.send_links
    def post(self, request: Request, provider: str) -> Response:
        found = Provider.objects.filter(slug=provider).first()
        if found is None:
            raise Http404
        email = self.read(AddressInput)["email"]
        return self.once(lambda: self.asked(found, email))

    def asked(self, provider: Provider, email: str) -> Answer:
        lifecycle.ask_links(provider=provider, email=email, at=self.at)
        said = _("If somebody booked under this address, a mail with the links is on its way.")
        return Answer({"detail": said}, 202)


class SlotsDoor(PublicDoor):
    """The busiest address: it goes past DRF's request, which costs more than the slots themselves."""

    @schema.slots
    def get(self, request: HttpRequest, provider: str, service: str) -> HttpResponse:
        at = timezone.now()
        seen = month.look(provider=provider, service=service, at=at)
        if seen is None:
            raise Http404
        asked = slots_query(request.GET)
        zone, mode = asked.get("tz", seen.timezone), asked.get("mode")
        tag = seen.tag(asked["from"], asked["to"], zone, mode, at=at)
        known = strong(request.headers.get("If-None-Match", ""))
        if f'"{tag}"' in known or known == ["*"]:
            return tagged(HttpResponse(status=304), tag)

        def body() -> bytes:
            days = month.days(seen=seen, first=asked["from"], last=asked["to"], zone=zone, mode=mode, at=at)
            what = {"provider": provider, "service": service, "timezone": zone}
            return orjson.dumps(what | {"duration_minutes": seen.duration_minutes, "days": days})

        return tagged(HttpResponse(recent.get(tag, body), content_type="application/json"), tag)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        try:
            if not Reads().allow_request(request, self):
                raise Throttled(Reads().wait())
            return self.get(request, **kwargs)
        except Exception as exc:  # noqa: BLE001, what is no known "no" is raised again by the line below
            return rendered(exc)


def rendered(exc: Exception) -> HttpResponse:
    """A known "no" as problem details, without DRF's response; anything else goes on up."""
    answer = errors.answer(exc, {})
    if answer is None:
        raise exc
    response = errors.problem_response(answer.data)
    for name, value in answer.headers.items():
        response.headers.setdefault(name, value)
    return response


def strong(header: str) -> list[str]:
    """The tags of ``If-None-Match``, for which weak and strong ones are the same."""
    return [tag.removeprefix("W/") for tag in parse_etags(header)]


def tagged(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = REVALIDATE
    return response
