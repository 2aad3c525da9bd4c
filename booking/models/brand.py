"""How a provider looks, and what it says of itself by law."""

from __future__ import annotations

from django.db import models

from booking.models.provider import Provider


class Logo(models.Model):
    """The picture itself, as PNG written by us, under its SHA-256. ``Provider.brand`` says which one is shown now;
    former ones stay, for the receipts that bear them."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="logos")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "sha256"], name="one_logo"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.sha256[:8]}"


class LegalText(models.Model):
    """The provider's own words on one of its legal pages, by language: beside ours, or with ``instead`` in place of
    them."""

    class Kind(models.TextChoices):
        NOTICE = "notice"
        PRIVACY = "privacy"

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="legal_texts")
    kind = models.CharField(max_length=8, choices=Kind)
    instead = models.BooleanField(default=False)
    texts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind"], name="one_legal_text"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["notice", "privacy"]), name="legal_text_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind}"
