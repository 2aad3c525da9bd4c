"""What a provider set up: services, hours, policies. Writing goes through the provider's file, so the API
refuses exactly what an import refuses, and a changed policy makes a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from booking import transfer
from booking.api import desk_shapes, schema_desk
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.refusals import wrong
from booking.models import Provider, Service
from config import as_json
from policies.models import Policy, PolicyVersion
from policies.rules import terms

Content = dict[str, Any]


class SetUpDoor(DeskDoor):
    """Changes the provider's file at one place and puts it back, all or nothing."""

    def change(self, edit: Callable[[Content], str]) -> None:
        """``edit`` changes the content and answers with the path of what it changed, cut from the errors."""
        try:
            transfer.edit(provider=self.access.provider, change=edit, at=self.at)
        except transfer.FileRefused as refused:
            raise by_path(refused) from None

    def body(self) -> Content:
        if not isinstance(self.request.data, dict):
            raise ParseError("Send an object.")
        return dict(self.request.data)


class ServicesDoor(SetUpDoor):
    @schema_desk.services
    def get(self, request: Request) -> Response:
        rows = Service.objects.filter(provider=self.access.provider).select_related("policy", "provider")
        return self.listed(rows, desk_shapes.service)


class ServiceDoor(SetUpDoor):
    @schema_desk.service
    def get(self, request: Request, slug: str) -> Response:
        return Response(self.shown(slug), headers=PRIVATE)

    @schema_desk.put_service
    def put(self, request: Request, slug: str) -> Response:
        """Makes the service, or brings it to what is sent."""
        said = self.body()
        asked = {name: said[name] for name in said if name != "id"} | {"slug": slug}
        if not asked.get("about"):
            asked.pop("about", None)
        asked["price"] = self.minor_units(asked.get("price"))
        self.change(lambda content: transfer.put(content["services"], path="services", key="slug", new=asked))
        return Response(self.shown(slug), headers=PRIVATE)

    @schema_desk.delete_service
    def delete(self, request: Request, slug: str) -> Response:
        """Takes the service off; one that was ever booked is kept, hidden."""
        self.shown(slug)

        def without(content: Content) -> str:
            content["services"] = [one for one in content["services"] if one["slug"] != slug]
            return "services"

        self.change(without)
        return Response(status=204)

    def shown(self, slug: str) -> Content:
        rows = Service.objects.filter(provider=self.access.provider, slug=slug)
        service = rows.select_related("policy", "provider").first()
        if service is None:
            raise Http404
        return desk_shapes.service(service)

    def minor_units(self, price: Any) -> Any:
        """The amount of a price in the provider's currency, as the file has it."""
        currency = self.access.provider.currency
        if not isinstance(price, dict) or price.get("currency") != currency:
            raise wrong("price", "invalid", f'{{"amount": 4000, "currency": "{currency}"}}')
        return price.get("amount")


class HoursDoor(SetUpDoor):
    @schema_desk.hours
    def get(self, request: Request) -> Response:
        return Response(self.shown(), headers=PRIVATE)

    @schema_desk.put_hours
    def put(self, request: Request) -> Response:
        """Takes the place of all weekly hours, and of the overrides where they are sent."""
        said = self.body()

        def new_hours(content: Content) -> str:
            content["hours"] = said.get("hours")
            if "overrides" in said:
                content["overrides"] = said["overrides"]
            return ""

        self.change(new_hours)
        return Response(self.shown(), headers=PRIVATE)

    def shown(self) -> Content:
        content = transfer.dump(provider=self.access.provider)
        return {"timezone": self.access.provider.timezone} | {
            name: content[name] for name in ("hours", "overrides")
        }


class PoliciesDoor(SetUpDoor):
    @schema_desk.policies
    def get(self, request: Request) -> Response:
        return self.listed(policies_of(self.access.provider), shown_policy)


class PolicyDoor(SetUpDoor):
    @schema_desk.policy
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(shown_policy(self.found(id)), headers=PRIVATE)

    @schema_desk.put_policy
    def put(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Makes the next version, for the bookings from now on."""
        name, currency = self.found(id).name, self.access.provider.currency
        said = {
            key: value
            for key, value in self.body().items()
            if key not in ("id", "name", "version", "versions")
        }
        asked = {"name": name} | plain_terms(said, currency)
        self.change(lambda content: transfer.put(content["policies"], path="policies", key="name", new=asked))
        return Response(shown_policy(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Policy:
        policy = policies_of(self.access.provider).filter(uid=uid).first()
        if policy is None:
            raise Http404
        return policy


def policies_of(provider: Provider) -> Any:
    versions = Prefetch("versions", PolicyVersion.objects.order_by("number"))
    return Policy.objects.filter(provider=provider).select_related("provider").prefetch_related(versions)


def shown_policy(policy: Policy) -> Content:
    versions = list(policy.versions.all())
    said = terms.write(terms.read(versions[-1].terms))
    if said["deposit"].get("kind") == "fixed":
        said["deposit"]["amount"] = desk_shapes.money(said["deposit"]["amount"], policy.provider.currency)
    return {
        "id": str(policy.uid),
        "name": policy.name,
        "note": policy.note,
        "version": versions[-1].number,
        "versions": [
            {"number": one.number, "created_at": as_json.instant(one.created_at)} for one in versions
        ],
        **said,
    }


def plain_terms(said: Content, currency: str) -> Content:
    """The terms as the file has them: a fixed deposit in minor units."""
    deposit = said.get("deposit")
    if not said.get("note"):
        said = {name: value for name, value in said.items() if name != "note"}
    if not isinstance(deposit, dict) or not isinstance(deposit.get("amount"), dict):
        return said
    if deposit["amount"].get("currency") != currency:
        raise wrong("deposit.amount.currency", "wrong_currency", currency)
    return said | {"deposit": deposit | {"amount": deposit["amount"].get("amount")}}


def by_path(refused: transfer.FileRefused) -> ValidationError:
    """What an import would say, by field of what was sent."""
    problems = refused.by_field.items()
    return ValidationError(
        {field or "body": [ErrorDetail(one, "invalid") for one in messages] for field, messages in problems}
    )
