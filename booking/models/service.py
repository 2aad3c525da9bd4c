"""What can be booked."""

from __future__ import annotations

import uuid

from django.db import models

from booking.models.provider import Provider


class Mode(models.TextChoices):
    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class Service(models.Model):
    """A service of a provider. ``name`` and ``about`` are text by language; ``questions`` have the shape of the
    import file (``id``, ``label`` by language, ``kind``, ``choices``, ``required``).
    ``series_most`` is how many appointments may be booked in one go, week after week; 0: only one by one.
    ``confirm_by_mail``: where no deposit is asked, a booking stands once its client pressed the button behind the
    link that was mailed to them.
    ``limits`` are how many of it clients may book: ``per_day``, ``per_week``; what is not there is no limit.
    ``tax_rate`` is in basis points, and the price includes it; none: the price bears no tax."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="services")
    policy = models.ForeignKey("policies.Policy", models.PROTECT, related_name="services")
    slug = models.SlugField(max_length=60)
    name = models.JSONField(default=dict)
    about = models.JSONField(default=dict, blank=True)
    duration_minutes = models.PositiveIntegerField()
    buffer_before_minutes = models.PositiveIntegerField(default=0)
    buffer_after_minutes = models.PositiveIntegerField(default=0)
    slot_interval_minutes = models.PositiveIntegerField(default=30)
    min_notice_minutes = models.PositiveIntegerField(default=0)
    horizon_days = models.PositiveIntegerField(default=60)
    price = models.BigIntegerField()
    tax_rate = models.PositiveIntegerField(null=True, blank=True)
    modes = models.JSONField(default=list)
    approval = models.BooleanField(default=False)
    series_most = models.PositiveSmallIntegerField(default=0)
    confirm_by_mail = models.BooleanField(default=False)
    questions = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    limits = models.JSONField(default=dict, blank=True)
    hidden = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "slug"], name="one_service_slug"),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=1, duration_minutes__lte=1440),
                name="service_duration",
            ),
            models.CheckConstraint(
                condition=models.Q(slot_interval_minutes__gte=1), name="service_slot_interval"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="service_price"),
            models.CheckConstraint(
                condition=models.Q(series_most=0)
                | models.Q(series_most__gte=2, series_most__lte=52, approval=False),
                name="service_series",
            ),
            models.CheckConstraint(
                condition=models.Q(confirm_by_mail=False) | models.Q(approval=False),
                name="service_confirmed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_rate__isnull=True) | models.Q(tax_rate__gte=0, tax_rate__lte=10_000),
                name="service_tax_rate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider.slug}/{self.slug}"
