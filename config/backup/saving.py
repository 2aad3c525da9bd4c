"""From the database into a file."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

from config.backup import rows
from config.moment import one_moment

CHUNK = 2000


def save(*, path: Path, at: datetime) -> dict[str, Any]:
    """Writes the installation as it is at one moment, while it goes on working. Returns the manifest.
    The file appears when it is whole, readable for its owner alone."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file, one_moment():
            _without_hurry()
            manifest = {
                "kept_backup": rows.FORMAT,
                "made_at": at.isoformat(),
                "database": connection.vendor,
                "migrations": migrations(),
                "tables": {model._meta.db_table: _table(file, model) for model in rows.tables()},
            }
            file.writestr(rows.MANIFEST, json.dumps(manifest, indent=1))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def migrations() -> list[list[str]]:
    """What the schema is: every migration that was applied."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def _table(file: zipfile.ZipFile, model: type[models.Model]) -> dict[str, Any]:
    names, count, digest = rows.columns(model), 0, hashlib.sha256()
    found = model._base_manager.order_by("pk").values_list(*names)
    with file.open(f"tables/{model._meta.db_table}.jsonl", "w", force_zip64=True) as table:
        for row in found.iterator(chunk_size=CHUNK):
            line = rows.written(row)
            count += 1
            digest.update(line)
            table.write(line)
    return {"columns": names, "rows": count, "sha256": digest.hexdigest()}


def _without_hurry() -> None:
    """A table may take longer to write than a request may be idle."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
