"""Long lists a page at a time, by key: the next page starts after the last row, however many were added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet

SIZE = 30


@dataclass(frozen=True)
class Page:
    """``rows`` to show; ``more`` is the query of the next page, empty on the last."""

    rows: list[Any]
    more: str


def page(
    rows: QuerySet[Any], *, by: str, after: str, asked: dict[str, str], newest_first: bool = True
) -> Page:
    """The rows after the key ``after`` (as ``more`` carries it), ordered by the column ``by``."""
    sign, then = ("-", "lt") if newest_first else ("", "gt")
    key = _read(after, rows, by)
    if key:
        value, pk = key
        # What bounds the column stands alone, so that an index starts at the key however far back it is.
        rows = rows.filter(
            Q(**{f"{by}__{then}": value}) | Q(**{f"pk__{then}": pk}), **{f"{by}__{then}e": value}
        )
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: SIZE + 1])
    shown = found[:SIZE]
    more = ""
    if len(found) > SIZE:
        query = {name: value for name, value in asked.items() if value}
        more = "?" + urlencode(query | {"after": _written(shown[-1], by)})
    return Page(shown, more)


def _written(row: Model, by: str) -> str:
    value: Any = row
    for part in by.split("__"):
        value = getattr(value, part)
    return f"{row.pk}~{value.isoformat() if isinstance(value, datetime) else value}"


def _read(after: str, rows: QuerySet[Any], by: str) -> tuple[Any, int] | None:
    """The key, or None for one that nobody wrote."""
    pk, _sep, text = after.partition("~")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    if not by.endswith("_at"):
        return text, int(pk)
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (value, int(pk)) if value.tzinfo else None
