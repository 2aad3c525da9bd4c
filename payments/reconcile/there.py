"""What the gateway says, read page by page within a window and within bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings

from payments.gateways import Gateway

Thing = dict[str, Any]
MOST = 50_000  # of each kind and run: 500 pages


class There:
    """The sessions, payments, refunds, disputes and undelivered events of one account from ``since`` on.
    ``cut`` names what was too much to read whole."""

    def __init__(self, gateway: Gateway, *, account: str, since: datetime | None) -> None:
        self.gateway, self.account, self.since = gateway, account, since
        self.cut: list[str] = []
        self.sessions = {one["id"]: one for one in self._all("session")}
        self.intents = {one["id"]: one for one in self._all("intent")}
        self.refunds = {one["id"]: one for one in self._all("refund")}
        self.disputes = {one["id"]: one for one in self._all("dispute")}
        self.undelivered = self._all("event", delivery_success=False)
        self.session_of = {
            payment: one for one in self.sessions.values() if (payment := ours(one, "payment"))
        }
        self.intent_of = {payment: one for one in self.intents.values() if (payment := ours(one, "payment"))}
        self.refunds_of: dict[str, list[Thing]] = defaultdict(list)
        for one in self.refunds.values():
            self.refunds_of[reference(one.get("payment_intent"))].append(one)

    def _all(self, kind: str, **asked: Any) -> list[Thing]:
        found = self.gateway.everything(kind, since=self.since, **asked)
        things = list(islice(found, MOST + 1))
        if len(things) > MOST:
            self.cut.append(kind)
        return things[:MOST]


def ours(thing: Thing, name: str) -> str:
    """A uid of ours that a thing carries; empty where this installation did not make it."""
    metadata = thing.get("metadata") or {}
    mine = metadata.get("env") in (None, settings.BASE_URL)
    return str(metadata.get(name) or "") if mine else ""


def reference(thing: Any) -> str:
    """The id of an object that is given as its id or whole."""
    return str(thing.get("id") or "") if isinstance(thing, dict) else str(thing or "")


def is_uid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def batched(things: Iterable[str], size: int) -> Iterator[list[str]]:
    """In lists of ``size`` at most."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
