"""When beat was last carried out by a worker: one file beside the file broker, one cache key beside Redis."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

KEY = "kept.heartbeat"


def record(*, at: datetime) -> None:
    if settings.REDIS_URL:
        cache.set(KEY, at.isoformat(), timeout=None)
        return
    fresh = _path().with_suffix(f".{os.getpid()}")
    fresh.write_text(at.isoformat())
    fresh.replace(_path())


def last() -> datetime | None:
    """None where no beat has been carried out yet."""
    try:
        said = cache.get(KEY) if settings.REDIS_URL else _path().read_text()
        return datetime.fromisoformat(said) if said else None
    except (OSError, ValueError):
        return None


def _path() -> Path:
    return Path(settings.BROKER_DIR) / "heartbeat"
