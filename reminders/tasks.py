"""The workers' door to the messages."""

from celery import shared_task
from django.utils import timezone

from booking.telling import at_sending
from config import celery
from reminders import delivery


@shared_task
def send_due() -> int:
    """Send what is due now. Safe to run twice, and beside itself."""
    return delivery.send_due(at=timezone.now(), facts=at_sending.facts)


def kick() -> None:
    """Look as soon as this transaction is committed: somebody waits for a mail."""
    celery.kick("reminders.tasks.send_due")
