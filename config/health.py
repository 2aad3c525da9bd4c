"""What operations asks: alive, ready, how much."""

from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from config import gauges, heartbeat, network

LATE_BEAT = 60  # seconds after which beat or worker must be looked at

_migrated = False


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "alive", "tzdata": metadata.version("tzdata")})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 while bookings cannot be taken safely. A broker or beat that is away is told, and is no reason to
    take the site down: rows are the queue."""
    now = timezone.now()
    needed = {"database": _database, "migrations": _migrations, "guards": _guards}
    said: dict[str, Any] = {name: _ask(check) for name, check in needed.items()}
    ready = all(answer == "ok" for answer in said.values())
    said["broker"] = _broker()
    said["beat_age_seconds"] = _age(heartbeat.last(), now)
    said["oldest_due_message_seconds"] = _oldest_due(now) if ready else None
    said["differences"] = _differences(now) if ready else None
    late = said["beat_age_seconds"] is None or said["beat_age_seconds"] > LATE_BEAT
    well = said["broker"] == "ok" and not late
    status = "not ready" if not ready else "ready" if well else "degraded"
    return JsonResponse({"status": status, **said}, status=200 if ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus, for machines of our own network alone."""
    if not network.is_inside(request):
        raise Http404
    gauges.refresh(at=timezone.now())
    return ExportToDjangoView(request)


def _ask(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OSError) as away:
        return f"failed: {type(away).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if waiting:
            return f"{waiting} not applied: run manage.py migrate"
        _migrated = True
    return "ok"


def _guards() -> str:
    from config import guards

    missing = guards.missing(connection)
    return f"missing: {', '.join(sorted(missing))}" if missing else "ok"


def _broker() -> str:
    if not settings.REDIS_URL:
        return "ok" if (settings.BROKER_DIR / "queue").is_dir() else "away"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "away"
    return "ok"


def _oldest_due(now: datetime) -> float | None:
    """How long, in seconds, the message has waited that waits longest beyond its time."""
    from reminders import delivery

    waited = delivery.oldest_due(at=now)
    return None if waited is None else round(waited.total_seconds(), 1)


def _differences(now: datetime) -> dict[str, Any]:
    """How many differences with the payment gateway are open, and how long ago somebody looked."""
    from payments import reconcile

    return {"open": reconcile.open_count(), "looked_seconds_ago": _age(reconcile.last_finished(), now)}


def _age(then: datetime | None, now: datetime) -> float | None:
    return round((now - then).total_seconds(), 1) if then else None
