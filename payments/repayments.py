"""Repayments: what staff decided to give back, and what moves because of it.

The decision is a row of its own. Until it is given nothing moves; then it is one or more refunds to the
payments that the money came from, or one credit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from config.refusal import Refusal
from payments import credits, ledger, refunds
from payments.models import Charge, Deposit, Refund, Repayment
from payments.whereabouts import named
from policies.rules import money

if TYPE_CHECKING:
    from booking.actors import Actor
    from booking.models import User

State = Repayment.State
How = Repayment.How
SOURCES = ("held", "forfeited", "applied")


class NoCredit(Refusal):
    """What cannot be given as a credit, and a failed refund that was made good already."""

    code = "invalid"
    status = 400


def locked(whole: Deposit | Charge) -> Deposit | Charge:
    """As it is now, and nobody else's until the transaction ends."""
    found: Deposit | Charge = type(whole).objects.select_for_update().get(pk=whole.pk)
    return found


def there(whole: Deposit | Charge) -> int:
    """What of it could still go back."""
    buckets = SOURCES if isinstance(whole, Deposit) else ("applied",)
    return sum(getattr(whole, bucket) for bucket in buckets)


def free(whole: Deposit | Charge, *, but: Repayment | None = None) -> int:
    """The same, less what members have asked to give back already."""
    asked = Repayment.objects.filter(**named(whole), state=State.ASKED)
    if but:
        asked = asked.exclude(pk=but.pk)
    return max(there(whole) - (asked.aggregate(sum=Sum("amount"))["sum"] or 0), 0)


def ask(
    *,
    whole: Deposit | Charge,
    amount: int,
    how: str,
    reason: str,
    reference: str,
    key: UUID,
    retries: Refund | None,
    user: User | None,
    at: datetime,
) -> Repayment:
    """The decision, written down; nothing has moved yet."""
    if amount % money.step(whole.currency):
        detail = _("The amount must be a multiple of %(step)s minor units.")
        raise refunds.NotInSteps(detail % {"step": money.step(whole.currency)})
    if how == How.CREDIT and isinstance(whole, Charge):
        raise NoCredit(_("Only a deposit can become a credit."))
    if retries and (
        retries.state != Refund.State.FAILED or Repayment.objects.filter(retries=retries).exists()
    ):
        raise NoCredit(_("This refund has been made good already."))
    return Repayment.objects.create(
        **named(whole),
        amount=amount,
        currency=whole.currency,
        how=how,
        reason=reason,
        reference=reference,
        key=key,
        retries=retries,
        user=user,
        asked_at=at,
    )


def within_limit(repayment: Repayment, *, limit: int | None) -> bool:
    """Whether the member may do this alone: what the same member has given back of the same deposit or
    charge alone counts too, so that many small refunds are no way round."""
    return limit is None or _given_alone(repayment) + repayment.amount <= limit


def _given_alone(repayment: Repayment) -> int:
    alone = Repayment.objects.filter(
        **named(repayment.whole), user=repayment.user, decided_by=None, state=State.GIVEN
    )
    failed = Sum("refunds__amount", filter=Q(refunds__state=Refund.State.FAILED), default=0)
    return sum(one.amount - one.failed for one in alone.annotate(failed=failed))


def decide(
    repayment: Repayment, state: str, *, at: datetime, user: User | None = None, note: str = ""
) -> None:
    repayment.state, repayment.decided_at = state, at
    repayment.decided_by = user or repayment.decided_by
    repayment.note = note
    if state != State.GIVEN:
        repayment.retries = None  # what failed may be made good by another decision
    repayment.save(update_fields=["state", "decided_at", "decided_by", "note", "credit", "retries"])


def give(repayment: Repayment, *, whole: Deposit | Charge, by: Actor, at: datetime) -> list[Refund]:
    """Moves the money. Returns the refunds; a credit has none."""
    made: list[Refund] = []
    if repayment.how == How.CREDIT and isinstance(whole, Deposit):
        _credit(repayment, whole, by=by, at=at)
    else:
        made = refunds.give_back(
            **named(whole),
            amount=repayment.amount,
            reason="staff",
            note=repayment.reason,
            by=by,
            at=at,
            sources=SOURCES,
            repayment=repayment,
            by_hand=repayment.how == How.HAND,
        )
    decide(repayment, State.GIVEN, at=at)
    return made


def _credit(repayment: Repayment, deposit: Deposit, *, by: Actor, at: datetime) -> None:
    """Without a deadline, and remembering nothing that counts against the client."""
    left = repayment.amount
    for bucket in SOURCES:
        part = min(left, getattr(deposit, bucket))
        if part:
            ledger.post(
                deposit=deposit, source=bucket, target="carried", amount=part, reason="staff", by=by, at=at
            )
            left -= part
    repayment.credit = credits.start(
        deposit=deposit,
        amount=repayment.amount,
        source_bucket="carried",
        by=by,
        at=at,
    )
