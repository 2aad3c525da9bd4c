"""The optional key ``legal``: the provider's own words on its legal notice and its privacy page.

Where it is there it is all of it; a file without it leaves what is there."""

from __future__ import annotations

from typing import Any

from booking.models import LegalText, Provider
from booking.transfer.shape import LegalPart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, join

LONGEST = 20_000
KINDS = tuple(map(str, LegalText.Kind.values))


def read(values: Values, source: Any, path: str) -> list[LegalPart] | None:
    if source is MISSING:
        return None
    found = values.fields(source, path, (), KINDS)
    if found is None:
        return None
    parts = [
        _part(values, kind, found[kind], join(path, kind)) for kind in KINDS if found[kind] is not MISSING
    ]
    return [part for part in parts if part is not None]


def _part(values: Values, kind: str, source: Any, path: str) -> LegalPart | None:
    found = values.fields(source, path, ("text",), ("instead",))
    if found is None:
        return None
    texts = values.texts(found["text"], join(path, "text"), LONGEST, lines=True)
    instead = bool(values.flag(found["instead"], join(path, "instead")))
    return LegalPart(kind=kind, instead=instead, texts=texts or {})


def store(provider: Provider, parts: list[LegalPart] | None) -> None:
    if parts is None:
        return
    LegalText.objects.filter(provider=provider).exclude(kind__in=[part.kind for part in parts]).delete()
    for part in parts:
        said = {"instead": part.instead, "texts": part.texts}
        LegalText.objects.update_or_create(provider=provider, kind=part.kind, defaults=said)


def write(provider: Provider) -> dict[str, Any]:
    rows = LegalText.objects.filter(provider=provider).order_by("kind")
    return {row.kind: {"text": row.texts} | ({"instead": True} if row.instead else {}) for row in rows}
