"""Asking for a deposit, the way to the pay page, the money that comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking import lifecycle
from booking.actors import SYSTEM
from payments import checkout, credits, gateways, ledger, webhooks
from payments.gateways import GatewayUnavailable
from payments.models import Credit, Deposit, LedgerEntry, Payment, Refund
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import (
    DAY,
    DEPOSIT,
    HOUR,
    MINUTE,
    buckets,
    fresh,
    held,
    now,
    paid,
    pay_at_gateway,
    payment_of,
    status,
)

pytestmark = pytest.mark.django_db
CREATE = "POST /v1/checkout/sessions"


def credit_of(deposit: Deposit, amount: int) -> Credit:
    return credits.start(
        deposit=deposit,
        amount=amount,
        expires_at=now() + 60 * DAY,
        unused="forfeit",
        original_start_at=None,
        moves_used=0,
        smallest_notice=None,
        by=SYSTEM,
        at=now(),
    )


def other(deposit: Deposit) -> Any:
    """Another appointment of the same client, without a deposit yet."""
    appointment = stories.book(
        deposit.appointment.provider, at=now(), start=deposit.appointment.starts_at + 2 * HOUR
    )
    assert appointment.deposits.update(current=False) == 1
    return appointment


# --- Asking ---


def test_a_deposit_is_asked_with_a_payment_of_the_whole_amount() -> None:
    deposit = held()
    payment = payment_of(deposit)
    assert (deposit.asked, deposit.paid, deposit.current) == (DEPOSIT, 0, True)
    assert (payment.state, payment.amount, payment.currency, payment.gateway) == (
        "staged",
        DEPOSIT,
        "EUR",
        "sandbox",
    )


def test_a_credit_is_used_first_and_only_the_rest_is_asked_of_the_card() -> None:
    first = paid()
    credit = credit_of(first, 2000)
    deposit = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit)
    assert (deposit.asked, deposit.carried_in, deposit.held) == (DEPOSIT, 2000, 2000)
    assert payment_of(deposit).amount == 700
    assert credit.left == 0
    assert buckets(first) == {"held": 700, "carried": 2000}


def test_what_is_left_of_a_larger_credit_stays() -> None:
    first = paid()
    credit = credit_of(first, DEPOSIT)
    deposit = checkout.ask(appointment=other(first), amount=1000, at=now(), credit=credit)
    assert deposit.is_paid
    assert not deposit.payments.exists()
    assert credit.left == 1700


def test_a_rest_below_the_smallest_charge_is_not_asked() -> None:
    first = paid()
    credit = credit_of(first, DEPOSIT - 49)
    deposit = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit)
    assert deposit.asked == DEPOSIT - 49
    assert deposit.is_paid
    assert not deposit.payments.exists()


def test_a_rest_of_exactly_the_smallest_charge_is_asked() -> None:
    first = paid()
    credit = credit_of(first, DEPOSIT - 50)
    deposit = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit)
    assert payment_of(deposit).amount == 50


def test_a_credit_that_ended_gives_nothing() -> None:
    first = paid()
    credit = credit_of(first, 2000)
    credits.end(credit=credit, at=now())
    deposit = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit)
    assert (deposit.carried_in, deposit.credit) == (0, None)
    assert payment_of(deposit).amount == DEPOSIT


# --- The pay page ---


def test_the_session_lives_at_least_half_an_hour_and_at_most_a_day(stripe: StripeServer) -> None:
    at = now()
    deposit = held(at=at)
    checkout.open_session(deposit=deposit, at=at)
    assert payment_of(deposit).expires_at == at + 45 * MINUTE
    [session] = stripe.memory.sessions.values()
    assert session["expires_at"] == int((at + 45 * MINUTE).timestamp())


def test_opening_twice_asks_the_gateway_once(stripe: StripeServer) -> None:
    deposit = held()
    url = checkout.open_session(deposit=deposit, at=now())
    assert checkout.open_session(deposit=deposit, at=now() + MINUTE) == url
    assert len(stripe.asked(CREATE)) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_gateway_on_a_bad_day_leaves_the_hold_and_a_second_try_works(
    stripe: StripeServer, status: int
) -> None:
    deposit = held()
    stripe.fail(CREATE, status)
    with pytest.raises(GatewayUnavailable) as refusal:
        checkout.open_session(deposit=deposit, at=now())
    assert refusal.value.status == 503
    assert fresh(deposit).appointment.status == "held"
    assert checkout.open_session(deposit=deposit, at=now()) in [
        session["url"] for session in stripe.memory.sessions.values()
    ]


def test_a_lost_reply_is_repeated_with_the_same_key_and_the_same_content(stripe: StripeServer) -> None:
    deposit = held()
    stripe.drop(CREATE)
    with pytest.raises(GatewayUnavailable):
        checkout.open_session(deposit=deposit, at=now())
    checkout.open_session(deposit=deposit, at=now() + 10 * MINUTE)
    first, second = stripe.asked(CREATE)
    assert first == second
    assert len(stripe.memory.sessions) == 1


def test_an_unanswered_request_too_old_for_its_key_starts_afresh(stripe: StripeServer) -> None:
    deposit = held()
    stripe.fail(CREATE)
    with pytest.raises(GatewayUnavailable):
        checkout.open_session(deposit=deposit, at=now() - 15 * MINUTE)
    checkout.open_session(deposit=deposit, at=now())
    assert list(deposit.payments.order_by("pk").values_list("state", flat=True)) == ["closed", "open"]
    assert len({key for _address, _params, key in stripe.asked(CREATE)}) == 2


def test_a_key_that_was_used_with_other_contents_starts_afresh(stripe: StripeServer) -> None:
    deposit = held()
    stripe.drop(CREATE)
    with pytest.raises(GatewayUnavailable):
        checkout.open_session(deposit=deposit, at=now())
    client = deposit.appointment.client
    client.email = "another@example.com"
    client.save()
    url = checkout.open_session(deposit=deposit, at=now())
    assert payment_of(deposit).url == url
    assert list(deposit.payments.order_by("pk").values_list("state", flat=True)) == ["closed", "open"]


def test_a_paid_deposit_has_nothing_to_pay() -> None:
    deposit = paid()
    with pytest.raises(checkout.NothingToPay):
        checkout.open_session(deposit=deposit, at=now())


def test_a_deposit_whose_time_is_over_has_nothing_to_pay() -> None:
    deposit = held()
    checkout.ask_to_close(deposit=deposit, at=now())
    with pytest.raises(checkout.NothingToPay):
        checkout.open_session(deposit=deposit, at=now())


@pytest.mark.django_db(transaction=True)
def test_the_gateway_is_never_called_inside_a_transaction(stripe: StripeServer) -> None:
    deposit = held()
    with pytest.raises(RuntimeError), transaction.atomic():
        checkout.open_session(deposit=deposit, at=now())
    assert stripe.memory.requests == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_gateway_works(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    seen: list[bool] = []
    create = gateways.stripe.Stripe.create_session

    def spied(self: Any, **facts: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return create(self, **facts)

    monkeypatch.setattr(gateways.stripe.Stripe, "create_session", spied)
    checkout.open_session(deposit=held(), at=now())
    assert seen == [False]


# --- Closing ---


def test_a_lapsed_hold_ends_its_session_at_the_gateway(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    later = now() + 16 * MINUTE
    assert lifecycle.lapse_holds(at=later) == 1
    assert checkout.close_due(at=later) == 1
    assert checkout.close_due(at=later) == 0
    [session] = stripe.memory.sessions.values()
    assert session["status"] == "expired"
    assert payment_of(deposit).state == "closed"


def test_a_session_that_was_never_made_is_closed_without_a_call(stripe: StripeServer) -> None:
    deposit = held()
    checkout.ask_to_close(deposit=deposit, at=now())
    assert checkout.close_due(at=now()) == 1
    assert payment_of(deposit).state == "closed"
    assert stripe.memory.requests == []


def test_ending_a_session_is_tried_again_after_a_bad_minute(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    checkout.ask_to_close(deposit=deposit, at=now())
    [session] = stripe.memory.sessions
    stripe.fail(f"POST /v1/checkout/sessions/{session}/expire")
    at = now()
    assert checkout.close_due(at=at) == 0
    assert checkout.close_due(at=at + 59 * timedelta(seconds=1)) == 0
    assert checkout.close_due(at=at + MINUTE) == 1


def test_a_session_found_paid_when_it_is_to_be_ended_is_applied_like_a_webhook(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    stripe.webhooks = None  # lost
    stripe.pay(str(payment_of(deposit).session_id))
    later = now() + 16 * MINUTE
    lifecycle.lapse_holds(at=later)
    assert checkout.close_due(at=later) == 1
    assert webhooks.apply_due(at=later) == 1
    assert buckets(deposit) == {"held": DEPOSIT}
    assert status(deposit) == "confirmed"


def test_a_session_that_opens_after_its_hold_lapsed_is_ended_too(stripe: StripeServer) -> None:
    deposit = held()

    def lapse(_address: str) -> None:
        stripe.on_request = None
        Payment.objects.filter(deposit=deposit).update(state="closed")

    # The hold lapses while the request is on its way.
    real = checkout._create
    checkout._create = lambda payment: (real(payment), lapse(""))[0]
    try:
        with pytest.raises(checkout.NothingToPay):
            checkout.open_session(deposit=deposit, at=now())
    finally:
        checkout._create = real
    checkout.close_due(at=now())
    [session] = stripe.memory.sessions.values()
    assert session["status"] == "expired"


# --- The money ---


def test_money_is_recorded_once_however_often_it_is_told() -> None:
    deposit = held()
    payment = payment_of(deposit)
    told = {"payment": payment, "intent_id": "pi_1", "amount": DEPOSIT, "at": now()}
    assert checkout.record_paid(**told) is True
    assert checkout.record_paid(**told) is False
    assert buckets(deposit) == {"held": DEPOSIT}
    assert LedgerEntry.objects.filter(deposit=deposit).count() == 1


def test_another_amount_than_asked_is_not_recorded() -> None:
    deposit = held()
    with pytest.raises(checkout.WrongAmount):
        checkout.record_paid(payment=payment_of(deposit), intent_id="pi_1", amount=DEPOSIT - 1, at=now())
    assert buckets(deposit) == {}


def test_money_that_comes_after_the_hold_gets_the_slot_if_it_is_free() -> None:
    at = now()
    deposit = held(at=at)
    checkout.open_session(deposit=deposit, at=at)
    lifecycle.lapse_holds(at=at + 16 * MINUTE)
    checkout.close_due(at=at + 16 * MINUTE)
    assert status(deposit) == "expired"
    pay_late(deposit, at=at + 17 * MINUTE)
    assert status(deposit) == "confirmed"
    assert buckets(deposit) == {"held": DEPOSIT}


def test_money_that_comes_after_the_slot_is_gone_goes_all_back() -> None:
    at = now()
    deposit = held(at=at)
    checkout.open_session(deposit=deposit, at=at)
    later = at + 16 * MINUTE
    stories.book(
        deposit.appointment.provider, at=later, start=deposit.appointment.starts_at, email="eve@example.com"
    )
    pay_late(deposit, at=later + MINUTE)
    assert status(deposit) == "expired"
    assert buckets(deposit) == {"refunded": DEPOSIT}
    assert list(Refund.objects.values_list("state", "amount", "reason")) == [
        ("staged", DEPOSIT, "paid_too_late")
    ]


def pay_late(deposit: Deposit, *, at: Any) -> None:
    from payments.gateways import sandbox

    body, signature = sandbox.pay(payment=payment_of(deposit), outcome="paid", at=at)
    assert webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)


def test_a_paid_payment_never_becomes_anything_else() -> None:
    payment = payment_of(paid())
    for state in ("open", "closed", "staged"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(state=state, paid_at=None)


def test_a_new_deposit_takes_the_place_of_the_current_one() -> None:
    first = paid()
    second = Deposit.objects.create(
        appointment=first.appointment, currency="EUR", asked=1000, current=False, created_at=now()
    )
    checkout.make_current(deposit=second, at=now())
    assert list(Deposit.objects.filter(current=True)) == [second]


def test_paying_at_the_sandbox_fills_the_ledger() -> None:
    deposit = held()
    pay_at_gateway(deposit, at=now())
    assert ledger.amounts(deposit.appointment) == {
        "held": DEPOSIT,
        "applied": 0,
        "refunded": 0,
        "forfeited": 0,
        "carried": 0,
        "disputed": 0,
    }
