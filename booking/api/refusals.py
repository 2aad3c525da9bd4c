"""Our own "no" in the one shape that the API gives it."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from config.refusal import Refusal


def of_one_shape(refusal: Refusal) -> Refusal:
    """A refusal whose ``errors`` are one code for each field, as everywhere in the API."""
    said = refusal.facts.get("errors")
    if isinstance(said, dict):
        first = {field: one[0] if isinstance(one, list) and one else one for field, one in said.items()}
        # A sentence is no code; it is told beside it.
        refusal.facts["errors"] = {
            field: "invalid" if " " in str(one) else one for field, one in first.items()
        }
        refusal.facts.setdefault("messages", dict.fromkeys(said, str(refusal.detail or "")))
    return refusal


def wrong(field: str, code: str, detail: str) -> ValidationError:
    """One wrong field; ``client.email`` is ``email`` within ``client``."""
    found: Any = [ErrorDetail(detail, code)]
    for name in reversed(field.split(".")):
        found = {name: found}
    return ValidationError(found)
