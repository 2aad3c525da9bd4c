"""Credits: what is carried waits, is used, put back, taken out, and ends by its terms (rule 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking.actors import SYSTEM
from payments import checkout, credits
from payments.models import Credit, Refund
from tests.payments.money import DAY, DEPOSIT, HOUR, buckets, fresh, now, paid, payment_of
from tests.payments.test_checkout import credit_of, other

pytestmark = pytest.mark.django_db


def test_a_credit_carries_its_part_and_remembers_the_chain() -> None:
    deposit = paid()
    credit = credits.start(
        deposit=deposit,
        amount=2000,
        expires_at=now() + DAY,
        unused="refund",
        original_start_at=now(),
        moves_used=2,
        smallest_notice=20 * HOUR,
        by=SYSTEM,
        at=now(),
    )
    assert (credit.amount, credit.left, credit.currency) == (2000, 2000, "EUR")
    assert (credit.moves_used, credit.smallest_notice) == (2, 20 * HOUR)
    assert credit.client == deposit.appointment.client
    assert buckets(deposit) == {"held": 700, "carried": 2000}


def test_the_credit_of_an_appointment_is_found_while_something_is_left() -> None:
    deposit = paid()
    assert credits.find(appointment=deposit.appointment) is None
    credit = credit_of(deposit, 2000)
    assert credits.find(appointment=deposit.appointment) == credit
    assert credits.use(credit=credit, amount=2000) == 2000
    assert credits.find(appointment=deposit.appointment) is None


def test_a_credit_gives_no_more_than_it_has() -> None:
    credit = credit_of(paid(), 2000)
    assert credits.use(credit=credit, amount=1500) == 1500
    assert credits.use(credit=credit, amount=1500) == 500
    assert credits.use(credit=credit, amount=1500) == 0


def test_the_database_lets_no_credit_be_used_twice() -> None:
    credit = credit_of(paid(), 2000)
    with pytest.raises(IntegrityError, match="credit_amounts"), transaction.atomic():
        Credit.objects.filter(pk=credit.pk).update(used=2001)


def test_a_client_with_a_credit_is_known_by_the_start_that_it_is_good_for() -> None:
    deposit = paid()
    at = now()
    credit = credit_of(deposit, 2000)
    Credit.objects.filter(pk=credit.pk).update(expires_at=at + 3 * DAY)
    client = deposit.appointment.client
    assert credits.waiting(client=client, start=at + 2 * DAY, at=at) == credit
    assert credits.waiting(client=client, start=at + 3 * DAY, at=at) is None
    assert credits.waiting(client=client, start=at + 2 * DAY, at=at + 3 * DAY) is None


def test_what_an_appointment_that_never_came_to_be_had_used_is_put_back() -> None:
    first = paid()
    credit = credit_of(first, 2000)
    second = checkout.ask(appointment=other(first), amount=DEPOSIT, at=now(), credit=credit)
    assert credits.put_back(deposit=fresh(second), at=now()) == 2000
    assert buckets(second) == {"carried": 2000}
    assert credits.find(appointment=first.appointment) == credit
    assert credits.put_back(deposit=fresh(second), at=now()) == 0


@pytest.mark.parametrize(
    ("unused", "then"), [("forfeit", {"forfeited": 1000}), ("refund", {"refunded": 1000})]
)
def test_what_comes_back_to_a_credit_that_ended_meanwhile_settles_by_its_terms(
    unused: str, then: dict[str, int]
) -> None:
    first = paid()
    credit = credit_of(first, 2000)
    Credit.objects.filter(pk=credit.pk).update(unused=unused)
    second = checkout.ask(appointment=other(first), amount=1000, at=now(), credit=credit)
    assert credits.end(credit=credit, at=now()) == 1000
    assert credits.put_back(deposit=fresh(second), at=now()) == 1000
    assert buckets(second) == then


def test_a_credit_ends_forfeited_once() -> None:
    deposit = paid()
    credit = credit_of(deposit, 2000)
    assert credits.end(credit=credit, at=now()) == 2000
    assert credits.end(credit=credit, at=now()) == 0
    assert buckets(deposit) == {"held": 700, "forfeited": 2000}


def test_a_credit_ends_refunded_to_the_card_that_paid() -> None:
    deposit = paid()
    credit = credit_of(deposit, 2000)
    Credit.objects.filter(pk=credit.pk).update(unused="refund")
    credits.end(credit=credit, at=now())
    assert buckets(deposit) == {"held": 700, "refunded": 2000}
    [refund] = Refund.objects.all()
    assert (refund.payment, refund.amount, refund.source) == (payment_of(deposit), 2000, "carried")


def test_credits_end_at_their_instant_and_not_before() -> None:
    at = now()
    deposit = paid(at=at)
    credit = credit_of(deposit, 2000)
    Credit.objects.filter(pk=credit.pk).update(expires_at=at + DAY)
    told: list[Credit] = []
    assert credits.end_due(at=at + DAY - timedelta(microseconds=1), then=told.append) == []
    assert credits.end_due(at=at + DAY, then=told.append) == [credit]
    assert credits.end_due(at=at + DAY, then=told.append) == []
    assert told == [credit]
    assert told[0].ended == 2000


def test_a_credit_without_a_deadline_never_ends() -> None:
    credit = credit_of(paid(), 2000)
    Credit.objects.filter(pk=credit.pk).update(expires_at=None)
    assert credits.end_due(at=now() + 3650 * DAY) == []


def test_one_credit_that_breaks_holds_no_other_up(monkeypatch: pytest.MonkeyPatch) -> None:
    deposit = paid()
    broken, fine = credit_of(deposit, 1000), credit_of(deposit, 500)
    end = credits.end

    def breaks(*, credit: Credit, at: Any) -> int:
        if credit.pk == broken.pk:
            raise ZeroDivisionError
        return end(credit=credit, at=at)

    monkeypatch.setattr(credits, "end", breaks)
    assert credits.end_due(at=now() + 61 * DAY) == [fine]


def test_what_is_taken_out_can_be_carried_anew_without_a_deadline() -> None:
    deposit = paid()
    credit = credit_of(deposit, 2000)
    credits.take_out(credit=credit, amount=1500, at=now())
    assert (credit.left, credit.ended_at) == (500, None)
    again = credits.start(
        deposit=fresh(deposit),
        amount=1500,
        source_bucket="carried",
        expires_at=None,
        unused="refund",
        original_start_at=None,
        moves_used=0,
        smallest_notice=None,
        by=SYSTEM,
        at=now(),
    )
    assert again.left == 1500
    assert buckets(deposit) == {"held": 700, "carried": 2000}


def test_an_undone_credit_is_held_again() -> None:
    deposit = paid()
    credit = credit_of(deposit, 2000)
    credits.use(credit=credit, amount=500)
    assert credits.undo(appointment=deposit.appointment, by=SYSTEM, at=now()) == 1500
    assert buckets(deposit) == {"held": 2200, "carried": 500}
    assert credits.of(appointment=deposit.appointment) == []
