"""The workers' door to everything that falls due."""

from celery import shared_task
from django.utils import timezone

from booking import sweeping
from booking.elsewhere import looking


@shared_task
def sweep() -> dict[str, int]:
    """One round of all sweeps, now."""
    return sweeping.run(at=timezone.now())


@shared_task
def tell_programs() -> dict[str, int]:
    """What the providers' own programs are to be told; apart, for it waits for others."""
    return sweeping.run(at=timezone.now(), sweeps=sweeping.APART)


@shared_task
def look_elsewhere() -> int:
    """A look at every calendar of the providers' own whose turn it is; apart, for it waits for others."""
    return looking.look_due(at=timezone.now())
