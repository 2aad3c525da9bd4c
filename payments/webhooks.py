"""Stripe's door (and the sandbox's): events come in, are kept, and are applied by the worker.

An event is a hint. What is done follows from the present state of the object at the gateway, so
events may come in any order, any number of times, and late."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from booking import lifecycle
from config import errors
from payments import checkout, gateways, hearing, hints
from payments.adopting import NoRoom
from payments.gateways import BadEvent, GatewayUnavailable, NotAtGateway, OtherMode, Session
from payments.hearing import WrongContent, must_be_on
from payments.models import Payment, SavedCard, StripeEvent

log = logging.getLogger(__name__)

Outcome = Callable[[], object]

LEASE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@csrf_exempt
def stripe(request: HttpRequest) -> HttpResponse:
    """``POST /webhooks/stripe/``: answered at once, applied afterwards."""
    if request.method != "POST":
        return errors.wrong_method("POST")
    try:
        receive(body=_body(request), signature=request.headers.get("Stripe-Signature", ""), at=timezone.now())
    except OtherMode:
        return JsonResponse({"received": True})  # not ours: sent again it would be no more so
    except BadEvent as bad:
        return JsonResponse(errors.of_refusal(bad), status=bad.status, content_type=errors.PROBLEM)
    return JsonResponse({"received": True})


def _body(request: HttpRequest) -> bytes:
    """Nothing where it was a form, which is read by now: no event of Stripe's is one."""
    try:
        return request.body
    except RawPostDataException:
        return b""


def receive(*, body: bytes, signature: str, at: datetime) -> str:
    """Checks a webhook and keeps its event, once. Returns the event's id; raises ``BadEvent``."""
    event = gateways.current().verify(body=body, signature=signature, at=at)
    hints.store(event=event, at=at)
    return str(event["id"])


def apply_due(*, at: datetime, limit: int = 200) -> int:
    """Applies every stored event that is due; never inside a transaction. Returns how many were."""
    due = StripeEvent.objects.filter(applied_at=None, due_at__lte=at).order_by("due_at", "pk")
    return sum(
        apply(event_id=event_id, at=at) for event_id in list(due.values_list("event_id", flat=True)[:limit])
    )


def apply(*, event_id: str, at: datetime) -> bool:
    """Applies one event: claims it, asks the gateway, does what follows in one transaction with the
    event's own row locked first. What goes wrong is tried again later and holds nobody else up."""
    event = _claim(event_id, at=at)
    if event is None:
        return False
    try:
        outcome = _outcome(event, at=at)
        return _do(event, outcome, at=at)
    except GatewayUnavailable as away:
        return _later(event, str(away.reason), at=at)
    except (NoRoom, hearing.NotYetPaid) as crossed:
        log.warning("event %s waits: %s", event.event_id, crossed)
        return _later(event, str(crossed), at=at)
    except (WrongContent, checkout.WrongAmount) as wrong:
        log.error("event %s is not what it should be: %s", event.event_id, wrong)
        return _do(event, None, at=at, failure=str(wrong))
    except Exception as error:
        log.exception("event %s could not be applied", event.event_id)
        return _later(event, repr(error), at=at)


def _claim(event_id: str, *, at: datetime) -> StripeEvent | None:
    waiting = StripeEvent.objects.filter(event_id=event_id, applied_at=None, due_at__lte=at)
    with transaction.atomic(durable=True):
        if not waiting.update(due_at=at + LEASE, attempts=F("attempts") + 1):
            return None
        return StripeEvent.objects.get(event_id=event_id)


def _do(event: StripeEvent, outcome: Outcome | None, *, at: datetime, failure: str = "") -> bool:
    with transaction.atomic(durable=True):
        event = StripeEvent.objects.select_for_update().get(pk=event.pk)
        if event.applied_at:
            return False
        if outcome:
            outcome()
        event.applied_at = at
        event.failure = failure[:300]
        event.save(update_fields=["applied_at", "failure"])
        return True


def _later(event: StripeEvent, failure: str, *, at: datetime) -> bool:
    pause = min(timedelta(seconds=5 * 2 ** min(event.attempts, 12)), LONGEST_PAUSE)
    StripeEvent.objects.filter(pk=event.pk, applied_at=None).update(due_at=at + pause, failure=failure[:300])
    return False


def _outcome(event: StripeEvent, *, at: datetime) -> Outcome | None:
    """What is to be done about an event. Asks the gateway, so no transaction is open here."""
    thing, account = event.body["data"]["object"], _account_of(event)
    match thing.get("object"):
        case "checkout.session":
            return _of_session(event, thing, at=at)
        case "payment_intent":
            return _of_intent(event, thing, at=at)
        case "refund":
            return hearing.of_refund(thing, account=account, at=at)
        case "charge":
            return hearing.of_charge(thing, account=account, at=at)
        case "dispute":
            return hearing.of_dispute(thing, account=account, at=at)
        case "account":
            return hearing.of_account(str(thing.get("id")), account=account, at=at)
        case "application":  # it was disconnected, or so it says
            return hearing.of_account(account, account=account, at=at) if account else None
    return None


def _account_of(event: StripeEvent) -> str:
    """The connected account that an event is from; empty for the installation's own."""
    return str(event.body.get("account") or "")


def _of_session(event: StripeEvent, thing: dict[str, Any], *, at: datetime) -> Outcome | None:
    payment = _payment_of(thing) or Payment.objects.filter(session_id=str(thing.get("id"))).first()
    if payment is None and (card := _card_of(thing)):
        must_be_on(_account_of(event), card)
        return _of_setup(card, str(thing.get("id")), at=at)
    if payment is None:
        return None  # another installation's, or not made by us
    must_be_on(_account_of(event), payment)
    gateway = gateways.of(payment)
    try:
        session = gateway.find_session(str(thing.get("id")))
    except NotAtGateway:
        session = gateway.session_in(thing)  # it was signed, and there is nothing newer to ask
    _check(payment, session)
    if session.state == "paid":
        return _paid(payment, session, _saved_with(payment, session, at=at), at=at)
    if session.state == "expired":
        return partial(checkout.record_closed, payment=payment)
    return _declined(event, payment, at=at)


def _paid(payment: Payment, session: Session, saved: Outcome | None, *, at: datetime) -> Outcome:
    arrived = partial(
        lifecycle.deposit_paid if payment.deposit_id else lifecycle.charge_paid,
        payment=payment,
        intent_id=session.intent_id,
        amount=payment.amount,
        at=at,
    )

    def both() -> None:
        arrived()
        if saved:
            saved()

    return both


def _saved_with(payment: Payment, session: Session, *, at: datetime) -> Outcome | None:
    """The card that was kept where a deposit was paid, if its client agreed to that."""
    here = {"gateway": payment.gateway, "account": payment.account}
    waiting = payment.appointment.cards.filter(method_id="", **here).last()
    if waiting is None or payment.deposit_id is None:
        return None
    found = gateways.of(payment).card_of(session.id)
    return partial(lifecycle.card_given, card=waiting, found=found, at=at) if found else None


def _of_setup(card: SavedCard, session_id: str, *, at: datetime) -> Outcome | None:
    """A page where a card was to be given."""
    found = gateways.named(card.gateway, account=card.account).card_of(session_id)
    return partial(lifecycle.card_given, card=card, found=found, at=at) if found else None


def _card_of(thing: dict[str, Any]) -> SavedCard | None:
    uid = _uid(thing, "card")
    return SavedCard.objects.select_related("appointment").filter(uid=uid).first() if uid else None


def _of_intent(event: StripeEvent, thing: dict[str, Any], *, at: datetime) -> Outcome | None:
    payment = _payment_of(thing)
    if payment is None:
        return None
    must_be_on(_account_of(event), payment)
    if payment.session_id:
        return _of_session(event, {"id": payment.session_id, "metadata": thing.get("metadata")}, at=at)
    return _declined(event, payment, at=at)


def _declined(event: StripeEvent, payment: Payment, *, at: datetime) -> Outcome | None:
    if not event.kind.endswith("payment_failed"):
        return None
    return partial(lifecycle.payment_failed, payment=payment, at=at)


def _check(payment: Payment, session: Session) -> None:
    """A session that is signed but not the one that we asked for confirms nothing (F-55)."""
    if session.payment not in ("", str(payment.uid)) or payment.session_id not in (None, session.id):
        raise WrongContent(f"session {session.id} is not that of payment {payment.uid}")
    if not session.is_over_the_same_as(payment):
        raise WrongContent(
            f"session {session.id} is over {session.amount} {session.currency},"
            f" payment {payment.uid} over {payment.amount} {payment.currency}"
        )


def _payment_of(thing: dict[str, Any]) -> Payment | None:
    uid = _uid(thing, "payment")
    return Payment.objects.filter(uid=uid).first() if uid else None


def _uid(thing: dict[str, Any], name: str) -> UUID | None:
    metadata = thing.get("metadata")
    try:
        return UUID(str(metadata[name])) if isinstance(metadata, dict) and name in metadata else None
    except ValueError:
        return None
