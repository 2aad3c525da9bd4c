"""A card on file: agreed to in exact words, kept, charged once for a fee, and never past its client's will."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from booking import lifecycle, quotes, tokens
from booking.lifecycle import confirming
from booking.models import Business
from config import as_json
from payments import cards, checkout, webhooks
from payments.gateways import sandbox
from payments.models import Charge, Paper, Payment, SavedCard, Settlement
from policies.rules import terms as rules_terms
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, MINUTE, held, now, payment_of
from tests.payments.test_owed import again, amounts, by, sound

pytestmark = pytest.mark.django_db
FEE = 6300


def kept(stripe: StripeServer | None = None, *, card: str = "4242") -> SavedCard:
    """An appointment whose deposit was paid with a card that may be charged later."""
    deposit = held()
    cards.agree(appointment=deposit.appointment, text="Up to 90.00", language="en", most=9000, at=now())
    checkout.open_session(deposit=deposit, at=now())
    payment = payment_of(deposit)
    if stripe:
        stripe.pay(str(payment.session_id))
        webhooks.apply_due(at=now())
    else:
        body, signature = sandbox.pay(payment=payment, outcome="paid", at=now(), card=card)
        webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=now()), at=now())
    return SavedCard.objects.select_related("appointment__service__provider").get()


def settled(card: SavedCard, fee: int = FEE) -> Charge:
    settlement = Settlement.objects.create(
        appointment=card.appointment,
        cause="no_show",
        forfeit=0,
        fee=fee,
        currency="EUR",
        due_at=now(),
        created_at=now(),
    )
    lifecycle.settle(at=now())
    return again(Charge.objects.get(settlement=settlement))


def sweep(*, after: timedelta = MINUTE) -> int:
    return lifecycle.charge_cards(at=now() + after)


def test_the_consent_is_kept_with_its_hash() -> None:
    card = kept()
    assert card.sha256 == hashlib.sha256(card.text.encode()).hexdigest()
    assert (card.brand, card.last4, card.usable) == ("visa", "4242", True)


def test_a_fee_is_charged_to_the_card_once_and_the_client_is_told() -> None:
    charge = settled(kept())
    assert [sweep(), sweep()] == [1, 0]
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    waiting = stories.kinds(charge.appointment)
    assert "card_charged" in waiting
    assert "fee_owed" not in waiting
    sound()


def test_the_tax_in_the_mails_is_that_of_the_price_and_of_the_receipt() -> None:
    card = kept()
    provider = card.appointment.provider
    provider.services.update(tax_rate=2200)
    Business.objects.create(provider=provider, legal_name="Bianchi S.r.l.", tax_name="IVA", fees_taxed=True)
    booked = confirming.terms_facts(stories.fresh(card.appointment))
    assert booked["tax"] == {"rate": "22", "name": "IVA", "amount": as_json.money(1623, "EUR")}
    charge = settled(card)
    sweep()
    told = charge.appointment.messages.get(kind="card_charged").facts
    receipt = Paper.objects.get(payment__charge=charge)
    assert told["receipt"] == receipt.number
    assert told["tax"] == {"rate": "22", "name": "IVA", "amount": as_json.money(receipt.tax, "EUR")}
    assert receipt.tax == 1136  # of 63.00


def test_while_it_is_charged_the_page_offers_no_second_way() -> None:
    charge = settled(kept())
    with pytest.raises(checkout.NothingToPay):
        checkout.open_session(charge=charge, at=now())


@pytest.mark.parametrize(("card", "why"), [("0002", "card_declined"), ("3184", "authentication_required")])
def test_a_no_of_the_bank_leaves_it_owed_with_a_link_and_is_not_tried_again(card: str, why: str) -> None:
    charge = settled(kept(card=card))
    assert [sweep(), sweep(after=2 * DAY)] == [1, 0]
    assert amounts(charge) == ("owed", FEE, 0, 0, 0)
    mail = charge.appointment.messages.get(kind="fee_owed")
    assert (mail.facts["card"], mail.facts["why"]) == (f"Visa {card}", why)
    assert checkout.open_session(charge=again(charge), at=now())
    sound()


def test_a_fee_above_what_was_agreed_is_not_charged() -> None:
    charge = settled(kept(), fee=9001)
    assert sweep() == 0
    assert "fee_owed" in stories.kinds(charge.appointment)


def test_a_card_that_was_taken_away_is_not_charged() -> None:
    card = kept()
    charge = settled(card)
    lifecycle.remove_card(appointment=card.appointment, at=now())
    sweep()
    assert amounts(charge) == ("owed", FEE, 0, 0, 0)
    assert "fee_owed" in stories.kinds(charge.appointment)
    assert cards.detach_due(at=now()) == 1


def test_what_was_excused_before_the_sweep_is_not_charged() -> None:
    charge = settled(kept())
    lifecycle.waive_charge(charge=charge, by=by(charge), at=now())
    sweep()
    assert amounts(charge) == ("waived", 0, FEE, 0, 0)
    assert not Payment.objects.filter(off_session=True, state="paid").exists()


def test_stripe_keeps_the_card_of_the_deposit_and_charges_it(stripe: StripeServer) -> None:
    card = kept(stripe)
    assert (card.customer_id[:4], card.method_id[:3], card.expiry) == ("cus_", "pm_", "2031-04")
    charge = settled(card)
    assert sweep() == 1
    [(_address, asked, key)] = stripe.asked("POST /v1/payment_intents")
    assert (asked["amount"], asked["off_session"], key) == (
        str(FEE),
        "true",
        f"charge:{charge.payments.get().uid}",
    )
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    sound()


def test_a_lost_reply_is_repeated_with_the_same_key_and_charged_once(stripe: StripeServer) -> None:
    charge = settled(kept(stripe))
    stripe.drop("POST /v1/payment_intents")
    assert sweep() == 0
    assert sweep(after=10 * MINUTE) == 1
    assert len(stripe.memory.charges) == 2  # the deposit and one fee
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)


def test_a_reply_lost_for_more_than_a_day_is_looked_up_first(stripe: StripeServer) -> None:
    charge = settled(kept(stripe))
    stripe.drop("POST /v1/payment_intents")
    sweep()
    stripe.forget("keys")
    assert sweep(after=DAY + MINUTE) == 1
    assert len(stripe.memory.charges) == 2
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)


def test_without_the_look_up_the_same_loss_charges_twice(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(kept(stripe))
    stripe.drop("POST /v1/payment_intents")
    sweep()
    stripe.forget("keys")
    monkeypatch.setattr("payments.cards.KEYS_LIVE", timedelta(days=9))
    sweep(after=DAY + MINUTE)
    assert len(stripe.memory.charges) == 3


@pytest.mark.parametrize("code", ["card_declined", "authentication_required"])
def test_a_no_at_stripe_is_an_amount_owed(stripe: StripeServer, code: str) -> None:
    charge = settled(kept(stripe))
    stripe.cards_are = code
    assert sweep() == 1
    assert amounts(charge) == ("owed", FEE, 0, 0, 0)
    assert Payment.objects.get(off_session=True).failure == code


def test_a_card_can_be_given_where_nothing_is_paid_ahead(stripe: StripeServer) -> None:
    appointment = held().appointment
    card = cards.agree(appointment=appointment, text="Up to 90.00", language="en", most=9000, at=now())
    url = cards.open_page(card=card, at=now())
    assert cards.open_page(card=card, at=now()) == url
    card.refresh_from_db()
    stripe.give_card(str(card.setup_id))
    webhooks.apply_due(at=now())
    card.refresh_from_db()
    assert card.usable
    lifecycle.remove_card(appointment=appointment, at=now())
    assert cards.detach_due(at=now()) == 1
    assert stripe.memory.methods == {}


def test_the_words_name_the_most_and_the_way_out() -> None:
    service = held().appointment.service
    offered = quotes.offer(service)
    assert quotes.card_consent(service, offered, language="en") is None  # Balanced asks for no fee


def test_the_client_ticks_it_gives_the_card_on_the_sandbox_page_and_takes_it_away(client: Any) -> None:
    appointment = held().appointment
    Payment.objects.update(state="closed")
    type(appointment).objects.filter(pk=appointment.pk).update(
        status="confirmed", hold_expires_at=None, confirmed_at=now()
    )
    cards.agree(appointment=appointment, text="Up to 90.00", language="en", most=9000, at=now())
    path = tokens.manage_path(appointment)
    assert 'action="card/"' in client.get(path).content.decode()
    page = client.post(f"{path}card/")["Location"]
    assert client.get(page).status_code == 200
    client.post(page, {"card": "4242"})
    assert "Visa ···· 4242" in client.get(path).content.decode()
    client.post(f"{path}card/remove/")
    assert "4242" not in client.get(path).content.decode().split("What happened so far")[0]
    assert not SavedCard.objects.filter(detached_at=None).exists()


def test_a_booking_under_terms_with_a_fee_keeps_the_consent_in_the_words_that_were_shown() -> None:
    provider = stories.studio(at=now() - DAY)
    service = provider.services.select_related("provider", "policy").get(slug="session")
    firm = rules_terms.write(rules_terms.PRESETS["Firm"])
    service.policy.versions.create(number=99, terms=firm, created_at=now())
    deposit = held(provider=provider, save_card=True)
    card = deposit.appointment.cards.get()
    offered = quotes.offer(service)
    said = quotes.card_consent(service, offered, language="en")
    assert said is not None
    assert (card.text, card.most) == (said.text, said.most)
    assert card.most == 9000 - deposit.asked
