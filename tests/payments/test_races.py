"""Several at once: nothing refunded, recorded, used or settled twice, on either database. Each race has a
negative control: with the guards dropped it goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from booking.actors import SYSTEM
from config import guards
from payments import checkout, credits, refunds, settlements, webhooks
from payments.models import Credit, Deposit, LedgerEntry, Payment, Refund
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, DEPOSIT, buckets, fresh, held, now, paid, payment_of, status
from tests.payments.test_checkout import credit_of, other
from tests.payments.test_refunds import by_stripe
from tests.payments.test_settlements import plan

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 6


def race(act: Callable[[int], Any], *, racers: int = RACERS) -> list[Any]:
    """Does ``act`` in so many threads at one time; returns what each got, an exception included."""
    line = threading.Barrier(racers)
    results: list[Any] = [None] * racers

    def run(number: int) -> None:
        try:
            line.wait(60)
            results[number] = act(number)
        except Exception as error:  # noqa: BLE001, what a racer got is for the test to judge
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in results)


def give_back(deposit: Deposit, amount: int) -> list[Refund]:
    with transaction.atomic():
        mine = Deposit.objects.get(pk=deposit.pk)
        return refunds.give_back(deposit=mine, amount=amount, reason="staff", by=SYSTEM, at=now())


def test_refunds_that_race_never_give_back_more_than_was_paid() -> None:
    deposit = paid()
    results = race(lambda _: give_back(deposit, 1000))
    assert kinds(results) == {"list": 2, "RefundTooLarge": RACERS - 2}
    assert buckets(deposit) == {"held": 700, "refunded": 2000}
    assert payment_of(deposit).refunded == 2000


def test_without_the_guards_the_same_race_refunds_too_much() -> None:
    deposit = paid()
    guards.drop(connection)
    try:
        race(lambda _: give_back(deposit, 1000))
        assert sum(refund.amount for refund in Refund.objects.all()) > DEPOSIT
    finally:
        guards.install(connection)


def test_refunds_staged_past_every_check_of_ours_still_meet_the_database() -> None:
    deposit = paid()
    payment = payment_of(deposit)

    def stage(_number: int) -> Refund:
        facts = {"amount": 1000, "currency": "EUR", "reason": "staff", "by": "system", "source": "held"}
        return Refund.objects.create(
            deposit=deposit, payment=payment, due_at=now(), created_at=now(), **facts
        )

    results = race(stage)
    assert kinds(results) == {"Refund": 2, IntegrityError.__name__: RACERS - 2}


def test_workers_that_race_send_each_refund_once(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    for amount in (100, 200, 300):
        give_back(deposit, amount)
    results = race(lambda _: refunds.send_due(at=now()))
    assert sum(results) == 3
    assert len(stripe.asked("POST /v1/refunds")) == 3
    assert set(Refund.objects.values_list("state", flat=True)) == {"done"}


def test_one_payment_told_by_many_workers_at_once_is_recorded_once(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    session = str(payment_of(deposit).session_id)
    stripe.pay(session)
    for _again in range(3):
        stripe.send("checkout.session.completed", stripe.memory.sessions[session])
    race(lambda _: webhooks.apply_due(at=now()))
    assert buckets(deposit) == {"held": DEPOSIT}
    assert LedgerEntry.objects.count() == 1
    assert status(deposit) == "confirmed"


def test_one_event_that_comes_many_times_at_once_is_kept_once(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    event = stripe.pay(str(payment_of(deposit).session_id))
    results = race(lambda _: stripe.deliver(event))
    assert kinds(results) == {"NoneType": RACERS}
    assert webhooks.apply_due(at=now()) == 1


def test_clients_that_race_to_the_pay_page_get_one_session(stripe: StripeServer) -> None:
    deposit = held()
    urls = race(lambda _: checkout.open_session(deposit=deposit, at=now()))
    assert len(set(urls)) == 1
    assert len(stripe.memory.sessions) == 1
    assert Payment.objects.count() == 1


def test_workers_that_race_settle_once() -> None:
    deposit = paid()
    plan(deposit, forfeit=1000, fee=500)
    results = race(lambda _: settlements.settle_due(at=now() + 2 * DAY))
    assert sorted(map(len, results)) == [0] * (RACERS - 1) + [1]
    assert buckets(deposit) == {"held": 1700, "forfeited": 1000}


def test_workers_that_race_end_a_credit_once() -> None:
    deposit = paid()
    credit_of(deposit, 2000)
    results = race(lambda _: credits.end_due(at=now() + 61 * DAY))
    assert sorted(map(len, results)) == [0] * (RACERS - 1) + [1]
    assert buckets(deposit) == {"held": 700, "forfeited": 2000}


def test_a_credit_that_is_used_by_many_at_once_gives_no_more_than_it_has() -> None:
    credit = credit_of(paid(), 2000)

    def use(_number: int) -> int:
        with transaction.atomic():
            return credits.use(credit=Credit.objects.get(pk=credit.pk), amount=700)

    assert sorted(race(use)) == [0, 0, 0, 600, 700, 700]


def test_a_refund_and_its_failure_told_at_once_put_the_money_back_once() -> None:
    deposit = paid()
    [refund] = give_back(deposit, 1000)

    def fail(_number: int) -> bool:
        with transaction.atomic():
            mine = Refund.objects.get(pk=refund.pk)
            return refunds.record_result(refund=mine, state="failed", failure="lost", at=now())

    assert sorted(race(fail)) == [False] * (RACERS - 1) + [True]
    assert buckets(deposit) == {"held": DEPOSIT}


def test_giving_back_along_a_credit_and_from_its_source_at_once_adds_up() -> None:
    first = paid()
    with transaction.atomic():
        credit = credit_of(first, 2000)
        second = checkout.ask(appointment=other(first), amount=2000, at=now(), credit=credit)
    targets = [(first, 700), (second, 2000)]
    results = race(lambda number: give_back(*targets[number % 2]))
    assert kinds(results) == {"list": 2, "RefundTooLarge": RACERS - 2}
    assert payment_of(first).refunded == DEPOSIT
    assert buckets(fresh(second)) == {"refunded": 2000}
