"""A million rows, written by the database itself: copies of one appointment, of its agreement and its message."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

INSTANTS = ("starts_at", "ends_at", "blocked_from", "blocked_until", "grace_ends_at", "original_start_at")


@dataclass(frozen=True)
class Words:
    """How an engine counts, adds hours and makes a key of a number. ``{}`` stands for an instant."""

    number: str
    series: str
    earlier: str
    later: str
    key: str
    digest: str
    zone: str

    def at(self, instant: datetime) -> str:
        """The instant, so many hours earlier as the row's number, or later for the 20 that are to come."""
        plain = f"{instant:%Y-%m-%d %H:%M:%S}{self.zone}"
        return f"CASE WHEN {self.ahead} THEN {self.later.format(plain)} ELSE {self.earlier.format(plain)} END"

    @property
    def ahead(self) -> str:
        return f"{self.number} % 1000 < 20"


def words(vendor: str, rows: int) -> Words:
    if vendor == "sqlite":
        counted = f"SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {rows}"
        return Words(
            number="n.value",
            series=f"(WITH RECURSIVE n(value) AS ({counted}) SELECT value FROM n) n",
            earlier="strftime('%Y-%m-%d %H:%M:%S', '{}', '-' || n.value || ' hours')",
            later="strftime('%Y-%m-%d %H:%M:%S', '{}', '+' || n.value || ' hours')",
            key="printf('%032x', n.value)",
            digest="printf('%064x', n.value)",
            zone="",
        )
    return Words(
        number="n",
        series=f"generate_series(1, {rows}) n",
        earlier="'{}'::timestamptz - n * interval '1 hour'",
        later="'{}'::timestamptz + n * interval '1 hour'",
        key="lpad(to_hex(n), 32, '0')::uuid",
        digest="lpad(to_hex(n), 64, '0')",
        zone="+00",
    )


def million(connection: Any, one: Any, rows: int) -> Iterator[str]:
    """Copies of one appointment, an hour apart: of 1,000 970 were kept, 10 cancelled, 20 are to come. Each
    has the agreement that its mails quote and a message: sent, and for those to come one that waits for its time."""
    said = words(connection.vendor, rows)
    yield appointments(connection, one, said)
    copied = f"(SELECT max(id) FROM booking_appointment) - {rows} + {said.number}"
    yield copy(connection, type(one.agreement), one.agreement, {"appointment_id": copied}, said.series)
    yield messages(connection, one, said, copied)


def appointments(connection: Any, one: Any, said: Words) -> str:
    from booking.models import Appointment

    ended = f"CASE WHEN {said.number} % 1000 < 30 THEN 'cancelled' ELSE 'completed' END"
    start = said.at(one.starts_at)
    changed = {name: said.at(getattr(one, name)) for name in INSTANTS} | {
        "uid": said.key,
        "token_hash": said.digest,
        "status": f"CASE WHEN {said.ahead} THEN 'confirmed' ELSE {ended} END",
        "cancelled_at": f"CASE WHEN {said.number} % 1000 BETWEEN 20 AND 29 THEN {start} END",
        "completed_at": f"CASE WHEN {said.number} % 1000 > 29 THEN {start} END",
    }
    return copy(connection, Appointment, one, changed, said.series)


def messages(connection: Any, one: Any, said: Words, copied: str) -> str:
    from reminders.models import Message

    told = Message(
        provider=one.provider,
        appointment=one,
        kind="reminder",
        to="client",
        start_at=one.starts_at,
        due_at=one.starts_at,
        planned_for=one.starts_at,
        created_at=one.confirmed_at,
        sent_at=None,
        text="A mail that was sent. " * 10,
    )
    due = said.at(one.starts_at)
    changed = dict.fromkeys(("start_at", "due_at", "planned_for"), due) | {
        "uid": said.key,
        "appointment_id": copied,
        "state": f"CASE WHEN {said.ahead} THEN 'waiting' ELSE 'sent' END",
        "sent_at": f"CASE WHEN {said.ahead} THEN NULL ELSE {due} END",
    }
    return copy(connection, Message, told, changed, said.series)


def copy(connection: Any, model: Any, one: Any, changed: dict[str, str], series: str) -> str:
    """INSERT … SELECT: every column of ``one`` as it is, but those that were changed."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = []
    for field in fields:
        if field.column in changed:
            values.append(changed[field.column])
            continue
        value = field.get_db_prep_save(getattr(one, field.attname), connection)
        values.append(literal(connection, value))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values)} FROM {series}"


def literal(connection: Any, value: Any) -> str:
    if connection.vendor == "postgresql":
        return str(connection.cursor().mogrify("%s", [value])) if value is not None else "NULL"
    if value is None:
        return "NULL"
    return str(int(value)) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"
