"""The optional key ``limits``, of the provider and of a service: how much clients may book (docs/rules.md)."""

from __future__ import annotations

from typing import Any

from booking.transfer.values import Values
from policies.rules.reading import MISSING, join

MOST = {"per_day": 100, "per_week": 700}
LONGEST_WAY = 480


def read(values: Values, source: Any, path: str) -> dict[str, int] | None:
    """Of the provider; None where the file says nothing of it, which leaves what is there."""
    return _read(values, source, path, {**MOST, "travel_minutes": LONGEST_WAY})


def of_service(values: Values, source: Any, path: str) -> dict[str, int]:
    return _read(values, source, path, MOST) or {}


def _read(values: Values, source: Any, path: str, most: dict[str, int]) -> dict[str, int] | None:
    if source is MISSING:
        return None
    found = values.fields(source, path, (), tuple(most))
    if found is None:
        return None
    numbers = {name: values.whole(found[name], join(path, name), 1, most[name]) for name in most}
    return {name: number for name, number in numbers.items() if number is not None}
