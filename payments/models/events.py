"""What the gateway tells us."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StripeEvent(models.Model):
    """A webhook as it came, stored once by its id, applied later and once."""

    event_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=100)
    body = models.JSONField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="events_to_apply", condition=Q(applied_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"
