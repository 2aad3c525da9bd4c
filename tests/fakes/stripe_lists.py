"""Lists of the fake Stripe: newest first, by the time they were made, page by page."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def listed(things: list[Json], params: Json, url: str) -> Json:
    """One page of ``things`` (oldest first), as Stripe's lists are: ``created``, ``limit``, ``starting_after``."""
    since = int(params.get("created", {}).get("gte", 0))
    found = [one for one in reversed(things) if one.get("created", since) >= since]
    if after := params.get("starting_after"):
        found = found[next(n for n, one in enumerate(found, start=1) if one["id"] == after) :]
    most = int(params.get("limit", 10))
    return {"object": "list", "data": found[:most], "has_more": len(found) > most, "url": url}


def intents(charges: dict[str, Json]) -> list[Json]:
    """The payment intents behind the charges: what was paid, whatever way."""
    return [
        {
            "id": intent,
            "object": "payment_intent",
            "status": charge.get("status", "succeeded"),
            "amount": charge["amount"],
            "amount_received": charge["amount"],
            "currency": charge["currency"],
            "metadata": charge.get("metadata") or {},
            "created": charge.get("created", 0),
        }
        for intent, charge in charges.items()
    ]
