"""What the gateway says of refunds, disputes and accounts: asked for, and what follows from it.

Asks the gateway, so no transaction is open here; what is to be done is handed back, to be done in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from booking import lifecycle
from payments import accounts, gateways, hints
from payments.gateways import NotAtGateway, RefundResult
from payments.models import Dispute, Payment, Refund, SavedCard

Json = dict[str, Any]
Outcome = Callable[[], object]


class WrongContent(Exception):
    """Signed by the gateway, and yet not about what we asked for: nothing is done, somebody must look."""


def must_be_on(account: str, about: Payment | SavedCard) -> None:
    """What one account says of a payment on another is not heard: whoever has an account could say anything."""
    if about.account != account:
        raise WrongContent(
            f"account {account or '(ours)'} spoke of {about.uid}, which is on {about.account or 'ours'}"
        )


class NotYetPaid(Exception):
    """Money that is not here yet has gone back already, or is in dispute: its own event is still to come, or
    was lost. To be looked at again later."""


def of_refund(thing: Json, *, account: str, at: datetime) -> Outcome | None:
    """A refund: ours, or made in the gateway's own dashboard. Raises ``NotYetPaid``, as all here."""
    payment = _refunded(thing) or _paid_as(thing.get("payment_intent"), account, at=at)
    if payment is None:
        return None  # another installation's
    must_be_on(account, payment)
    gateway = gateways.of(payment)
    try:
        result = gateway.find_refund(str(thing.get("id")))
    except NotAtGateway:
        result = gateway.refund_in(thing)
    return _seen(payment, [result], at=at)


def of_charge(thing: Json, *, account: str, at: datetime) -> Outcome | None:
    """Something of a charge changed: all refunds of its payment are looked at."""
    payment = _paid_as(thing.get("payment_intent"), account, at=at)
    if payment is None:
        return None
    must_be_on(account, payment)
    return _seen(payment, gateways.of(payment).refunds_of(payment.intent_id or ""), at=at)


def of_dispute(thing: Json, *, account: str, at: datetime) -> Outcome | None:
    """A dispute, as it is now."""
    named = str(thing.get("id"))
    payment = _disputed(named) or _paid_as(thing.get("payment_intent"), account, at=at)
    if payment is None:
        return None
    must_be_on(account, payment)
    gateway = gateways.of(payment)
    try:
        result = gateway.find_dispute(named)
    except NotAtGateway:
        result = gateway.dispute_in(thing)
    return partial(lifecycle.dispute_seen, payment=payment, result=result, at=at)


def of_account(named: str, *, account: str, at: datetime) -> Outcome | None:
    """An account of a provider, as it is now: enabled, restricted, or disconnected."""
    if named != account:
        raise WrongContent(f"account {account or '(ours)'} spoke of account {named}")
    known = accounts.named(named)
    if known is None:
        return None  # another installation's, or not one of ours
    result = accounts.ask(account=known)
    return partial(lifecycle.account_seen, account=known, result=result, asked_at=at, at=at)


def _seen(payment: Payment, results: list[RefundResult], *, at: datetime) -> Outcome:
    return partial(lifecycle.refunds_seen, payment=payment, results=results, at=at)


def _refunded(thing: Json) -> Payment | None:
    metadata = thing.get("metadata")
    said = metadata.get("refund") if isinstance(metadata, dict) else None
    rows = Refund.objects.select_related("payment")
    try:
        found = rows.filter(uid=UUID(str(said))).first() if said else None
    except ValueError:
        found = None
    found = found or rows.filter(gateway_id=str(thing.get("id"))).first()
    return found.payment if found else None


def _disputed(named: str) -> Payment | None:
    found = Dispute.objects.select_related("payment").filter(gateway_id=named).first()
    return found.payment if found else None


def _paid_as(intent: Any, account: str, *, at: datetime) -> Payment | None:
    """The payment behind an intent. One that is not written down as paid here is known by what its intent
    says of itself, and looked at first."""
    named = intent.get("id") if isinstance(intent, dict) else intent
    if not named:
        return None
    known = Payment.objects.filter(intent_id=str(named)).first()
    if known:
        return known
    gateway = gateways.named(gateways.current().name, account=account)
    payment = _meant(gateway.payment_behind(str(named)))
    if payment is None:
        return None
    must_be_on(account, payment)
    if payment.session_id:
        hints.look_at(payment=payment, session_id=payment.session_id, at=at)
    raise NotYetPaid(f"{named} is payment {payment.uid}, which is not known to be paid")


def _meant(uid: str) -> Payment | None:
    try:
        return Payment.objects.filter(uid=UUID(uid)).first()
    except ValueError:
        return None
