"""The next instant at which the workers would have had something to do, so that what they did in the
demo's past has the times that it would have had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.dateparse import parse_datetime

from booking.lifecycle.attendance import COMPLETES_AFTER
from policies.rules.no_show import CONTACT_AFTER

ZERO = timedelta(0)
HOLDS = ("holds_lapsed", "sessions_closed")


@dataclass(frozen=True)
class Source:
    """Rows that fall due ``later`` than the instant in ``column``, and the sweeps that look at
    them beside the delivery of messages."""

    rows: str
    column: str
    later: timedelta
    sweeps: tuple[str, ...]


CONFIRMED = "booking_appointment WHERE status = 'confirmed'"
UNSEEN = f"{CONFIRMED} AND arrived_at IS NULL"
SOURCES = (
    Source("reminders_message WHERE state = 'waiting'", "due_at", ZERO, ()),
    Source("booking_appointment WHERE status IN ('held', 'requested')", "hold_expires_at", ZERO, HOLDS),
    Source("booking_move WHERE state = 'waiting'", "hold_expires_at", ZERO, HOLDS),
    Source(UNSEEN, "starts_at", CONTACT_AFTER, ("contacts",)),
    Source(UNSEEN, "grace_ends_at", ZERO, ("no_shows",)),
    Source(CONFIRMED, "ends_at", COMPLETES_AFTER, ("completed",)),
    Source("payments_settlement WHERE state = 'waiting'", "due_at", ZERO, ("settlements", "cards_charged")),
    Source("payments_credit WHERE ended_at IS NULL", "expires_at", ZERO, ("credits_ended", "refunds")),
)
# One query, written once: it is asked some thousand times.
FIRSTS = " UNION ALL ".join(
    f"SELECT {n}, MIN({one.column}) FROM {one.rows} AND {one.column} > %s"  # noqa: S608, our own words
    for n, one in enumerate(SOURCES)
)


@dataclass(frozen=True)
class Due:
    at: datetime
    sweeps: tuple[str, ...]


def first(*, after: datetime) -> Due | None:
    """What falls due first after an instant."""
    since = [connection.ops.adapt_datetimefield_value(after - source.later) for source in SOURCES]
    with connection.cursor() as cursor:
        cursor.execute(FIRSTS, since)
        rows = cursor.fetchall()
    found = [Due(_instant(at) + SOURCES[n].later, SOURCES[n].sweeps) for n, at in rows if at]
    return min(found, key=lambda due: due.at, default=None)


def _instant(read: datetime | str) -> datetime:
    """SQLite keeps instants as text, in UTC."""
    at = parse_datetime(read) if isinstance(read, str) else read
    assert at
    return at if at.tzinfo else at.replace(tzinfo=UTC)
