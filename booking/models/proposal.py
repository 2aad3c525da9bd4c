"""Times that a provider proposes and that are held while the client decides (A5, rule 6)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from booking.models.appointment import Appointment


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> ProposalQuerySet:
        return self.filter(state=Proposal.State.OPEN)

    def lapsed(self, *, at: datetime) -> ProposalQuerySet:
        """Open, and the time to decide is over."""
        return self.open().filter(expires_at__lte=at)


class Proposal(models.Model):
    """Up to five times for one appointment: another time of one that stands, or a new one after one that
    ended. While it is open its times are taken (``BusyTime`` of kind ``proposal``); the database itself
    frees them when it is decided, and lets no decision be changed. ``made`` is the appointment that came
    of it where the old one had ended."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        LAPSED = "lapsed"
        WITHDRAWN = "withdrawn"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="proposals")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    note = models.CharField(max_length=1000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    chosen_start_at = models.DateTimeField(null=True, blank=True)
    made = models.OneToOneField(
        Appointment, models.PROTECT, null=True, blank=True, related_name="came_of_proposal"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state="open"), name="one_open_proposal"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="proposal_decided_at",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", chosen_start_at__isnull=False)
                | (~Q(state="accepted") & Q(chosen_start_at__isnull=True, made__isnull=True)),
                name="proposal_chosen",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "refused", "lapsed", "withdrawn"]),
                name="proposal_state",
            ),
            models.CheckConstraint(condition=Q(created_at__lt=F("expires_at")), name="proposal_has_an_end"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="proposals_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class ProposedTime(models.Model):
    """One of the times, with what it takes of the provider's, buffers included."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="times")
    start_at = models.DateTimeField()
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()

    class Meta:
        ordering = ["start_at"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "start_at"], name="one_proposed_start"),
            models.CheckConstraint(
                condition=Q(blocked_from__lte=F("start_at"), start_at__lt=F("blocked_until")),
                name="proposed_time_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"
