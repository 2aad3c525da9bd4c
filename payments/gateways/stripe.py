"""Stripe: Checkout by redirect, so card data never reaches us. The only module that knows Stripe.

The API version is pinned; every call ends within ten seconds and is repeated by us, with a key of
our own row, never by the library. What a restricted key needs stands in docs/operations.md."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

import stripe

from payments.gateways import signing
from payments.gateways.base import (
    AccountGone,
    BadEvent,
    GatewayRefused,
    GatewayUnavailable,
    KeyUsedOtherwise,
    NotAtGateway,
    OtherMode,
    RefundResult,
    Session,
)
from payments.gateways.connected import Connected
from payments.gateways.disputed import Disputes
from payments.gateways.on_file import OnFile
from payments.models import Payment

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 7.0
SMALL_PAGES = 100
REFUND_STATES = {
    "succeeded": "done",
    "pending": "pending",
    "requires_action": "pending",
    "failed": "failed",
    "canceled": "failed",
}


@lru_cache(maxsize=4)
def _client(key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base, "files": api_base} if api_base else {},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )


class Stripe(Connected, Disputes, OnFile):
    name: ClassVar[str] = "stripe"

    def __init__(
        self, *, key: str, webhook_secret: str, api_base: str, environment: str, account: str = ""
    ) -> None:
        self._api = _client(key, api_base).v1
        self._live = key.startswith(("sk_live_", "rk_live_"))
        self._webhook_secret = webhook_secret
        self._environment = environment
        self._account = account

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
        appointment = payment.appointment
        metadata = {
            "appointment": str(appointment.uid),
            "payment": str(payment.uid),
            "env": self._environment,
        }
        asked: Any = {
            "mode": "payment",
            "payment_method_types": ["card"],  # what clears at once, before the hold is over
            "line_items": [_line(payment, description)],
            "client_reference_id": str(appointment.uid),
            "customer_email": appointment.client.email,
            "locale": appointment.language,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata} | _our_share(payment) | _kept(payment),
            "expires_at": int(expires_at.timestamp()),
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        if _kept(payment):
            asked["customer_creation"] = "always"
        with _asked():
            made = self._api.checkout.sessions.create(asked, self._on_account(key))
        return self.session_in(made.to_dict())

    def find_session(self, session_id: str) -> Session:
        with _asked():
            found = self._api.checkout.sessions.retrieve(session_id, {}, self._on_account())
        return self.session_in(found.to_dict())

    def expire_session(self, session_id: str) -> Session:
        try:
            with _asked():
                ended = self._api.checkout.sessions.expire(session_id, {}, self._on_account())
        except NotAtGateway:
            raise
        except GatewayRefused:
            # It was not open any more: paid, or over by itself.
            return self.find_session(session_id)
        return self.session_in(ended.to_dict())

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
        asked: Any = {
            "payment_intent": intent_id,
            "amount": amount,
            "metadata": metadata | {"env": self._environment},
        }
        if with_fee:
            asked["refund_application_fee"] = True  # as much of the fee as of the payment
        with _asked():
            made = self._api.refunds.create(asked, self._on_account(key))
        return self.refund_in(made.to_dict())

    def find_refund(self, refund_id: str) -> RefundResult:
        with _asked():
            found = self._api.refunds.retrieve(refund_id, {}, self._on_account())
        return self.refund_in(found.to_dict())

    def refunds_of(self, intent_id: str) -> list[RefundResult]:
        with _asked():
            page = self._api.refunds.list(
                {"payment_intent": intent_id, "limit": SMALL_PAGES}, self._on_account()
            )
            return [self.refund_in(one.to_dict()) for one in page.auto_paging_iter()]

    def payment_behind(self, intent_id: str) -> str:
        try:
            with _asked():
                found = self._api.payment_intents.retrieve(intent_id, {}, self._on_account())
        except NotAtGateway:
            return ""
        return _ours(found.to_dict()).get("payment", "")

    def everything(self, kind: str, *, since: datetime | None, **asked: Any) -> Iterator[dict[str, Any]]:
        listed: dict[str, Any] = {
            "session": self._api.checkout.sessions,
            "intent": self._api.payment_intents,
            "refund": self._api.refunds,
            "dispute": self._api.disputes,
            "event": self._api.events,
        }
        asked |= {"limit": SMALL_PAGES}
        if since:
            asked["created"] = {"gte": int(since.timestamp())}
        with _asked():
            page = listed[kind].list(asked, self._on_account())
            for one in page.auto_paging_iter():
                yield one.to_dict()

    def _asking(self) -> AbstractContextManager[None]:
        return _asked()

    def verify(self, *, body: bytes, signature: str, at: datetime) -> dict[str, Any]:
        """Live and test are never mixed: an event of the other mode is none of ours, loudly (F-70)."""
        signing.check(body=body, signature=signature, secret=self._webhook_secret, at=at)
        event = signing.event(body)
        if not isinstance(event.get("livemode", self._live), bool):
            raise BadEvent
        if event.get("livemode", self._live) is not self._live:
            log.error("event %s is of another mode (test or live) than the key", event["id"])
            raise OtherMode(event["id"])
        return event

    def session_in(self, thing: dict[str, Any]) -> Session:
        return Session(
            id=_id(thing),
            url=thing.get("url") or "",
            state=_session_state(thing),
            intent_id=_reference(thing.get("payment_intent")),
            amount=thing.get("amount_total"),
            currency=str(thing.get("currency") or "").upper(),
            payment=_ours(thing).get("payment", ""),
        )

    def refund_in(self, thing: dict[str, Any]) -> RefundResult:
        state = REFUND_STATES.get(str(thing.get("status")), "pending")
        return RefundResult(
            id=_id(thing),
            state=state,
            failure=str(thing.get("failure_reason") or "canceled") if state == "failed" else "",
            amount=thing.get("amount"),
            currency=str(thing.get("currency") or "").upper(),
            refund=_ours(thing).get("refund", ""),
        )


def _our_share(payment: Payment) -> dict[str, int]:
    """What the installation keeps of a payment on a connected account."""
    return {"application_fee_amount": payment.platform_fee} if payment.platform_fee else {}


def _kept(payment: Payment) -> dict[str, str]:
    """Where the client agreed to a later charge, the card that pays the deposit is kept for it."""
    waiting = payment.appointment.cards.filter(detached_at=None, method_id="", account=payment.account)
    agreed = payment.deposit and waiting.exists()
    return {"setup_future_usage": "off_session"} if agreed else {}


def _line(payment: Payment, description: str) -> Any:
    return {
        "quantity": 1,
        "price_data": {
            "currency": payment.currency.lower(),
            "unit_amount": payment.amount,
            "product_data": {"name": description},
        },
    }


def _session_state(thing: dict[str, Any]) -> str:
    if thing.get("payment_status") == "paid":
        return "paid"
    if thing.get("status") == "expired":
        return "expired"
    return "pending" if thing.get("status") == "complete" else "open"


def _id(thing: dict[str, Any]) -> str:
    if not isinstance(thing.get("id"), str):
        raise GatewayUnavailable("an answer without an id")
    return str(thing["id"])


def _reference(thing: Any) -> str:
    """The id of an object that is given as its id or whole."""
    return str(thing.get("id") or "") if isinstance(thing, dict) else str(thing or "")


def _ours(thing: dict[str, Any]) -> dict[str, str]:
    metadata = thing.get("metadata")
    return {k: str(v) for k, v in metadata.items()} if isinstance(metadata, dict) else {}


@contextmanager
def _asked() -> Iterator[None]:
    """Stripe's noes, in our words. What leaves open whether it was done is ``GatewayUnavailable``:
    no answer, 5xx, too many requests, and keys that may not (which a person must mend first)."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyUsedOtherwise("idempotency_error", str(error.user_message)) from error
    except stripe.CardError as error:
        raise GatewayRefused(error.code or "card_error", str(error.user_message)) from error
    except stripe.InvalidRequestError as error:
        missing = error.code == "resource_missing" or error.http_status == 404
        kind = NotAtGateway if missing else GatewayRefused
        raise kind(error.code or "invalid_request", str(error.user_message)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        if error.error and error.error.code == "account_invalid":
            raise AccountGone("account") from error
        log.error("Stripe does not accept our key: %s", error.user_message)
        raise GatewayUnavailable("key") from error
    except stripe.StripeError as error:
        raise GatewayUnavailable(type(error).__name__) from error
