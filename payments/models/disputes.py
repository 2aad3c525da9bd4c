"""Payments that the client's bank has taken back, or asks about."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.payments import Payment
from payments.models.whose import OfProvider

if TYPE_CHECKING:
    from booking.models import Provider


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def of(self, provider: Provider) -> DisputeQuerySet:
        return self.filter(provider=provider)

    def open(self) -> DisputeQuerySet:
        """Over which nothing of the payment may be refunded: the bank has the money."""
        return self.filter(state__in=Dispute.OPEN)


class Dispute(OfProvider):
    """A dispute as the gateway tells of it. ``taken`` lists what of ``amount`` was moved to ``disputed``
    and from where, so that it can go back there; ``short`` is what was not there to be moved, because it
    had been given back before. ``evidence`` is what the provider edited; it is sent once."""

    class State(models.TextChoices):
        WARNING = "warning"  # the bank only asks; no money has moved
        NEEDS_RESPONSE = "needs_response"
        UNDER_REVIEW = "under_review"
        WON = "won"
        LOST = "lost"
        CLOSED = "closed"  # an inquiry that came to nothing

    OPEN = (State.NEEDS_RESPONSE, State.UNDER_REVIEW)
    OVER = (State.WON, State.LOST, State.CLOSED)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    gateway_id = models.CharField(max_length=255, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=16, choices=State)
    withdrawn = models.BooleanField(default=False)
    taken = models.JSONField(default=list, blank=True)
    short = models.BigIntegerField(default=0)
    due_by = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    evidence = models.JSONField(default=dict, blank=True)
    staged_at = models.DateTimeField(null=True, blank=True)  # when somebody pressed the button
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    paper_id = models.CharField(max_length=255, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # when to send it (again)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, short__gte=0), name="dispute_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["warning", "needs_response", "under_review", "won", "lost", "closed"]),
                name="dispute_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["won", "lost", "closed"], closed_at__isnull=False)
                | (~Q(state__in=["won", "lost", "closed"]) & Q(closed_at=None)),
                name="dispute_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(staged_at__isnull=False), name="dispute_submitted"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="disputes_to_answer",
                condition=Q(staged_at__isnull=False, submitted_at=None),
            ),
            models.Index(fields=["provider", "opened_at"], name="disputes_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.state} {self.amount} {self.currency}"

    def of_whom(self) -> int:
        return self.payment.provider_id

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def can_be_answered(self) -> bool:
        return self.staged_at is None and self.state in (self.State.WARNING, self.State.NEEDS_RESPONSE)

    @property
    def disputed(self) -> int:
        """What of it lies in ``disputed`` now."""
        return sum(part["amount"] for part in self.taken)
