"""Money paid ahead, and what waits of it as a credit."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from payments.models.whose import OfProvider

# Of a deposit: it is part of what was paid ahead, or took such a part from a credit.
DEPOSIT_AHEAD = Q(held__gt=0) | Q(carried__gt=0) | Q(carried_in__gt=0)


class Deposit(OfProvider):
    """Money paid ahead for one appointment. ``asked`` is what was to be paid; the six buckets are
    what became of ``paid``. ``carried_in`` is the part that came from ``credit``, not from a card."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="deposits")
    move = models.OneToOneField("booking.Move", models.PROTECT, null=True, blank=True, related_name="deposit")
    credit = models.ForeignKey(
        "payments.Credit", models.PROTECT, null=True, blank=True, related_name="used_in"
    )
    currency = models.CharField(max_length=3)
    asked = models.BigIntegerField()
    carried_in = models.BigIntegerField(default=0)
    current = models.BooleanField(default=True)
    paid = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    forfeited = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)
    disputed = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    paid=F("held")
                    + F("applied")
                    + F("refunded")
                    + F("forfeited")
                    + F("carried")
                    + F("disputed")
                ),
                name="deposit_balance",
            ),
            models.CheckConstraint(
                condition=Q(
                    asked__gt=0,
                    carried_in__gte=0,
                    held__gte=0,
                    applied__gte=0,
                    refunded__gte=0,
                    forfeited__gte=0,
                    carried__gte=0,
                    disputed__gte=0,
                ),
                name="deposit_amounts",
            ),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(current=True), name="one_current_deposit"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deposit_currency"),
        ]
        indexes = [
            models.Index(fields=["appointment"], name="deposits_of_appointment"),
            models.Index(fields=["provider", "id"], name="deposits_of_provider"),
            # What a balance of the provider is made of: the rest has come to its end.
            models.Index(
                fields=["provider", "held", "carried", "carried_in"],
                name="deposits_ahead",
                condition=DEPOSIT_AHEAD,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.paid} {self.currency}"

    def of_whom(self) -> int:
        return self.appointment.provider_id

    @property
    def is_paid(self) -> bool:
        return self.paid >= self.asked


class Credit(models.Model):
    """A carried deposit that waits for a new appointment of the same client (rule 5). It remembers
    what a chain of moves must not lose: original start, moves used, smallest notice (rules 3, 4).
    No ``expires_at``: carried without a deadline (rule 6)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="carried_as")
    client = models.ForeignKey("booking.Client", models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    used = models.BigIntegerField(default=0)
    ended = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField(null=True, blank=True)
    unused = models.CharField(max_length=8)  # forfeit or refund, by the terms agreed to
    original_start_at = models.DateTimeField(null=True, blank=True)
    moves_used = models.PositiveSmallIntegerField(default=0)
    smallest_notice = models.DurationField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, used__gte=0, ended__gte=0) & Q(amount__gte=F("used") + F("ended")),
                name="credit_amounts",
            ),
            models.CheckConstraint(condition=Q(unused__in=["forfeit", "refund"]), name="credit_unused"),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="credits_that_end",
                condition=Q(ended_at__isnull=True, expires_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} until {self.expires_at}"

    @property
    def left(self) -> int:
        return self.amount - self.used - self.ended
