"""The client's word on answers about health."""

from __future__ import annotations

from django.db import models

from booking.models.appointment import Appointment


class HealthConsent(models.Model):
    """That the client agreed to answers about health being kept, word for word, or took it back. ``questions`` are the
    ids of those it was about. Never changed: taking back is a row of its own."""

    class Act(models.TextChoices):
        GIVEN = "given"
        WITHDRAWN = "withdrawn"

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="health_consents")
    act = models.CharField(max_length=9, choices=Act)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    questions = models.JSONField(default=list)
    by = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "act"], name="one_health_consent"),
            models.CheckConstraint(
                condition=models.Q(act__in=["given", "withdrawn"]), name="health_consent_act"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.act}"
