"""The moves of an appointment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from booking.models.appointment import Appointment


class Move(models.Model):
    """The history of moves, a row each. ``waiting`` means: the new time is held until its deposit
    is paid; the appointment itself has not moved yet."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="moves")
    state = models.CharField(max_length=8)  # waiting, done, lapsed
    from_start_at = models.DateTimeField()
    to_start_at = models.DateTimeField()
    by = models.CharField(max_length=10)
    at = models.DateTimeField()
    notice = models.DurationField()
    outcome = models.JSONField(default=dict)
    hold_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state="waiting"), name="one_waiting_move"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", hold_expires_at__isnull=False)
                | (~Q(state="waiting") & Q(hold_expires_at__isnull=True)),
                name="move_waits_with_an_end",
            ),
            models.CheckConstraint(condition=Q(state__in=["waiting", "done", "lapsed"]), name="move_state"),
        ]
        indexes = [
            models.Index(
                fields=["hold_expires_at"],
                name="moves_waiting",
                condition=Q(hold_expires_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_start_at:%Y-%m-%d %H:%M} to {self.to_start_at:%Y-%m-%d %H:%M}"
