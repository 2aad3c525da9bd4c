"""The workers' door. Rows are the queue; Celery only carries "look now", so a lost task costs seconds."""

import logging
import os
import queue
import threading
import time
import warnings
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery, signals
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Root is dangerous where messages are pickled; ours are JSON alone, and the image has a user of its own.
warnings.filterwarnings("ignore", message="You're running the worker with superuser")

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
    beat_scheduler="config.beat:Steady",
    beat_schedule={
        # Everything that is due; a round that the next one overtakes is not worth doing twice.
        "sweep": {"task": "booking.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
        # What programs are told, by its rows.
        "programs": {"task": "booking.tasks.tell_programs", "schedule": 10.0, "options": {"expires": 10}},
        # Every few minutes for each calendar, by its row.
        "elsewhere": {"task": "booking.tasks.look_elsewhere", "schedule": 30.0, "options": {"expires": 30}},
        # Once an hour, by a row: asked for more often, so that a round that is lost is not an hour lost.
        "reconcile": {"task": "payments.tasks.reconcile", "schedule": 300.0, "options": {"expires": 300}},
        "papers": {"task": "payments.tasks.issue_papers", "schedule": 3600.0, "options": {"expires": 3600}},
        "heartbeat": {"task": "config.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 10}},
    },
)
app.autodiscover_tasks(["config", "booking", "payments", "reminders"])


_wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
_asked: set[str] = set()  # what stands in the queue: asking twice before it leaves is asking once
_sender = threading.Thread()
BREATH = 0.05  # seconds between two messages: what a burst of webhooks asks for meanwhile is one "look now"


def kick(task: str) -> None:
    """Ask for `task` (its dotted name) as soon as this transaction is committed.

    Nobody waits for the broker: it is told from a thread of its own. A broker that is away, or a process that ends
    before, is no error: the next sweep finds the rows.
    """
    transaction.on_commit(lambda: _want(task))


def _want(task: str) -> None:
    global _sender
    if task not in _asked:
        _asked.add(task)
        _wanted.put(task)
    if not _sender.is_alive():  # the first time, and in a process that was forked
        _sender = threading.Thread(target=_send_wanted, name="kick", daemon=True)
        _sender.start()


def _send_wanted() -> None:
    while True:
        task = _wanted.get()
        _asked.discard(task)
        send(task)
        time.sleep(BREATH)


def send(task: str) -> None:
    """Tells the broker now; a broker that is away is logged."""
    try:
        app.send_task(task, expires=60)
    except (OperationalError, OSError, RedisError) as away:
        log.warning("broker away, the sweep will find it: %s (%s)", task, away)


@signals.setup_logging.connect
def _keep_our_logs(**_: Any) -> None:
    """Celery would put its own log format over ours."""
