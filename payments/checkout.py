"""Checkout: asking for a deposit, the pay page at the gateway for it or for what is owed, and the money
that came.

Stage, call, settle: a row says what is meant, the gateway is called with no transaction open and
with a key made from the row, the answer is written down. A crash in between is repeated with the
same key."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from booking import tokens
from booking.actors import CLIENT, SYSTEM
from booking.texts import text_in
from config.celery import kick
from config.refusal import Refusal
from payments import accounts, charges, credits, gateways, hints, ledger, papers
from payments.gateways import (
    AccountGone,
    GatewayRefused,
    GatewayUnavailable,
    KeyUsedOtherwise,
    NotAtGateway,
    Session,
)
from payments.models import Charge, Deposit, Payment
from policies.rules import money

if TYPE_CHECKING:
    from booking.actors import Actor
    from booking.models import Appointment, Move
    from payments.models import Credit

log = logging.getLogger(__name__)

State = Payment.State
UNPAID = (State.STAGED, State.OPEN)
# Stripe takes an end between 30 minutes and 24 hours ahead; a session that was asked for is asked
# for again with the same end, so there must be time to do so.
SOONEST_END, LATEST_END = timedelta(minutes=45), timedelta(hours=23, minutes=55)
GATEWAY_SOONEST_END = timedelta(minutes=31)
CLOSE_AGAIN_AFTER = timedelta(minutes=1)


class NothingToPay(Refusal):
    """The deposit or charge is paid, or it is too late to pay it."""

    code = "nothing_to_pay"


class WrongAmount(Exception):
    """What came is not what was asked for: somebody must look, nothing is recorded."""


def ask(
    *,
    appointment: Appointment,
    amount: int,
    at: datetime,
    move: Move | None = None,
    credit: Credit | None = None,
) -> Deposit:
    """Asks for a deposit of ``amount``, of which ``credit`` covers what it can; a rest below the
    gateway's smallest charge is not asked for. A deposit for a ``move`` is not the current one
    until it is paid (``make_current``). Raises ``DepositsClosed`` where a rest could not be paid now."""
    carried_in = credits.use(credit=credit, amount=amount) if credit else 0
    rest = amount - carried_in
    if carried_in and rest < money.smallest_charge(appointment.currency):
        rest = 0
    deposit = Deposit.objects.create(
        appointment=appointment,
        move=move,
        credit=credit if carried_in else None,
        currency=appointment.currency,
        asked=carried_in + rest,
        carried_in=carried_in,
        current=move is None,
        created_at=at,
    )
    if carried_in:
        ledger.post(
            deposit=deposit,
            source="outside",
            target="held",
            amount=carried_in,
            reason="carried_in",
            by=SYSTEM,
            at=at,
        )
    if rest:
        _stage(deposit=deposit, amount=rest, at=at)
    return deposit


def open_session(*, deposit: Deposit | None = None, charge: Charge | None = None, at: datetime) -> str:
    """The address at which the client pays a deposit, or what is left of a charge, now. Opens its own
    transactions and calls the gateway: never inside a transaction. Raises ``GatewayUnavailable`` (to be
    tried again), ``NothingToPay`` and ``DepositsClosed``."""
    payment = _payable(deposit=deposit, charge=charge, at=at)
    if payment.state == State.OPEN:
        return payment.url
    try:
        session = _create(payment)
    except AccountGone as gone:
        raise _not_taken(payment, gone, at=at) from gone
    except GatewayRefused as refused:
        # Not as it was asked before, or not any more: end that one, start afresh once.
        if not isinstance(refused, KeyUsedOtherwise):
            log.exception("the gateway takes no session for %s", payment.uid)
            raise _not_taken(payment, refused, at=at) from refused
        _close(payment)
        session = _create(payment := _payable(deposit=deposit, charge=charge, at=at))
    return _opened(payment, session, at=at)


def ask_to_close(*, deposit: Deposit | None = None, charge: Charge | None = None, at: datetime) -> None:
    """Nobody may pay this deposit, or this charge, any more: its sessions are ended at the gateway soon."""
    whole = deposit or charge
    assert whole
    if whole.payments.filter(state__in=UNPAID, off_session=False).update(close_due_at=at):
        kick("payments.tasks.close_sessions")


def close_due(*, at: datetime, limit: int = 100) -> int:
    """Ends the sessions that are to be closed. Calls the gateway. One that turns out to be paid
    becomes a hint, applied like a webhook. Returns how many are over."""
    due = Payment.objects.filter(state__in=UNPAID, close_due_at__lte=at).order_by("close_due_at", "pk")
    return sum(_close_one(payment, at=at) for payment in due[:limit])


def record_paid(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> bool:
    """The money is here: into the ledger, once. False when it was recorded before."""
    whole = _locked(payment.whole)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state in (State.PAID, State.UNDONE):
        return False
    if amount != payment.amount:
        raise WrongAmount(f"{amount} came for {payment.uid}, {payment.amount} was asked for")
    payment.state = State.PAID
    payment.intent_id = intent_id or None
    payment.paid_at = at
    payment.close_due_at = None
    payment.save(update_fields=["state", "intent_id", "paid_at", "close_due_at"])
    into(whole=whole, amount=amount, reason="paid", by=CLIENT, at=at)
    papers.receipt(payment=payment, at=at)
    return True


def into(*, whole: Deposit | Charge, amount: int, reason: str, by: Actor, at: datetime) -> None:
    """Money of the client's becomes part of a deposit (held) or of a charge (applied)."""
    if isinstance(whole, Deposit):
        ledger.post(
            deposit=whole, source="outside", target="held", amount=amount, reason=reason, by=by, at=at
        )
        return
    ledger.post(charge=whole, source="outside", target="applied", amount=amount, reason=reason, by=by, at=at)
    charges.stand(charge=whole)


def record_closed(*, payment: Payment) -> bool:
    """The session is over and nobody paid. False when that is known, or the money came."""
    return bool(
        Payment.objects.filter(pk=payment.pk, state__in=UNPAID).update(state=State.CLOSED, close_due_at=None)
    )


def make_current(*, deposit: Deposit, at: datetime) -> None:
    """This deposit takes the place of the appointment's current one."""
    Deposit.objects.filter(appointment=deposit.appointment_id, current=True).exclude(pk=deposit.pk).update(
        current=False
    )
    deposit.current = True
    deposit.save(update_fields=["current"])


def _locked(whole: Deposit | Charge) -> Deposit | Charge:
    found: Deposit | Charge = type(whole).objects.select_for_update().get(pk=whole.pk)
    return found


def _stage(
    *, deposit: Deposit | None = None, charge: Charge | None = None, amount: int, at: datetime
) -> Payment:
    whole = deposit or charge
    assert whole
    payee = accounts.payee(provider=whole.appointment.provider)
    return Payment.objects.create(
        deposit=deposit,
        charge=charge,
        gateway=gateways.current().name,
        account=payee.account,
        platform_fee=payee.fee(amount, whole.currency),
        amount=amount,
        currency=whole.currency,
        created_at=at,
    )


def _payable(*, deposit: Deposit | None, charge: Charge | None, at: datetime) -> Payment:
    """The payment that may be paid now, staged with the end that its session has or is to have."""
    with transaction.atomic(durable=True):
        payment = _of_charge(charge, at=at) if charge else _of_deposit(deposit, at=at)
        if payment.expires_at is None:
            payment.expires_at = _end_of(payment, at=at)
            payment.save(update_fields=["expires_at"])
        return payment


def _of_deposit(deposit: Deposit | None, *, at: datetime) -> Payment:
    assert deposit
    deposit = Deposit.objects.select_for_update().get(pk=deposit.pk)
    payment = _select(deposit.payments).order_by("-pk").first()
    if deposit.is_paid or payment is None or payment.close_due_at:
        raise nothing_to_pay()
    if _is_over(payment, at=at) or not accounts.stands(payment=payment):
        record_closed(payment=payment)
        fresh = _stage(deposit=deposit, amount=payment.amount, at=at)
        payment = _select(Payment.objects).get(pk=fresh.pk)
    return cast(Payment, payment)


def _of_charge(charge: Charge, *, at: datetime) -> Payment:
    """A session is over what is owed at its time: after a part was waived or paid otherwise there is
    another one, and the old one ends."""
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    if not charges.payable(charge=charge):
        raise nothing_to_pay()
    waiting = _select(charge.payments).filter(state__in=UNPAID, off_session=False, close_due_at=None)
    for payment in waiting.order_by("-pk"):
        same = payment.amount == charge.owed and not _is_over(payment, at=at)
        if same and accounts.stands(payment=payment):
            return cast(Payment, payment)
        Payment.objects.filter(pk=payment.pk).update(close_due_at=at)
    fresh = _stage(charge=charge, amount=charge.owed, at=at)
    return cast(Payment, _select(Payment.objects).get(pk=fresh.pk))


def nothing_to_pay() -> NothingToPay:
    return NothingToPay(_("There is nothing to pay here any more."))


def _select(payments: Any) -> Any:
    return payments.select_related(
        "deposit__appointment__client",
        "deposit__appointment__service__provider",
        "deposit__move",
        "charge__appointment__client",
        "charge__appointment__service__provider",
    )


def _is_over(payment: Payment, *, at: datetime) -> bool:
    """Whether this payment's session cannot be paid, or can no longer be asked for with the same
    key: an unanswered request is not repeated once its end is too near (nobody was ever sent there)."""
    if payment.state == State.CLOSED:
        return True
    if payment.expires_at is None:
        return False
    least = GATEWAY_SOONEST_END if payment.state == State.STAGED else timedelta(0)
    return payment.expires_at < at + least


def _end_of(payment: Payment, *, at: datetime) -> datetime:
    """When the session ends: with the hold, within what the gateway takes."""
    if payment.deposit is None:
        return at + LATEST_END
    waits_until = payment.appointment.hold_expires_at
    if payment.deposit.move:
        waits_until = payment.deposit.move.hold_expires_at
    return min(max(waits_until or at, at + SOONEST_END), at + LATEST_END)


def _create(payment: Payment) -> Session:
    address = tokens.manage_url(payment.appointment)
    assert payment.expires_at
    return gateways.of(payment).create_session(
        payment=payment,
        success_url=f"{address}?done=paid",
        cancel_url=address,
        expires_at=payment.expires_at,
        description=_description(payment),
        key=f"session:{payment.uid}",
    )


def _not_taken(payment: Payment, refused: Exception, *, at: datetime) -> Refusal:
    """A provider's account that takes no payment is looked at again: it may not be what we think it is."""
    if not payment.account:
        return GatewayUnavailable(str(refused))
    log.warning("account %s takes no session for %s: %s", payment.account, payment.uid, refused)
    hints.look({"id": payment.account, "object": "account"}, at, account=payment.account)
    return accounts.closed(payment.appointment.provider)


def _description(payment: Payment) -> str:
    """What the client reads on the pay page, in the appointment's language."""
    appointment = payment.appointment
    provider = appointment.service.provider
    said = {
        "deposit": gettext_noop("Deposit: %(service)s, %(provider)s"),
        "fee": gettext_noop("Fee: %(service)s, %(provider)s"),
        "balance": gettext_noop("Balance: %(service)s, %(provider)s"),
        "other": gettext_noop("%(what)s: %(provider)s"),
    }
    with override(appointment.language):
        return _(said[payment.charge.kind if payment.charge else "deposit"]) % {
            "service": text_in(appointment.service.name, fallback=provider.language),
            "provider": provider.name,
            "what": payment.charge.description if payment.charge else "",
        }


def _opened(payment: Payment, session: Session, *, at: datetime) -> str:
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.session_id, payment.url = session.id, session.url
        closed_meanwhile = payment.state == State.CLOSED
        if payment.state != State.PAID:
            payment.state = State.OPEN
        if closed_meanwhile:
            payment.close_due_at = at
        payment.save(update_fields=["session_id", "url", "state", "close_due_at"])
    if payment.state == State.PAID or payment.close_due_at:
        raise nothing_to_pay()
    return payment.url


def _close(payment: Payment) -> None:
    with transaction.atomic(durable=True):
        record_closed(payment=payment)


def _close_one(payment: Payment, *, at: datetime) -> bool:
    with transaction.atomic(durable=True):
        mine = Payment.objects.filter(pk=payment.pk, state__in=UNPAID, close_due_at=payment.close_due_at)
        if not mine.update(close_due_at=at + CLOSE_AGAIN_AFTER):
            return False
    try:
        session = _ended(payment)
    except GatewayUnavailable:
        return False  # its turn comes again
    with transaction.atomic(durable=True):
        if session is None or session.state == "expired":
            return record_closed(payment=payment)
        if session.state != "open":
            Payment.objects.filter(pk=payment.pk).update(close_due_at=None)
            hints.look_at(payment=payment, session_id=session.id, at=at)
    return session.state != "open"


def _ended(payment: Payment) -> Session | None:
    """The session as it stands after it was ended; None where there is none (a request that was
    never answered: nobody was ever sent to that page)."""
    if not payment.session_id:
        return None
    try:
        return gateways.of(payment).expire_session(payment.session_id)
    except NotAtGateway:
        return None
