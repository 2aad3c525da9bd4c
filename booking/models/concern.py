"""A pattern that asks the provider for a word with a client, and what came of it (A12, A19)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from booking.models.client import Client


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> ConcernQuerySet:
        return self.filter(state=Concern.State.OPEN)

    def due(self, *, at: datetime) -> ConcernQuerySet:
        """Those that wait to be looked at again."""
        return self.filter(state=Concern.State.WAITING, due_at__lte=at)


class Concern(models.Model):
    """``pattern`` is as the rules name it. One that waits is looked at again at ``due_at`` and opens if the
    pattern still holds. ``decision`` is what the provider did, ``reason`` the root cause that the client
    gave, where they gave one. A pattern punishes nobody: nothing follows from a concern by itself."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OPEN = "open"
        DECIDED = "decided"
        DROPPED = "dropped"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="concerns")
    pattern = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=State)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "pattern"],
                condition=Q(state="waiting") | Q(state="open"),
                name="one_concern_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="decided", decided_at__isnull=False)
                | (~Q(state="decided") & Q(decided_at__isnull=True)),
                name="concern_decided_at",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="concerns_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} {self.state}"
