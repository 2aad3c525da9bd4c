"""Everything that is held about one person, for the person: in words, and row by row (GDPR, articles 15 and 20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from booking.models import Client
from booking.telling import to_client
from booking.templatetags.kept import in_language
from config import formats, personal

FORMAT = 1
# Secrets of ours, members of the provider's, and what the program notes for itself.
NOT_THEIRS = {
    "provider",
    "user",
    "decided_by",
    "submitted_by",
    "erased_by",
    "token_hash",
    "token_generation",
    "request_hash",
    "claimed_at",
}


def everything(*, client: Client, at: datetime) -> dict[str, Any]:
    """One JSON object. ``in_words`` tells what happened in the client's language; ``sections`` hold all rows in
    the shape of our tables, with the same fields that erasing goes through."""
    with formats.speaking_to(client):
        return {
            "kept_export": FORMAT,
            "made_at": at.isoformat(),
            "provider": client.provider.name,
            "client": str(client.uid),
            "in_words": _story(client),
            "sections": [_section(held, client) for held in personal.declared()],
        }


def _story(client: Client) -> list[dict[str, Any]]:
    appointments = client.appointments.with_names().prefetch_related("timeline").order_by("starts_at", "pk")
    return [
        {
            "service": in_language(one.service.name),
            "starts_at": one.starts_at.isoformat(),
            "what_happened": [
                {"at": line.at.isoformat(), "words": line.words} for line in reversed(to_client.lines(one))
            ],
        }
        for one in appointments
    ]


def _section(held: personal.Personal, client: Client) -> dict[str, Any]:
    rows = held.rows(client).order_by("pk")
    if held.others:
        rows = rows.exclude(held.others)
    return {
        "table": held.model,
        "about": str(held.words),
        "rows": [_row(one) for one in rows],
    }


def _row(row: models.Model) -> dict[str, Any]:
    fields = (field for field in row._meta.concrete_fields if field.name not in NOT_THEIRS)
    return {field.attname: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, (str, int, bool, dict, list, type(None))) else str(value)
