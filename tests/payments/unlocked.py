"""A world without locks, for negative controls: racers who have all looked before the first of them writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.transaction import Atomic


class Unlocked:
    """Takes the locks away: no row is locked on PostgreSQL, and SQLite, where a transaction is the lock, has
    none. ``wait_before`` is where the racers wait for each other, once they have looked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        patch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
        if connection.vendor == "sqlite":
            patch.setattr(Atomic, "__enter__", lambda _: None)
            patch.setattr(Atomic, "__exit__", lambda *_: None)

    def wait_before(self, module: Any, name: str, *, racers: int) -> None:
        line, ours = threading.Barrier(racers), getattr(module, name)

        def waits(*what: Any, **more: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                line.wait(30)
            return ours(*what, **more)

        self._patch.setattr(module, name, waits)


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Unlocked]:
    """Called when all is furnished: from then on there are no locks."""
    return lambda: Unlocked(monkeypatch)
