"""Staff give money back: to the card, as a credit, by hand; above their limit with a second member."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed, TooMuch, record, take
from booking.models import Appointment, Membership
from config import as_json, formats
from config.refusal import Refusal
from payments import disputes, refunds, repayments, settlements
from payments.models import Charge, Deposit, Refund, Repayment
from reminders import plan

How = Repayment.How
State = Repayment.State
Whole = Deposit | Charge


class OwnRepayment(Refusal):
    """Four eyes are those of two people."""

    code = "own_request"
    status = 403


@transaction.atomic
def give_back(
    *,
    whole: Whole,
    amount: int,
    reason: str,
    by: Actor,
    at: datetime,
    how: str = How.CARD,
    reference: str = "",
    key: UUID | None = None,
    retries: Refund | None = None,
) -> Repayment:
    """A member gives back all or part of what was paid for a deposit or a charge. Above the member's limit
    it is ``asked`` and moves nothing. The same ``key`` is the same decision, however often it is sent."""
    appointment = take(whole.appointment)
    if key and (known := Repayment.objects.filter(key=key).first()):
        return known
    whole = repayments.locked(whole)
    disputes.must_not_be_over(whole)
    _must_be_there(whole, amount, free=repayments.free(whole))
    made = repayments.ask(
        whole=whole,
        amount=amount,
        how=how,
        reason=reason,
        reference=reference,
        key=key or uuid4(),
        retries=retries,
        user=by.user,
        at=at,
    )
    if repayments.within_limit(made, limit=_limit(appointment, by)):
        _give(appointment, whole, made, by=by, at=at)
    else:
        _ask_another(appointment, made, by=by, at=at)
    return made


def refund(*, deposit: Deposit, amount: int, reason: str, by: Actor, at: datetime) -> list[Refund]:
    """The whole or a part of a deposit back to the card, what is held first, then what was kept. Empty where
    a second member has to approve it."""
    made = give_back(whole=deposit, amount=amount, reason=reason, by=by, at=at)
    deposit.refresh_from_db()
    return list(made.refunds.all())


@transaction.atomic
def approve_repayment(*, repayment: Repayment, by: Actor, at: datetime) -> Repayment:
    """A second member says yes, and the money moves, if it is still there."""
    appointment, made = _asked(repayment, at=at)
    if made.user_id == (by.user.pk if by.user else None):
        raise OwnRepayment(_("You asked for this yourself: somebody else has to approve it."))
    whole = repayments.locked(made.whole)
    disputes.must_not_be_over(whole)
    _must_be_there(whole, made.amount, free=repayments.free(whole, but=made))
    made.decided_by = by.user
    _give(appointment, whole, made, by=by, at=at)
    return made


@transaction.atomic
def decline_repayment(*, repayment: Repayment, note: str, by: Actor, at: datetime) -> Repayment:
    """A second member says no; whoever asked may take it back. No money has moved."""
    appointment, made = _asked(repayment, at=at)
    own = made.user_id == (by.user.pk if by.user else None)
    repayments.decide(made, State.WITHDRAWN if own else State.DECLINED, user=by.user, note=note, at=at)
    kind = "repayment_withdrawn" if own else "repayment_declined"
    record(appointment, kind, by=by, at=at, note=note, **_facts(made))
    return made


@transaction.atomic
def given_by_hand(*, refund: Refund, by: Actor, at: datetime) -> bool:
    """Somebody handed over what had been paid by hand. False when that is known."""
    appointment = take(refund.appointment)
    if not refunds.given_by_hand(refund=refund, at=at):
        return False
    record(appointment, "handed_over", by=by, at=at, amount=refund.amount, currency=refund.currency)
    return True


def letter_of(repayment: Repayment) -> tuple[str, dict[str, Any]]:
    """What the client is told: the kind of message and its facts, for the mail and for its preview."""
    money = as_json.money(repayment.amount, repayment.currency)
    if repayment.how == How.CREDIT:
        return "credited", {"credit": money, "reason": repayment.reason}
    facts: dict[str, Any] = {"refund": money, "reason": repayment.reason}
    if repayment.how == How.HAND:
        facts |= {"by_hand": True, "reference": repayment.reference}
    return "refund", facts


def _must_be_there(whole: Whole, amount: int, *, free: int) -> None:
    if not 0 < amount <= free:
        detail = _("At most %(most)s can be refunded.") % {"most": formats.money(free, whole.currency)}
        raise TooMuch(detail, errors={"amount": [detail]})


def _limit(appointment: Appointment, by: Actor) -> int | None:
    member = Membership.objects.filter(provider=appointment.provider, user=by.user).first()
    return member.refund_limit if member else None


def _asked(repayment: Repayment, *, at: datetime) -> tuple[Appointment, Repayment]:
    appointment = take(repayment.appointment)
    made = Repayment.objects.select_for_update().get(pk=repayment.pk)
    if made.state != State.ASKED:
        raise NotAllowed("already_decided", _("This has been decided already."))
    return appointment, made


def _give(appointment: Appointment, whole: Whole, made: Repayment, *, by: Actor, at: datetime) -> None:
    given = repayments.give(made, whole=whole, by=by, at=at)
    if isinstance(whole, Deposit):
        settlements.keep_within(deposit=whole, at=at, by=by, note=made.reason)
    if made.how == How.CREDIT:
        record(appointment, "credited", by=by, at=at, **_facts(made))
    else:
        record(appointment, "refunded", by=by, at=at, how=made.how, **_facts(made))
    kind, facts = letter_of(made)
    about = f"refund:{given[0].uid}" if given else f"repayment:{made.uid}"
    plan.tell(appointment=appointment, kind=kind, to="client", at=at, about=about, facts=facts)


def _ask_another(appointment: Appointment, made: Repayment, *, by: Actor, at: datetime) -> None:
    record(appointment, "repayment_asked", by=by, at=at, **_facts(made))
    plan.tell(
        appointment=appointment,
        kind="refund_asked",
        to="provider",
        at=at,
        about=f"repayment:{made.uid}",
        facts={
            "refund": as_json.money(made.amount, made.currency),
            "reason": made.reason,
            "who": str(by.user or ""),
        },
    )


def _facts(made: Repayment) -> dict[str, Any]:
    """Both are named: who does it, by the line itself, and who had asked for it."""
    asked_by = {"asked_by": str(made.user)} if made.decided_by_id and made.user else {}
    return {"amount": made.amount, "currency": made.currency, "reason": made.reason, **asked_by}
