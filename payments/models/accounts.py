"""Accounts on which providers are paid."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class ConnectedAccount(models.Model):
    """A provider's own account at the gateway, on which its clients pay. What it may do is kept as the gateway
    told us last. Never enabled yet: the provider is still setting it up, and nothing is paid there. After
    ``left_at`` new payments go to the installation's own account again; those made here stay here.
    ``gone_at``: it was disconnected at the gateway, and nothing can be asked of it."""

    class State(models.TextChoices):
        UNFINISHED = "unfinished"
        READY = "ready"
        RESTRICTED = "restricted"
        GONE = "gone"
        LEFT = "left"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey("booking.Provider", models.PROTECT, related_name="connected_accounts")
    gateway = models.CharField(max_length=10)
    account_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    name = models.CharField(max_length=200, blank=True)  # what its owner calls it at the gateway
    charges_enabled = models.BooleanField(default=False)
    payouts_enabled = models.BooleanField(default=False)
    details_submitted = models.BooleanField(default=False)
    restriction = models.CharField(max_length=200, blank=True)
    wanted = models.JSONField(default=list, blank=True)  # what the gateway still asks for, in its names
    wanted_by = models.DateTimeField(null=True, blank=True)
    fee_basis_points = models.PositiveSmallIntegerField(null=True, blank=True)  # none: as the settings say
    sandbox_state = models.CharField(max_length=8, blank=True)  # what the sandbox itself remembers
    user = models.ForeignKey(  # who connected it
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    enabled_at = models.DateTimeField(null=True, blank=True)  # from then on clients pay here
    stopped_at = models.DateTimeField(null=True, blank=True)  # since when it takes no payments any more
    gone_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fee_basis_points=None) | Q(fee_basis_points__gte=0, fee_basis_points__lte=10_000),
                name="account_fee",
            ),
            models.UniqueConstraint(
                fields=["provider", "gateway"], condition=Q(left_at=None), name="one_account_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.account_id}"

    @property
    def state(self) -> str:
        if self.left_at:
            return self.State.LEFT
        if self.gone_at:
            return self.State.GONE
        if self.enabled_at is None:
            return self.State.UNFINISHED
        return self.State.READY if self.charges_enabled else self.State.RESTRICTED

    @property
    def is_closed(self) -> bool:
        """Whether clients should pay here and cannot."""
        return self.state in (self.State.RESTRICTED, self.State.GONE)
