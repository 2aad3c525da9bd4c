"""Public holidays on which a provider is closed: chosen once by name, kept as days that differ, years ahead.

A row of the calendar is a day that differs with the origin `holiday`; what the provider itself said of a day adds
to it and so holds, and its file knows nothing of these rows, only of the choice they were made from."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from babel import Locale
from babel.core import get_global
from django.db import transaction

from booking.models import Holidays, Override, Provider

AHEAD = timedelta(days=1_100)  # the longest horizon is two years, and a year beside it
AGAIN = timedelta(days=30)
HOLIDAY = "holiday"
_BESIDE = re.compile(r"\s*[(（].*[)）]$")  # "(observed)", "(estimated)": the same day by another date


@dataclass(frozen=True)
class FreeDay:
    """One public holiday: ``keys`` are its names in the country's own language, ``said`` in the reader's."""

    on: date
    keys: tuple[str, ...]
    said: str


def countries(spoken: Locale) -> list[tuple[str, str]]:
    """Each country that is known, by its code, in the order of its names."""
    known = holidays.list_supported_countries(include_aliases=False)
    names = [(code, str(spoken.territories[code])) for code in known if code in spoken.territories]
    return sorted(names, key=lambda one: one[1].casefold())


def regions(country: str) -> list[tuple[str, str]]:
    """The parts of a country that have holidays of their own, by their code."""
    found = getattr(holidays, country, None)
    if found is None:
        return []
    names = {code: name for name, code in reversed(list(found.subdivisions_aliases.items()))}
    return sorted(((code, names.get(code, code)) for code in found.subdivisions), key=lambda one: one[1])


def is_known(country: str, region: str) -> bool:
    known = holidays.list_supported_countries(include_aliases=False)
    return country in known and (not region or region in dict(regions(country)))


def country_of(zone: str) -> str:
    """The country in which a time zone lies, '' where that is unknown."""
    return str(get_global("zone_territories").get(zone, ""))


def days(country: str, region: str, first: date, last: date, *, language: str = "") -> list[FreeDay]:
    """The holidays from ``first`` to ``last``, in order, their names in ``language`` where they are known in it."""
    years = range(first.year, last.year + 1)
    own = _of(country, region, years)
    spoken = _of(country, region, years, _spoken(country, language))
    return [
        FreeDay(on, tuple(_BESIDE.sub("", name) for name in own.get_list(on)), spoken.get(on) or own[on])
        for on in sorted(own)
        if first <= on <= last
    ]


def _of(country: str, region: str, years: range, language: str | None = None) -> holidays.HolidayBase:
    """Left to itself the library speaks English; ``None`` is the country's own language here."""
    spoken = language or getattr(holidays, country).default_language
    return holidays.country_holidays(country, subdiv=region or None, years=years, language=spoken)


def _spoken(country: str, language: str) -> str | None:
    known = holidays.list_localized_countries().get(country, [])
    return next((one for one in known if language and one.split("_")[0] == language), None)


@transaction.atomic
def choose(*, provider: Provider, country: str, region: str, closed: Collection[str], at: datetime) -> None:
    """Be closed on the holidays of these names from now on. No names: on none."""
    Provider.objects.locked().get(pk=provider.pk)
    if not closed:
        Holidays.objects.filter(provider=provider).delete()
        Override.objects.filter(provider=provider, origin=HOLIDAY).delete()
        return
    facts = {"country": country, "region": region, "closed": sorted(closed), "renew_at": at}
    chosen, _made = Holidays.objects.update_or_create(provider=provider, defaults=facts)
    _put(chosen, at=at)


def renew_due(*, at: datetime) -> int:
    """Carry each choice on into the years that have come into reach."""
    due = Holidays.objects.filter(renew_at__lte=at).order_by("renew_at", "pk")[:200]
    return sum(_renew(chosen.pk, at=at) for chosen in due)


@transaction.atomic
def _renew(pk: int, *, at: datetime) -> bool:
    found = Holidays.objects.filter(pk=pk).first()
    if found is None:
        return False
    Provider.objects.locked().get(pk=found.provider_id)
    chosen = Holidays.objects.select_related("provider").filter(pk=pk, renew_at__lte=at).first()
    if chosen is None:
        return False
    _put(chosen, at=at)
    return True


def _put(chosen: Holidays, *, at: datetime) -> None:
    """The rows of a choice from today on; only what differs is written, and what has passed stays."""
    today = at.astimezone(ZoneInfo(chosen.provider.timezone)).date()
    closed = set(chosen.closed)
    found = days(chosen.country, chosen.region, today, today + AHEAD)
    wanted = {day.on for day in found if closed.intersection(day.keys)}
    rows = Override.objects.filter(provider=chosen.provider, origin=HOLIDAY, on__gte=today)
    there = set(rows.values_list("on", flat=True))
    rows.filter(on__in=there - wanted).delete()
    Override.objects.bulk_create(
        Override(provider=chosen.provider, on=on, origin=HOLIDAY) for on in sorted(wanted - there)
    )
    chosen.renew_at = at + AGAIN
    chosen.save(update_fields=["renew_at"])
