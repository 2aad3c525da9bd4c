"""Invariants: what must be true of all rows, asked of the database by SQL of its own.

The guards (config/guards.py) refuse a violation when it is written; these look for one that is
there all the same, because a guard was missing or somebody went around it. Each app declares its
own in ``<app>.invariants``, apart from models, guards and stories, so that one mistake is not
made twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from config import guards

APPS = ("booking", "policies", "payments", "reminders")
MOST_ROWS = 20


NAMED = re.compile(r'CONSTRAINT "([^"]+)"')


@dataclass(frozen=True)
class Invariant:
    """``what`` must be true; ``sql``, the same on both engines, selects the rows of which it is not."""

    name: str
    what: str
    sql: str

    def violations(self, connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            columns = [column[0] for column in cursor.description]
            while rows := cursor.fetchmany(500):
                yield from (dict(zip(columns, row, strict=True)) for row in rows)


@dataclass(frozen=True)
class Asked:
    """An invariant that SQL alone cannot tell; ``ask`` yields the violations."""

    name: str
    what: str
    ask: Callable[[BaseDatabaseWrapper], Iterator[dict[str, Any]]]

    def violations(self, connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
        return self.ask(connection)


@dataclass(frozen=True)
class Verdict:
    """``rows`` are the first violations, ``count`` all of them."""

    invariant: Invariant | Asked
    rows: list[dict[str, Any]]
    count: int


def declared() -> list[Invariant | Asked]:
    own = [one for app in APPS for one in import_module(f"{app}.invariants").INVARIANTS]
    return [*own, *STRUCTURE]


def verify(connection: BaseDatabaseWrapper) -> Iterator[Verdict]:
    """One verdict for each invariant. Reads only; on a busy system, in a transaction of the caller's
    that sees one moment."""
    for invariant in declared():
        rows, count = [], 0
        for count, row in enumerate(invariant.violations(connection), start=1):
            if count <= MOST_ROWS:
                rows.append(row)
        yield Verdict(invariant, rows, count)


def _missing_guards(connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
    yield from ({"guard": name} for name in guards.missing(connection))


def _missing_constraints(connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
    there = _constraints(connection)
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            table = model._meta.db_table
            for constraint in model._meta.constraints:
                if (table, constraint.name) not in there:
                    yield {"table": table, "constraint": constraint.name}


def _constraints(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Table and name of every constraint and index, by one question for all tables."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
            return {
                (table, found)
                for table, name, sql in cursor.fetchall()
                for found in (name, *NAMED.findall(sql or ""))
            }
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " UNION SELECT indrelid::regclass::text, relname FROM pg_index JOIN pg_class ON oid = indexrelid"
        )
        return {(table, name) for table, name in cursor.fetchall()}


def _dangling(connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_key_check")
            yield from ({"table": row[0], "rowid": row[1], "parent": row[2]} for row in cursor.fetchall())
        else:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype = 'f' AND NOT convalidated"
            )
            yield from ({"table": row[0], "constraint": row[1]} for row in cursor.fetchall())


STRUCTURE = [
    Asked("guards_present", "every trigger and exclusion constraint is in the database", _missing_guards),
    Asked("constraints_present", "every named constraint is in the database", _missing_constraints),
    Asked("references", "every reference leads to a row", _dangling),
]
