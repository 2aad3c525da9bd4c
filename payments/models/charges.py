"""What a client loses, and what a client owes."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.models.deposits import Deposit
from payments.models.whose import OfProvider


class Settlement(OfProvider):
    """What the client loses, waiting until ``due_at`` (rule 8). ``forfeit`` is of ``deposit``,
    ``fee`` is what is charged beyond it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DROPPED = "dropped"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="settlements")
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="settlements")
    lapse = models.ForeignKey(
        "booking.Lapse", models.PROTECT, null=True, blank=True, related_name="settlements"
    )
    cause = models.CharField(max_length=12)  # cancel, move, no_show
    forfeit = models.BigIntegerField()
    fee = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(forfeit__gte=0, fee__gte=0), name="settlement_amounts"),
            models.CheckConstraint(
                condition=Q(state="done", settled_at__isnull=False)
                | (~Q(state="done") & Q(settled_at__isnull=True)),
                name="settlement_settled_at",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="settlements_due", condition=Q(state="waiting")),
            models.Index(fields=["provider", "created_at"], name="settlements_of_provider"),
            models.Index(
                fields=["provider", "due_at"],
                name="settlements_that_wait",
                condition=Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.forfeit}+{self.fee} {self.currency}"

    def of_whom(self) -> int:
        return self.appointment.provider_id


class Charge(OfProvider):
    """What a client owes beyond the deposit: a ``fee`` by the terms, the ``balance`` of the price, or
    something ``other`` that says what it is. The three buckets are what became of ``paid``."""

    class Kind(models.TextChoices):
        FEE = "fee"
        BALANCE = "balance"
        OTHER = "other"

    class State(models.TextChoices):
        OWED = "owed"
        PAID = "paid"
        WAIVED = "waived"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FEE)
    settlement = models.OneToOneField(
        Settlement, models.PROTECT, null=True, blank=True, related_name="charge"
    )
    description = models.CharField(max_length=200, blank=True)
    amount = models.BigIntegerField()
    waived = models.BigIntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    disputed = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.OWED)
    by = models.CharField(max_length=10, default="system")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, waived__gte=0, waived__lte=F("amount")),
                name="charge_amount",
            ),
            models.CheckConstraint(
                condition=Q(paid=F("applied") + F("refunded") + F("disputed")), name="charge_balance"
            ),
            models.CheckConstraint(
                condition=Q(applied__gte=0, refunded__gte=0, disputed__gte=0), name="charge_amounts"
            ),
            models.CheckConstraint(
                condition=Q(kind="fee", settlement__isnull=False, description="")
                | Q(kind="balance", settlement=None, description="")
                | (Q(kind="other", settlement=None) & ~Q(description="")),
                name="charge_kind",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="charge_currency"),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(kind="balance", state="owed"),
                name="one_open_balance",
            ),
        ]
        indexes = [
            models.Index(fields=["appointment"], name="charges_of_appointment"),
            models.Index(fields=["provider", "id"], name="charges_of_provider"),
            models.Index(fields=["provider", "created_at"], name="charges_by_time"),
            models.Index(fields=["provider", "created_at"], name="charges_owed", condition=Q(state="owed")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.state}"

    def of_whom(self) -> int:
        return self.appointment.provider_id

    @property
    def owed(self) -> int:
        return self.amount - self.waived - self.paid if self.state == self.State.OWED else 0


class Waiver(OfProvider):
    """When how much of a charge was taken off: statements are asked how things stood at any time.
    Append-only; a charge's ``waived`` is their sum."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="waivers")
    amount = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="waiver_amount")]
        indexes = [models.Index(fields=["provider", "at"], name="waivers_of_provider")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.charge_id}"

    def of_whom(self) -> int:
        return self.charge.provider_id
