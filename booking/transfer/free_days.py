"""The optional key ``holidays``: the public holidays on which the provider is closed. A file without it leaves
them as they are; an empty object ends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from booking import free_days
from booking.models import Holidays, Provider
from booking.transfer.values import Values
from policies.rules.reading import MISSING, join

MOST = 100


def read(values: Values, source: Any, path: str) -> dict[str, Any] | None:
    if source is MISSING:
        return None
    if source == {}:
        return {"country": "", "region": "", "closed": []}
    found = values.fields(source, path, ("country", "closed"), ("region",))
    if found is None:
        return None
    country = values.line(found["country"], join(path, "country"), 2) or ""
    region = values.line(found["region"], join(path, "region"), 20) or ""
    names = values.items(found["closed"], join(path, "closed"), least=1, most=MOST)
    closed = [values.line(one, at, 200) or "" for one, at in names]
    if country and not free_days.is_known(country, ""):
        words = gettext_noop("must be the code of a country with known holidays, as IT")
        values.wrong(join(path, "country"), words)
    elif country and not free_days.is_known(country, region):
        values.wrong(
            join(path, "region"),
            gettext_noop("must be the code of a region of %(country)s"),
            country=country,
        )
    return {"country": country, "region": region, "closed": closed}


def store(provider: Provider, chosen: dict[str, Any] | None, *, at: datetime) -> None:
    if chosen is None or chosen == _kept(provider):
        return
    free_days.choose(provider=provider, at=at, **chosen)


def write(provider: Provider) -> dict[str, Any]:
    kept = _kept(provider)
    return {name: value for name, value in kept.items() if value} if kept else {}


def _kept(provider: Provider) -> dict[str, Any] | None:
    row = Holidays.objects.filter(provider=provider).first()
    return {"country": row.country, "region": row.region, "closed": row.closed} if row else None
