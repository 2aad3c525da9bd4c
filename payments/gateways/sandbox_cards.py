"""The sandbox's cards: 4242 pays, 0002 is declined later, 3184 wants its owner. No card exists."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from payments.gateways.on_file import CardFound, ChargeResult
from payments.models import Payment, SavedCard

SETUP, CUSTOMER, METHOD, INTENT = "seti_sandbox_", "cus_sandbox_", "pm_sandbox_", "pi_sandbox_"
GOOD, DECLINED, WANTS_OWNER = "4242", "0002", "3184"
CHOICES = (GOOD, DECLINED, WANTS_OWNER)
FAILURES = {DECLINED: "card_declined", WANTS_OWNER: "authentication_required"}


class SandboxCards:
    def create_setup(
        self, *, card: SavedCard, success_url: str, cancel_url: str, expires_at: datetime, key: str
    ) -> tuple[str, str]:
        return f"{SETUP}{card.uid.hex}", settings.BASE_URL + reverse("give_card", args=[card.uid])

    def card_of(self, session_id: str) -> CardFound | None:
        """By the page that it was given on: that of a payment, or one of its own."""
        if session_id.startswith(SETUP):
            card = SavedCard.objects.filter(setup_id=session_id).first()
        else:
            payment = Payment.objects.filter(session_id=session_id, gateway="sandbox").first()
            card = payment.appointment.cards.filter(detached_at=None).first() if payment else None
        if card is None or not card.sandbox_state:
            return None
        named = (f"{CUSTOMER}{card.client_id}", f"{METHOD}{card.uid.hex}")
        return CardFound(*named, brand="visa", last4=card.sandbox_state, expiry="2032-12")

    def charge_card(self, *, payment: Payment, key: str) -> ChargeResult:
        card = payment.card
        assert card
        name = f"{INTENT}{payment.uid.hex}"
        if failure := FAILURES.get(card.last4):
            Payment.objects.filter(pk=payment.pk).update(sandbox_state="failed")
            return ChargeResult(name, "failed", failure)
        Payment.objects.filter(pk=payment.pk).update(sandbox_state="paid")
        return ChargeResult(name, "paid")

    def find_charge(self, *, payment: Payment) -> ChargeResult | None:
        payment.refresh_from_db(fields=["sandbox_state"])
        return self.charge_card(payment=payment, key="") if payment.sandbox_state else None

    def detach(self, *, card: SavedCard) -> None:
        """Its memory is the row itself, and the row is done with."""
