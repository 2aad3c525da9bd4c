"""The optional key ``wording``: what clients are written in the provider's own words, by kind and language.

Where it is there it is all of them; a file without it leaves them as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from booking.models import Provider
from booking.transfer.shape import OwnWordsPart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, join
from reminders import adapted
from reminders.models import Adapted
from reminders.wording import placeholders


def read(values: Values, source: Any, path: str) -> list[OwnWordsPart] | None:
    if source is MISSING:
        return None
    parts: list[OwnWordsPart] = []
    for one, at in values.items(source, path, most=300):
        part = _part(values, one, at)
        if part is None:
            continue
        if any((part.kind, part.language) == (other.kind, other.language) for other in parts):
            values.wrong(at, gettext_noop('"%(name)s" is there twice'), name=f"{part.kind}, {part.language}")
        parts.append(part)
    return parts


def _part(values: Values, source: Any, path: str) -> OwnWordsPart | None:
    found = values.fields(source, path, ("kind", "language"), Adapted.TEXTS)
    if found is None:
        return None
    kind = values.word(found["kind"], join(path, "kind"), tuple(adapted.kinds()))
    languages = tuple(code for code, _ in settings.LANGUAGES)
    language = values.word(found["language"], join(path, "language"), languages)
    texts = {name: _text(values, found[name], join(path, name)) for name in Adapted.TEXTS}
    for name, wrong in placeholders.problems(texts).items():
        for one in wrong:
            values.wrong(join(path, name), one)
    if not any(found[name] is not MISSING for name in Adapted.TEXTS):
        values.wrong(
            path, gettext_noop("must have one at least of %(names)s"), names=", ".join(Adapted.TEXTS)
        )
    return OwnWordsPart(kind=kind, language=language, **texts) if kind and language else None


def _text(values: Values, source: Any, path: str) -> str:
    return (values.text(source, path, placeholders.LONGEST_TEXT) or "").strip()


def store(provider: Provider, parts: list[OwnWordsPart] | None, *, at: datetime) -> None:
    if parts is None:
        return
    wanted = {(part.kind, part.language): part for part in parts}
    for row in Adapted.objects.in_force().filter(provider=provider):
        if (row.kind, row.language) not in wanted:
            adapted.go_back(provider=provider, kind=row.kind, language=row.language, at=at)
    for part in parts:
        texts = {name: getattr(part, name) for name in Adapted.TEXTS}
        adapted.save(provider=provider, kind=part.kind, language=part.language, texts=texts, by=None, at=at)


def write(provider: Provider) -> list[dict[str, str]]:
    rows = Adapted.objects.in_force().filter(provider=provider).order_by("kind", "language")
    return [
        {"kind": row.kind, "language": row.language}
        | {name: text for name, text in row.texts.items() if text}
        for row in rows
    ]
