"""Money on its way: payments in, refunds out, and the ledger of both."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.models.buckets import BUCKETS, CHARGE_BUCKETS, OUTSIDE, TAKEN_BACK
from payments.models.cards import SavedCard
from payments.models.charges import Charge
from payments.models.deposits import Deposit
from payments.models.whose import OfProvider

if TYPE_CHECKING:
    from booking.models import Appointment, Client, Provider

FOR_ONE = Q(deposit__isnull=False, charge=None) | Q(deposit=None, charge__isnull=False)


class MoneyQuerySet(models.QuerySet):
    """Rows that are about a deposit or about a charge, by whose they are."""

    def of(self, provider: Provider) -> Self:
        return self.filter(provider=provider)

    def of_client(self, client: Client) -> Self:
        return self._about(appointment__client=client)

    def of_appointment(self, appointment: Appointment | int) -> Self:
        return self._about(appointment=appointment)

    def _about(self, **whose: object) -> Self:
        deposits, charges = Deposit.objects.filter(**whose), Charge.objects.filter(**whose)
        return self.filter(Q(deposit__in=deposits) | Q(charge__in=charges))


class AboutMoney(OfProvider):
    """What a payment, a refund and a ledger entry share: they are about a deposit or about a charge."""

    objects = MoneyQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def appointment(self) -> Appointment:
        return self.whole.appointment

    def of_whom(self) -> int:
        return self.whole.provider_id

    @property
    def whole(self) -> Deposit | Charge:
        """The deposit or the charge that this is a part of."""
        found = self.deposit or self.charge  # type: ignore[attr-defined]
        assert found
        return found


class Payment(AboutMoney):
    """One payment, at the gateway or by hand. ``refunded`` counts every refund asked for and not failed,
    and the database refuses more than ``amount``. ``account`` is the connected account that it is on,
    blank for the installation's own. ``off_session`` ones are charged to ``card`` by the worker."""

    class State(models.TextChoices):
        STAGED = "staged"  # no session at the gateway yet
        OPEN = "open"  # the client may pay
        PAID = "paid"
        CLOSED = "closed"  # nobody paid, the session is over
        UNDONE = "undone"  # it was written down by hand, and that was a mistake

    class Method(models.TextChoices):
        CARD = "card"
        CASH = "cash"
        TRANSFER = "transfer"
        OTHER = "other"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="payments")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="payments")
    gateway = models.CharField(max_length=10)  # stripe, sandbox, or manual: by hand
    account = models.CharField(max_length=255, blank=True)
    platform_fee = models.BigIntegerField(default=0)
    method = models.CharField(max_length=10, choices=Method, default=Method.CARD)
    reference = models.CharField(max_length=200, blank=True)
    received_on = models.DateField(null=True, blank=True)  # the day, of a payment by hand
    by = models.CharField(max_length=10, default="client")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    off_session = models.BooleanField(default=False)
    card = models.ForeignKey(SavedCard, models.PROTECT, null=True, blank=True, related_name="payments")
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
    sandbox_dispute = models.JSONField(default=dict, blank=True)  # and what its bank does
    due_at = models.DateTimeField(null=True, blank=True)  # when to charge the saved card (again)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
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
                condition=Q(state="paid", paid_at__isnull=False, undone_at=None)
                | Q(state="undone", paid_at__isnull=False, undone_at__isnull=False, gateway="manual")
                | Q(state__in=["staged", "open", "closed"], paid_at=None, undone_at=None),
                name="payment_paid_at",
            ),
            models.CheckConstraint(condition=FOR_ONE, name="payment_for_one"),
            models.CheckConstraint(
                condition=Q(gateway="manual", off_session=False, account="", platform_fee=0)
                | (~Q(gateway="manual") & Q(method="card")),
                name="payment_by_hand",
            ),
            models.CheckConstraint(
                condition=Q(off_session=False) | Q(charge__isnull=False, card__isnull=False),
                name="payment_off_session",
            ),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(off_session=True), name="one_card_charge_per_charge"
            ),
            models.CheckConstraint(
                condition=Q(platform_fee__gte=0, platform_fee__lte=F("amount")), name="payment_platform_fee"
            ),
            models.CheckConstraint(
                condition=Q(platform_fee=0) | ~Q(account=""), name="payment_fee_of_account"
            ),
        ]
        indexes = [
            models.Index(
                fields=["close_due_at"],
                name="payments_to_close",
                condition=Q(close_due_at__isnull=False),
            ),
            models.Index(
                fields=["created_at"],
                name="payments_open",
                condition=Q(state="open", off_session=False),
            ),
            models.Index(
                fields=["due_at"],
                name="payments_to_charge",
                condition=Q(off_session=True, state="staged"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state} {self.amount} {self.currency}"


class LedgerEntry(AboutMoney):
    """``amount`` went from ``source`` to ``target``; ``outside`` is the client's pocket, and is a target
    only where a payment that was written down by hand is taken back. Append-only."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="entries")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="entries")
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
                condition=Q(source__in=[OUTSIDE, *BUCKETS], target__in=[OUTSIDE, *BUCKETS])
                & ~Q(source=F("target"))
                & (~Q(target=OUTSIDE) | Q(reason=TAKEN_BACK)),
                name="ledger_buckets",
            ),
            models.CheckConstraint(condition=FOR_ONE, name="ledger_for_one"),
            models.CheckConstraint(
                condition=Q(charge=None)
                | Q(source__in=[OUTSIDE, *CHARGE_BUCKETS], target__in=[OUTSIDE, *CHARGE_BUCKETS]),
                name="ledger_charge_buckets",
            ),
        ]
        indexes = [models.Index(fields=["provider", "at"], name="ledger_of_provider")]

    def __str__(self) -> str:
        return f"{self.source} to {self.target} {self.amount}"


class Refund(AboutMoney):
    """Money on its way back to the payment it came from. Staged with its ledger entry, sent by the
    worker with a key made from ``uid``, settled with the gateway's answer. What was paid by hand is
    given back by hand: staff say when. ``origin`` ``gateway``: made in the gateway's own dashboard,
    and found by us."""

    class State(models.TextChoices):
        STAGED = "staged"
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"

    class Origin(models.TextChoices):
        OURS = "ours"
        GATEWAY = "gateway"
        HAND = "hand"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="refunds")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="refunds")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    source = models.CharField(max_length=10)  # the bucket it was taken from
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.STAGED)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.OURS)
    repayment = models.ForeignKey(
        "payments.Repayment", models.PROTECT, null=True, blank=True, related_name="refunds"
    )
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
            models.CheckConstraint(condition=FOR_ONE, name="refund_for_one"),
        ]
        indexes = [
            # SQLite would not use a condition on several states.
            models.Index(fields=["state", "due_at"], name="refunds_by_state"),
            models.Index(fields=["provider", "state", "created_at"], name="refunds_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state} {self.amount} {self.currency}"
