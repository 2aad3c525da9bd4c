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

from django.apps import AppConfig
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


def append_only(table: str) -> list[Guard]:
    """No row of ``table`` is ever changed or deleted."""
    return [
        Guard(name=f"{table}_append_only_{event.lower()}", table=table, on=f"BEFORE {event}", when="1 = 1")
        for event in ("UPDATE", "DELETE")
    ]


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
