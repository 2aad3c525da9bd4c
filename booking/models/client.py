"""Who books. A client belongs to one provider and is known there by e-mail address."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from booking.models.provider import HourCycle, Provider


class Client(models.Model):
    """A person who books with one provider. ``last_answer_at`` is the last sign of life (a
    booking, an answer, an explanation), which the pattern ``gone quiet`` looks at. The
    marks about mail say that the present address refuses what we send, or asked us to stop. ``new_email``
    is the address that whoever holds a link asked for; it counts once it was confirmed from there. What
    was erased (``erased_by`` a member, or the retention sweep) bears a number instead of a name, for good;
    ``merged_into`` is who it turned out to be, and has all that it had."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="clients")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=8, default="en")
    hour_cycle = models.CharField(max_length=3, choices=HourCycle, default=HourCycle.H23)
    timezone = models.CharField(max_length=64)
    preferences = models.JSONField(default=dict, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    blocked_reason = models.CharField(max_length=500, blank=True)
    last_answer_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="merged_from")
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    mail_bounced_at = models.DateTimeField(null=True, blank=True)
    mail_complained_at = models.DateTimeField(null=True, blank=True)
    mail_trouble = models.CharField(max_length=300, blank=True)
    new_email = models.EmailField(blank=True)
    new_email_asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "email"], name="one_client_email"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(erased_at__isnull=False),
                name="client_merged_is_erased",
            ),
        ]
        indexes = [models.Index(fields=["provider", "name"], name="clients_by_name")]

    def __str__(self) -> str:
        return self.name


class LinksWish(models.Model):
    """Somebody typed this address and asked for the links of its appointments. Whether anybody is known by it is
    looked up by the sweep, so that asking takes the same time for all (F-107); the row goes with its answer."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="links_wishes")
    email = models.EmailField()
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"asked at {self.asked_at:%Y-%m-%d %H:%M}"
