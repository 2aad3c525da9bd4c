"""The workers' door. Rows are the queue; Celery only carries "look now", so a lost task costs seconds."""

import logging
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery, signals
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

app = Celery("kept")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    task_publish_retry=False,
    timezone="UTC",
    beat_scheduler="celery.beat:Scheduler",  # in memory: nothing on disk to go stale
    beat_schedule={
        # Everything that is due; a round that the next one overtakes is not worth doing twice.
        "sweep": {"task": "booking.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
        "heartbeat": {"task": "config.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 10}},
    },
)
app.autodiscover_tasks(["config", "booking", "payments", "reminders"])


def kick(task: str, **facts: Any) -> None:
    """Ask for `task` (its dotted name) as soon as this transaction is committed.

    A broker that is away is no error: the next sweep finds the rows.
    """
    transaction.on_commit(lambda: _send(task, facts))


def _send(task: str, facts: dict[str, Any]) -> None:
    try:
        app.send_task(task, kwargs=facts, expires=60)
    except (OperationalError, OSError) as away:
        log.warning("broker away, the sweep will find it: %s (%s)", task, away)


@signals.beat_init.connect
def _first_round(**_: Any) -> None:
    """What fell due while nothing ran is done at once, not after the first pause."""
    for entry in app.conf.beat_schedule.values():
        _send(entry["task"], {})


@signals.setup_logging.connect
def _keep_our_logs(**_: Any) -> None:
    """Celery would put its own log format over ours."""
