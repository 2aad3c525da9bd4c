"""The history of settlements: each decision about one, for ever."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.charges import Settlement


class Decision(models.Model):
    """What was decided about a settlement, by whom and why, with its amounts before and after. The database
    refuses to change a line."""

    class What(models.TextChoices):
        PLANNED = "planned"
        REDUCED = "reduced"  # excused in part, or in whole, or refunded meanwhile
        DROPPED = "dropped"  # the lapse was taken back
        KEPT = "kept"  # the explanation was read, and the terms stay
        SETTLED = "settled"
        RETURNED = "returned"  # excused after it was settled: a refund, a credit, or a charge waived

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="decisions")
    what = models.CharField(max_length=8, choices=What)
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    forfeit_before = models.BigIntegerField()
    fee_before = models.BigIntegerField()
    forfeit_after = models.BigIntegerField()
    fee_after = models.BigIntegerField()
    by = models.CharField(max_length=10)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(forfeit_before__gte=0, fee_before__gte=0, forfeit_after__gte=0, fee_after__gte=0),
                name="decision_amounts",
            ),
            models.CheckConstraint(
                condition=Q(what__in=["planned", "reduced", "dropped", "kept", "settled", "returned"]),
                name="decision_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.forfeit_before}+{self.fee_before} to {self.forfeit_after}+{self.fee_after}"
