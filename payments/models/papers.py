"""What is written down for clients and their tax offices: receipts, credit notes, and their numbers."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from payments.models.payments import Payment, Refund


class PaperKind(models.TextChoices):
    RECEIPT = "receipt"  # money arrived
    CREDIT_NOTE = "credit_note"  # it went back
    CORRECTION = "correction"  # it had gone back, and came back to the provider


LETTERS: dict[str, str] = {PaperKind.RECEIPT: "R", PaperKind.CREDIT_NOTE: "C", PaperKind.CORRECTION: "D"}


class PaperSeries(models.Model):
    """How far one provider's numbers of a kind have come in a year. The row is locked while a paper is
    made, so that numbers have neither gaps nor doubles."""

    provider = models.ForeignKey("booking.Provider", models.PROTECT, related_name="paper_series")
    kind = models.CharField(max_length=12, choices=PaperKind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "paper series"
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind", "year"], name="one_paper_series"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind} {self.year}: {self.last}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def of_appointment(self, appointment: Any) -> PaperQuerySet:
        return self.filter(payment__in=Payment.objects.of_appointment(appointment))


class Paper(models.Model):
    """A receipt of ``payment``, or a paper that follows it: the credit note of ``refund`` (or of a payment
    by hand that was a mistake), or the correction of a credit note whose refund failed. ``facts`` is all
    that is printed, as it was then; ``recipient`` is the person, and may be blanked. Nothing else ever
    changes. ``tax`` is within ``amount``."""

    Kind = PaperKind

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey("booking.Provider", models.PROTECT, related_name="papers")
    client = models.ForeignKey("booking.Client", models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=12, choices=PaperKind)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="papers")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="papers")
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    tax_rate = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8)
    recipient = models.CharField(max_length=500, blank=True)
    facts = models.JSONField()
    issued_at = models.DateTimeField()

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind", "year", "serial"], name="one_paper_serial"),
            models.UniqueConstraint(fields=["provider", "number"], name="one_paper_number"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="receipt"), name="one_receipt_per_payment"
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=Q(kind="credit_note"), name="one_credit_note_per_refund"
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind="credit_note", refund=None),
                name="one_credit_note_per_payment_undone",
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=Q(kind="correction"), name="one_correction_per_refund"
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", refund=None, follows=None)
                | Q(kind="credit_note", follows__isnull=False)
                | Q(kind="correction", refund__isnull=False, follows__isnull=False),
                name="paper_follows",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tax__gte=0, tax__lte=models.F("amount"), serial__gt=0),
                name="paper_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "issued_at"], name="papers_of_provider"),
            models.Index(fields=["client", "issued_at"], name="papers_of_client"),
        ]

    def __str__(self) -> str:
        return self.number
