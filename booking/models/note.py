"""What a provider writes down: for its own eyes, and for the client of one appointment to read."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from booking.models.appointment import Appointment
from booking.models.client import Client


class ClientNote(models.Model):
    """What a member wrote down about a client, perhaps about one ``appointment`` of theirs, for the provider's own
    eyes. Its author may change it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="notes")
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, null=True, blank=True, related_name="private_notes"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["client", "written_at"], name="notes_of_client")]

    def __str__(self) -> str:
        return f"{self.written_at:%Y-%m-%d} {self.text[:40]}"


class SharedNote(models.Model):
    """What the client of an appointment reads on its page, in the words of the member ``user`` who wrote or changed
    it last. Taken back, the row goes; the timeline keeps that it was there, by whom and when, and no word of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="shared_notes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    shared_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-shared_at", "-pk"]

    def __str__(self) -> str:
        return f"shared at {self.shared_at:%Y-%m-%d %H:%M}"
