"""Money in whole minor units. What a deposit is made of is written in the ledger alone: the
database adds each entry to the deposit's amounts and refuses what does not balance (rule 10)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

BUCKETS = ("held", "applied", "refunded", "forfeited", "carried", "disputed")


class Deposit(models.Model):
    """Money paid ahead for one appointment. ``asked`` is what was to be paid; the six buckets are
    what became of ``paid``. ``carried_in`` is the part that came from ``credit``, not from a card."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="deposits")
    move = models.OneToOneField("booking.Move", models.PROTECT, null=True, blank=True, related_name="deposit")
    credit = models.ForeignKey(
        "payments.Credit", models.PROTECT, null=True, blank=True, related_name="used_in"
    )
    currency = models.CharField(max_length=3)
    asked = models.BigIntegerField()
    carried_in = models.BigIntegerField(default=0)
    current = models.BooleanField(default=True)
    paid = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    forfeited = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)
    disputed = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    paid=F("held")
                    + F("applied")
                    + F("refunded")
                    + F("forfeited")
                    + F("carried")
                    + F("disputed")
                ),
                name="deposit_balance",
            ),
            models.CheckConstraint(
                condition=Q(
                    asked__gt=0,
                    carried_in__gte=0,
                    held__gte=0,
                    applied__gte=0,
                    refunded__gte=0,
                    forfeited__gte=0,
                    carried__gte=0,
                    disputed__gte=0,
                ),
                name="deposit_amounts",
            ),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(current=True), name="one_current_deposit"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deposit_currency"),
        ]
        indexes = [models.Index(fields=["appointment"], name="deposits_of_appointment")]

    def __str__(self) -> str:
        return f"{self.uid} {self.paid} {self.currency}"

    @property
    def is_paid(self) -> bool:
        return self.paid >= self.asked


class Payment(models.Model):
    """One payment at the gateway. ``refunded`` counts every refund asked for and not failed, and
    the database refuses more than ``amount``."""

    class State(models.TextChoices):
        STAGED = "staged"  # no session at the gateway yet
        OPEN = "open"  # the client may pay
        PAID = "paid"
        CLOSED = "closed"  # nobody paid, the session is over

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=State, default=State.STAGED)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    refunded = models.BigIntegerField(default=0)
    session_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    intent_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    url = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # the session's own end, as sent
    failed_at = models.DateTimeField(null=True, blank=True)
    close_due_at = models.DateTimeField(null=True, blank=True)  # when to end the session (again)
    sandbox_state = models.CharField(max_length=8, blank=True)  # what the sandbox itself remembers
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, refunded__gte=0, refunded__lte=F("amount")),
                name="refunds_within_payment",
            ),
            models.CheckConstraint(condition=Q(state="paid") | Q(refunded=0), name="refunds_of_paid_only"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False)
                | (Q(state__in=["staged", "open", "closed"]) & Q(paid_at__isnull=True)),
                name="payment_paid_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["close_due_at"],
                name="payments_to_close",
                condition=Q(close_due_at__isnull=False, state__in=["staged", "open"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state} {self.amount} {self.currency}"


class LedgerEntry(models.Model):
    """``amount`` went from ``source`` to ``target``; ``outside`` is the client's pocket. Append-only."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="entries")
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    by = models.CharField(max_length=10)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_amount"),
            models.CheckConstraint(
                condition=Q(source__in=["outside", *BUCKETS], target__in=BUCKETS) & ~Q(source=F("target")),
                name="ledger_buckets",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} to {self.target} {self.amount}"


class Refund(models.Model):
    """Money on its way back to the payment it came from. Staged with its ledger entry, sent by the
    worker with a key made from ``uid``, settled with the gateway's answer."""

    class State(models.TextChoices):
        STAGED = "staged"
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    source = models.CharField(max_length=10)  # the bucket it was taken from
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.STAGED)
    reason = models.CharField(max_length=40)
    note = models.CharField(max_length=1000, blank=True)
    by = models.CharField(max_length=10)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    gateway_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["staged", "pending", "done", "failed"]), name="refund_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="refunds_to_send",
                condition=Q(state__in=["staged", "pending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state} {self.amount} {self.currency}"


class Settlement(models.Model):
    """What the client loses, waiting until ``due_at`` (rule 8). ``forfeit`` is of ``deposit``,
    ``fee`` is what is charged beyond it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DROPPED = "dropped"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="settlements")
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="settlements")
    lapse = models.ForeignKey(
        "booking.Lapse", models.PROTECT, null=True, blank=True, related_name="settlements"
    )
    cause = models.CharField(max_length=12)  # cancel, move, no_show
    forfeit = models.BigIntegerField()
    fee = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(forfeit__gte=0, fee__gte=0), name="settlement_amounts"),
            models.CheckConstraint(
                condition=Q(state="done", settled_at__isnull=False)
                | (~Q(state="done") & Q(settled_at__isnull=True)),
                name="settlement_settled_at",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="settlements_due", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.cause} {self.forfeit}+{self.fee} {self.currency}"


class Charge(models.Model):
    """A fee beyond the deposit that the client owes."""

    class State(models.TextChoices):
        OWED = "owed"
        PAID = "paid"
        WAIVED = "waived"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="charges")
    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="charge")
    amount = models.BigIntegerField()
    waived = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.OWED)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, waived__gte=0, waived__lte=F("amount")),
                name="charge_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.state}"

    @property
    def owed(self) -> int:
        return self.amount - self.waived if self.state == self.State.OWED else 0


class Credit(models.Model):
    """A carried deposit that waits for a new appointment of the same client (rule 5). It remembers
    what a chain of moves must not lose: original start, moves used, smallest notice (rules 3, 4).
    No ``expires_at``: carried without a deadline (rule 6)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="carried_as")
    client = models.ForeignKey("booking.Client", models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    used = models.BigIntegerField(default=0)
    ended = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField(null=True, blank=True)
    unused = models.CharField(max_length=8)  # forfeit or refund, by the terms agreed to
    original_start_at = models.DateTimeField(null=True, blank=True)
    moves_used = models.PositiveSmallIntegerField(default=0)
    smallest_notice = models.DurationField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, used__gte=0, ended__gte=0) & Q(amount__gte=F("used") + F("ended")),
                name="credit_amounts",
            ),
            models.CheckConstraint(condition=Q(unused__in=["forfeit", "refund"]), name="credit_unused"),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="credits_that_end",
                condition=Q(ended_at__isnull=True, expires_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} until {self.expires_at}"

    @property
    def left(self) -> int:
        return self.amount - self.used - self.ended


class StripeEvent(models.Model):
    """A webhook as it came, stored once by its id, applied later and once."""

    event_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=100)
    body = models.JSONField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="events_to_apply", condition=Q(applied_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"
