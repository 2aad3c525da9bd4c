"""The freelancer who sells time, and the people who help."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from booking import colours


class Role(models.TextChoices):
    OWNER = "owner"
    MEMBER = "member"
    REFUNDS = "refunds"
    READ_ONLY = "read_only"


class HourCycle(models.TextChoices):
    """How times of the day are written for somebody, as ECMA and CLDR call it (config.formats)."""

    H23 = "h23"
    H12 = "h12"


class ProviderQuerySet(models.QuerySet["Provider"]):
    def locked(self) -> ProviderQuerySet:
        """First in the lock order: whoever holds this row may change the provider's calendar.

        SQLite has no row locks; there every writing transaction starts IMMEDIATE and is alone."""
        return self.select_for_update(no_key=True)


class Provider(models.Model):
    """One freelancer's practice: zone, money, places. ``version`` is raised by the database with
    every change of what could be booked, so it can stand for the slots in caches and ETags.
    ``cost_offer`` is what a client is offered who says that it costs too much (A13): a ``service`` by its
    slug and ``words`` by language, either of them, or nothing. ``embed_sites`` are the origins of the sites
    that may show the booking page in a frame; none: nobody may. ``limits`` are how much clients may book
    (docs/rules.md): ``per_day``, ``per_week``, ``travel_minutes``; what is not there is no limit.
    ``brand`` is how its pages look: ``colour``, and of its ``logo`` the hash and size (booking.brand).
    ``getting_started``: the first page was just made, and Today says what is left to do."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8)
    hour_cycle = models.CharField(max_length=3, choices=HourCycle, default=HourCycle.H23)
    hourly_rate = models.BigIntegerField(null=True, blank=True)
    listed = models.BooleanField(default=False)
    about = models.JSONField(default=dict, blank=True)
    places = models.JSONField(default=dict, blank=True)
    cost_offer = models.JSONField(default=dict, blank=True)
    embed_sites = models.JSONField(default=list, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    brand = models.JSONField(default=dict, blank=True)
    hold_minutes = models.PositiveIntegerField(default=15)
    day_ahead_reminder = models.BooleanField(default=False)
    hours_ahead_reminder = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    getting_started = models.BooleanField(default=False)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ProviderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="provider_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(hourly_rate__isnull=True) | models.Q(hourly_rate__gte=0),
                name="provider_hourly_rate",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def style_path(self) -> str:
        """The style sheet of its colour; empty where the colour is ours. The address changes with the colour."""
        colour = self.brand.get("colour", "")
        return f"/{self.slug}/brand.css?v={colour[1:]}-{colours.RELEASE}" if colour else ""

    @property
    def logo_path(self) -> str:
        """Its logo; empty where there is none. The address changes with the picture."""
        logo = self.brand.get("logo")
        return f"/{self.slug}/logo.png?v={logo['sha256'][:16]}" if logo else ""

    @property
    def called_at(self) -> str:
        """The number at which clients call, where they do: the place's own, else the general one."""
        return str((self.places.get("phone") or {}).get("number") or self.phone)


class Membership(models.Model):
    """What a user may do at a provider: the owner everything, a member the calendar, the refund
    desk refunds as well, read-only just look. Above ``refund_limit`` (minor units; none: no limit)
    a second member approves a refund. ``calendar_hash`` is the SHA-256 of the secret in this member's own
    calendar address (booking.tokens), none where there is no such address."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    refund_limit = models.BigIntegerField(null=True, blank=True)
    calendar_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    calendar_generation = models.PositiveIntegerField(default=0)
    calendar_names = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refund_limit=None) | models.Q(refund_limit__gte=0),
                name="membership_refund_limit",
            ),
            models.UniqueConstraint(fields=["provider", "user"], name="one_membership"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def may_act(self) -> bool:
        return self.role != Role.READ_ONLY

    @property
    def may_refund(self) -> bool:
        return self.role in (Role.OWNER, Role.REFUNDS)


class ApiToken(models.Model):
    """A bearer token of one provider; only its SHA-256 is kept. ``name`` is what its owner knows it by."""

    name = models.CharField(max_length=100, blank=True)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} {self.scopes}"
