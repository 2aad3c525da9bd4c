"""Standings to start from: one hour-long life of an appointment under a preset."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from policies.rules.cancellation import Standing
from policies.rules.terms import PRESETS, Consequence, Terms, Window

START = datetime(2027, 6, 10, 8, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
REFUND, CARRY, FORFEIT = (Consequence(deposit=word) for word in ("refund", "carry", "forfeit"))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def before(number: float) -> datetime:
    """So many hours before the start."""
    return START - hours(number)


def window(number: float, cancel: Consequence, move: Consequence | None = None) -> Window:
    return Window(min_notice=hours(number), cancel=cancel, move=move or cancel)


def fee(percent: int) -> Consequence:
    return Consequence(deposit="forfeit", fee_percent=percent)


def terms(preset: str = "Balanced", **changes: Any) -> Terms:
    return replace(PRESETS[preset], **changes)


def standing(preset: str = "Balanced", **changes: Any) -> Standing:
    """27 of 90 euro held for an appointment confirmed a month ago."""
    facts: dict[str, Any] = {
        "terms": terms(preset),
        "currency": "EUR",
        "zone": "Europe/Rome",
        "price": 9000,
        "held": 2700,
        "start": START,
        "original_start": START,
        "confirmed_at": before(24 * 30),
    }
    return Standing(**facts | changes)
