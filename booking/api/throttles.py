"""How often one address may ask: far more than people do, far less than a flood."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config import network

WINDOW = 60


class PerMinute(BaseThrottle):
    """At most ``most`` requests a minute of one kind from one address. LIMITS_EXEMPT is honoured."""

    name: str
    most: int

    def allow_request(self, request: Request | HttpRequest, view: Any) -> bool:
        who = self.who(request)
        return who is None or within(self.name, who, most=self.most)

    def who(self, request: Request | HttpRequest) -> str | None:
        """Who is counted; None for whom nothing is."""
        address = network.client_address(getattr(request, "_request", request))
        return None if network.is_exempt(address) else network.neighbourhood(address)

    def wait(self) -> float:
        return WINDOW - time.time() % WINDOW


class Reads(PerMinute):
    name, most = "reads", 1200


class Acts(PerMinute):
    name, most = "acts", 120


class Bookings(PerMinute):
    name, most = "bookings", 60


class Links(PerMinute):
    """Each is a mail to whomever the typed address belongs."""

    name, most = "links", 10


class Tokens(PerMinute):
    """Counted per bearer token, for one address may serve many providers."""

    name, most = "tokens", 1200

    def who(self, request: Request | HttpRequest) -> str | None:
        exempt = super().who(request) is None
        return (
            None if exempt else str(getattr(getattr(request, "auth", None), "pk", "")) or super().who(request)
        )


def within(name: str, who: str, *, most: int) -> bool:
    """Counts one more of ``name`` by ``who`` in this minute; False when it is one too many."""
    key = f"kept.limit.{name}.{who}.{int(time.time()) // WINDOW}"
    if cache.add(key, 1, timeout=WINDOW * 2):
        return True
    try:
        return cache.incr(key) <= most
    except ValueError:  # it ended between the two
        return True
