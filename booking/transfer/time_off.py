"""The optional key ``time_off``: when the provider takes no appointments. A file without it leaves it as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from booking.models import Provider, TimeOff
from booking.transfer.shape import TimeOffPart
from booking.transfer.values import Values
from config.guards import refused_by
from policies.rules.reading import MISSING, Wrong, join

MOST = 5000


def read(values: Values, source: Any, path: str) -> list[TimeOffPart] | None:
    if source is MISSING:
        return None
    found = [(_part(values, one, at), at) for one, at in values.items(source, path, most=MOST)]
    parts = [(part, at) for part, at in found if part is not None]
    in_order = sorted(parts, key=lambda one: one[0].starts_at)
    for (before, _at), (after, at) in pairwise(in_order):
        if after.starts_at < before.ends_at:
            values.wrong(at, gettext_noop("overlaps another time off of the file"))
    return [part for part, _at in parts]


def _part(values: Values, source: Any, path: str) -> TimeOffPart | None:
    found = values.fields(source, path, ("from", "until"), ("title",))
    if found is None:
        return None
    starts, ends = (_instant(values, found[name], join(path, name)) for name in ("from", "until"))
    title = values.line(found["title"], join(path, "title"), 100) or ""
    if starts is None or ends is None:
        return None
    if ends <= starts:
        values.wrong(
            join(path, "until"),
            gettext_noop("must be after from, which is %(from)s"),
            **{"from": found["from"]},
        )
        return None
    return TimeOffPart(starts_at=starts, ends_at=ends, title=title)


def _instant(values: Values, value: Any, path: str) -> datetime | None:
    if value is MISSING:
        return None
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 < found.year < 2200:
        values.wrong(path, gettext_noop("must be a time with its offset, as 2027-03-01T09:00:00+01:00"))
        return None
    return found.astimezone(UTC)


def store(provider: Provider, parts: list[TimeOffPart] | None, *, at: datetime) -> list[tuple[str, str]]:
    """What stays the same stays the same row. Answers with what is in the way."""
    if parts is None:
        return []
    there = {(one.starts_at, one.ends_at, one.title): one for one in provider.time_off.all()}
    wanted = {(part.starts_at, part.ends_at, part.title): n for n, part in enumerate(parts)}
    gone = [one.pk for key, one in there.items() if key not in wanted]
    TimeOff.objects.filter(pk__in=gone).delete()
    new = [(n, key) for key, n in wanted.items() if key not in there]
    return [wrong for n, key in new if (wrong := _take(provider, key, n, at=at))]


def _take(
    provider: Provider, key: tuple[datetime, datetime, str], n: int, *, at: datetime
) -> tuple[str, str] | None:
    starts, ends, title = key
    try:
        with transaction.atomic():
            provider.time_off.create(starts_at=starts, ends_at=ends, title=title, created_at=at)
    except IntegrityError as error:
        if not refused_by(error).startswith("no_overlap"):
            raise
        told = gettext_noop("is taken already by an appointment; move or cancel that first")
        return f"time_off[{n}]", Wrong(told, {})
    return None


def write(provider: Provider) -> list[dict[str, str]]:
    zone = ZoneInfo(provider.timezone)
    return [
        {
            "from": one.starts_at.astimezone(zone).isoformat(),
            "until": one.ends_at.astimezone(zone).isoformat(),
        }
        | ({"title": one.title} if one.title else {})
        for one in provider.time_off.order_by("starts_at", "pk")
    ]
