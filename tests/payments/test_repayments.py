"""Staff give money back: once per decision, above a limit with a second member, never more than there is (F-56)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from booking import lifecycle, sweeping
from booking.actors import SYSTEM, Actor, provider
from booking.lifecycle import NotAllowed, OwnRepayment
from booking.lifecycle.judgement import TooMuch
from booking.models import Membership, Provider
from config import guards, invariants
from payments import credits, reconcile, refunds, webhooks
from payments.models import Charge, Deposit, Payment, Refund, Repayment
from tests.booking import stories
from tests.booking.dashboard.people import member
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DEPOSIT, MINUTE, buckets, fresh, now, paid, payment_of
from tests.payments.test_races import race
from tests.payments.test_refunds import by_stripe

pytestmark = pytest.mark.django_db


def provider_of(deposit: Deposit) -> Provider:
    return deposit.appointment.provider


def desk_member(deposit: Deposit, limit: int | None, email: str = "sam@example.org") -> Actor:
    user = member(provider_of(deposit), "refunds", email)
    Membership.objects.filter(user=user).update(refund_limit=limit)
    return provider(user)


def give(deposit: Deposit, amount: int, by: Actor = SYSTEM, **over: Any) -> Repayment:
    asked: dict[str, Any] = {
        "whole": deposit,
        "amount": amount,
        "reason": "We ended early",
        "by": by,
        "at": now(),
    }
    return lifecycle.give_back(**asked | over)


def messages(deposit: Deposit, kind: str, to: str = "client") -> list[Any]:
    return list(deposit.appointment.messages.filter(kind=kind, to=to).exclude(state="dropped"))


def lines(deposit: Deposit, kind: str) -> list[Any]:
    return list(deposit.appointment.timeline.filter(kind=kind))


def sound() -> None:
    assert [one for one in invariants.verify(connection) if one.count] == []


# --- A limit, and a second member ---


def test_up_to_the_limit_it_goes_at_once_and_a_cent_above_waits() -> None:
    deposit = paid()
    sam = desk_member(deposit, 1000)
    assert give(deposit, 1000, sam).state == "given"
    over = give(deposit, 1, sam)
    assert over.state == "asked"
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}
    sound()


def test_many_small_ones_are_no_way_round_the_limit() -> None:
    deposit = paid()
    sam = desk_member(deposit, 1000)
    assert [give(deposit, 400, sam).state for _ in range(3)] == ["given", "given", "asked"]


def test_what_waits_moves_nothing_and_says_nothing_to_the_client() -> None:
    deposit = paid()
    asked = give(deposit, DEPOSIT, desk_member(deposit, 0))
    assert (asked.state, buckets(deposit), messages(deposit, "refund")) == ("asked", {"held": DEPOSIT}, [])
    assert not Refund.objects.exists()
    assert messages(deposit, "refund_asked", "provider")


def test_a_second_member_approves_and_both_are_named() -> None:
    deposit = paid()
    sam, kim = desk_member(deposit, 0), desk_member(deposit, 0, "kim@example.org")
    asked = give(deposit, 1000, sam)
    lifecycle.approve_repayment(repayment=asked, by=kim, at=now())
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}
    [line] = lines(deposit, "refunded")
    assert (line.user, line.facts["asked_by"]) == (kim.user, str(sam.user))
    assert len(messages(deposit, "refund")) == 1
    sound()


def test_nobody_approves_what_they_asked_for() -> None:
    deposit = paid()
    sam = desk_member(deposit, 0)
    asked = give(deposit, 1000, sam)
    with pytest.raises(OwnRepayment):
        lifecycle.approve_repayment(repayment=asked, by=sam, at=now())
    assert buckets(deposit) == {"held": DEPOSIT}


def test_the_database_refuses_it_too_whoever_writes() -> None:
    deposit = paid()
    sam = desk_member(deposit, 0)
    asked = give(deposit, 1000, sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        Repayment.objects.filter(pk=asked.pk).update(state="given", decided_by=sam.user, decided_at=now())


def test_a_decision_is_made_once() -> None:
    deposit = paid()
    sam, kim = desk_member(deposit, 0), desk_member(deposit, 0, "kim@example.org")
    asked = give(deposit, 1000, sam)
    lifecycle.decline_repayment(repayment=asked, note="Not this one", by=kim, at=now())
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.note) == ("declined", kim.user, "Not this one")
    for act in (lifecycle.approve_repayment, lambda **a: lifecycle.decline_repayment(note="", **a)):
        with pytest.raises(NotAllowed):
            act(repayment=asked, by=kim, at=now())
    assert buckets(deposit) == {"held": DEPOSIT}


def test_whoever_asked_may_take_it_back() -> None:
    deposit = paid()
    sam = desk_member(deposit, 0)
    asked = give(deposit, 1000, sam)
    lifecycle.decline_repayment(repayment=asked, note="", by=sam, at=now())
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    sound()


def test_what_is_asked_for_cannot_be_asked_for_twice() -> None:
    deposit = paid()
    sam = desk_member(deposit, 0)
    give(deposit, 2000, sam)
    with pytest.raises(TooMuch):
        give(deposit, 1000, sam)


def test_an_approval_that_comes_too_late_moves_nothing() -> None:
    deposit = paid()
    sam, kim = desk_member(deposit, 0), desk_member(deposit, 0, "kim@example.org")
    asked = give(deposit, 2000, sam)
    refunds.give_back(deposit=deposit, amount=2000, reason="cancel", by=SYSTEM, at=now())
    with pytest.raises(TooMuch):
        lifecycle.approve_repayment(repayment=asked, by=kim, at=now())
    asked.refresh_from_db()
    assert (asked.state, buckets(deposit)) == ("asked", {"held": 700, "refunded": 2000})


# --- Which way ---


def test_as_a_credit_it_waits_without_an_end_and_the_client_can_use_it() -> None:
    deposit = paid()
    made = give(deposit, 1500, how="credit")
    credit = credits.find(appointment=deposit.appointment)
    assert credit == made.credit
    assert (credit.left, credit.expires_at, buckets(deposit)) == (1500, None, {"held": 1200, "carried": 1500})
    assert [one.facts["credit"]["amount"] for one in messages(deposit, "credited")] == [1500]
    assert not Refund.objects.exists()
    sound()


def test_by_hand_it_is_written_down_and_never_sent(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    made = give(deposit, 1500, how="hand", reference="transfer 12")
    assert refunds.send_due(at=now()) == 0
    [refund] = made.refunds.all()
    assert (refund.state, refund.origin, buckets(deposit)) == (
        "done",
        "hand",
        {"held": 1200, "refunded": 1500},
    )
    assert not stripe.asked("POST /v1/refunds")
    assert messages(deposit, "refund")[0].facts["by_hand"] is True
    assert [
        one.kind for one in reconcile.differences(at=now() + MINUTE) if one.kind.startswith("refund")
    ] == []
    sound()


def test_a_charge_that_was_paid_goes_back_too() -> None:
    deposit = paid()
    at = now()
    charge = Charge.objects.create(
        appointment=deposit.appointment, kind="balance", amount=5000, currency="EUR", created_at=at
    )
    payment = Payment.objects.create(
        charge=charge,
        gateway="sandbox",
        amount=5000,
        currency="EUR",
        created_at=at,
        sandbox_state="paid",
        intent_id="pi_charge",
        session_id="cs_charge",
    )
    lifecycle.charge_paid(payment=payment, intent_id="pi_charge", amount=5000, at=at)
    charge.refresh_from_db()
    give(charge, 2000)  # type: ignore[arg-type]
    sweeping.run(at=now())
    charge.refresh_from_db()
    assert (charge.applied, charge.refunded) == (3000, 2000)
    assert Refund.objects.get().state == "done"
    sound()


# --- Once ---


def test_the_same_form_gives_back_once() -> None:
    deposit = paid()
    key = uuid4()
    first, again = give(deposit, 1000, key=key), give(deposit, 1000, key=key)
    assert first == again
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_by_six_at_once_gives_back_once() -> None:
    deposit = paid()
    key = uuid4()
    results = race(lambda _: give(fresh(deposit), 400, key=key))
    assert {type(one) for one in results} == {Repayment}
    assert buckets(deposit) == {"held": DEPOSIT - 400, "refunded": 400}


@pytest.mark.django_db(transaction=True)
def test_two_staff_at_once_never_give_back_more_than_there_is() -> None:
    deposit = paid()
    results = race(lambda _: give(fresh(deposit), 1000))
    assert sorted(type(one).__name__ for one in results) == ["Repayment"] * 2 + ["TooMuch"] * 4
    assert buckets(deposit) == {"held": 700, "refunded": 2000}
    sound()


@pytest.mark.django_db(transaction=True)
def test_an_approval_pressed_by_six_at_once_moves_the_money_once() -> None:
    deposit = paid()
    asked = give(deposit, 400, desk_member(deposit, 0))
    others = [desk_member(deposit, 0, f"kim{n}@example.org") for n in range(6)]
    results = race(lambda n: lifecycle.approve_repayment(repayment=asked, by=others[n], at=now()))
    assert sorted(type(one).__name__ for one in results) == ["NotAllowed"] * 5 + ["Repayment"]
    assert buckets(deposit) == {"held": DEPOSIT - 400, "refunded": 400}


def test_without_the_guards_a_decision_could_be_rewritten() -> None:
    deposit = paid()
    made = give(deposit, 400)
    with pytest.raises(IntegrityError), transaction.atomic():
        Repayment.objects.filter(pk=made.pk).update(amount=1)
    guards.drop(connection)
    try:
        assert Repayment.objects.filter(pk=made.pk).update(amount=1) == 1
        assert [
            one.invariant.name
            for one in invariants.verify(connection)
            if one.count and not one.invariant.name.startswith("guards")
        ]
    finally:
        Repayment.objects.filter(pk=made.pk).update(amount=400)
        guards.install(connection)


# --- What failed, and what was made elsewhere ---


def failed(stripe: StripeServer) -> tuple[Deposit, Refund]:
    deposit = by_stripe(stripe)
    [refund] = give(deposit, 1000).refunds.all()
    refunds.send_due(at=now())
    refund.refresh_from_db()
    stripe.settle_refund(str(refund.gateway_id), "failed", "expired_or_canceled_card")
    webhooks.apply_due(at=now() + 3 * MINUTE)
    refund.refresh_from_db()
    return deposit, refund


def test_a_refund_that_fails_days_later_puts_the_money_back_and_both_hear_the_truth(
    stripe: StripeServer,
) -> None:
    deposit, refund = failed(stripe)
    assert (refund.state, buckets(deposit)) == ("failed", {"held": DEPOSIT})
    assert len(messages(deposit, "refund_failed")) == len(messages(deposit, "refund_failed", "provider")) == 1
    assert messages(deposit, "refund") == []  # it had not left yet, and will not
    sound()


@pytest.mark.parametrize("how", ["card", "hand", "credit"])
def test_what_failed_is_made_good_once(stripe: StripeServer, how: str) -> None:
    deposit, refund = failed(stripe)
    give(deposit, 1000, how=how, retries=refund)
    with pytest.raises(Exception, match="made good"):
        give(deposit, 1000, how=how, retries=refund)
    left = "carried" if how == "credit" else "refunded"
    assert buckets(deposit) == {"held": DEPOSIT - 1000, left: 1000}
    sound()


@pytest.mark.parametrize("tells", ["refund.created", "charge.refunded"])
def test_a_refund_made_in_stripes_own_dashboard_is_written_down(stripe: StripeServer, tells: str) -> None:
    deposit = by_stripe(stripe)
    intent = str(payment_of(deposit).intent_id)
    make = stripe.refund_by_hand if tells == "refund.created" else stripe.foreign_refund
    make(intent, 500)
    webhooks.apply_due(at=now())
    make(intent, 700)
    webhooks.apply_due(at=now())
    assert [(one.amount, one.state, one.origin) for one in Refund.objects.order_by("pk")] == [
        (500, "done", "gateway"),
        (700, "done", "gateway"),
    ]
    assert buckets(deposit) == {"held": DEPOSIT - 1200, "refunded": 1200}
    assert len(messages(deposit, "refund")) == 2
    sound()


def test_one_that_fails_there_comes_back_here(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    made = stripe.refund_by_hand(str(payment_of(deposit).intent_id), 500)["data"]["object"]
    webhooks.apply_due(at=now())
    stripe.settle_refund(made["id"], "failed", "unknown")
    webhooks.apply_due(at=now())
    assert buckets(deposit) == {"held": DEPOSIT}


def test_one_made_there_while_ours_is_under_way_ends_right(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    give(deposit, DEPOSIT)
    stripe.refund_by_hand(str(payment_of(deposit).intent_id), DEPOSIT)
    webhooks.apply_due(at=now())
    assert Refund.objects.count() == 1  # there is no room for it before ours has failed
    refunds.send_due(at=now(), failed=lifecycle.refund_failed)
    webhooks.apply_due(at=now() + 3 * MINUTE)
    assert sorted(Refund.objects.values_list("origin", "state")) == [("gateway", "done"), ("ours", "failed")]
    assert buckets(deposit) == {"refunded": DEPOSIT}
    sound()


def test_one_made_there_of_a_credit_takes_the_credit(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    stories.cancel(deposit.appointment, at=now() + 2 * stories.HOUR)
    stripe.refund_by_hand(str(payment_of(deposit).intent_id), DEPOSIT)
    webhooks.apply_due(at=now() + 3 * stories.HOUR)
    assert buckets(deposit) == {"refunded": DEPOSIT}
    assert deposit.carried_as.get().left == 0
    sound()


def test_our_own_refund_told_before_its_answer_is_not_written_down_twice(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    give(deposit, 500)
    stripe.drop("POST /v1/refunds")
    refunds.send_due(at=now())
    [there] = stripe.memory.refunds.values()
    stripe.send("refund.created", there)
    webhooks.apply_due(at=now())
    assert Refund.objects.get().state == "done"
    assert buckets(deposit) == {"held": DEPOSIT - 500, "refunded": 500}
