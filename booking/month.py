"""The free starts of a service, for the address that is asked most (`bench/`).

One statement tells whether anything can have changed: the provider's version, which the database raises
with every change of the calendar, and the last hold that lapsed. What they stand for (service, hours) is
remembered for as long as they stand, so that a fresh answer costs one more statement, for the taken time.
Both are written by hand: the ORM takes longer to word them than the databases to answer."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Exists, OuterRef

from booking import agenda
from booking import slots as rules
from booking.limits import Limits
from booking.models import BusyElsewhere, Service

V = TypeVar("V")

LAST_DAY = date(9999, 12, 31)
LONGEST_BUFFER = timedelta(days=1)
# What ended a day ago cannot be in the way any more, for no buffer is longer: the index ends the search there.
LOOK = """
SELECT p.uid, p.version, p.timezone, s.id, s.duration_minutes,
  (SELECT MAX(b.expires_at) FROM booking_busytime b
   WHERE b.provider_id = p.id AND b.blocked_until > %s AND b.expires_at <= %s)
FROM booking_provider p JOIN booking_service s ON s.provider_id = p.id
WHERE p.slug = %s AND s.slug = %s AND NOT s.hidden
"""
SECONDS = {
    "sqlite": ("unixepoch(blocked_from)", "unixepoch(blocked_until, '+0.999 seconds')"),
    "postgresql": (
        "floor(extract(epoch FROM blocked_from))::bigint",
        "ceil(extract(epoch FROM blocked_until))::bigint",
    ),
}
TAKEN = """
SELECT {0}, {1} FROM booking_busytime
WHERE provider_id = %s AND blocked_until > %s AND blocked_from < %s AND (expires_at IS NULL OR expires_at > %s)
{2}ORDER BY 1
"""
ELSEWHERE = """UNION ALL SELECT {0}, {1} FROM booking_busyelsewhere
WHERE provider_id = %s AND blocked_until > %s AND blocked_from < %s
"""


class Recent(Generic[V]):
    """The last things that were worked out, by what they depend on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Any, V] = OrderedDict()

    def get(self, key: Any, make: Callable[[], V]) -> V:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


@dataclass(frozen=True)
class Seen:
    """What one look at the database told. As long as it is the same, so are the slots of one minute."""

    provider: str
    version: int
    timezone: str
    service: int
    duration_minutes: int
    lapsed: Any

    def tag(self, *asked: Any, at: datetime) -> str:
        """A tag that changes whenever the answer may: notice and horizon pass a start on a full minute."""
        second = at.timestamp()
        minutes = (second // 60, -(-second // 60))
        said = repr((self.provider, self.version, self.service, self.lapsed, minutes, asked))
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Known:
    """A service as it is offered while a version stands."""

    provider: int
    zone: str
    offer: rules.Offer
    hours: rules.Hours
    overrides: tuple[rules.Override, ...]
    elsewhere: bool
    limited: (
        Service | None
    )  # where the provider set limits: its own, then, for they ask for the taken time by service


_known: Recent[Known] = Recent(2_048)


def look(*, provider: str, service: str, at: datetime) -> Seen | None:
    """The present state of a service that can be booked, by the slugs; None where there is none."""
    since, now = map(connection.ops.adapt_datetimefield_value, (at - LONGEST_BUFFER, at))
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [since, now, provider, service])
        row = cursor.fetchone()
    return Seen(str(row[0]), *row[1:]) if row else None


def days(
    *, seen: Seen, first: date, last: date, zone: str, mode: str | None, at: datetime
) -> dict[str, list[str]]:
    """The free starts by local date of ``zone``, as `availability.slots` gives them."""
    known = _known.get((seen.provider, seen.version, seen.service), lambda: _learn(seen.service, at=at))
    since, until = rules.reach(known.offer, tz=zone, first=first, last=last)
    found = rules.Agenda(
        hours=known.hours,
        zone=known.zone,
        overrides=known.overrides,
        busy=_taken(known, since, until, at=at),
        limits=_limits(known, since, until, at=at),
    )
    return rules.month(known.offer, found, first=first, last=last, tz=zone, mode=mode, at=at)


def _limits(known: Known, since: datetime, until: datetime, *, at: datetime) -> Limits | None:
    service = known.limited
    if service is None:
        return None
    return agenda.limits(service.provider, service, since=since, until=until, at=at)


def _learn(service: int, *, at: datetime) -> Known:
    other = Exists(BusyElsewhere.objects.filter(provider=OuterRef("provider")))
    found = Service.objects.select_related("provider").annotate(elsewhere=other).get(pk=service)
    weekly, special = agenda.schedule(found.provider, at.date() - timedelta(days=3), LAST_DAY)
    return Known(
        provider=found.provider_id,
        zone=found.provider.timezone,
        offer=agenda.offer_of(found),
        hours=rules.Hours(tuple(weekly)),
        overrides=tuple(special),
        elsewhere=found.elsewhere,
        limited=found if found.provider.limits or found.limits else None,
    )


def _taken(known: Known, since: datetime, until: datetime, *, at: datetime) -> list[rules.Span]:
    """The taken time between two instants as whole seconds that cover it."""
    edges = (max(since, at - LONGEST_BUFFER), until, at)
    first, last, now = map(connection.ops.adapt_datetimefield_value, edges)
    seconds = SECONDS[connection.vendor]
    also = ELSEWHERE.format(*seconds) if known.elsewhere else ""
    facts = [known.provider, first, last, now, *((known.provider, first, last) if also else ())]
    with connection.cursor() as cursor:
        cursor.execute(TAKEN.format(*seconds, also), facts)
        return list(cursor.fetchall())
