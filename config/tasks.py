"""Tasks of operations."""

from celery import shared_task
from django.utils import timezone

from config import heartbeat as beats


@shared_task
def heartbeat() -> None:
    """Proof that beat, broker and worker all live."""
    beats.record(at=timezone.now())
