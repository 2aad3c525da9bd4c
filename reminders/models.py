"""Messages as rows: planned in the transaction that causes them, sent by the sweep."""

from __future__ import annotations

import uuid

from django.conf import settings
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
    another may. ``channel`` is "email" or "channel:<uid>" of a `Route`; the row for e-mail is the one
    that a story plans, the others come from it when it falls due. ``relay_id`` is what the sender calls it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"  # no longer true when it was due
        PASSED = "passed"  # left to another channel, or to the summary of the day (`told_in`)
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
    relay_id = models.CharField(max_length=200, blank=True)
    told_in = models.ForeignKey("self", models.PROTECT, related_name="tells", null=True, blank=True)
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
            models.Index(fields=["provider", "due_at"], name="messages_of_provider"),
            models.Index(fields=["provider", "state", "due_at"], name="messages_by_state"),
            models.Index(fields=["due_at"], name="messages_failed", condition=Q(state="failed")),
            models.Index(fields=["relay_id"], name="messages_of_relay", condition=~Q(relay_id="")),
            models.Index(
                fields=["channel", "due_at"], name="messages_of_routes", condition=~Q(channel="email")
            ),
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


class RouteQuerySet(models.QuerySet["Route"]):
    def in_use(self) -> RouteQuerySet:
        return self.filter(removed_at=None, enabled_at__isnull=False)


class Route(models.Model):
    """A way beside e-mail that a provider set up: a messaging service and the account there.
    ``secret`` is its address, encrypted; nobody is ever shown it whole. ``target`` is where the
    provider itself is reached through it. ``used`` counts what left in ``used_month`` ("2027-03", in
    the provider's zone), up to ``month_cap``. Quiet minutes are minutes of the reader's local day. A
    removed route stays as the name of what once went through it."""

    class Kind(models.TextChoices):
        SMS = "sms"
        WHATSAPP = "whatsapp"
        TELEGRAM = "telegram"
        OTHER = "other"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey("booking.Provider", models.CASCADE, related_name="routes")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    service = models.CharField(max_length=20)
    secret = models.TextField(blank=True)
    target = models.CharField(max_length=64, blank=True)
    for_clients = models.BooleanField(default=False)
    for_provider = models.BooleanField(default=False)
    instead = models.BooleanField(default=False)  # of the mail, for what clients agreed to get here
    month_cap = models.PositiveIntegerField(default=100)
    used_month = models.CharField(max_length=7, blank=True)
    used = models.PositiveIntegerField(default=0)
    quiet_from = models.PositiveSmallIntegerField(default=20 * 60)
    quiet_until = models.PositiveSmallIntegerField(default=8 * 60)
    enabled_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=300, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name"], condition=Q(removed_at=None), name="one_route_name"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__lt=24 * 60, quiet_until__lt=24 * 60), name="route_quiet_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def channel(self) -> str:
        """As messages name it."""
        return f"channel:{self.uid}"

    @property
    def failing(self) -> bool:
        """The last thing that happened was a failure."""
        return self.last_failure_at is not None


class Consent(models.Model):
    """What a client agreed to, or took back, once: append-only, the last one of a channel counts.
    ``channel`` is a kind of route, or "more_reminders": the second and third reminder by e-mail, the
    only ones of our mails that a client can do without."""

    class State(models.TextChoices):
        GIVEN = "given"
        WITHDRAWN = "withdrawn"

    class How(models.TextChoices):
        BOOKING = "booking"  # ticked while booking
        PAGE = "page"  # on the page of an appointment
        REPLY = "reply"  # answered STOP or START
        SERVICE = "service"  # the service reports that the number opted out there
        DESK = "desk"  # told the provider, who wrote it down

    client = models.ForeignKey("booking.Client", models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=9, choices=State)
    how = models.CharField(max_length=8, choices=How)
    phone = models.CharField(max_length=32, blank=True)
    words = models.CharField(max_length=300, blank=True)  # what was ticked, as shown
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["client", "channel"], name="consents_of_client")]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class Notice(models.Model):
    """How a provider hears of one group of kinds (see `reminders.notices`). Without a row: at once, by
    e-mail. ``channels`` are as in `Message.channel`."""

    class How(models.TextChoices):
        AT_ONCE = "at_once"
        DAILY = "daily"
        NONE = "none"

    provider = models.ForeignKey("booking.Provider", models.CASCADE, related_name="notices")
    group = models.CharField(max_length=12)
    how = models.CharField(max_length=8, choices=How, default=How.AT_ONCE)
    channels = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "group"], name="one_notice")]

    def __str__(self) -> str:
        return f"{self.group} {self.how}"


class MailEvent(models.Model):
    """What a sender of mail reports afterwards, once each: a bounce, a complaint."""

    sender = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    address = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(Message, models.PROTECT, related_name="events", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "event_id"], name="one_mail_event")]

    def __str__(self) -> str:
        return f"{self.sender} {self.kind}"


class AdaptedQuerySet(models.QuerySet["Adapted"]):
    def in_force(self) -> AdaptedQuerySet:
        return self.filter(ended_at=None)


class Adapted(models.Model):
    """What a provider says in its own words in one kind of message to clients, in one language: a version,
    in force until ``ended_at``. An empty field is said in ours; facts, money, terms and links always are."""

    TEXTS = ("subject", "heading", "opening", "closing")

    provider = models.ForeignKey("booking.Provider", models.CASCADE, related_name="adapted")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=150, blank=True)
    heading = models.CharField(max_length=150, blank=True)
    opening = models.TextField(blank=True)
    closing = models.TextField(blank=True)
    created_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AdaptedQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "language"],
                condition=Q(ended_at=None),
                name="one_adapted_wording",
            ),
            models.UniqueConstraint(
                fields=["provider", "kind", "language", "number"], name="adapted_wording_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.language}, version {self.number}"

    @property
    def texts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.TEXTS}
