"""The sandbox's pay page: plainly marked, pays, declines, leaves, also after the hold lapsed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from booking import lifecycle, tokens
from payments import checkout
from payments.models import Deposit, StripeEvent
from tests.booking import stories
from tests.payments.money import DEPOSIT, MINUTE, buckets, held, now, payment_of, status

pytestmark = pytest.mark.django_db


def page_of(deposit: Deposit) -> str:
    return checkout.open_session(deposit=deposit, at=now()).removeprefix("http://testserver")


def play(client: Client, deposit: Deposit, outcome: str) -> Any:
    return client.post(f"/pay/{payment_of(deposit).uid}/", {"outcome": outcome})


def test_the_page_says_that_no_money_moves_and_how_much_is_asked(client: Client) -> None:
    deposit = held()
    answer = client.get(page_of(deposit))
    assert answer.status_code == 200
    assert "no money moves" in answer.content.decode()
    assert "€27.00" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_looking_at_the_page_changes_nothing(client: Client) -> None:
    deposit = held()
    address = page_of(deposit)
    for _look in range(3):
        client.get(address)
        client.head(address)
    assert status(deposit) == "held"
    assert not StripeEvent.objects.exists()


def test_paying_confirms_at_once_and_leads_back_to_the_appointment(client: Client) -> None:
    deposit = held()
    page_of(deposit)
    answer = play(client, deposit, "paid")
    assert (answer.status_code, answer["Location"]) == (302, tokens.manage_path(deposit.appointment))
    assert status(deposit) == "confirmed"
    assert buckets(deposit) == {"held": DEPOSIT}


def test_paying_twice_is_paying_once(client: Client) -> None:
    deposit = held()
    page_of(deposit)
    assert [play(client, deposit, "paid").status_code for _ in range(2)] == [302, 302]
    assert buckets(deposit) == {"held": DEPOSIT}
    assert StripeEvent.objects.count() == 1
    assert "is paid" in client.get(f"/pay/{payment_of(deposit).uid}/").content.decode()


def test_a_declined_card_keeps_the_hold_and_can_be_followed_by_another(client: Client) -> None:
    deposit = held()
    page_of(deposit)
    play(client, deposit, "declined")
    play(client, deposit, "declined")
    assert status(deposit) == "held"
    assert payment_of(deposit).failed_at
    play(client, deposit, "paid")
    assert status(deposit) == "confirmed"


def test_leaving_leads_back_and_leaves_the_hold_as_it_was(client: Client) -> None:
    deposit = held()
    page_of(deposit)
    answer = play(client, deposit, "left")
    assert answer["Location"] == tokens.manage_path(deposit.appointment)
    assert status(deposit) == "held"
    assert not StripeEvent.objects.exists()


def test_paying_after_the_hold_lapsed_gets_the_slot_that_is_still_free(client: Client) -> None:
    at = now() - 20 * MINUTE
    deposit = held(at=at)
    checkout.open_session(deposit=deposit, at=at)
    lifecycle.lapse_holds(at=now())
    checkout.close_due(at=now())
    assert "time to pay is over" in client.get(f"/pay/{payment_of(deposit).uid}/").content.decode()
    play(client, deposit, "paid")
    assert status(deposit) == "confirmed"


def test_paying_after_somebody_else_took_the_slot_goes_all_back(client: Client) -> None:
    at = now() - 20 * MINUTE
    deposit = held(at=at)
    checkout.open_session(deposit=deposit, at=at)
    start = deposit.appointment.starts_at
    stories.book(deposit.appointment.provider, at=now(), start=start, email="eve@example.com")
    play(client, deposit, "paid")
    assert status(deposit) == "expired"
    assert buckets(deposit) == {"refunded": DEPOSIT}
    assert deposit.appointment.messages.filter(kind="paid_too_late").count() == 1


@pytest.mark.parametrize("outcome", ["", "refunded", "PAID", "paid "])
def test_another_outcome_is_a_400(client: Client, outcome: str) -> None:
    deposit = held()
    page_of(deposit)
    assert play(client, deposit, outcome).status_code == 400
    assert status(deposit) == "held"


def test_a_payment_that_nobody_made_is_a_404(client: Client) -> None:
    assert client.get("/pay/00000000-0000-0000-0000-000000000000/").status_code == 404
    assert client.post("/pay/nonsense/").status_code == 404


def test_there_is_no_sandbox_where_stripe_is_set_up(client: Client, settings: Any) -> None:
    deposit = held()
    page_of(deposit)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", "whsec_x"
    assert play(client, deposit, "paid").status_code == 404
    assert status(deposit) == "held"


def test_a_sandbox_webhook_needs_the_sandboxs_own_signature(client: Client) -> None:
    deposit = held()
    page_of(deposit)
    from tests.payments.test_webhooks import EVENT

    answer = client.post(
        "/webhooks/stripe/", EVENT, content_type="application/json", headers={"Stripe-Signature": "t=1,v1=a"}
    )
    assert answer.status_code == 400


def test_the_page_speaks_the_clients_language(client: Client) -> None:
    deposit = held()
    address = page_of(deposit)
    deposit.appointment.language = "it"
    deposit.appointment.save(update_fields=["language"])
    assert 'lang="it"' in client.get(address).content.decode()
