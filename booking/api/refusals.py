"""Our own "no" in the one shape that the API gives it."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from config.refusal import Refusal


def of_one_shape(refusal: Refusal) -> Refusal:
    """A refusal whose ``errors`` are one code for each field, as everywhere in the API."""
    wrong = refusal.facts.get("errors")
    if isinstance(wrong, dict):
        refusal.facts["errors"] = {
            field: code[0] if isinstance(code, list) and code else code for field, code in wrong.items()
        }
        refusal.facts.setdefault("messages", dict.fromkeys(wrong, str(refusal.detail or "")))
    return refusal


def wrong(field: str, code: str, detail: str) -> ValidationError:
    """One wrong field; ``client.email`` is ``email`` within ``client``."""
    found: Any = [ErrorDetail(detail, code)]
    for name in reversed(field.split(".")):
        found = {name: found}
    return ValidationError(found)
