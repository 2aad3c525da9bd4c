"""A card on file: agreed to at booking, given, taken away, and charged for a fee when it is settled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from booking import included_tax
from booking.actors import CLIENT, SYSTEM
from booking.lifecycle.owing import charge_paid, tell_of
from booking.lifecycle.steps import record, take
from booking.models import Appointment
from config import as_json
from payments import cards, papers
from payments.gateways import CardFound
from payments.models import Charge, Payment, SavedCard
from reminders import plan


@transaction.atomic
def card_given(*, card: SavedCard, found: CardFound, at: datetime) -> None:
    """The client gave the card that was agreed to. Told twice, noted once."""
    appointment = take(card.appointment)
    if cards.record(card=card, found=found, at=at):
        record(appointment, "card_saved", by=SYSTEM, at=at, last4=found.last4)


@transaction.atomic
def remove_card(*, appointment: Appointment, at: datetime) -> None:
    """The client takes the card away: nothing is charged to it from now on."""
    appointment = take(appointment)
    card = cards.of(appointment=appointment)
    if card and cards.take_away(card=card, at=at):
        record(appointment, "card_removed", by=CLIENT, at=at, last4=card.last4)


@transaction.atomic
def card_charged(*, payment: Payment, intent_id: str, amount: int, at: datetime) -> None:
    """The saved card paid a fee: settled once, and the client is told."""
    before = Payment.objects.get(pk=payment.pk).state
    charge_paid(payment=payment, intent_id=intent_id, amount=amount, at=at)
    if before == Payment.State.PAID or payment.card is None:
        return
    receipt = papers.receipt(payment=payment, at=at)
    plan.tell(
        appointment=payment.appointment,
        kind="card_charged",
        to="client",
        at=at,
        about=f"payment:{payment.uid}",
        facts={
            "fee": as_json.money(amount, payment.currency),
            "card": named(payment.card),
            "receipt": receipt.number,
            "tax": included_tax.on(receipt),
        },
    )


@transaction.atomic
def card_failed(*, payment: Payment, failure: str, at: datetime) -> None:
    """The bank said no, or wants its client: what is owed stays owed, and the mail with the link says so.
    The card is not tried again."""
    appointment = take(payment.appointment)
    if not cards.record_failed(payment=payment, failure=failure, at=at):
        return
    charge = Charge.objects.get(payments=payment)
    if not charge.owed:
        return
    record(
        appointment, "card_not_charged", by=SYSTEM, at=at, amount=payment.amount, currency=payment.currency
    )
    ours = failure in ("not_owed", "card_gone")
    card = "" if ours or payment.card is None else named(payment.card)
    tell_of(charge, appointment, at=at, card=card, why=failure)


def charge_cards(*, at: datetime) -> int:
    """Sweep: fees that were settled are charged to the cards that were saved for them."""
    return cards.charge_due(at=at, paid=card_charged, failed=card_failed)


def named(card: SavedCard) -> str:
    return f"{card.brand.capitalize()} {card.last4}".strip()
