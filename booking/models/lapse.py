"""What a client let lapse."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from booking.models.appointment import Appointment
from booking.models.client import Client


class LapseQuerySet(models.QuerySet["Lapse"]):
    def counting(self) -> LapseQuerySet:
        return self.filter(excused_at__isnull=True, undone_at__isnull=True)

    def forgiven(self) -> LapseQuerySet:
        return self.filter(forgiven=True)


class Lapse(models.Model):
    """A late cancel, a late move or a no-show of the client. Excused and undone ones no longer
    count; ``forgiven`` says that the terms excused it by themselves (``forgive``)."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="lapses")
    client = models.ForeignKey(Client, models.PROTECT, related_name="lapses")
    kind = models.CharField(max_length=12)  # late_cancel, late_move, no_show
    at = models.DateTimeField()
    forgiven = models.BooleanField(default=False)
    excused_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = LapseQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["late_cancel", "late_move", "no_show"]), name="lapse_kind"
            ),
            models.CheckConstraint(
                condition=Q(forgiven=False) | Q(excused_at__isnull=False), name="lapse_forgiven"
            ),
        ]
        indexes = [models.Index(fields=["client", "at"], name="lapses_of_client")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
