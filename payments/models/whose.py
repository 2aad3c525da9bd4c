"""Whose money it is, beside every row of it."""

from __future__ import annotations

from typing import Any

from django.db import models


class OfProvider(models.Model):
    """``provider`` is that of what the row is about, written beside it so that an index that begins with it finds
    a provider's rows however many others there are. It is taken from there; the database refuses any other."""

    provider = models.ForeignKey(
        "booking.Provider", models.PROTECT, related_name="+", editable=False, db_index=False
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if self.provider_id is None:
            self.provider_id = self.of_whom()
        super().save(*args, **options)

    def of_whom(self) -> int:
        """The key of the provider of what this is about."""
        raise NotImplementedError
