"""Cards on file, as every gateway tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payments.gateways.calling import Calling
from payments.models import Payment, SavedCard

MANY = 100


@dataclass(frozen=True)
class CardFound:
    """A card that was given for later: whose, which, and how people know it."""

    customer_id: str
    method_id: str
    brand: str
    last4: str
    expiry: str


@dataclass(frozen=True)
class ChargeResult:
    """A charge without its client: ``paid``, ``pending`` or ``failed`` (then ``failure`` says why)."""

    id: str
    state: str
    failure: str = ""


class OnFile(Calling):
    """The part of Stripe that keeps cards and charges them later."""

    def create_setup(
        self, *, card: SavedCard, success_url: str, cancel_url: str, expires_at: datetime, key: str
    ) -> tuple[str, str]:
        """A page where a card is given and nothing is paid: its id and its address."""
        metadata = {"card": str(card.uid), "env": self._environment}
        asked: Any = {
            "mode": "setup",
            "currency": card.appointment.currency.lower(),
            "payment_method_types": ["card"],
            "customer_creation": "always",
            "customer_email": card.client.email,
            "locale": card.language,
            "metadata": metadata,
            "setup_intent_data": {"metadata": metadata},
            "expires_at": int(expires_at.timestamp()),
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        with self._asking():
            made = self._api.checkout.sessions.create(asked, self._on_account(key)).to_dict()
        return str(made["id"]), str(made.get("url") or "")

    def card_of(self, session_id: str) -> CardFound | None:
        """The card that was saved on a page; None where none was."""
        expand = {"expand": ["payment_intent.payment_method", "setup_intent.payment_method"]}
        with self._asking():
            found = self._api.checkout.sessions.retrieve(session_id, expand, self._on_account()).to_dict()
        intent = found.get("payment_intent") or found.get("setup_intent")
        method = intent.get("payment_method") if isinstance(intent, dict) else None
        customer = found.get("customer")
        if not isinstance(method, dict) or not customer:
            return None
        card = method.get("card") or {}
        return CardFound(
            customer_id=str(customer["id"] if isinstance(customer, dict) else customer),
            method_id=str(method["id"]),
            brand=str(card.get("brand") or ""),
            last4=str(card.get("last4") or ""),
            expiry=f"{card['exp_year']}-{card['exp_month']:02}" if card.get("exp_year") else "",
        )

    def charge_card(self, *, payment: Payment, key: str) -> ChargeResult:
        """Charges the saved card without its owner. A bank's no is an answer, not an error."""
        card = payment.card
        assert card
        asked: Any = {
            "amount": payment.amount,
            "currency": payment.currency.lower(),
            "customer": card.customer_id,
            "payment_method": card.method_id,
            "payment_method_types": ["card"],
            "off_session": True,
            "confirm": True,
            "metadata": {
                "appointment": str(payment.appointment.uid),
                "payment": str(payment.uid),
                "env": self._environment,
            },
        }
        if payment.platform_fee:
            asked["application_fee_amount"] = payment.platform_fee
        with self._asking():
            made = self._api.payment_intents.create(asked, self._on_account(key)).to_dict()
        return _result(made)

    def find_charge(self, *, payment: Payment) -> ChargeResult | None:
        """What became of a charge that was asked for and not answered, by what it says of itself."""
        assert payment.card
        asked = {"customer": payment.card.customer_id, "limit": MANY}
        with self._asking():
            page: Iterable[Any] = self._api.payment_intents.list(asked, self._on_account()).auto_paging_iter()
            for one in page:
                found = one.to_dict()
                if (found.get("metadata") or {}).get("payment") == str(payment.uid):
                    return _result(found)
        return None

    def detach(self, *, card: SavedCard) -> None:
        """The card is taken away at the gateway too; one that is gone is gone."""
        with self._asking():
            self._api.payment_methods.detach(card.method_id, {}, self._on_account())


def _result(intent: dict[str, Any]) -> ChargeResult:
    status = intent.get("status")
    if status == "succeeded":
        return ChargeResult(str(intent["id"]), "paid")
    if status == "processing":
        return ChargeResult(str(intent["id"]), "pending")
    error = intent.get("last_payment_error") or {}
    why = (
        "authentication_required"
        if status == "requires_action"
        else str(error.get("code") or "card_declined")
    )
    return ChargeResult(str(intent["id"]), "failed", why)
