"""How either database is talked to."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ

SCHEMES = {"sqlite", "postgres", "postgresql"}
SQLITE = {
    # Take the write lock at the start: with the default, a reader that turns writer fails at once.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: a booking that was acknowledged survives a power cut.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
}


def settings_for(url: str) -> dict[str, Any]:
    """Django's settings for a database. Raises ValueError on an address that cannot be used."""
    if urlsplit(url).scheme not in SCHEMES:
        raise ValueError("neither sqlite nor postgres")
    try:
        found = dict(environ.Env.db_url_config(url))
    except (TypeError, AttributeError, environ.ImproperlyConfigured) as wrong:
        raise ValueError(str(wrong)) from None
    if found["ENGINE"].endswith("sqlite3"):
        Path(found["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return found | {"OPTIONS": dict(SQLITE)}
    # A host that is a folder holds the server's socket: postgres://%2Fvar%2Frun%2Fpostgresql/kept.
    found["HOST"] = unquote(found.get("HOST") or "")
    # Connections are kept: a new one costs more than a booking.
    kept = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return (
        found | kept | {"OPTIONS": found.get("OPTIONS", {}) | {"connect_timeout": 5, "options": _timeouts()}}
    )


def _timeouts() -> str:
    """Seconds are for requests and sweeps; a migration or a backup at the command line may take longer."""
    at_the_command_line = Path(sys.argv[0]).name == "manage.py"
    milliseconds = {
        "lock_timeout": 3_000,
        "statement_timeout": 0 if at_the_command_line else 10_000,
        "idle_in_transaction_session_timeout": 0 if at_the_command_line else 15_000,
    }
    return " ".join(f"-c {name}={most}" for name, most in milliseconds.items())
