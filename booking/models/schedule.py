"""When a provider is open, in the local time of its own zone, as minutes of the day (0 to 1440); and the
instants between which it is away."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from booking.models.provider import Provider


class WeeklyHours(models.Model):
    """One open period of a weekday (Monday is 0); several may stand side by side."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens_minute"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=1440),
                name="hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_minute}-{self.closes_minute}"


class Override(models.Model):
    """What holds on one day instead of its weekly hours: closed (both minutes empty) or open
    from-to; several entries for one day add up. ``origin`` is `holiday` where a public holiday closes the day
    (booking.free_days), else the provider said so itself."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="overrides")
    on = models.DateField()
    opens_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    closes_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    origin = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["on", "opens_minute"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="") | Q(origin="holiday", opens_minute__isnull=True),
                name="override_origin",
            ),
            models.CheckConstraint(
                condition=Q(opens_minute__isnull=True, closes_minute__isnull=True)
                | Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=1440),
                name="override_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {'closed' if self.closed else f'{self.opens_minute}-{self.closes_minute}'}"

    @property
    def closed(self) -> bool:
        return self.opens_minute is None


class Holidays(models.Model):
    """The public holidays on which a provider is closed, by their names in the country's own language. The days
    themselves are made from it years ahead, and anew from ``renew_at`` on."""

    provider = models.OneToOneField(Provider, models.CASCADE, related_name="holidays")
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=20, blank=True)
    closed = models.JSONField(default=list)
    renew_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["renew_at"], name="holidays_to_renew")]

    def __str__(self) -> str:
        return f"{self.country} {self.region}".strip()


class TimeOff(models.Model):
    """Time that the provider keeps free of appointments, from the first instant up to the last. The title is
    for the provider's own eyes. The database takes the time (``BusyTime``), and refuses what is taken already."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    title = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="time_off_in_order"),
        ]
        indexes = [models.Index(fields=["provider", "ends_at", "starts_at"], name="time_off_of_provider")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} - {self.ends_at:%Y-%m-%d %H:%M}"
