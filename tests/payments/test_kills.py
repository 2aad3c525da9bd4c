"""A worker or a web process dies at any step of stage, call, settle: nothing is lost, nothing happens twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from booking import lifecycle
from booking.actors import SYSTEM, Actor
from booking.models import User
from config import invariants
from payments import cards, checkout, disputes, refunds, settlements, webhooks
from payments.models import Charge, Deposit, Dispute, LedgerEntry, StripeEvent
from tests.fakes.stripe_server import StripeServer
from tests.payments import many
from tests.payments.killing import deaths
from tests.payments.money import DAY, DEPOSIT, HOUR, MINUTE, buckets, fresh, held, now, payment_of, status
from tests.payments.test_cards import FEE, settled
from tests.payments.test_settlements import plan

pytestmark = pytest.mark.django_db(transaction=True)


class Case:
    """A deposit of its own for each death, and what the others saw."""

    def __init__(self, stripe: StripeServer) -> None:
        self.stripe, self.first = stripe, held().appointment
        self.deposits: dict[int, Deposit] = {}
        self.charges: dict[int, Charge] = {}

    def asked(self, number: int) -> Deposit:
        self.deposits[number] = many.asked(self.first, number, at=now())
        return self.deposits[number]

    def paid(self, number: int) -> Deposit:
        deposit = self.asked(number)
        checkout.open_session(deposit=deposit, at=now())
        self.stripe.pay(str(payment_of(deposit).session_id))
        webhooks.apply_due(at=now())
        return fresh(deposit)

    def owing(self, number: int) -> None:
        """A fee that was settled and is to be charged to the card that paid the deposit."""
        appointment = self.asked(number).appointment
        card = cards.agree(appointment=appointment, text="Up to 90.00", language="en", most=9000, at=now())
        checkout.open_session(deposit=self.deposits[number], at=now())
        self.stripe.pay(str(payment_of(self.deposits[number]).session_id))
        webhooks.apply_due(at=now())
        self.charges[number] = settled(card, FEE)

    def charged(self, charge: Charge) -> list[dict[str, Any]]:
        """What the gateway took from the card."""
        uids = {str(payment.uid) for payment in charge.payments.all()}
        return [one for one in self.stripe.memory.charges.values() if one["metadata"]["payment"] in uids]

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

    assert survive(act, check) >= 4


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

    assert survive(act, check) >= 4


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

    assert survive(act, check) >= 4


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


@pytest.mark.parametrize("later", [10 * MINUTE, DAY], ids=["soon", "after_the_keys_are_forgotten"])
def test_a_fee_that_is_charged_to_the_card_on_file(case: Case, later: timedelta) -> None:
    def act(number: int) -> Callable[[], Any]:
        case.owing(number)
        return lambda: lifecycle.charge_cards(at=now())

    def check(number: int) -> None:
        charge = case.charges[number]
        if later == DAY:
            case.stripe.forget("keys")
        lifecycle.charge_cards(at=now() + later)  # its lease is over
        charge.refresh_from_db()
        assert (charge.state, charge.applied) == ("paid", FEE)
        assert [one["amount"] for one in case.charged(charge)] == [FEE]
        assert charge.payments.count() == 1
        assert charge.appointment.messages.filter(kind="card_charged").count() == 1

    assert survive(act, check) >= 4


def test_the_evidence_for_a_bank(case: Case) -> None:
    by = Actor("provider", User.objects.get(memberships__role="owner"))
    disputed: dict[int, Dispute] = {}

    def act(number: int) -> Callable[[], Any]:
        case.stripe.dispute(str(payment_of(case.paid(number)).intent_id))
        webhooks.apply_due(at=now())
        disputed[number] = Dispute.objects.latest("pk")
        evidence = {"customer_name": "Ada Moss"}
        lifecycle.answer_dispute(dispute=disputed[number], evidence=evidence, by=by, at=now())
        return lambda: disputes.send_due(at=now(), paper=lambda *_: b"%PDF-1.4")

    def check(number: int) -> None:
        dispute = disputed[number]
        disputes.send_due(at=now() + 10 * MINUTE, paper=lambda *_: b"%PDF-1.4")  # its lease is over
        dispute.refresh_from_db()
        there = case.stripe.memory.disputes[dispute.gateway_id]
        assert there["evidence_details"]["submission_count"] == 1
        assert there["evidence"]["service_documentation"] in case.stripe.memory.files
        assert (dispute.submitted_at is not None, dispute.failure) == (True, "")
        assert len(case.stripe.asked(f"POST /v1/disputes/{dispute.gateway_id}")) == 1

    assert survive(act, check) >= 5


def test_the_control_a_payment_without_a_key_is_asked_for_twice(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case.stripe.memory, "keys", NoMemory())

    def act(number: int) -> Callable[[], Any]:
        deposit = case.asked(number)
        return lambda: checkout.open_session(deposit=deposit, at=now())

    def sessions(number: int) -> int:
        checkout.open_session(deposit=case.deposits[number], at=now())
        return len(case.sessions(case.deposits[number]))

    assert any(sessions(number) == 2 for number in deaths(act))


def test_the_control_a_card_without_a_key_is_charged_twice(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case.stripe.memory, "keys", NoMemory())

    def act(number: int) -> Callable[[], Any]:
        case.owing(number)
        return lambda: lifecycle.charge_cards(at=now())

    def charges(number: int) -> int:
        lifecycle.charge_cards(at=now() + 10 * MINUTE)
        return len(case.charged(case.charges[number]))

    assert any(charges(number) == 2 for number in deaths(act))


class NoMemory(dict[str, Any]):
    """A gateway that forgets every key at once."""

    def __setitem__(self, key: str, value: Any) -> None:
        pass
