"""A worker or a web process dies at any step of stage, call, settle: nothing is lost, nothing happens twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from booking.actors import SYSTEM
from config import invariants
from payments import checkout, refunds, settlements, webhooks
from payments.models import Deposit, LedgerEntry, Payment, StripeEvent
from tests.fakes.stripe_server import StripeServer
from tests.payments import many
from tests.payments.killing import deaths
from tests.payments.money import DEPOSIT, HOUR, MINUTE, buckets, fresh, held, now, payment_of, status
from tests.payments.test_settlements import plan

pytestmark = pytest.mark.django_db(transaction=True)


class Case:
    """A deposit of its own for each death, and what the others saw."""

    def __init__(self, stripe: StripeServer) -> None:
        self.stripe, self.first = stripe, held().appointment
        self.deposits: dict[int, Deposit] = {}

    def asked(self, number: int) -> Deposit:
        self.deposits[number] = many.asked(self.first, number, at=now())
        return self.deposits[number]

    def paid(self, number: int) -> Deposit:
        deposit = self.asked(number)
        checkout.open_session(deposit=deposit, at=now())
        self.stripe.pay(str(payment_of(deposit).session_id))
        webhooks.apply_due(at=now())
        return fresh(deposit)

    def sessions(self, deposit: Deposit) -> list[dict[str, Any]]:
        """Those that the gateway made for a deposit."""
        uids = {str(payment.uid) for payment in deposit.payments.all()}
        return [one for one in self.stripe.memory.sessions.values() if one["metadata"]["payment"] in uids]

    def refunds(self, deposit: Deposit) -> list[dict[str, Any]]:
        intent = payment_of(deposit).intent_id
        return [one for one in self.stripe.memory.refunds.values() if one["payment_intent"] == intent]


@pytest.fixture
def case(stripe: StripeServer) -> Case:
    return Case(stripe)


def survive(act: Callable[[int], Callable[[], Any]], check: Callable[[int], None]) -> int:
    """Dies at every step, checks after each, and at the end the whole database. Returns the steps."""
    last = 0
    for last in deaths(act):
        check(last)
    wrong = [one.invariant.name for one in invariants.verify(connection) if one.count]
    assert wrong == []
    return last


def test_the_opening_of_a_pay_page(case: Case) -> None:
    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        return lambda: checkout.open_session(deposit=deposit, at=now())

    def check(number: int) -> None:
        deposit = case.deposits[number]
        url = checkout.open_session(deposit=deposit, at=now())  # the client presses the button again
        (session,) = case.sessions(deposit)
        assert url == session["url"]
        case.stripe.pay(session["id"])
        webhooks.apply_due(at=now())
        assert (status(deposit), buckets(deposit)) == ("confirmed", {"held": DEPOSIT})

    assert survive(act, check) >= 6


def test_a_webhook_that_comes_in(case: Case) -> None:
    bodies: dict[int, tuple[bytes, str]] = {}

    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        checkout.open_session(deposit=deposit, at=now())
        case.stripe.webhooks, door = None, case.stripe.webhooks
        body = json.dumps(case.stripe.pay(str(payment_of(deposit).session_id))).encode()
        case.stripe.webhooks = door
        bodies[number] = body, case.stripe.sign(body)
        return lambda: webhooks.receive(body=body, signature=bodies[number][1], at=now())

    def check(number: int) -> None:
        body, signature = bodies[number]
        event_id = webhooks.receive(body=body, signature=signature, at=now())  # unanswered, it comes again
        assert StripeEvent.objects.filter(event_id=event_id).count() == 1
        webhooks.apply_due(at=now())
        assert buckets(case.deposits[number]) == {"held": DEPOSIT}

    survive(act, check)


def test_a_webhook_that_is_applied(case: Case) -> None:
    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        checkout.open_session(deposit=deposit, at=now())
        case.stripe.pay(str(payment_of(deposit).session_id))
        return lambda: webhooks.apply_due(at=now())

    def check(number: int) -> None:
        deposit = case.deposits[number]
        webhooks.apply_due(at=now() + 2 * MINUTE)  # its lease is over
        assert (status(deposit), buckets(deposit)) == ("confirmed", {"held": DEPOSIT})
        assert LedgerEntry.objects.filter(deposit=deposit).count() == 1
        assert deposit.appointment.messages.filter(kind="confirmed", to="client").count() == 1

    assert survive(act, check) >= 6


def test_a_refund_that_is_sent(case: Case) -> None:
    def act(number: int) -> Callable[[], Any]:
        deposit = case.paid(number)
        with transaction.atomic():
            refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now())
        return lambda: refunds.send_due(at=now())

    def check(number: int) -> None:
        deposit = case.deposits[number]
        refunds.send_due(at=now() + 10 * MINUTE)  # its lease is over
        (there,) = case.refunds(deposit)
        (here,) = deposit.refunds.all()
        assert (there["amount"], here.state, here.gateway_id) == (1000, "done", there["id"])
        assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}

    assert survive(act, check) >= 6


def test_a_pay_page_that_is_ended(case: Case) -> None:
    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        checkout.open_session(deposit=deposit, at=now())
        checkout.ask_to_close(deposit=deposit, at=now())
        return lambda: checkout.close_due(at=now())

    def check(number: int) -> None:
        deposit = case.deposits[number]
        checkout.close_due(at=now() + HOUR)
        (session,) = case.sessions(deposit)
        assert (session["status"], payment_of(deposit).state) == ("expired", "closed")

    survive(act, check)


def test_a_settlement(case: Case) -> None:
    def act(number: int) -> Callable[[], Any]:
        settlement = plan(case.paid(number), forfeit=1000, fee=500, due_at=now())
        return lambda: settlements.settle_due(at=settlement.due_at)

    def check(number: int) -> None:
        deposit = case.deposits[number]
        settlements.settle_due(at=now() + HOUR)
        assert buckets(deposit) == {"held": DEPOSIT - 1000, "forfeited": 1000}
        assert deposit.appointment.charges.get().owed == 500
        settlement = deposit.settlements.get()
        assert sorted(settlement.decisions.values_list("what", flat=True)) == ["planned", "settled"]

    survive(act, check)


def test_the_control_a_payment_without_a_key_is_asked_for_twice(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case.stripe.memory, "keys", NoMemory())

    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        return lambda: checkout.open_session(deposit=deposit, at=now())

    made = []
    for number in deaths(act):
        checkout.open_session(deposit=case.deposits[number], at=now())
        made.append(len(case.sessions(case.deposits[number])))
    assert max(made) == 2
    assert Payment.objects.filter(state="open").count() == len(made)


class NoMemory(dict[str, Any]):
    """A gateway that forgets every key at once."""

    def __setitem__(self, key: str, value: Any) -> None:
        pass
