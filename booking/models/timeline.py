"""What happened to an appointment, in order, for ever. The database refuses to change a line."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from booking.models.appointment import Appointment


class TimelineEntry(models.Model):
    """One line of the timeline: ``kind`` (``confirmed``, ``moved``, ``contacted`` …), who did it
    (``client``, ``provider``, ``system``; the user where one was logged in) and the facts."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="timeline")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.CharField(max_length=10)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["appointment", "at"], name="timeline_of_appointment")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
