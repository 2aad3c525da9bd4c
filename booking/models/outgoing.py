"""Programs of the provider's own that are told what happens, and what each is still to be told."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from booking.models.provider import Provider


class WebhookEndpoint(models.Model):
    """An address that is told what happens. ``events`` are those it is told of, none means every one. ``secret`` signs
    what is sent, sealed; ``old_secret`` signs it, too, up to ``old_until``. ``failing_since`` is the first of the
    failures since the last success; after three days of them it is switched off (``off_at``)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="webhook_endpoints")
    url = models.TextField()
    events = models.JSONField(default=list, blank=True)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, blank=True)
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "url"], name="one_endpoint_per_address"),
            models.CheckConstraint(
                condition=Q(old_secret="", old_until__isnull=True)
                | (~Q(old_secret="") & Q(old_until__isnull=False)),
                name="endpoint_old_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class WebhookDelivery(models.Model):
    """One thing that one endpoint is told: ``event`` of the appointment or deposit ``about`` (its uid), at the instant
    ``at``. What is said of it is made when it leaves, so no person is kept here. It is due (again) at ``due_at``, up to
    ``until``, three days after it was first tried; ``status`` is what was answered last, ``trouble`` why nothing was."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    about = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False, settled_at__isnull=True)
                | Q(state__in=["delivered", "failed"], due_at__isnull=True, settled_at__isnull=False),
                name="delivery_waits_or_is_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deliveries_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-at"], name="deliveries_of_endpoint"),
            models.Index(fields=["settled_at"], name="deliveries_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"
