"""Refunds: staged with their ledger entries, sent with the key of their row, put back when they fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking.actors import SYSTEM
from payments import checkout, credits, ledger, refunds, webhooks
from payments.models import Deposit, Payment, Refund
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, DEPOSIT, HOUR, MINUTE, buckets, fresh, held, now, paid, payment_of
from tests.payments.test_checkout import credit_of, other

pytestmark = pytest.mark.django_db
CREATE = "POST /v1/refunds"
SECOND = timedelta(seconds=1)


def give_back(deposit: Deposit, amount: int, **over: Any) -> list[Refund]:
    asked: dict[str, Any] = {"reason": "staff", "by": SYSTEM, "at": now()}
    return refunds.give_back(deposit=deposit, amount=amount, **asked | over)


def by_stripe(stripe: StripeServer) -> Deposit:
    """A deposit that was paid at the fake Stripe."""
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    stripe.pay(str(payment_of(deposit).session_id))
    assert webhooks.apply_due(at=now()) == 1
    return fresh(deposit)


def state_of(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.state


# --- Staging ---


def test_what_goes_back_leaves_the_bucket_and_waits_to_be_sent(kicks: list[str]) -> None:
    deposit = paid()
    payment = payment_of(deposit)
    [refund] = give_back(deposit, 1000, note="sorry")
    assert (refund.state, refund.amount, refund.payment, refund.source, refund.note) == (
        "staged",
        1000,
        payment,
        "held",
        "sorry",
    )
    assert (deposit.held, deposit.refunded) == (DEPOSIT - 1000, 1000)
    payment.refresh_from_db()
    assert payment.refunded == 1000


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_asked_at_once_but_only_after_the_commit(kicks: list[str]) -> None:
    deposit = paid()
    kicks.clear()
    with transaction.atomic():
        give_back(deposit, 1000)
        assert kicks == []
    assert kicks == ["payments.tasks.send_refunds"]


def test_more_than_is_there_is_refused_and_nothing_has_moved() -> None:
    deposit = paid()
    with pytest.raises(refunds.RefundTooLarge) as refusal:
        give_back(deposit, DEPOSIT + 1)
    assert (refusal.value.code, refusal.value.status) == ("refund_too_large", 409)
    assert buckets(deposit) == {"held": DEPOSIT}
    assert not Refund.objects.exists()


def test_a_second_click_finds_nothing_left() -> None:
    deposit = paid()
    give_back(deposit, DEPOSIT)
    with pytest.raises(refunds.RefundTooLarge):
        give_back(deposit, DEPOSIT)
    assert Refund.objects.count() == 1


def test_nothing_is_given_back_of_nothing() -> None:
    assert give_back(paid(), 0) == []


def test_buckets_are_emptied_in_the_order_given() -> None:
    deposit = paid()
    ledger.post(
        deposit=deposit,
        source="held",
        target="forfeited",
        amount=1700,
        reason="no_show",
        by=SYSTEM,
        at=now(),
    )
    made = give_back(deposit, 1500, sources=("held", "forfeited"))
    assert [(refund.source, refund.amount) for refund in made] == [("held", 1000), ("forfeited", 500)]
    assert buckets(deposit) == {"forfeited": 1200, "refunded": 1500}


def test_a_bucket_that_is_not_named_is_not_touched() -> None:
    deposit = paid()
    ledger.post(
        deposit=deposit, source="held", target="applied", amount=DEPOSIT, reason="kept", by=SYSTEM, at=now()
    )
    with pytest.raises(refunds.RefundTooLarge):
        give_back(deposit, 1)


@pytest.mark.parametrize(
    ("currency", "amount", "fits"),
    [
        ("KWD", 1010, True),
        ("KWD", 1005, False),
        ("ISK", 1000, True),
        ("ISK", 1050, False),
        ("JPY", 1001, True),
    ],
)
def test_only_what_the_gateway_can_move_is_given_back(currency: str, amount: int, fits: bool) -> None:
    deposit = Deposit.objects.create(
        appointment=held().appointment, currency=currency, asked=9000, current=False, created_at=now()
    )
    payment = Payment.objects.create(
        deposit=deposit, gateway="sandbox", amount=9000, currency=currency, created_at=now()
    )
    checkout.record_paid(payment=payment, intent_id="pi_1", amount=9000, at=now())
    if fits:
        assert [refund.amount for refund in give_back(deposit, amount)] == [amount]
    else:
        with pytest.raises(refunds.NotInSteps):
            give_back(deposit, amount)


def test_money_that_came_by_credit_goes_back_to_the_card_behind_it() -> None:
    first = paid()
    second = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit_of(first, 2000))
    own = payment_of(second)
    checkout.record_paid(payment=own, intent_id="pi_own", amount=700, at=now())
    made = give_back(second, DEPOSIT)
    assert [(refund.payment, refund.amount) for refund in made] == [(own, 700), (payment_of(first), 2000)]
    assert buckets(second) == {"refunded": DEPOSIT}
    assert buckets(first) == {"held": 700, "carried": 2000}


def test_a_chain_of_credits_ends_at_the_first_card() -> None:
    first = paid()
    second = checkout.ask(appointment=other(first), amount=2000, at=now(), credit=credit_of(first, DEPOSIT))
    credit = credit_of(second, 2000)
    Deposit.objects.filter(pk=second.pk).update(current=False)
    third = checkout.ask(appointment=second.appointment, amount=1500, at=now(), credit=credit)
    [refund] = give_back(third, 1500)
    assert (refund.payment, refund.amount) == (payment_of(first), 1500)


def test_the_database_refuses_more_than_was_paid_whoever_writes() -> None:
    deposit = paid()
    give_back(deposit, DEPOSIT)
    [refund] = Refund.objects.all()
    refund.pk = None
    refund.uid = refunds.Refund._meta.get_field("uid").get_default()
    with pytest.raises(IntegrityError, match="refunds_within_payment"), transaction.atomic():
        refund.save(force_insert=True)


def test_a_refund_has_the_currency_of_its_payment() -> None:
    deposit = paid()
    [refund] = give_back(deposit, 1000)
    refund.pk, refund.currency = None, "USD"
    refund.uid = refunds.Refund._meta.get_field("uid").get_default()
    with pytest.raises(IntegrityError, match="refund_currency"), transaction.atomic():
        refund.save(force_insert=True)


# --- Sending ---


def test_a_refund_is_sent_with_the_key_and_the_name_of_its_row(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    assert refunds.send_due(at=now()) == 1
    assert state_of(refund) == "done"
    [(_address, params, key)] = stripe.asked(CREATE)
    assert key == f"refund:{refund.uid}"
    assert params["metadata"] == {"refund": str(refund.uid), "env": "http://testserver"}
    assert params["amount"] == "1000"
    assert refund.gateway_id in stripe.memory.refunds


def test_three_refunds_are_three_and_a_second_round_sends_nothing(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    for amount in (100, 200, 300):
        give_back(deposit, amount)
    assert refunds.send_due(at=now()) == 3
    assert refunds.send_due(at=now()) == 0
    assert sorted(one["amount"] for one in stripe.memory.refunds.values()) == [100, 200, 300]


def test_a_lost_reply_is_repeated_with_the_same_key_and_refunds_once(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    stripe.drop(CREATE)
    at = now()
    assert refunds.send_due(at=at) == 0
    assert state_of(refund) == "staged"
    assert refunds.send_due(at=at + 9 * SECOND) == 0
    assert refunds.send_due(at=at + 10 * SECOND) == 1
    assert state_of(refund) == "done"
    assert len(stripe.memory.refunds) == 1


def test_a_worker_that_died_before_the_call_is_found_after_its_lease(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    at = now()
    assert refunds._claim(at=at) == refund  # and dies
    assert refunds.send_due(at=at + 5 * MINUTE - SECOND) == 0
    assert refunds.send_due(at=at + 5 * MINUTE) == 1
    assert state_of(refund) == "done"


def test_a_worker_that_died_after_the_call_repeats_it_with_the_same_key(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    at = now()

    def die(**_: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(refunds, "record_result", die)
        with pytest.raises(KeyboardInterrupt):
            refunds.send_due(at=at)
    assert state_of(refund) == "staged"
    assert refunds.send_due(at=at + 5 * MINUTE) == 1
    assert state_of(refund) == "done"
    assert len(stripe.memory.refunds) == 1
    assert {key for _address, _params, key in stripe.asked(CREATE)} == {f"refund:{refund.uid}"}


def test_after_a_day_a_refund_is_looked_up_before_it_is_repeated(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    stripe.drop(CREATE)
    refunds.send_due(at=now())
    stripe.forget("keys")
    assert refunds.send_due(at=now() + DAY) == 1
    assert state_of(refund) == "done"
    assert len(stripe.memory.refunds) == 1
    assert len(stripe.asked(CREATE)) == 1


def test_after_a_day_a_refund_that_never_arrived_is_made(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    stripe.fail(CREATE)
    refunds.send_due(at=now())
    stripe.forget("keys")
    assert refunds.send_due(at=now() + DAY) == 1
    assert state_of(refund) == "done"
    assert len(stripe.memory.refunds) == 1


def test_a_refused_refund_puts_the_money_back_where_it_was(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    stripe.fail(CREATE, 400, "charge_not_refundable")
    told: list[Refund] = []

    def failed(*, refund: Refund, at: Any) -> None:
        told.append(refund)

    assert refunds.send_due(at=now(), failed=failed) == 1
    assert told == [refund]
    assert (state_of(refund), refund.failure) == ("failed", "charge_not_refundable")
    assert buckets(deposit) == {"held": DEPOSIT}
    assert payment_of(deposit).refunded == 0


def test_what_failed_can_be_given_back_anew(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    give_back(deposit, DEPOSIT)
    stripe.fail(CREATE, 402, "card_declined")
    refunds.send_due(at=now())
    [again] = give_back(fresh(deposit), DEPOSIT)
    refunds.send_due(at=now())
    assert state_of(again) == "done"
    assert buckets(deposit) == {"refunded": DEPOSIT}


def test_a_pending_refund_is_asked_after_until_it_is_done(stripe: StripeServer) -> None:
    stripe.refunds_are = "pending"
    deposit = by_stripe(stripe)
    [refund] = give_back(deposit, 1000)
    at = now()
    refunds.send_due(at=at)
    assert state_of(refund) == "pending"
    assert refunds.send_due(at=at) == 0
    stripe.webhooks = None
    stripe.settle_refund(str(refund.gateway_id), "succeeded")
    assert refunds.send_due(at=at + HOUR) == 1
    assert state_of(refund) == "done"
    assert len(stripe.asked(CREATE)) == 1


def test_one_refund_that_cannot_be_sent_holds_no_other_up(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    give_back(deposit, 100)
    [second] = give_back(deposit, 200)
    stripe.fail(CREATE)
    assert refunds.send_due(at=now()) == 1
    assert state_of(second) == "done"


@pytest.mark.django_db(transaction=True)
def test_refunds_are_never_sent_inside_a_transaction(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    with transaction.atomic():
        give_back(deposit, 100)
    with pytest.raises(RuntimeError), transaction.atomic():
        refunds.send_due(at=now())
    assert stripe.asked(CREATE) == []


# --- Results, in any order ---


def test_a_refund_that_fails_days_later_puts_the_money_back_and_tells() -> None:
    deposit = paid()
    [refund] = give_back(deposit, 1000)
    refunds.send_due(at=now())
    assert state_of(refund) == "done"
    told: list[Refund] = []

    def failed(*, refund: Refund, at: Any) -> None:
        told.append(refund)

    result: dict[str, Any] = {"refund": refund, "state": "failed", "failure": "lost_or_stolen_card"}
    assert refunds.record_result(**result, at=now() + 5 * DAY, failed=failed) is True
    assert refunds.record_result(**result, at=now() + 6 * DAY, failed=failed) is False
    assert told == [refund]
    assert buckets(deposit) == {"held": DEPOSIT}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ("done", "pending"),
        ("done", "done"),
        ("failed", "done"),
        ("failed", "pending"),
        ("pending", "pending"),
    ],
)
def test_older_news_changes_nothing(known: str, told: str) -> None:
    deposit = paid()
    [refund] = give_back(deposit, 1000)
    refunds.record_result(refund=refund, state=known, at=now())
    before = buckets(deposit)
    assert refunds.record_result(refund=refund, state=told, at=now()) is False
    assert state_of(refund) == known
    assert buckets(deposit) == before


def test_the_database_takes_no_step_back_and_no_other_amount() -> None:
    deposit = paid()
    [refund] = give_back(deposit, 1000)
    refunds.record_result(refund=refund, state="failed", at=now())
    for change in ({"state": "done"}, {"amount": 1}, {"currency": "USD"}):
        with pytest.raises(IntegrityError, match="refund_stays"), transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk)._raw_delete("default")


def test_the_end_of_a_credit_that_is_refunded_comes_out_of_the_carried_part() -> None:
    deposit = paid()
    credit = credit_of(deposit, 2000)
    credit.unused = "refund"
    credit.save()
    assert credits.end(credit=credit, at=now()) == 2000
    assert buckets(deposit) == {"held": 700, "refunded": 2000}
