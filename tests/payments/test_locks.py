"""Two things at once that must not both happen to the same money: one wins, on either database. Each has its
negative control: without the locks both would happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from booking import lifecycle
from booking.actors import SYSTEM
from booking.lifecycle import repaying
from config import guards, invariants
from payments import charges, checkout, ledger, settlements, webhooks
from payments.models import Charge, Deposit, LedgerEntry
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, DEPOSIT, buckets, fresh, now, paid
from tests.payments.test_cards import kept, settled
from tests.payments.test_owed import FEE, amounts, fee
from tests.payments.test_races import RACERS, kinds, race
from tests.payments.test_refunds import by_stripe
from tests.payments.test_repayments import desk_member, give
from tests.payments.test_settlements import plan
from tests.payments.unlocked import Unlocked, unlocked

__all__ = ["unlocked"]

pytestmark = pytest.mark.django_db(transaction=True)
Unlocking = Callable[[], Unlocked]


def sound() -> None:
    assert [one.invariant.name for one in invariants.verify(connection) if one.count] == []


# --- One settlement, many workers ---


def test_a_settlement_moves_its_money_once_whoever_comes() -> None:
    deposit = paid()
    plan(deposit, forfeit=1000)
    race(lambda _: settlements.settle_due(at=now() + 2 * DAY))
    assert buckets(deposit) == {"held": 1700, "forfeited": 1000}
    sound()


def test_without_the_locks_a_settlement_moves_it_again(unlocked: Unlocking) -> None:
    deposit = paid()
    plan(deposit, forfeit=1000)
    unlocked().wait_before(settlements, "_forfeit", racers=RACERS)
    race(lambda _: settlements.settle_due(at=now() + 2 * DAY))
    assert buckets(deposit)["forfeited"] > 1000


# --- A refund and a settlement of the same deposit ---


def refund_or_settle(deposit: Deposit, *, racers: int = RACERS) -> list[Any]:
    def act(number: int) -> Any:
        if number % 2:
            return settlements.settle_due(at=now() + 2 * DAY)
        return lifecycle.refund(
            deposit=fresh(deposit), amount=1500, reason="We ended early", by=SYSTEM, at=now()
        )

    return race(act, racers=racers)


def test_a_refund_and_a_settlement_at_once_share_what_there_is() -> None:
    deposit = paid()
    plan(deposit, forfeit=DEPOSIT)
    results = refund_or_settle(deposit)
    assert kinds(results) == {"list": 4, "TooMuch": 2}
    assert buckets(deposit) == {"forfeited": DEPOSIT - 1500, "refunded": 1500}
    sound()


def out_of(deposit: Deposit) -> int:
    """What the ledger says has left the bucket of what is held."""
    entries = LedgerEntry.objects.filter(deposit=deposit, source="held")
    return int(entries.aggregate(sum=Sum("amount", default=0))["sum"])


def test_without_the_locks_the_database_refuses_the_second_of_them(unlocked: Unlocking) -> None:
    deposit = paid()
    plan(deposit, forfeit=DEPOSIT)
    unlocked().wait_before(ledger, "post", racers=2)
    refund_or_settle(deposit, racers=2)
    assert sum(buckets(deposit).values()) == DEPOSIT
    assert out_of(deposit) <= DEPOSIT


def test_without_the_locks_and_the_guards_more_leaves_than_there_is(unlocked: Unlocking) -> None:
    deposit = paid()
    plan(deposit, forfeit=DEPOSIT)
    guards.drop(connection)
    try:
        unlocked().wait_before(ledger, "post", racers=2)
        refund_or_settle(deposit, racers=2)
        assert out_of(deposit) > DEPOSIT
    finally:
        guards.install(connection)


# --- One refund, many members ---


def approved_by_all() -> Deposit:
    deposit = paid()
    asked = give(deposit, 400, desk_member(deposit, 0))
    others = [desk_member(deposit, 0, f"kim{n}@example.org") for n in range(RACERS)]
    race(lambda n: lifecycle.approve_repayment(repayment=asked, by=others[n], at=now()))
    return deposit


def test_without_the_locks_an_approval_by_many_gives_back_many_times(unlocked: Unlocking) -> None:
    unlocked().wait_before(repaying, "_give", racers=RACERS)
    assert buckets(approved_by_all())["refunded"] > 400


# --- The pay link of something owed, pressed by many ---


def pages(stripe: StripeServer) -> list[dict[str, Any]]:
    """Pages on which the fee can be paid."""
    return [one for one in stripe.memory.sessions.values() if one["amount_total"] == FEE]


def test_a_pay_link_pressed_by_many_opens_one_page(stripe: StripeServer) -> None:
    charge = fee(by_stripe(stripe))
    urls = race(lambda _: checkout.open_session(charge=charge, at=now()))
    assert len(set(urls)) == 1
    assert len(pages(stripe)) == charge.payments.count() == 1


def test_without_the_locks_each_would_open_a_page_of_its_own(
    stripe: StripeServer, unlocked: Unlocking
) -> None:
    charge = fee(by_stripe(stripe))
    unlocked().wait_before(checkout, "_stage", racers=RACERS)
    race(lambda _: checkout.open_session(charge=charge, at=now()))
    assert len(pages(stripe)) == RACERS


# --- The card on file, and the link, for the same fee ---


def card_or_link(stripe: StripeServer, charge: Charge) -> list[Any]:
    """Workers charge the card while the client presses the link, and pays whatever page opens."""

    def act(number: int) -> Any:
        if number % 2:
            return lifecycle.charge_cards(at=now())
        return checkout.open_session(charge=charge, at=now())

    results = race(act)
    for session in [one for one in stripe.memory.sessions.values() if one["status"] == "open"]:
        stripe.pay(session["id"])
    webhooks.apply_due(at=now())
    return results


def taken(stripe: StripeServer) -> list[int]:
    """What the gateway took for the fee, by whatever way."""
    return [one["amount"] for one in stripe.memory.charges.values() if one["amount"] == FEE]


def test_a_fee_is_paid_with_the_card_or_through_the_link_and_never_both(stripe: StripeServer) -> None:
    charge = settled(kept(stripe), FEE)
    results = card_or_link(stripe, charge)
    assert kinds(results) == {"int": 3, "NothingToPay": 3}
    assert taken(stripe) == [FEE]
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    sound()


def test_where_the_bank_says_no_the_link_takes_it_once(stripe: StripeServer) -> None:
    charge = settled(kept(stripe), FEE)
    stripe.cards_are = "card_declined"
    card_or_link(stripe, charge)
    card_or_link(stripe, charge)  # who pressed too early presses again
    assert taken(stripe) == [FEE]
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    sound()


def test_a_link_that_did_not_wait_for_the_card_would_take_it_twice(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = settled(kept(stripe), FEE)
    monkeypatch.setattr(charges, "with_card", lambda **_: False)
    checkout.open_session(charge=charge, at=now())
    card_or_link(stripe, charge)
    assert taken(stripe) == [FEE, FEE]
    assert amounts(charge)[-1] == FEE  # and gives back what came twice
