"""The workers' door to everything that falls due."""

from celery import shared_task
from django.utils import timezone

from booking import sweeping


@shared_task
def sweep() -> dict[str, int]:
    """One round of all sweeps, now."""
    return sweeping.run(at=timezone.now())
