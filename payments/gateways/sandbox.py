"""The sandbox: a gateway of our own for an installation without Stripe keys.

It behaves like Checkout (pay, decline, leave; money that comes late) and signs its own webhooks.
No money moves. What it remembers of a session is in ``Payment.sandbox_state``, and its refunds are
our own rows: a key names the row, so repeating one is harmless here too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from payments.gateways import signing
from payments.gateways.base import GatewayRefused, KeyUsedOtherwise, NotAtGateway, RefundResult, Session
from payments.gateways.sandbox_accounts import SandboxAccounts, must_take
from payments.gateways.sandbox_cards import SETUP, SandboxCards
from payments.gateways.sandbox_disputes import SandboxDisputes
from payments.models import Payment, Refund, SavedCard

SESSION, INTENT, REFUND = "cs_sandbox_", "pi_sandbox_", "re_sandbox_"
DONE = (Refund.State.PENDING, Refund.State.DONE)


class Sandbox(SandboxAccounts, SandboxDisputes, SandboxCards):
    name: ClassVar[str] = "sandbox"

    def create_session(
        self,
        *,
        payment: Payment,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        description: str,
        key: str,
    ) -> Session:
        must_take(payment)
        Payment.objects.filter(pk=payment.pk, sandbox_state="").update(sandbox_state="open")
        return self.find_session(f"{SESSION}{payment.uid.hex}")

    def find_session(self, session_id: str) -> Session:
        uid = _uid(session_id, SESSION)
        payment = _ours().filter(Q(session_id=session_id) | Q(uid=uid)).first()
        if payment is None or not (payment.sandbox_state or payment.session_id):
            raise NotAtGateway("resource_missing", session_id)
        return _session(payment)

    def expire_session(self, session_id: str) -> Session:
        """Like at Stripe, whoever was about to pay may still get through a moment later."""
        session = self.find_session(session_id)
        _ours().filter(uid=session.payment, sandbox_state="open").update(sandbox_state="expired")
        return self.find_session(session_id)

    def refund(
        self,
        *,
        intent_id: str,
        amount: int,
        currency: str,
        key: str,
        metadata: dict[str, str],
        with_fee: bool = False,
    ) -> RefundResult:
        payment = _ours().filter(_paid_as(intent_id)).first()
        if payment is None or _session(payment).state != "paid":
            raise GatewayRefused("resource_missing", intent_id)
        if not 0 < amount <= payment.amount or currency != payment.currency:
            raise GatewayRefused("amount_too_large", f"{amount} of {payment.amount}")
        refund = Refund.objects.filter(uid=_uid(key, "refund:")).first()
        if refund and refund.amount != amount:
            raise KeyUsedOtherwise("idempotency_error", key)
        uid = refund.uid if refund else uuid4()
        return RefundResult(f"{REFUND}{uid.hex}", "done", "", amount, currency, str(uid))

    def find_refund(self, refund_id: str) -> RefundResult:
        known = Q(gateway_id=refund_id) | Q(uid=_uid(refund_id, REFUND))
        refund = _made().filter(known).first()
        if refund is None:
            raise NotAtGateway("resource_missing", refund_id)
        return _result(refund)

    def refunds_of(self, intent_id: str) -> list[RefundResult]:
        payment = _ours().filter(_paid_as(intent_id)).first()
        return [_result(refund) for refund in _made().filter(payment=payment)] if payment else []

    def payment_behind(self, intent_id: str) -> str:
        payment = _ours().filter(_paid_as(intent_id)).first()
        return str(payment.uid) if payment else ""

    def everything(self, kind: str, *, since: datetime | None, **asked: Any) -> Iterator[dict[str, Any]]:
        """Nothing: its memory is our own rows, so there is nobody else to compare them with."""
        return iter(())

    def verify(self, *, body: bytes, signature: str, at: datetime) -> dict[str, Any]:
        signing.check(body=body, signature=signature, secret=signing.sandbox_secret(), at=at)
        return signing.event(body)

    def session_in(self, thing: dict[str, Any]) -> Session:
        return self.find_session(str(thing.get("id", "")))

    def refund_in(self, thing: dict[str, Any]) -> RefundResult:
        return self.find_refund(str(thing.get("id", "")))


def give(*, card: SavedCard, chosen: str, at: datetime) -> tuple[bytes, str]:
    """A card that was given on a page where nothing is paid, as the signed webhook about it."""
    SavedCard.objects.filter(pk=card.pk, method_id="").update(sandbox_state=chosen)
    thing = {
        "id": f"{SETUP}{card.uid.hex}",
        "object": "checkout.session",
        "metadata": {"card": str(card.uid)},
    }
    return signing.sandbox_event("checkout.session.completed", thing, account=card.account, at=at)


def pay(*, payment: Payment, outcome: str, at: datetime, card: str = "4242") -> tuple[bytes, str]:
    """What the client did on the pay page (``paid`` or ``declined``), as the sandbox's own record
    and as the signed webhook about it: body and signature."""
    if outcome == "paid":
        _ours().filter(pk=payment.pk).update(sandbox_state="paid")
        waiting = payment.appointment.cards.filter(detached_at=None, method_id="", account=payment.account)
        waiting.update(sandbox_state=card)
        kind, about = "checkout.session.completed", payment.uid.hex
    else:
        kind, about = "payment_intent.payment_failed", ""
    session = {
        "id": f"{SESSION}{payment.uid.hex}",
        "object": "checkout.session",
        "metadata": {"payment": str(payment.uid)},
    }
    return signing.sandbox_event(kind, session, about=about, account=payment.account, at=at)


def _ours() -> QuerySet[Payment]:
    return Payment.objects.filter(gateway=Sandbox.name)


def _made() -> QuerySet[Refund]:
    made = Q(state__in=DONE) | Q(gateway_id__isnull=False) | Q(attempts__gt=0)
    return Refund.objects.filter(made, payment__gateway=Sandbox.name)


def _paid_as(intent_id: str) -> Q:
    return Q(intent_id=intent_id) | Q(uid=_uid(intent_id, INTENT))


def _session(payment: Payment) -> Session:
    paid = payment.sandbox_state == "paid" or payment.state == Payment.State.PAID
    over = payment.sandbox_state == "expired" or payment.state == Payment.State.CLOSED
    return Session(
        id=payment.session_id or f"{SESSION}{payment.uid.hex}",
        url=settings.BASE_URL + reverse("pay", args=[payment.uid]),
        state="paid" if paid else "expired" if over else "open",
        intent_id=payment.intent_id or f"{INTENT}{payment.uid.hex}",
        amount=payment.amount,
        currency=payment.currency,
        payment=str(payment.uid),
    )


def _result(refund: Refund) -> RefundResult:
    failed = refund.state == Refund.State.FAILED
    return RefundResult(
        id=refund.gateway_id or f"{REFUND}{refund.uid.hex}",
        state="failed" if failed else "done",
        failure=refund.failure,
        amount=refund.amount,
        currency=refund.currency,
        refund=str(refund.uid),
    )


def _uid(name: str, prefix: str) -> UUID:
    """The uid in a name of ours; one that nothing has where there is none in it."""
    try:
        return UUID(name.removeprefix(prefix))
    except ValueError:
        return UUID(int=0)
