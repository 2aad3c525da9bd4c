"""Histories of money at random: whatever is done in whatever order, every invariant holds (rule 10)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from booking.actors import SYSTEM
from config.refusal import Refusal
from payments import checkout, credits, refunds, settlements, webhooks
from payments.invariants import INVARIANTS
from payments.models import Credit, Deposit, Payment, Refund, Settlement
from tests.fakes.stripe_server import StripeServer
from tests.payments import many
from tests.payments.money import DAY, HOUR, held, now, payment_of
from tests.payments.test_checkout import credit_of

pytestmark = pytest.mark.django_db
HISTORIES, STEPS = many.size("SOAK_LIVES", 12), 25


class History:
    """One client's money at the fake Stripe, a step at a time."""

    def __init__(self, stripe: StripeServer, seed: int) -> None:
        self.stripe, self.dice = stripe, random.Random(seed)
        self.at: datetime = now()
        self.first = held(at=self.at)

    def deposit(self) -> Deposit:
        return self.dice.choice(list(Deposit.objects.order_by("pk")))

    def amount(self, most: int) -> int:
        return self.dice.randint(1, max(most, 1))

    def pay(self) -> None:
        for deposit in Deposit.objects.exclude(payments=None):
            if not deposit.is_paid and payment_of(deposit).close_due_at is None:
                checkout.open_session(deposit=deposit, at=now())
                self.stripe.pay(str(payment_of(deposit).session_id))

    def rebook(self) -> None:
        credit = Credit.objects.filter(ended_at=None).order_by("pk").last()
        if credit:
            Deposit.objects.update(current=False)
            appointment, amount = self.first.appointment, self.amount(2700) + 50
            checkout.ask(appointment=appointment, amount=amount, at=self.at, credit=credit)

    def carry(self) -> None:
        deposit = self.deposit()
        if deposit.held:
            credit = credit_of(deposit, self.amount(deposit.held))
            Credit.objects.filter(pk=credit.pk).update(unused=self.dice.choice(["forfeit", "refund"]))

    def put_back(self) -> None:
        credits.put_back(deposit=self.deposit(), at=self.at)

    def end(self) -> None:
        if credit := Credit.objects.order_by("pk").last():
            credits.end(credit=credit, at=self.at)

    def give_back(self) -> None:
        deposit = self.deposit()
        sources = self.dice.sample(["held", "forfeited", "applied"], 2)
        refunds.give_back(
            deposit=deposit,
            amount=self.amount(deposit.paid),
            reason="staff",
            by=SYSTEM,
            at=self.at,
            sources=sources,
        )

    def lose(self) -> None:
        deposit = self.deposit()
        if deposit.held and not Settlement.objects.filter(state="waiting").exists():
            settlements.plan(
                appointment=deposit.appointment,
                deposit=deposit,
                forfeit=self.amount(deposit.held),
                fee=self.dice.choice([0, 500]),
                cause="no_show",
                lapse=None,
                due_at=self.at,
                at=self.at,
            )
            settlements.settle_due(at=self.at)

    def fail(self) -> None:
        done = Refund.objects.filter(state="done", gateway_id__isnull=False)
        if refund := done.order_by("?").first():
            self.stripe.settle_refund(str(refund.gateway_id), "failed", "lost_or_stolen_card")

    def bad_day(self) -> None:
        address = self.dice.choice(["POST /v1/refunds", "POST /v1/checkout/sessions"])
        self.dice.choice([self.stripe.fail, self.stripe.drop])(address)

    def work(self) -> None:
        self.at += HOUR
        webhooks.apply_due(at=self.at)
        refunds.send_due(at=self.at)
        checkout.close_due(at=self.at)

    def steps(self) -> list[Callable[[], None]]:
        return [
            self.pay,
            self.rebook,
            self.carry,
            self.put_back,
            self.end,
            self.give_back,
            self.give_back,
            self.lose,
            self.fail,
            self.bad_day,
            self.work,
            self.work,
        ]


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_history_balances_to_the_minor_unit(stripe: StripeServer, seed: int) -> None:
    history = History(stripe, seed)
    history.pay()
    history.work()
    for _step in range(STEPS):
        try:
            history.dice.choice(history.steps())()
        except Refusal:
            continue
    history.at += DAY
    stripe.memory.faults.clear()
    for _round in range(3):
        history.work()
    broken = {one.name: rows for one in INVARIANTS if (rows := list(one.violations(connection)))}
    assert broken == {}
    assert not Refund.objects.filter(state="staged").exists()
    for payment in Payment.objects.filter(state="paid"):
        given = [one for one in stripe.memory.refunds.values() if one["payment_intent"] == payment.intent_id]
        assert payment.refunded == sum(one["amount"] for one in given if one["status"] == "succeeded")
