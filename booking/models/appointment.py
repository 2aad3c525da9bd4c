"""The appointment.

The status moves along ``LEGAL_MOVES`` alone; the database holds the same table and refuses any
other move, whoever writes."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from booking.models.client import Client
from booking.models.provider import HourCycle, Provider
from booking.models.service import Mode, Service


class Status(models.TextChoices):
    REQUESTED = "requested"
    HELD = "held"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


LEGAL_MOVES: dict[str, tuple[str, ...]] = {
    Status.REQUESTED: (Status.HELD, Status.CONFIRMED, Status.DECLINED, Status.CANCELLED, Status.EXPIRED),
    Status.HELD: (Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED),
    Status.EXPIRED: (Status.CONFIRMED,),
    Status.CONFIRMED: (Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW),
    Status.NO_SHOW: (Status.CONFIRMED,),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
    Status.DECLINED: (),
}
TAKING_TIME = (Status.REQUESTED, Status.HELD, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
WAITING = (Status.REQUESTED, Status.HELD)
LONGEST = timedelta(days=1)


def make_room() -> str:
    return secrets.token_urlsafe(12)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def of(self, provider: Provider) -> AppointmentQuerySet:
        return self.filter(provider=provider)

    def lapsed(self, *, at: datetime) -> AppointmentQuerySet:
        """Held or requested, and the time to pay or to approve is over."""
        return self.filter(status__in=WAITING, hold_expires_at__lte=at)

    def wait_for_mail(self) -> AppointmentQuerySet:
        """Held until the client says yes by mail: nothing is to be paid."""
        return self.filter(status=Status.HELD, deposit_amount=0)

    def between(self, first: datetime, last: datetime) -> AppointmentQuerySet:
        return self.filter(starts_at__gte=first, starts_at__lt=last)

    def not_over(self, *, at: datetime) -> AppointmentQuerySet:
        """Begun or to come. By the start, too, for that is what the index knows."""
        return self.filter(ends_at__gt=at, starts_at__gt=at - LONGEST)

    def ended(self) -> AppointmentQuerySet:
        return self.filter(status__in=(Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW))

    def with_names(self) -> AppointmentQuerySet:
        return self.select_related("provider", "service", "client")


class Appointment(models.Model):
    """One appointment, the same through every move. Price, deposit and policy version are those
    that the client agreed to. ``token_hash`` is the SHA-256 of the link's token (booking.tokens)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, models.PROTECT, related_name="appointments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="appointments")
    policy_version = models.ForeignKey("policies.PolicyVersion", models.PROTECT, related_name="appointments")
    status = models.CharField(max_length=10, choices=Status)
    mode = models.CharField(max_length=10, choices=Mode)

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    original_start_at = models.DateTimeField()
    grace_ends_at = models.DateTimeField()

    price = models.BigIntegerField()
    deposit_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    hour_cycle = models.CharField(max_length=3, choices=HourCycle, default=HourCycle.H23)
    answers = models.JSONField(default=dict, blank=True)
    room = models.CharField(max_length=32, default=make_room)
    urgent_reason = models.CharField(max_length=300, blank=True)
    urgent_at = models.DateTimeField(null=True, blank=True)

    # Of a series the others name the one that was booked first: it carries the payment for all.
    series_first = models.ForeignKey(
        "self", models.PROTECT, related_name="series_rest", null=True, blank=True
    )

    moves_used = models.PositiveSmallIntegerField(default=0)
    smallest_notice = models.DurationField(null=True, blank=True)
    accepted_delay_minutes = models.PositiveSmallIntegerField(default=0)
    asked_delay_minutes = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField()
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_reason = models.CharField(max_length=20, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    no_show_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    will_come_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)  # camera and sound work, says the client
    needs_help_at = models.DateTimeField(null=True, blank=True)  # they do not, and nobody has said otherwise
    contacted_at = models.DateTimeField(null=True, blank=True)
    asked_there_at = models.DateTimeField(null=True, blank=True)
    asked_no_show_at = models.DateTimeField(null=True, blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)
    explanation_decided_at = models.DateTimeField(null=True, blank=True)

    token_hash = models.CharField(max_length=64, unique=True)
    token_generation = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    blocked_from__lte=F("starts_at"),
                    starts_at__lt=F("ends_at"),
                    ends_at__lte=F("blocked_until"),
                ),
                name="appointment_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WAITING, hold_expires_at__isnull=False)
                | (~Q(status__in=WAITING) & Q(hold_expires_at__isnull=True)),
                name="appointment_waits_with_an_end",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED, cancelled_at__isnull=False)
                | (~Q(status=Status.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="appointment_cancelled_at",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.NO_SHOW, no_show_at__isnull=False)
                | (~Q(status=Status.NO_SHOW) & Q(no_show_at__isnull=True)),
                name="appointment_no_show_at",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.COMPLETED, completed_at__isnull=False)
                | (~Q(status=Status.COMPLETED) & Q(completed_at__isnull=True)),
                name="appointment_completed_at",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, deposit_amount__gte=0, deposit_amount__lte=F("price")),
                name="appointment_money",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="appointment_currency"),
            models.CheckConstraint(
                condition=Q(token_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106, its shape
                name="appointment_token_hash",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="appointment_status"),
            models.CheckConstraint(
                condition=Q(urgent_reason="", urgent_at__isnull=True)
                | (~Q(urgent_reason="") & Q(urgent_at__isnull=False)),
                name="appointment_urgent_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "starts_at"], name="appointments_of_provider"),
            models.Index(fields=["client", "starts_at"], name="appointments_of_client"),
            models.Index(fields=["provider", "status", "starts_at"], name="appointments_by_status"),
            models.Index(
                fields=["provider", "explained_at"],
                name="appointments_explained",
                condition=Q(explained_at__isnull=False, explanation_decided_at=None),
            ),
            # A condition on several states would not be seen through by SQLite; this one says the same.
            models.Index(
                fields=["hold_expires_at"],
                name="appointments_waiting",
                condition=Q(hold_expires_at__isnull=False),
            ),
            models.Index(
                fields=["starts_at"],
                name="appointments_confirmed",
                condition=Q(status=Status.CONFIRMED),
            ),
            # Those before their start and, of the others, only the few that are being waited for.
            models.Index(
                fields=["starts_at"],
                name="appointments_unseen",
                condition=Q(status=Status.CONFIRMED, arrived_at=None, asked_no_show_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.status} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def brought_client(self) -> bool:
        """Whether its client was first heard of by this booking. Anyone can type the address of an older one, and then
        holds this appointment's link: what is known of that client is not for them."""
        return self.client.created_at >= self.created_at

    @property
    def waits_for_mail(self) -> bool:
        """Held until the client says yes by mail: what is held otherwise waits for its deposit."""
        return self.status == Status.HELD and not self.deposit_amount

    @property
    def clock(self) -> str:
        """The zone on whose clocks the client is told times: their own, in person that of the place."""
        return self.provider.timezone if self.mode == Mode.IN_PERSON else self.timezone

    def to_status(self, status: str, **stamps: object) -> None:
        """The one gate of the status: refuses what ``LEGAL_MOVES`` lacks, keeps the time stamps
        that belong to a status true, saves only what changed."""
        if status not in LEGAL_MOVES[self.status]:
            raise IllegalMove(self.status, status)
        before = {field: getattr(self, field) for field in STAMPS.values()}
        self.status = status
        for owner, field in STAMPS.items():
            if owner != status:
                setattr(self, field, None)
        if status not in WAITING:
            self.hold_expires_at = None
        for field, value in stamps.items():
            setattr(self, field, value)
        changed = {field for field, value in before.items() if getattr(self, field) != value}
        self.version += 1
        self.save(update_fields={"status", "version", "hold_expires_at", *changed, *stamps})


STAMPS = {
    Status.CANCELLED: "cancelled_at",
    Status.NO_SHOW: "no_show_at",
    Status.COMPLETED: "completed_at",
}


class IllegalMove(Exception):
    """A status that cannot follow the present one. A bug of ours unless a story refused before."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"an appointment that is {old} cannot become {new}")
