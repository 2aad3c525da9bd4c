"""The ledger fills the deposit, and the database refuses what does not balance (rule 10)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from booking.actors import SYSTEM
from config.guards import refused_by
from payments import ledger
from payments.models import BUCKETS, Deposit, LedgerEntry
from tests.booking import stories
from tests.payments.money import DEPOSIT, buckets, held, now, paid

pytestmark = pytest.mark.django_db


def post(deposit: Deposit, source: str, target: str, amount: int) -> LedgerEntry:
    return ledger.post(
        deposit=deposit, source=source, target=target, amount=amount, reason="test", by=SYSTEM, at=now()
    )


def test_an_entry_moves_its_amount_and_says_who_and_why() -> None:
    deposit = paid()
    owner = stories.owner(deposit.appointment.provider)
    entry = ledger.post(
        deposit=deposit, source="held", target="applied", amount=700, reason="kept", by=owner, at=now()
    )
    assert (entry.reason, entry.by, entry.user) == ("kept", "provider", owner.user)
    assert (deposit.paid, deposit.held, deposit.applied) == (DEPOSIT, 2000, 700)


@pytest.mark.parametrize("source", BUCKETS)
def test_more_than_is_in_a_bucket_is_refused_by_the_database(source: str) -> None:
    deposit = paid()
    target = "applied" if source != "applied" else "held"
    amount = DEPOSIT + 1 if source == "held" else 1
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        post(deposit, source, target, amount)
    assert refused_by(refused.value) == "deposit_amounts"
    assert buckets(deposit) == {"held": DEPOSIT}


@pytest.mark.parametrize(
    ("source", "target", "amount"),
    [
        ("held", "applied", 0),
        ("held", "applied", -1),
        ("held", "held", 1),
        ("held", "outside", 1),
        ("x", "held", 1),
    ],
    ids=["nothing", "negative", "to_itself", "to_the_outside", "from_nowhere"],
)
def test_an_entry_that_makes_no_sense_is_refused(source: str, target: str, amount: int) -> None:
    deposit = paid()
    with pytest.raises(IntegrityError), transaction.atomic():
        post(deposit, source, target, amount)


def test_no_entry_is_ever_changed_or_deleted() -> None:
    paid()
    entries = LedgerEntry.objects.all()
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        entries.update(amount=1)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        entries.delete()


def test_the_amounts_of_a_deposit_cannot_be_written_out_of_balance() -> None:
    deposit = paid()
    with pytest.raises(IntegrityError, match="deposit_balance"), transaction.atomic():
        Deposit.objects.filter(pk=deposit.pk).update(held=0)


def test_the_amounts_of_an_appointment_are_those_of_all_its_deposits() -> None:
    deposit = paid()
    post(deposit, "held", "forfeited", 2700)
    second = Deposit.objects.create(
        appointment=deposit.appointment, currency="EUR", asked=1000, current=False, created_at=now()
    )
    post(second, "outside", "held", 1000)
    assert ledger.amounts(deposit.appointment) == {
        "held": 1000,
        "applied": 0,
        "refunded": 0,
        "forfeited": 2700,
        "carried": 0,
        "disputed": 0,
    }


def test_an_appointment_without_a_deposit_has_nothing_anywhere() -> None:
    deposit = held()
    assert set(ledger.amounts(deposit.appointment).values()) == {0}
