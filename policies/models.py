"""What was agreed: policies, their versions, the agreements under them and the exceptions.

Versions, agreements and exceptions are history: the database refuses to change or delete them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Policy(models.Model):
    """A named series of versions of one provider. The newest version is the one on offer; without a
    ``position`` the policy is withdrawn and stays for those who agreed to it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey("booking.Provider", models.CASCADE, related_name="policies")
    name = models.CharField(max_length=100)
    note = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True, default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="one_policy_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """The terms as ``policies.rules.terms`` writes them. Never changed: an edit is a new row."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="one_policy_number"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"


class Agreement(models.Model):
    """What the client agreed to, as shown, when and from where (A11, A20)."""

    appointment = models.OneToOneField("booking.Appointment", models.PROTECT, related_name="agreement")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="agreements")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    agreed_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.policy_version} at {self.agreed_at:%Y-%m-%d %H:%M}"


class Reason(models.TextChoices):
    EMERGENCY = "emergency"
    ILLNESS = "illness"
    BEREAVEMENT = "bereavement"
    TRANSPORT = "transport"
    OUR_MISTAKE = "our_mistake"
    GOODWILL = "goodwill"
    OTHER = "other"


class PolicyException(models.Model):
    """A consequence waived, in whole or in part (rule 9). ``amount`` is what was given back or no
    longer asked; ``user`` is empty where the terms forgave by themselves."""

    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="exceptions")
    lapse = models.ForeignKey(
        "booking.Lapse", models.PROTECT, related_name="exceptions", null=True, blank=True
    )
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=1000, blank=True)
    amount = models.BigIntegerField()
    full = models.BooleanField()
    as_credit = models.BooleanField(default=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="exception_amount"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="exception_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.amount}"
