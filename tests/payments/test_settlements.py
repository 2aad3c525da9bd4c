"""Settlements: money that the client loses waits, can be changed meanwhile, and moves once (rule 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from booking.actors import SYSTEM, Actor
from config import guards
from payments import charges, refunds, settlements
from payments.models import Charge, Deposit, Settlement
from tests.payments.money import DAY, DEPOSIT, buckets, fresh, now, paid

pytestmark = pytest.mark.django_db


def plan(deposit: Deposit, *, forfeit: int = DEPOSIT, fee: int = 0, **over: Any) -> Settlement:
    asked: dict[str, Any] = {"cause": "no_show", "lapse": None, "due_at": now() + DAY, "at": now()}
    made = settlements.plan(
        appointment=deposit.appointment, deposit=deposit, forfeit=forfeit, fee=fee, **asked | over
    )
    assert made
    return made


def test_nothing_to_lose_is_no_settlement() -> None:
    deposit = paid()
    assert (
        settlements.plan(
            appointment=deposit.appointment,
            deposit=deposit,
            forfeit=0,
            fee=0,
            cause="cancel",
            lapse=None,
            due_at=now(),
            at=now(),
        )
        is None
    )


def test_money_moves_at_its_instant_not_before_and_once() -> None:
    deposit = paid()
    settlement = plan(deposit, fee=500)
    told: list[Settlement] = []
    just_before = settlement.due_at - timedelta(microseconds=1)
    assert settlements.settle_due(at=just_before, then=told.append) == []
    assert buckets(deposit) == {"held": DEPOSIT}
    assert settlements.settle_due(at=settlement.due_at, then=told.append) == [settlement]
    assert settlements.settle_due(at=settlement.due_at, then=told.append) == []
    assert told == [settlement]
    assert buckets(deposit) == {"forfeited": DEPOSIT}
    [charge] = Charge.objects.all()
    assert (charge.amount, charge.owed, charge.settlement) == (500, 500, settlement)


def test_a_dropped_settlement_never_moves_money() -> None:
    deposit = paid()
    settlement = plan(deposit)
    assert settlements.drop(settlement=settlement, at=now()) is True
    assert settlements.settle_due(at=now() + 2 * DAY) == []
    assert buckets(deposit) == {"held": DEPOSIT}


def test_what_is_settled_cannot_be_dropped_or_reduced() -> None:
    settlement = plan(paid())
    settlements.settle_due(at=settlement.due_at)
    assert settlements.drop(settlement=settlement, at=now()) is False
    assert settlements.reduce(settlement=settlement, by_amount=1, at=now()) == (0, 0)


@pytest.mark.parametrize(
    ("by_amount", "waived", "left", "state"),
    [
        (300, (300, 0), (DEPOSIT, 200), "waiting"),
        (500, (500, 0), (DEPOSIT, 0), "waiting"),
        (700, (500, 200), (DEPOSIT - 200, 0), "waiting"),
        (DEPOSIT + 500, (500, DEPOSIT), (0, 0), "dropped"),
        (DEPOSIT + 501, (500, DEPOSIT), (0, 0), "dropped"),
    ],
    ids=["part_of_the_fee", "the_fee", "fee_and_a_part", "all", "more_than_all"],
)
def test_an_exception_takes_the_fee_off_first(
    by_amount: int, waived: tuple[int, int], left: tuple[int, int], state: str
) -> None:
    settlement = plan(paid(), fee=500)
    assert settlements.reduce(settlement=settlement, by_amount=by_amount, at=now()) == waived
    assert ((settlement.forfeit, settlement.fee), settlement.state) == (left, state)


def test_a_settlement_takes_no_more_than_is_held() -> None:
    deposit = paid()
    settlement = plan(deposit)
    refunds.give_back(deposit=deposit, amount=2000, reason="staff", by=SYSTEM, at=now())
    settlements.settle_due(at=settlement.due_at)
    assert buckets(deposit) == {"forfeited": 700, "refunded": 2000}


def test_a_fee_without_a_deposit_is_owed() -> None:
    deposit = paid()
    settlement = settlements.plan(
        appointment=deposit.appointment,
        deposit=None,
        forfeit=0,
        fee=500,
        cause="cancel",
        lapse=None,
        due_at=now(),
        at=now(),
    )
    assert settlements.settle_due(at=now()) == [settlement]
    assert Charge.objects.get().owed == 500


def test_one_that_breaks_holds_no_other_up_and_leaves_nothing_half_done() -> None:
    deposit = paid()
    broken, fine = plan(deposit, forfeit=1000), plan(deposit, forfeit=200)

    def then(settlement: Settlement) -> None:
        if settlement == broken:
            raise ZeroDivisionError

    assert settlements.settle_due(at=now() + 2 * DAY, then=then) == [fine]
    assert buckets(deposit) == {"held": DEPOSIT - 200, "forfeited": 200}
    broken.refresh_from_db()
    assert broken.state == "waiting"


def test_what_is_owed_can_be_waived_in_part_and_whole() -> None:
    deposit = paid()
    settlements.settle_due(at=plan(deposit, fee=500).due_at)
    appointment = fresh(deposit).appointment
    (charge,) = charges.owed(appointment=appointment)
    charges.take_off(charge=charge, amount=200, at=now())
    assert (Charge.objects.get().state, Charge.objects.get().owed) == ("owed", 300)
    charges.take_off(charge=charge, amount=300, at=now())
    assert (Charge.objects.get().state, charges.owed(appointment=appointment)) == ("waived", [])


# --- The history ---


def history(settlement: Settlement) -> list[tuple[str, str, int, int]]:
    """What was decided, by whom, and what the client loses before and after."""
    return [
        (one.what, one.by, one.forfeit_before + one.fee_before, one.forfeit_after + one.fee_after)
        for one in settlement.decisions.all()
    ]


def test_each_decision_is_a_line_with_what_was_before_and_after() -> None:
    settlement = plan(paid(), fee=500)
    by = Actor("provider")
    settlements.reduce(settlement=settlement, by_amount=700, by=by, reason="illness", note="Flu", at=now())
    settlements.keep(settlement=settlement, by=by, at=now())
    settlements.settle_due(at=settlement.due_at)
    assert history(settlement) == [
        ("planned", "system", 0, 3200),
        ("reduced", "provider", 3200, 2500),
        ("kept", "provider", 2500, 2500),
        ("settled", "system", 2500, 2500),
    ]
    reduced = settlement.decisions.get(what="reduced")
    assert (reduced.reason, reduced.note) == ("illness", "Flu")


def test_what_was_taken_back_or_given_back_meanwhile_stands_there_too() -> None:
    deposit = paid()
    first, second = plan(deposit, forfeit=1000), plan(deposit, forfeit=1700)
    settlements.drop(settlement=first, by=Actor("provider"), reason="undone", at=now())
    refunds.give_back(deposit=deposit, amount=2000, reason="staff", by=SYSTEM, at=now())
    settlements.keep_within(deposit=fresh(deposit), at=now(), by=Actor("provider"), note="Paid twice")
    assert history(first)[-1] == ("dropped", "provider", 1000, 0)
    assert history(second)[-1] == ("reduced", "provider", 1700, 700)


def test_nobody_changes_the_history() -> None:
    settlement = plan(paid())
    for change in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change(settlement.decisions.all())


def test_without_the_guard_the_history_could_be_changed() -> None:
    settlement = plan(paid())
    guards.drop(connection)
    try:
        assert settlement.decisions.update(note="x") == 1
    finally:
        guards.install(connection)
