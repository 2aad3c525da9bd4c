"""Rows as text that means the same on both databases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_duration
from django.utils.duration import duration_iso_string

FORMAT = 1
MANIFEST = "manifest.json"
# Log-ins of this moment are not part of an installation, and a session's key is as good as a password.
LEFT_OUT = {"django_session"}
# Made by every migration anew; whoever restores has them already.
MADE_BY_MIGRATION = {"django_content_type", "auth_permission"}


def tables() -> list[type[models.Model]]:
    """Every model with a table of its own, those that join two others included, in a steady order."""
    every = apps.get_models(include_auto_created=True)
    own = {model._meta.db_table: model for model in every if model._meta.managed and not model._meta.proxy}
    return [own[name] for name in sorted(own) if name not in LEFT_OUT]


def columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def written(row: tuple[Any, ...]) -> bytes:
    """One row as one line."""
    return json.dumps(row, default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"no way to write a {type(value).__name__}")


def read(model: type[models.Model], names: list[str], lines: Iterator[bytes]) -> Iterator[models.Model]:
    """The rows of a table, ready to be inserted as they are."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    for line in lines:
        values = json.loads(line)
        yield model(**{name: _value(fields[name], one) for name, one in zip(names, values, strict=True)})


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.DurationField):
        return parse_duration(value)
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    return value if isinstance(field, models.ForeignKey) else field.to_python(value)
