"""Guards: what the database itself refuses or keeps true, whoever writes.

Each app declares its guards once, in ``<app>/guards.py``, and both engines get them as triggers
(plus one exclusion constraint, which SQLite plays with triggers). They are made again after every
migration, because Django re-makes SQLite tables and silently drops their triggers. A guard that
is missing stops the start (``booking.C001``) and fails ``/readyz``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

APPS = ("booking", "policies", "payments", "reminders")


@dataclass(frozen=True)
class Guard:
    """A row trigger in the SQL that both engines share: when ``when`` holds (over NEW and OLD), run
    ``body``, or with no body refuse with the guard's name."""

    name: str
    table: str
    on: str  # "BEFORE INSERT", "AFTER UPDATE OF a, b"
    when: str
    body: str = ""
    engines: tuple[str, ...] = ("sqlite", "postgresql")

    def sqlite(self) -> list[str]:
        body = self.body or f"SELECT RAISE(ABORT, '{self.name}')"
        return [
            f"CREATE TRIGGER {self.name} {self.on} ON {self.table} FOR EACH ROW"
            f" WHEN {self.when} BEGIN {body}; END"
        ]

    def postgresql(self) -> list[str]:
        body = self.body or (
            f"RAISE EXCEPTION '{self.name}' USING ERRCODE = '23514', CONSTRAINT = '{self.name}'"
        )
        row = "OLD" if "DELETE" in self.on else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$"
            f" BEGIN IF {self.when} THEN {body}; END IF; RETURN {row}; END $guard$",
            f"CREATE TRIGGER {self.name} {self.on} ON {self.table} FOR EACH ROW"
            f" EXECUTE FUNCTION {self.name}()",
        ]

    def drop(self, vendor: str) -> str:
        on = f" ON {self.table}" if vendor == "postgresql" else ""
        return f"DROP TRIGGER IF EXISTS {self.name}{on}"


@dataclass(frozen=True)
class Exclusion:
    """A PostgreSQL exclusion constraint."""

    name: str
    table: str
    elements: str
    engines: tuple[str, ...] = ("postgresql",)

    def postgresql(self) -> list[str]:
        return [f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} EXCLUDE USING gist ({self.elements})"]

    def drop(self, vendor: str) -> str:
        return f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self.name}"


OF_APPOINTMENT = "(SELECT a.client_id FROM booking_appointment a WHERE a.id = NEW.appointment_id)"

OF_PAYMENT = (
    "(SELECT a.client_id FROM payments_payment p LEFT JOIN payments_deposit d ON d.id = p.deposit_id"
    " LEFT JOIN payments_charge h ON h.id = p.charge_id"
    " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
    " WHERE p.id = NEW.payment_id)"
)


def append_only(table: str, *, blanked: tuple[str, ...] = (), client: str = "") -> list[Guard]:
    """No row of ``table`` is ever changed or deleted; but the columns ``blanked`` may be emptied once
    ``client`` (SQL that gives its key) is erased."""
    others = f" OF {_columns(table, but=blanked)}" if blanked else ""
    guards = [
        Guard(name=f"{table}_append_only_update", table=table, on=f"BEFORE UPDATE{others}", when="1 = 1"),
        Guard(name=f"{table}_append_only_delete", table=table, on="BEFORE DELETE", when="1 = 1"),
    ]
    return [*guards, only_erased(f"{table}_blanked", table, blanked, client)] if blanked else guards


def only_erased(
    name: str, table: str, columns: tuple[str, ...], client: str, *, when: str = "1 = 1"
) -> Guard:
    """What stands in these columns stays, where ``when`` holds; it may be emptied once ``client`` is erased, and
    never filled again."""
    changed = " OR ".join(f"{_text('NEW', one)} <> {_text('OLD', one)}" for one in columns)
    full = " OR ".join(f"{_text('NEW', one)} NOT IN ('', '{{}}')" for one in columns)
    erased = f"EXISTS (SELECT 1 FROM booking_client c WHERE c.id = {client} AND c.erased_at IS NOT NULL)"  # noqa: S608
    return Guard(
        name=name,
        table=table,
        on=f"BEFORE UPDATE OF {', '.join(columns)}",
        when=f"({when}) AND ({changed}) AND ({full} OR NOT {erased})",
    )


def _text(row: str, column: str) -> str:
    return f"COALESCE(CAST({row}.{column} AS text), '')"


def _columns(table: str, *, but: tuple[str, ...]) -> str:
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    names = [field.column for field in model._meta.local_concrete_fields if field.column not in but]
    return ", ".join(f'"{name}"' for name in names)


def declared(vendor: str, app: str | None = None) -> list[Guard | Exclusion]:
    apps = [app] if app else APPS
    guards = [guard for name in apps for guard in import_module(f"{name}.guards").GUARDS]
    return [guard for guard in guards if vendor in guard.engines]


def install(connection: BaseDatabaseWrapper, app: str | None = None) -> None:
    """Make the guards (again). Tables that are not there yet are passed over."""
    _settled(connection)
    tables = set(connection.introspection.table_names())
    guards = [g for g in declared(connection.vendor, app) if g.table in tables]
    with connection.cursor() as cursor:
        for guard in guards:
            cursor.execute(guard.drop(connection.vendor))
            for statement in getattr(guard, connection.vendor)():
                cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper, app: str | None = None) -> None:
    """Take every guard (of one app) away: to load a backup, and for tests that prove that a guard matters."""
    _settled(connection)
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in declared(connection.vendor, app):
            if guard.table in tables:
                cursor.execute(guard.drop(connection.vendor))


def _settled(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL alters no table on which checks of this transaction are still outstanding."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of guards that the database lacks: empty when all is well."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
                " UNION ALL SELECT conname FROM pg_constraint WHERE contype = 'x'"
            )
        present = {row[0] for row in cursor.fetchall()}
    return [guard.name for guard in declared(connection.vendor) if guard.name not in present]


def refused_by(error: IntegrityError) -> str:
    """The name of the constraint or guard behind ``error``, the same on both engines where it has a
    name of its own; for a unique constraint SQLite only tells ``table.column, …``."""
    cause: Any = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or ""
    return str(error).removeprefix("CHECK constraint failed: ").removeprefix("UNIQUE constraint failed: ")


def lower(sender: AppConfig, using: str, plan: Sequence[Any] = (), **_: Any) -> None:
    """``pre_migrate``: SQLite makes tables anew under a passing name, and triggers that speak of them
    would be in the way. PostgreSQL changes its tables with the guards up."""
    if plan and connections[using].vendor == "sqlite":
        drop(connections[using], sender.label)


def reinstall(sender: AppConfig, using: str, **_: Any) -> None:
    """``post_migrate``: the guards of one app, made again."""
    install(connections[using], sender.label)


def check(app_configs: Any, databases: list[str] | None = None, **_: Any) -> Iterator[checks.CheckMessage]:
    """``booking.C001``: every guard is in the database (F-11)."""
    for alias in databases or []:
        connection = connections[alias]
        if "booking_busytime" not in connection.introspection.table_names():
            continue
        if lost := missing(connection):
            yield checks.Critical(
                f"The database lacks guards: {', '.join(lost)}.",
                hint="Run `manage.py migrate`, which makes them again.",
                id="booking.C001",
            )
