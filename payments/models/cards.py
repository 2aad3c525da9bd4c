"""Cards that clients agreed to have charged."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class SavedCard(models.Model):
    """A client's yes to a later charge for one appointment, in the words that were shown, and the card
    that was given for it. Without ``method_id`` the card has not been given yet; after ``detached_at``
    nothing is charged to it any more."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey("booking.Client", models.PROTECT, related_name="cards")
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="cards")
    gateway = models.CharField(max_length=10)
    account = models.CharField(max_length=255, blank=True)  # blank: the installation's own
    customer_id = models.CharField(max_length=255, blank=True)
    method_id = models.CharField(max_length=255, blank=True)
    brand = models.CharField(max_length=30, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    expiry = models.CharField(max_length=7, blank=True)  # 2029-04
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    agreed_at = models.DateTimeField()
    most = models.BigIntegerField()  # up to how much, in the appointment's currency
    setup_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    setup_url = models.TextField(blank=True)
    setup_ends_at = models.DateTimeField(null=True, blank=True)
    setup_tries = models.PositiveSmallIntegerField(default=0)
    sandbox_state = models.CharField(max_length=8, blank=True)  # what the sandbox itself remembers
    saved_at = models.DateTimeField(null=True, blank=True)
    detached_at = models.DateTimeField(null=True, blank=True)
    detach_due_at = models.DateTimeField(null=True, blank=True)  # when to take it away at the gateway (again)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most__gt=0), name="card_most"),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(detached_at=None), name="one_card_per_appointment"
            ),
            models.CheckConstraint(
                condition=Q(method_id="", saved_at=None) | (~Q(method_id="") & Q(saved_at__isnull=False)),
                name="card_saved_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["detach_due_at"],
                name="cards_to_detach",
                condition=Q(detach_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}".strip() or f"{self.uid} not given"

    @property
    def usable(self) -> bool:
        """Whether something may be charged to it."""
        return bool(self.method_id) and self.detached_at is None
