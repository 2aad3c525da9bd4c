"""The cache of an installation without Redis: one SQLite file beside the broker's, shared by all processes of the
machine.

Each count is one statement, so several web processes count together and no try is lost between look and write. It
is a file of its own, for reads of the product must not wait for the one who may write to its database. Where it
cannot be opened or answered it is empty, as `config.cache` is without its server."""

import logging
import os
import pickle
import random
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

log = logging.getLogger(__name__)

WAIT = 1  # seconds for another process's statement
TIDIES_EVERY = 500
TABLE = "CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, ends REAL NOT NULL)"
INDEX = "CREATE INDEX IF NOT EXISTS entry_ends ON entry (ends)"
FOREVER = 1e18

_one_at_a_time = threading.Lock()
_open: dict[tuple[int, str], sqlite3.Connection] = {}  # by process: a connection does not outlive a fork


class FileCache(BaseCache):
    """``LOCATION`` is the file; ``MAX_ENTRIES`` is how many stay when those that ended are gone; of more, those
    that end first go, and they are pages, which are written anew, before they are counts."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        options = {"MAX_ENTRIES": 5_000} | params.get("OPTIONS", {})
        super().__init__(params | {"OPTIONS": options})
        self.path = str(location)

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        statement = (
            "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET value = excluded.value, ends = excluded.ends WHERE entry.ends <= ? RETURNING 1"
        )
        row = (self._key(key, version), _written(value), self._ends(timeout), time.time())
        self._tidy()
        return bool(self._ask(statement, row, away=[(1,)]))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        statement = "SELECT value FROM entry WHERE key = ? AND ends > ?"
        found = self._ask(statement, (self._key(key, version), time.time()))
        return _read(found[0][0]) if found else default

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        statement = (
            "INSERT INTO entry VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends"
        )
        self._tidy()
        self._ask(statement, (self._key(key, version), _written(value), self._ends(timeout)))

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        statement = "UPDATE entry SET ends = ? WHERE key = ? AND ends > ? RETURNING 1"
        return bool(self._ask(statement, (self._ends(timeout), self._key(key, version), time.time())))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        statement = (
            "UPDATE entry SET value = value + ? WHERE key = ? AND ends > ? AND typeof(value) = 'integer'"
            " RETURNING value"
        )
        asked = (delta, self._key(key, version), time.time())
        found = self._ask(statement, asked, away=[(delta,)])
        if not found:
            raise ValueError(f"Key '{key}' not found")
        return int(found[0][0])

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask("DELETE FROM entry WHERE key = ? RETURNING 1", (self._key(key, version),)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        statement = "SELECT 1 FROM entry WHERE key = ? AND ends > ?"
        return bool(self._ask(statement, (self._key(key, version), time.time())))

    def clear(self) -> None:
        self._ask("DELETE FROM entry")

    def _key(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _ends(self, timeout: Any) -> float:
        found = self.get_backend_timeout(timeout)
        return FOREVER if found is None else float(found)

    def _tidy(self) -> None:
        """Now and then: what ended goes, and of too many those that end first."""
        if random.randrange(TIDIES_EVERY) == 0:  # noqa: S311, nothing is secret about it
            self._ask("DELETE FROM entry WHERE ends <= ?", (time.time(),))
            most = "(SELECT key FROM entry ORDER BY ends DESC LIMIT -1 OFFSET ?)"
            self._ask(f"DELETE FROM entry WHERE key IN {most}", (self._max_entries,))  # noqa: S608

    def _ask(self, statement: str, values: tuple[Any, ...] = (), *, away: Any = ()) -> Any:
        """The rows; ``away`` where the file cannot be asked."""
        with _one_at_a_time:
            try:
                return self._connection().execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as broken:
                log.warning("cache away: %s: %s", self.path, broken)
                self._let_go(broken)
                return away

    def _connection(self) -> sqlite3.Connection:
        mine = (os.getpid(), self.path)
        if mine not in _open:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            os.close(
                os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
            )  # what is remembered is not for others
            made = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            # No power cut may leave a file that nobody can read; the last second may be forgotten.
            for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", TABLE, INDEX):
                made.execute(statement)
            _open[mine] = made
        return _open[mine]

    def _let_go(self, broken: Exception) -> None:
        """Opened anew by the next who asks; one that is no database any more is made anew."""
        if held := _open.pop((os.getpid(), self.path), None):
            held.close()
        if type(broken) is sqlite3.DatabaseError:  # malformed; what is busy or full is another kind
            for end in ("", "-wal", "-shm"):
                Path(self.path + end).unlink(missing_ok=True)


def _written(value: Any) -> Any:
    """Whole numbers as they are, to be counted with."""
    plain = type(value) is int and abs(value) < 2**62
    return value if plain else pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _read(stored: Any) -> Any:
    return stored if isinstance(stored, int) else pickle.loads(stored)  # noqa: S301, our own file
