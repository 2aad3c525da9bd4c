"""A webhook that is lost is not waited for: the gateway is asked sooner, and seldom."""

from __future__ import annotations

import pytest
from django.test import Client

from booking import tokens
from payments import checkout, reconcile, webhooks
from payments.models import Deposit, StripeEvent
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import MINUTE, held, now, payment_of, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(stripe: StripeServer) -> Deposit:
    """Paid at Stripe, and nobody told us."""
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    stripe.webhooks = None
    stripe.pay(str(payment_of(deposit).session_id))
    return deposit


def asked(stripe: StripeServer, deposit: Deposit) -> int:
    return len(stripe.asked(f"GET /v1/checkout/sessions/{payment_of(deposit).session_id}"))


def test_an_open_page_is_asked_after_at_three_minutes_and_not_before(lost: Deposit) -> None:
    opened = payment_of(lost).created_at
    assert reconcile.ask_open(at=opened + 2 * MINUTE) == 0
    assert reconcile.ask_open(at=opened + 3 * MINUTE) == 1
    webhooks.apply_due(at=opened + 3 * MINUTE)
    assert status(lost) == "confirmed"


def test_a_page_that_stays_open_costs_a_handful_of_calls_however_often_the_sweep_comes(
    stripe: StripeServer,
) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    opened = payment_of(deposit).created_at
    for half_minute in range(30):
        at = opened + half_minute * MINUTE / 2
        reconcile.ask_open(at=at)
        webhooks.apply_due(at=at)
    assert asked(stripe, deposit) == 3
    assert status(deposit) == "held"


def test_many_pages_are_asked_after_some_at_a_time(lost: Deposit) -> None:
    assert reconcile.ask_open(at=now() + 5 * MINUTE, limit=0) == 0
    assert reconcile.ask_open(at=now() + 5 * MINUTE, limit=1) == 1


def test_who_comes_back_from_paying_is_confirmed_at_once(client: Client, lost: Deposit) -> None:
    page = tokens.manage_path(lost.appointment)
    shown = client.get(f"{page}?done=paid")
    assert "data-send-at-once" in shown.content.decode()
    assert status(lost) == "held"  # a GET changes nothing
    assert not StripeEvent.objects.exists()
    answer = client.post(f"{page}check/", follow=True)
    assert status(lost) == "confirmed"
    assert "It is booked" in answer.content.decode()


def test_who_presses_again_and_again_asks_the_gateway_once(client: Client, stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    page = tokens.manage_path(deposit.appointment)
    for _press in range(5):
        answer = client.post(f"{page}check/", follow=True)
    assert asked(stripe, deposit) <= 2
    assert "The bank has not told us yet" in answer.content.decode()
    assert "data-send-at-once" not in answer.content.decode()


def test_a_session_says_where_its_client_comes_back(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    (session,) = stripe.memory.sessions.values()
    assert session["success_url"].endswith("/?done=paid")
    assert not session["cancel_url"].endswith("?done=paid")
