"""From a file into a database, all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from config import guards, invariants
from config.backup import rows
from config.backup.saving import migrations
from config.refusal import Refusal

BATCH = 500


class NotRestored(Refusal):
    """The file or the database is not fit for it; nothing was changed."""

    code = "not_restored"


def restore(*, path: Path, replace: bool = False) -> dict[str, Any]:
    """Loads a backup into an empty installation with the same migrations, or with ``replace`` into
    any, whose rows are lost. Returns the manifest. Raises ``NotRestored``."""
    try:
        with zipfile.ZipFile(path) as file:
            manifest = _manifest(file)
            _check(file, manifest)
            _load(file, manifest, replace=replace)
    except (zipfile.BadZipFile, KeyError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as broken:
        raise NotRestored(f"{path} is not a whole backup: {broken}") from None
    return manifest


def _manifest(file: zipfile.ZipFile) -> dict[str, Any]:
    manifest = json.loads(file.read(rows.MANIFEST))
    if manifest["kept_backup"] != rows.FORMAT:
        raise NotRestored(f"this is a backup of format {manifest['kept_backup']}, not {rows.FORMAT}")
    if manifest["migrations"] != migrations():
        raise NotRestored(
            "this backup is of another version: install the release that made it and run its migrations"
        )
    here = {model._meta.db_table: rows.columns(model) for model in rows.tables()}
    if {name: table["columns"] for name, table in manifest["tables"].items()} != here:
        raise NotRestored("this backup has other tables or columns than this release")
    return dict(manifest)


def _check(file: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """The checksums and counts of all tables, before anything is touched."""
    for name, table in manifest["tables"].items():
        count, digest = 0, hashlib.sha256()
        with file.open(f"tables/{name}.jsonl") as lines:
            for line in lines:
                count += 1
                digest.update(line)
        if (count, digest.hexdigest()) != (table["rows"], table["sha256"]):
            raise NotRestored(f"{name} is not as it was saved: the file is damaged")


@transaction.atomic
def _load(file: zipfile.ZipFile, manifest: dict[str, Any], *, replace: bool) -> None:
    models_here = rows.tables()
    if not replace:
        _must_be_empty(models_here)
    # PostgreSQL changes no table on which a check still waits; here and below none does any more.
    connection.check_constraints()
    # History may not be deleted, and the triggers would fill what the file brings filled.
    guards.drop(connection)
    for model in models_here:
        model._base_manager.all()._raw_delete(connection.alias)
    for model in models_here:
        name = model._meta.db_table
        with file.open(f"tables/{name}.jsonl") as lines:
            _insert(model, rows.read(model, manifest["tables"][name]["columns"], lines))
    _count_on(models_here)
    connection.check_constraints()
    guards.install(connection)
    broken = [verdict.invariant.name for verdict in invariants.verify(connection) if verdict.count]
    if broken:
        raise NotRestored(f"what the backup holds breaks {', '.join(broken)}")


def _must_be_empty(models_here: list[type[models.Model]]) -> None:
    for model in models_here:
        name = model._meta.db_table
        if name not in rows.MADE_BY_MIGRATION and model._base_manager.exists():
            raise NotRestored(f"this database is not empty ({name} has rows): --replace would delete them")


def _insert(model: type[models.Model], found: Iterator[models.Model]) -> None:
    while batch := list(islice(found, BATCH)):
        model._base_manager.bulk_create(batch)


def _count_on(models_here: list[type[models.Model]]) -> None:
    """The next row of each table gets a number that is free."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models_here):
            cursor.execute(statement)
