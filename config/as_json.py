"""How an amount and an instant are written for programs: in answers, in stored facts, in records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, overload


def money(amount: int, currency: str) -> dict[str, Any]:
    """Whole minor units with their currency."""
    return {"amount": amount, "currency": currency}


@overload
def instant(at: datetime) -> str: ...
@overload
def instant(at: None) -> None: ...
@overload
def instant(at: datetime | None) -> str | None: ...
def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, with ``Z``; None stays None."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def instants(ats: Iterable[datetime]) -> list[str]:
    return [instant(at) for at in ats]
