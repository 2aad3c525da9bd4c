"""What watches over the money: differences with the gateway, and the rounds that look for them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.payments import Payment


class Difference(models.Model):
    """Something that our books and the gateway do not agree on, told by ``kind`` and ``facts``. It is
    ``open`` until a round finds it gone (``mended``) or a member accepts it with a note; one that is
    accepted and then differs in another way is open again."""

    class State(models.TextChoices):
        OPEN = "open"
        MENDED = "mended"
        ACCEPTED = "accepted"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30)
    thing = models.CharField(max_length=300)
    facts = models.JSONField(default=dict, blank=True)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="differences")
    provider = models.ForeignKey(
        "booking.Provider", models.PROTECT, null=True, blank=True, related_name="differences"
    )
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    about_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "thing"], name="one_difference"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | Q(state="mended", settled_at__isnull=False)
                | Q(state="accepted", settled_at__isnull=False) & ~Q(note=""),
                name="difference_state",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "-found_at"], name="differences_of_provider"),
            models.Index(fields=["found_at"], name="differences_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing} {self.state}"


class Round(models.Model):
    """One round of reconcile, an hour's at most one (``hour``; empty for one by hand). One that never
    finished was cut short, and the next hour looks again."""

    hour = models.DateTimeField(unique=True, null=True, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveIntegerField(default=0)
    mended = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.found} {self.failure}"
