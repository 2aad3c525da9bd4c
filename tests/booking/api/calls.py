"""How the tests speak to the API: over Django's client, at an instant of our own."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from booking.api.authentication import hash_of
from booking.models import ApiToken, Provider, Service, User
from tests.booking.stories import MONDAY

API = "/api/v1/"
START = "2027-03-01T10:00:00+01:00"


class Answer:
    """Status, headers and the JSON of an answer."""

    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.raw = response.content
        self.body: Any = orjson.loads(response.content) if response.content else None

    @property
    def code(self) -> str:
        return str(self.body.get("code"))

    @property
    def errors(self) -> Any:
        return self.body["errors"]


class Api:
    """A caller, with a bearer token or without."""

    def __init__(self, token: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = headers | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Answer:
        return Answer(self.client.get(API + path, query, headers=self.headers | headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.send("PUT", path, body)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path, None)

    def send(self, method: str, path: str, body: Any, **headers: str) -> Answer:
        raw = b"" if body is None else json.dumps(body).encode()
        return self.raw(method, path, raw, **headers)

    def raw(
        self, method: str, path: str, body: bytes, content_type: str = "application/json", **headers: str
    ) -> Answer:
        said = {name.replace("_", "-"): value for name, value in (self.headers | headers).items()}
        response = self.client.generic(method, API + path, body, content_type=content_type, headers=said)
        return Answer(response)


def booking(of: Provider, which: str = "session", **over: Any) -> dict[str, Any]:
    """A right body for `appointments/`; ``over`` replaces parts of it."""
    asked: dict[str, Any] = {
        "provider": of.slug,
        "service": which,
        "start": START,
        "mode": "video",
        "timezone": "Europe/Rome",
        "client": {
            "name": "Ada Moss",
            "email": "ada@example.com",
            "phone": "+390255550101",
            "language": "en",
        },
        "answers": {},
        "policy_version": version(of, which),
        "agree": True,
    }
    return asked | over


def version(provider: Provider, service: str) -> str:
    from booking import quotes

    return quotes.offer(Service.objects.get(provider=provider, slug=service)).version


def token(provider: Provider, *scopes: str, role: str = "owner") -> str:
    """A bearer token of the provider's."""
    made = secrets.token_urlsafe(16)
    user = User.objects.get(memberships__provider=provider, memberships__role=role)
    ApiToken.objects.create(
        provider=provider, user=user, token_hash=hash_of(made), scopes=list(scopes), created_at=timezone.now()
    )
    return made


def token_in(manage_url: str) -> str:
    return manage_url.rstrip("/").rsplit("/", 1)[-1]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


assert instant(START) == MONDAY
