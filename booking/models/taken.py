"""Which time of a provider is taken, by whatever takes it. On ``BusyTime`` stands the constraint that no two of one
provider overlap."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from booking.models.appointment import Appointment
from booking.models.provider import Provider
from booking.models.schedule import TimeOff

M = TypeVar("M", bound=models.Model, covariant=True)


class SpanQuerySet(models.QuerySet[M]):
    """Of rows with ``blocked_from`` and ``blocked_until``."""

    def overlapping(self, since: datetime, until: datetime) -> Self:
        return self.filter(blocked_until__gt=since, blocked_from__lt=until)


class BusyTimeQuerySet(SpanQuerySet["BusyTime"]):
    def standing(self, *, at: datetime) -> Self:
        """What is in the way of others: a hold that lapsed takes nothing, sweep or no sweep."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class BusyTime(models.Model):
    """Time of a provider that is taken, buffers included. Rows of kind ``appointment`` are kept by
    the database itself from the appointment; a row of kind ``move`` holds the new time of a move
    that waits for its deposit (only the part that the appointment does not hold already); rows of kind
    ``proposal`` hold the times of an open proposal, those that overlap joined into one; a row of kind
    ``time_off`` is kept by the database from the time off, and is no appointment's."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="busy_times")
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="busy_times", null=True, blank=True
    )
    time_off = models.OneToOneField(TimeOff, models.CASCADE, related_name="busy_time", null=True, blank=True)
    kind = models.CharField(max_length=12, default="appointment")
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = BusyTimeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(blocked_from__lt=F("blocked_until")), name="busy_time_in_order"
            ),
            models.CheckConstraint(
                condition=Q(kind="time_off", time_off__isnull=False, appointment__isnull=True)
                | (~Q(kind="time_off") & Q(time_off__isnull=True, appointment__isnull=False)),
                name="busy_time_is_of_one",
            ),
            models.UniqueConstraint(
                fields=["appointment", "kind"],
                condition=~Q(kind="proposal"),
                name="one_busy_time_per_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "blocked_until", "blocked_from"], name="busy_of_provider")
        ]

    def __str__(self) -> str:
        return f"{self.blocked_from:%Y-%m-%d %H:%M} - {self.blocked_until:%H:%M}"
