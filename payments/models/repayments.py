"""What staff decided to give back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.models.charges import Charge
from payments.models.deposits import Credit, Deposit
from payments.models.payments import FOR_ONE, AboutMoney, Refund


class Repayment(AboutMoney):
    """One decision of a member to give money back: to the card, as a credit, or by hand. Above the
    member's limit it is ``asked`` until another member approves or declines it; no money moves before.
    ``key`` is that of the form it was made with, so that one press of a button is one decision.
    ``retries`` is the failed refund that it makes good."""

    class State(models.TextChoices):
        ASKED = "asked"
        GIVEN = "given"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    class How(models.TextChoices):
        CARD = "card"
        CREDIT = "credit"
        HAND = "hand"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="repayments")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="repayments")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    how = models.CharField(max_length=8, choices=How, default=How.CARD)
    reason = models.CharField(max_length=1000)
    reference = models.CharField(max_length=200, blank=True)  # of what was given by hand
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    retries = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="made_good_by")
    credit = models.OneToOneField(Credit, models.PROTECT, null=True, blank=True, related_name="repayment")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)  # why it was declined

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_amount"),
            models.CheckConstraint(condition=FOR_ONE, name="repayment_for_one"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None)
                | Q(state__in=["given", "declined", "withdrawn"], decided_at__isnull=False),
                name="repayment_decided_at",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")) | Q(state="withdrawn"),
                name="repayment_second_member",
            ),
            models.CheckConstraint(condition=Q(how__in=["card", "credit", "hand"]), name="repayment_how"),
        ]
        indexes = [
            models.Index(fields=["provider", "id"], name="repayments_of_provider"),
            models.Index(
                fields=["provider", "asked_at"], name="repayments_asked", condition=Q(state="asked")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state} {self.amount} {self.currency}"
