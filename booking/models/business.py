"""Who a provider is on paper, and whether its prices bear tax."""

from __future__ import annotations

from django.db import models

from booking.models.provider import Provider


class Business(models.Model):
    """What receipts say of a provider. ``tax_name`` is the word of its country (VAT, IVA, GST),
    ``receipt_prefix`` stands before every number, ``fees_taxed`` says whether what a client loses (a kept
    deposit, a fee) bears the tax of its service: countries differ, so the provider decides."""

    provider = models.OneToOneField(Provider, models.CASCADE, related_name="business")
    legal_name = models.CharField(max_length=200)
    address = models.CharField(max_length=500, blank=True)
    tax_number = models.CharField(max_length=60, blank=True)
    tax_name = models.CharField(max_length=20, blank=True)
    receipt_prefix = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=500, blank=True)
    fees_taxed = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "businesses"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(receipt_prefix__regex=r"^[A-Za-z0-9-]*$"), name="business_receipt_prefix"
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name
