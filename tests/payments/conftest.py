"""A held appointment that waits for its deposit, and either gateway to pay it at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from payments import webhooks
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import now

SECRET = "whsec_of_the_tests"


@pytest.fixture(autouse=True)
def kicks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the workers; no broker is needed to see it."""
    asked: list[str] = []
    monkeypatch.setattr("config.celery._want", asked.append)
    return asked


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeServer]:
    """A running fake; its webhooks are received by our door at once and wait to be applied."""
    with StripeServer(secret=SECRET) as server:
        settings.STRIPE_SECRET_KEY = "sk_test_of_the_tests"
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = server.url
        server.webhooks = lambda body, signature: _receive(body, signature)
        yield server


def _receive(body: bytes, signature: str) -> None:
    webhooks.receive(body=body, signature=signature, at=now())
