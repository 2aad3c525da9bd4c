"""The schema: made without a warning, valid, and what the answers really look like."""

from __future__ import annotations

import functools
import io
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from booking import tokens
from booking.api import reference
from booking.models import Appointment, Provider, WebhookDelivery, WebhookEndpoint
from booking.outgoing import endpoints
from config.wsgi import application
from payments.models import Deposit, Paper, Payment
from tests.booking.api.calls import Answer, Api, booking
from tests.booking.stories import EARLY

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6
LOCAL = ipaddress.ip_network("127.0.0.0/8")


@pytest.mark.once
def test_the_schema_is_made_without_a_warning_and_is_valid(db: None) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


def test_what_is_no_schema_is_a_problem_in_the_form_of_all_others(db: None) -> None:
    answer = Api().post("schema/", {})
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert Api().get("schema/", Accept="image/png").body["code"] == "not_acceptable"


@functools.cache
def made() -> Any:
    """The schema is the same for all, and takes seconds to make."""
    return Api().get("schema/", Accept="application/json").body


@pytest.fixture
def schema(db: None) -> Any:
    return made()


def test_every_call_stands_on_the_page_with_an_example_and_no_script_of_others(
    schema: Any, settings: Any
) -> None:
    page = Browser().get("/api/").content.decode()
    calls = {
        call["operationId"]
        for path in schema["paths"].values()
        for call in path.values()
        if "operationId" in call
    }
    assert set(re.findall(r'<details class="card call" id="([^"]+)"', page)) == calls
    assert page.count(f"curl &#x27;{settings.BASE_URL}/api/v1/") + page.count(
        f"curl '{settings.BASE_URL}/api/v1/"
    ) == len(calls)
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', page)
    assert [src for src in scripts if not src.startswith("/static/")] == []
    assert "own_time" in page


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.oai.openapi", "*/*"])
def test_the_schema_is_made_once_for_each_form_and_language(
    db: None, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    ask = {"Accept": accept, "Accept-Language": "it"}
    first = Browser().get("/api/v1/schema/", headers=ask)
    monkeypatch.setattr(reference.SchemaGenerator, "get_schema", None)
    again = Browser().get("/api/v1/schema/?lang=xx", headers=ask)
    assert (again.status_code, again["Content-Type"]) == (200, first["Content-Type"])
    assert again.content == first.content
    assert Browser().get("/api/v1/schema/", headers={"Accept": "image/png"}).status_code == 406


def held_against(schema: Any, path: str, method: str, answer: Answer) -> None:
    """Raises where the answer is not what the schema says of it."""
    said = schema["paths"][f"/api/v1/{path}"][method]["responses"][str(answer.status)]["content"]
    kind = answer.headers["Content-Type"]
    whole = said[kind]["schema"] | {"components": schema["components"]}
    jsonschema_rs.validator_for(whole).validate(answer.body)


def test_what_clients_are_answered_is_what_the_schema_says(
    schema: Any, studio: Provider, paid: Appointment, api: Api
) -> None:
    own = f"appointments/{tokens.make(paid)}/"
    slots = "providers/studio-bianchi/services/session/slots/"
    week = {"from": "2027-03-01", "to": "2027-03-07"}
    asked = booking(studio, start="2027-03-02T10:00:00+01:00")
    held_against(schema, "providers/{provider}/", "get", api.get("providers/studio-bianchi/"))
    held_against(schema, "providers/{provider}/services/{service}/slots/", "get", api.get(slots, week))
    held_against(schema, "providers/{provider}/services/{service}/slots/", "get", api.get(slots))
    for _ in ("held", "slot_taken"):
        held_against(schema, "appointments/", "post", api.post("appointments/", asked))
    held_against(schema, "appointments/{token}/", "get", api.get(own))
    quote = api.get(f"{own}quote/", {"act": "cancel"})
    held_against(schema, "appointments/{token}/quote/", "get", quote)
    for token in ("old", quote.body["quote"]):
        answer = api.post(f"{own}cancel/", {"reason": "cost", "quote": token})
        held_against(schema, "appointments/{token}/cancel/", "post", answer)


def test_what_providers_are_answered_is_what_the_schema_says(
    schema: Any, studio: Provider, paid: Appointment, desk: Api
) -> None:
    refund = {"amount": {"amount": 100, "currency": "EUR"}, "reason": "x"}
    deposit = f"deposits/{Deposit.objects.get().uid}/"
    held_against(schema, "deposits/{id}/refund/", "post", desk.post(f"{deposit}refund/", refund))
    for path in ("appointments/", "clients/", "services/", "hours/", "policies/", "deposits/"):
        held_against(schema, path, "get", desk.get(path))
    held_against(schema, "deposits/{id}/", "get", desk.get(deposit))
    held_against(schema, "clients/{id}/", "get", desk.get(f"clients/{paid.client.uid}/"))
    held_against(schema, "services/{slug}/", "get", desk.get("services/session/"))
    held_against(schema, "appointments/{id}/", "get", desk.get(f"appointments/{paid.uid}/"))
    cancelled = desk.post(f"appointments/{paid.uid}/cancel/", {"reason": "illness"})
    held_against(schema, "appointments/{id}/cancel/", "post", cancelled)


def told(studio: Provider) -> WebhookDelivery:
    """Something that a program of the studio's is to be told."""
    program = WebhookEndpoint.objects.create(
        provider=studio, url="https://program.example/kept", secret="sealed", created_at=EARLY
    )
    return endpoints.test(endpoint=program, at=EARLY)


def test_what_is_said_of_webhooks_is_what_the_schema_says(schema: Any, studio: Provider, desk: Api) -> None:
    found = told(studio)
    one = f"webhook-endpoints/{found.endpoint.uid}/"
    held_against(schema, "webhook-endpoints/", "get", desk.get("webhook-endpoints/"))
    held_against(schema, "webhook-endpoints/{id}/", "get", desk.get(one))
    held_against(schema, "webhook-endpoints/{id}/deliveries/", "get", desk.get(f"{one}deliveries/"))
    held_against(schema, "webhook-endpoints/{id}/rotate/", "post", desk.post(f"{one}rotate/"))
    held_against(schema, "webhook-endpoints/{id}/test/", "post", desk.post(f"{one}test/"))
    again = desk.post(f"{one}deliveries/{found.uid}/send-again/")
    path = "webhook-endpoints/{id}/deliveries/{delivery_id}/send-again/"
    held_against(schema, path, "post", again)


@pytest.fixture
def described(studio: Provider, settings: Any) -> Iterator[Any]:
    """The schema, asked of the WSGI application itself, which must not close the test's own connection."""
    settings.LIMITS_EXEMPT = [LOCAL]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.once
def test_nothing_that_the_schema_allows_is_answered_otherwise(
    described: Any, studio: Provider, paid: Appointment, desk: Api
) -> None:
    there = {
        "token": tokens.make(paid),
        "provider": "studio-bianchi",
        "service": "session",
        "slug": "session",
        "month": "2027-02",
        "delivery_id": str(told(studio).uid),
    }
    ids = {
        "appointments": paid.uid,
        "clients": paid.client.uid,
        "deposits": Deposit.objects.get().uid,
        "policies": paid.policy_version.policy.uid,
        "papers": Paper.objects.get().uid,
        "payments": Payment.objects.get().uid,
        "webhook-endpoints": WebhookEndpoint.objects.get().uid,
    }
    for found in described.get_all_operations():
        operation = found.ok()
        there["id"] = str(ids.get(operation.path.split("/")[3], paid.uid))  # of what is not there: a 404

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def hold(case: Any) -> None:
            case.path_parameters.update({name: there[name] for name in case.path_parameters})
            case.call_and_validate(headers=desk.headers, checks=CHECKS)

        hold()
