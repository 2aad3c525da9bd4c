"""When the provider is busy by calendars of its own elsewhere."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from booking.models.provider import Provider
from booking.models.taken import SpanQuerySet


class BusyCalendar(models.Model):
    """A calendar that is asked for when the provider is busy. ``secret`` is its address, encrypted: whoever has it
    can read the calendar, so nobody is shown it whole again. ``trouble`` is why the last look found nothing,
    ``failing_since`` the first look of those; what was found before stays meanwhile, as far as ``covers_until``.
    ``digest`` is of what was read last, ``zone`` the provider's zone it was read for."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="busy_calendars")
    name = models.CharField(max_length=60)
    secret = models.TextField()
    with_titles = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    look_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    covers_until = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    skipped = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=20, blank=True)
    trouble_status = models.PositiveSmallIntegerField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="one_busy_calendar_name"),
            models.CheckConstraint(
                condition=Q(trouble="", failing_since__isnull=True)
                | (~Q(trouble="") & Q(failing_since__isnull=False)),
                name="busy_calendar_fails_since",
            ),
        ]
        indexes = [models.Index(fields=["look_at"], name="busy_calendars_due")]

    def __str__(self) -> str:
        return self.name


class BusyElsewhere(models.Model):
    """A time at which the provider is busy by one of those calendars. It keeps clients from booking, and may overlap
    whatever stands: an appointment is not undone by a dinner. The title is for the provider's own eyes."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="busy_elsewhere")
    calendar = models.ForeignKey(BusyCalendar, models.CASCADE, related_name="times")
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    title = models.CharField(max_length=120, blank=True)

    objects = SpanQuerySet["BusyElsewhere"].as_manager()

    class Meta:
        ordering = ["blocked_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(blocked_from__lt=F("blocked_until")), name="busy_elsewhere_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "blocked_until", "blocked_from"], name="busy_elsewhere_of_provider"
            )
        ]

    def __str__(self) -> str:
        return f"{self.blocked_from:%Y-%m-%d %H:%M} - {self.blocked_until:%Y-%m-%d %H:%M}"
