"""What people decide about lapses and money: explain, excuse, refund, settle (rules 8 and 9, A18)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import included_tax
from booking.actors import CLIENT, SYSTEM, Actor
from booking.lifecycle.owing import ask_fee
from booking.lifecycle.releasing import waive_fees
from booking.lifecycle.steps import (
    NotAllowed,
    TooMuch,
    counting_lapse,
    fee_at_stake,
    fees_at_stake,
    put,
    record,
    take,
    waiting_settlement,
)
from booking.models import Appointment, Lapse
from config import as_json, formats
from payments import credits, refunds, settlements
from payments.models import Charge, Credit, Decision, Deposit, Settlement
from policies.models import PolicyException
from reminders import plan


@transaction.atomic
def explain(*, appointment: Appointment, reason: str, note: str, at: datetime) -> Appointment:
    """The client tells what happened. It decides nothing; it asks the provider for a decision (rule 8)."""
    appointment = take(appointment)
    if counting_lapse(appointment) is None:
        raise NotAllowed(
            "nothing_to_explain", _("There is nothing to explain: nothing counts against you here.")
        )
    put(appointment, explained_at=at, explanation_decided_at=None)
    record(appointment, "explained", by=CLIENT, at=at, reason=reason, note=note)
    settlement = waiting_settlement(appointment)
    facts = {
        "reason": reason,
        "note": note,
        "settles_at": as_json.instant(settlement.due_at) if settlement else None,
    }
    plan.tell(
        appointment=appointment,
        kind="explained",
        to="provider",
        at=at,
        about=f"at:{at.isoformat()}",
        facts=facts,
    )
    return appointment


@transaction.atomic
def keep_terms(*, appointment: Appointment, by: Actor, at: datetime, note: str = "") -> Appointment:
    """The provider has read the explanation and lets the terms apply. The client is told so, kindly, with
    what it costs and the provider's ``note`` (A18)."""
    appointment = take(appointment)
    if not appointment.explained_at or appointment.explanation_decided_at:
        raise NotAllowed("nothing_to_answer", _("No explanation waits for an answer here."))
    put(appointment, explanation_decided_at=at)
    if settlement := waiting_settlement(appointment):
        settlements.keep(settlement=settlement, by=by, at=at, note=note)
    record(appointment, "terms_kept", by=by, at=at, note=note)
    plan.tell(
        appointment=appointment,
        kind="terms_kept",
        to="client",
        at=at,
        about=f"at:{at.isoformat()}",
        facts=kept_facts(appointment) | {"note": note},
    )
    return appointment


def kept_facts(appointment: Appointment, loss: Loss | None = None) -> dict[str, Any]:
    """What the terms cost where nothing is excused: of the deposit, on top, and when that is settled.
    ``loss`` where it is known already."""
    loss = loss or losses([appointment])[appointment.pk]
    return {
        "forfeit": as_json.money(loss.paid, appointment.currency),
        "fee": as_json.money(loss.fees, appointment.currency),
        "settles_at": as_json.instant(loss.due_at) if loss.due_at else None,
        "tax_lost": included_tax.in_loss(appointment, loss.paid + loss.fees),
    }


@transaction.atomic
def excuse(
    *,
    appointment: Appointment,
    reason: str,
    note: str,
    by: Actor,
    at: datetime,
    amount: int | None = None,
    as_credit: bool = False,
) -> PolicyException:
    """Waive a consequence, in whole (``amount`` None) or in part: fees first, then the deposit goes back,
    or becomes a credit without a deadline. What waits is changed, what was settled is refunded (rule 9)."""
    appointment = take(appointment)
    lapses = list(Lapse.objects.counting().filter(appointment=appointment))
    lost = at_stake(appointment)
    if not lapses and not lost:
        raise NotAllowed("nothing_to_excuse", _("Nothing counts against the client here."))
    if amount is not None and not 0 < amount <= lost:
        detail = _("At most %(most)s can be waived here.") % {
            "most": formats.money(lost, appointment.currency)
        }
        raise TooMuch(detail, errors={"amount": [detail]})
    full = amount is None or amount == lost
    given = lost if amount is None else amount
    waived = give(appointment, given, as_credit=as_credit, reason=reason, note=note, by=by, at=at)
    if full:
        for lapse in lapses:
            lapse.excused_at = at
            lapse.save(update_fields=["excused_at"])
    exception = PolicyException.objects.create(
        appointment=appointment,
        lapse=lapses[-1] if lapses else None,
        reason=reason,
        note=note,
        amount=given,
        full=full,
        as_credit=as_credit,
        user=by.user,
        at=at,
    )
    answer(appointment, exception, waived, by=by, at=at)
    return exception


def answer(
    appointment: Appointment,
    exception: PolicyException,
    waived: dict[str, int],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The client is told what the exception gives back; an explanation is answered by it."""
    put(appointment, explanation_decided_at=at)
    money = {name: as_json.money(value, appointment.currency) for name, value in waived.items()}
    record(appointment, "excused", by=by, at=at, reason=exception.reason, full=exception.full, **money)
    facts: dict[str, Any] = money | {"full": exception.full, "reason": exception.reason}
    plan.tell(
        appointment=appointment,
        kind="excused",
        to="client",
        at=at,
        about=f"exception:{exception.pk}",
        facts=facts,
    )


def at_stake(appointment: Appointment) -> int:
    """What the client loses here: waiting, forfeited already, or owed."""
    return sum(stakes(appointment))


def stakes(appointment: Appointment) -> tuple[int, int]:
    """The same in two parts: what was paid and can go back, and what would only not be asked any more."""
    loss = losses([appointment])[appointment.pk]
    return loss.paid, loss.fees


@dataclass(frozen=True)
class Loss:
    """What the client loses as things stand: what was ``paid`` and can go back, ``fees`` that would only
    not be asked any more, and when what waits is settled."""

    paid: int
    fees: int
    due_at: datetime | None = None


def losses(appointments: Sequence[Appointment]) -> dict[int, Loss]:
    """The loss of each, by its key, in as many questions as for one."""
    waiting = Settlement.objects.filter(appointment__in=appointments, state=Settlement.State.WAITING)
    first = {one.appointment_id: one for one in waiting.order_by("-pk")}
    paid: Counter[int] = Counter()
    fees: Counter[int] = Counter()
    for deposit in Deposit.objects.filter(appointment__in=appointments):
        paid[deposit.appointment_id] += deposit.forfeited
    for credit in credits.of_each(appointments):
        paid[credit.deposit.appointment_id] += credit.left if credit.expires_at else 0
    for charge in Charge.objects.filter(appointment__in=appointments, kind=Charge.Kind.FEE):
        owed, back = fee_at_stake(charge)
        paid[charge.appointment_id] += back
        fees[charge.appointment_id] += owed
    for pk, settlement in first.items():
        paid[pk] += settlement.forfeit
        fees[pk] += settlement.fee
    return {
        one.pk: Loss(paid[one.pk], fees[one.pk], first[one.pk].due_at if one.pk in first else None)
        for one in appointments
    }


Part = tuple[Deposit, str, int]


def give(
    appointment: Appointment,
    amount: int,
    *,
    as_credit: bool,
    reason: str,
    note: str,
    by: Actor,
    at: datetime,
) -> dict[str, int]:
    """Waive ``amount``; returns what was refunded, credited and no longer asked, by name."""
    settled = lost_for_good(appointment)
    fee_waived, fee_back, parts = waive(appointment, amount, reason=reason, note=note, by=by, at=at)
    for deposit, bucket, part in parts:
        deposit.refresh_from_db()
        if as_credit:
            credit_again(deposit, bucket, part, by=by, at=at)
        else:
            refunds.give_back(deposit=deposit, amount=part, reason="excused", by=by, at=at, sources=(bucket,))
    remember(appointment, settled, reason=reason, note=note, by=by, at=at)
    back = sum(part for _deposit, _bucket, part in parts)
    return {
        "refund": fee_back if as_credit else back + fee_back,
        "credit": back if as_credit else 0,
        "fee_waived": fee_waived,
    }


def lost_for_good(appointment: Appointment) -> tuple[int, int]:
    """What was settled here and not given back: of the deposits, and as fees owed."""
    forfeited = sum(d.forfeited for d in Deposit.objects.filter(appointment=appointment))
    return forfeited, sum(fees_at_stake(appointment))


def remember(
    appointment: Appointment, before: tuple[int, int], *, reason: str, note: str, by: Actor, at: datetime
) -> None:
    """An exception that came after the settlement stands in its history too."""
    after = lost_for_good(appointment)
    done = appointment.settlements.filter(state=Settlement.State.DONE).order_by("-settled_at").first()
    if done and after != before:
        settlements.decided(
            done,
            Decision.What.RETURNED,
            before=before,
            after=after,
            reason=reason,
            note=note,
            by=by,
            at=at,
        )


def waive(
    appointment: Appointment, amount: int, *, reason: str, note: str, by: Actor, at: datetime
) -> tuple[int, int, list[Part]]:
    """Take ``amount`` off: what waits first (its fee, then its forfeit), then fees that are owed or were
    paid, then a credit with a deadline, then what was forfeited. Returns the fees waived, those that go
    back to their cards, and the parts of deposits set free with the bucket that each lies in."""
    fees, left, parts = 0, amount, list[Part]()
    if settlement := waiting_settlement(appointment):
        most = min(left, settlement.forfeit + settlement.fee)
        fees, freed = settlements.reduce(
            settlement=settlement, by_amount=most, reason=reason, note=note, by=by, at=at
        )
        left -= fees + freed
        # Less is held while the bank has the money: then there is nothing to give back, only to waive.
        if settlement.deposit and (here := min(freed, settlement.deposit.held)):
            parts.append((settlement.deposit, "held", here))
    owed_waived, fee_back = waive_fees(appointment, left, by=by, at=at)
    left -= owed_waived + fee_back
    for credit in credits.of(appointment=appointment):
        if credit.expires_at and (part := min(left, credit.left)):
            credits.take_out(credit=credit, amount=part, at=at)
            parts.append((credit.deposit, "carried", part))
            left -= part
    for deposit in Deposit.objects.filter(appointment=appointment, forfeited__gt=0):
        if part := min(left, deposit.forfeited):
            parts.append((deposit, "forfeited", part))
            left -= part
    return fees + owed_waived, fee_back, parts


def credit_again(deposit: Deposit, bucket: str, amount: int, *, by: Actor, at: datetime) -> None:
    """A credit without a deadline, which remembers nothing that counts against the client."""
    credits.start(
        deposit=deposit,
        amount=amount,
        source_bucket=bucket,
        by=by,
        at=at,
    )


def settle(*, at: datetime) -> int:
    """Sweep: what the client loses is settled when its time to explain is over (rule 8)."""

    def then(settlement: Settlement) -> None:
        money = {
            "forfeit": as_json.money(settlement.forfeit, settlement.currency),
            "fee": as_json.money(settlement.fee, settlement.currency),
        }
        record(settlement.appointment, "settled", by=SYSTEM, at=at, **money)
        plan.tell(
            appointment=settlement.appointment,
            kind="settled",
            to="provider",
            at=at,
            about=f"settlement:{settlement.uid}",
            facts=money,
        )
        if settlement.fee:
            ask_fee(settlement.charge, at=at)

    return len(settlements.settle_due(at=at, then=then))


def end_credits(*, at: datetime) -> int:
    """Sweep: credits nobody used end as their terms say (rule 5)."""

    def then(credit: Credit) -> None:
        record(
            credit.deposit.appointment,
            "credit_ended",
            by=SYSTEM,
            at=at,
            unused=credit.unused,
            amount=credit.ended,
            currency=credit.currency,
        )

    return len(credits.end_due(at=at, then=then))
