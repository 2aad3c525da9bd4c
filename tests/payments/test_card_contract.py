"""One contract for the cards of both gateways: what the sandbox does with a card, Stripe does too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from payments import cards, gateways
from payments.gateways import CardFound, ChargeResult, GatewayRefused, sandbox
from payments.models import Charge, Payment, SavedCard
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import held, now

pytestmark = pytest.mark.django_db
FAILURES = {"0002": "card_declined", "3184": "authentication_required"}


@dataclass
class Both:
    """A gateway, and how a client gives it a card that does what its last digits say."""

    gateway: gateways.Gateway
    give: Callable[[SavedCard, str], Any]


@pytest.fixture(params=["sandbox", "stripe"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "sandbox":
        return Both(gateways.current(), lambda card, chosen: sandbox.give(card=card, chosen=chosen, at=now()))
    server: StripeServer = request.getfixturevalue("stripe")

    def give(card: SavedCard, chosen: str) -> None:
        server.give_card(str(card.setup_id))
        server.cards_are = FAILURES.get(chosen, "good")

    return Both(gateways.current(), give)


def agreed(both: Both) -> SavedCard:
    """A client's yes, and the page on which the card is given."""
    appointment = held().appointment
    card = cards.agree(appointment=appointment, text="Up to 90.00", language="en", most=9000, at=now())
    made, url = both.gateway.create_setup(
        card=card,
        success_url="http://testserver/a/x/",
        cancel_url="http://testserver/a/x/",
        expires_at=now() + timedelta(hours=2),
        key=f"setup:{card.uid}:1",
    )
    assert url.startswith("http://")
    SavedCard.objects.filter(pk=card.pk).update(setup_id=made, setup_url=url)
    card.refresh_from_db()
    return card


def given(both: Both, chosen: str = "4242") -> SavedCard:
    card = agreed(both)
    both.give(card, chosen)
    found = found_on(both, card)
    assert found
    cards.record(card=card, found=found, at=now())
    card.refresh_from_db()
    return card


def found_on(both: Both, card: SavedCard) -> CardFound | None:
    return both.gateway.card_of(str(card.setup_id))


def payment_for(card: SavedCard, amount: int = 6300) -> Payment:
    charge = Charge.objects.create(
        appointment=card.appointment,
        kind="other",
        description="A fee",
        amount=amount,
        currency="EUR",
        created_at=now(),
    )
    payment = cards.stage(charge=charge, at=now())
    assert payment
    return payment


def charged(both: Both, payment: Payment) -> ChargeResult:
    return both.gateway.charge_card(payment=payment, key=f"charge:{payment.uid}")


def test_on_a_page_where_nobody_gave_a_card_there_is_none(both: Both) -> None:
    assert found_on(both, agreed(both)) is None


def test_a_card_that_was_given_is_known_by_its_brand_digits_and_end(both: Both) -> None:
    card = given(both)
    assert (card.brand, card.last4, card.usable) == ("visa", "4242", True)
    assert card.customer_id
    assert card.expiry > "2027-01"
    assert len(card.expiry) == 7
    again = found_on(both, card)
    assert again
    assert (again.customer_id, again.method_id) == (card.customer_id, card.method_id)


def test_a_good_card_pays_without_its_owner_and_the_charge_is_found(both: Both) -> None:
    payment = payment_for(given(both))
    assert both.gateway.find_charge(payment=payment) is None
    result = charged(both, payment)
    assert (result.state, result.failure) == ("paid", "")
    assert result.id
    assert both.gateway.find_charge(payment=payment) == result


def test_the_same_key_charges_once(both: Both) -> None:
    payment = payment_for(given(both))
    assert charged(both, payment) == charged(both, payment)


@pytest.mark.parametrize(("chosen", "why"), FAILURES.items(), ids=["declined", "wants_its_owner"])
def test_a_bank_says_no_and_why(both: Both, chosen: str, why: str) -> None:
    """Stripe says it as an error, the sandbox as an answer: the story hears the same of both."""
    payment = payment_for(given(both, chosen))
    try:
        result = charged(both, payment)
    except GatewayRefused as no:
        result = ChargeResult("", "failed", no.code)
    assert (result.state, result.failure) == ("failed", why)


def test_a_card_that_was_taken_away_is_gone_and_taking_it_away_twice_does_no_harm(both: Both) -> None:
    card = given(both)
    cards.take_away(card=card, at=now())
    assert [cards.detach_due(at=now()), cards.detach_due(at=now())] == [1, 0]
    SavedCard.objects.filter(pk=card.pk).update(detach_due_at=now())
    assert cards.detach_due(at=now() + timedelta(minutes=1)) == 1
    card.refresh_from_db()
    assert (card.usable, card.detach_due_at) == (False, None)
    charge = Charge.objects.create(
        appointment=card.appointment,
        kind="other",
        description="A fee",
        amount=100,
        currency="EUR",
        created_at=now(),
    )
    assert cards.stage(charge=charge, at=now()) is None
