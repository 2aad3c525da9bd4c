"""Messages as rows: planned in the transaction that causes them, sent by the sweep."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from booking.models import Client


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> MessageQuerySet:
        return self.filter(state=Message.State.WAITING)


class Message(models.Model):
    """One message, once: per appointment, kind, start it speaks of, what it is about and channel
    (rule 17). What is about no single appointment has neither ``appointment`` nor ``start_at``; it
    is there once per provider, kind, ``about`` and channel, and names its ``client`` where one
    reads it. ``facts`` are what it says about money and acts, handed over by the story; the mail
    is written from them when it leaves, and then ``subject``, ``text`` and ``html`` keep what was
    said. ``claimed_at`` is a lease: whoever takes the row stamps it, and after five minutes
    another may."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"  # no longer true when it was due
        FAILED = "failed"  # refused for good, or tried too often

    class To(models.TextChoices):
        CLIENT = "client"
        PROVIDER = "provider"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey("booking.Provider", models.PROTECT, related_name="messages")
    appointment = models.ForeignKey(
        "booking.Appointment", models.PROTECT, related_name="messages", null=True, blank=True
    )
    client = models.ForeignKey(
        "booking.Client", models.PROTECT, related_name="messages", null=True, blank=True
    )
    kind = models.CharField(max_length=40)
    to = models.CharField(max_length=10, choices=To)
    start_at = models.DateTimeField(null=True, blank=True)
    about = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=60, default="email")
    facts = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    planned_for = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=8, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "start_at", "about", "channel", "to"],
                name="one_message",
            ),
            models.UniqueConstraint(
                fields=["provider", "kind", "about", "channel", "to"],
                condition=Q(appointment=None),
                name="one_loose_message",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, start_at__isnull=False, client=None)
                | Q(appointment=None, start_at=None, to="provider")
                | Q(appointment=None, start_at=None, to="client", client__isnull=False),
                name="message_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="message_sent_at",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="messages_due", condition=Q(state="waiting")),
            models.Index(fields=["provider", "-created_at"], name="messages_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to} {self.state}"

    @property
    def to_client(self) -> bool:
        return self.to == self.To.CLIENT

    @property
    def person(self) -> Client | None:
        """The client whom it is about, whoever reads it."""
        return self.appointment.client if self.appointment else self.client
