"""Answers that were given once, so that a repeated request gets the same one (F-13)."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """One answer per (scope, key), written in the transaction of the act itself: either both are
    there or neither. Kept for 24 hours."""

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
