"""The whole installation goes through one file, from either database to either."""

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from booking.models import Appointment, Provider, TimelineEntry
from config import backup, guards
from policies.models import Agreement
from tests.booking import world

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def saved(db, tmp_path):
    """A file with everything that an appointment can have."""
    world.everything()
    path = tmp_path / "kept.zip"
    backup.save(path=path, at=AT)
    return path


def contents(path):
    """Of each table the rows, whatever else the files differ in: PostgreSQL keeps no order of keys."""
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if name.startswith("tables/")]
        return {name: [json.loads(line) for line in file.read(name).splitlines()] for name in names}


def rewritten(path, name, change):
    """The file with one of its parts changed."""
    with zipfile.ZipFile(path) as file:
        parts = {part: file.read(part) for part in file.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w") as file:
        for part, content in parts.items():
            file.writestr(part, content)
    return path


def test_what_is_saved_is_restored_the_same(saved, tmp_path):
    backup.restore(path=saved, replace=True)
    again = tmp_path / "again.zip"
    backup.save(path=again, at=AT)
    assert contents(again) == contents(saved)
    assert len(contents(saved)["tables/booking_appointment.jsonl"]) == 2


def test_the_guards_are_back_afterwards(saved):
    backup.restore(path=saved, replace=True)
    assert guards.missing(connection) == []


def test_new_rows_get_free_numbers_afterwards(saved):
    backup.restore(path=saved, replace=True)
    appointment = Appointment.objects.first()
    last = TimelineEntry.objects.latest("pk").pk
    made = TimelineEntry.objects.create(appointment=appointment, kind="x", at=AT, by="system")
    assert made.pk > last


def test_a_text_in_thai_keeps_its_hash(saved):
    before = dict(Agreement.objects.values_list("sha256", "text"))
    backup.restore(path=saved, replace=True)
    assert dict(Agreement.objects.values_list("sha256", "text")) == before


def test_a_database_with_rows_is_left_alone(saved):
    with pytest.raises(CommandError, match=r"not empty \(.* --replace would delete them"):
        call_command("restore", str(saved))
    assert Provider.objects.count() == 1


def test_a_damaged_file_changes_nothing(saved):
    rewritten(saved, "tables/booking_client.jsonl", lambda lines: lines.replace(b"Mira", b"Nora"))
    with pytest.raises(CommandError, match="booking_client is not as it was saved"):
        call_command("restore", str(saved), "--replace")
    assert Appointment.objects.count() == 2


def test_a_truncated_file_changes_nothing(saved):
    saved.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(CommandError, match="not a whole backup"):
        call_command("restore", str(saved), "--replace")
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kept_backup": 2}, "a backup of format 2"),
        ({"migrations": [["booking", "0001_initial"]]}, "of another version"),
        ({"tables": {}}, "other tables or columns"),
    ],
    ids=["format", "migrations", "tables"],
)
def test_a_backup_of_another_version_is_refused(saved, change, told):
    rewritten(saved, "manifest.json", lambda text: json.dumps(json.loads(text) | change).encode())
    with pytest.raises(CommandError, match=told):
        call_command("restore", str(saved), "--replace")


def test_what_breaks_an_invariant_is_not_restored(db, tmp_path):
    world.everything()
    connection.check_constraints()
    guards.drop(connection)
    Agreement.objects.update(text="Another text.")
    path = tmp_path / "wrong.zip"
    backup.save(path=path, at=AT)
    with pytest.raises(CommandError, match="breaks agreement_hash"):
        call_command("restore", str(path), "--replace")


def test_sessions_are_not_saved_and_the_file_is_the_owners_alone(db, tmp_path):
    Session.objects.create(session_key="secretsessionkey", session_data="x", expire_date=AT)
    path = tmp_path / "kept.zip"
    call_command("backup", str(path))
    assert "tables/django_session.jsonl" not in contents(path)
    assert "secretsessionkey" not in str(contents(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "nowhere" / "kept.zip"))


def manage(*arguments, url):
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def as_migrated(saved, *, url, tmp_path):
    """The tests' own database is made without migrations: the file is to name those of a real one."""
    empty = tmp_path / "empty.zip"
    manage("backup", str(empty), url=url)
    with zipfile.ZipFile(empty) as file:
        migrations = json.loads(file.read("manifest.json"))["migrations"]
    return rewritten(
        saved,
        "manifest.json",
        lambda text: json.dumps(json.loads(text) | {"migrations": migrations}).encode(),
    )


@pytest.mark.once
@pytest.mark.slow
def test_from_here_to_the_other_database_and_back(saved, tmp_path, postgres_url):
    """Through processes and databases of their own, as an operator would."""
    import psycopg

    name = f"kept_backup_{uuid4().hex[:12]}"
    with psycopg.connect(
        f"{postgres_url}/postgres".replace("postgres://", "postgresql://"), autocommit=True
    ) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    lite = f"sqlite:///{tmp_path / 'one.sqlite3'}"
    stations = [f"{postgres_url}/{name}", lite]
    for url in stations:
        manage("migrate", "-v0", url=url)
    path = as_migrated(saved, url=lite, tmp_path=tmp_path)
    for n, url in enumerate(stations):
        assert "every invariant holds" in manage("restore", str(path), url=url)
        path = tmp_path / f"station{n}.zip"
        manage("backup", str(path), url=url)
        assert contents(path) == contents(saved)
    manage("restore", str(path), "--replace", url=stations[0])
    manage("backup", str(path), url=stations[0])
    assert contents(path) == contents(saved)
