"""Numbers of papers that are issued at once: no gaps and no doubles, on either database."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from booking.models import Provider
from config import guards, invariants
from payments import papers
from payments.models import Paper, PaperSeries, Payment
from payments.papers import issuing
from tests.booking import stories
from tests.payments.money import DAY, now, paid, payment_of
from tests.payments.test_races import kinds, race

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 4


class Died(Exception):
    """The machine of this racer went away before the commit."""


def unreceipted(studio: Provider) -> list[Payment]:
    """Payments of one provider whose receipts are still to be written."""
    payments = [
        payment_of(
            paid(
                provider=studio,
                email=f"{n}@example.com",
                start=stories.MONDAY + 7 * n * DAY,
                at=stories.EARLY,
            )
        )
        for n in range(RACERS)
    ]
    guards.drop(connection)
    Paper.objects.all().delete()
    PaperSeries.objects.all().delete()
    guards.install(connection)
    return payments


def gaps() -> list[str]:
    return [
        one.invariant.name
        for one in invariants.verify(connection)
        if one.count and one.invariant.name.startswith("paper_")
    ]


def test_papers_that_race_are_numbered_one_after_the_other_whoever_dies_meanwhile() -> None:
    payments = unreceipted(stories.studio())

    def issue(number: int) -> str:
        with transaction.atomic():
            paper = papers.receipt(payment=Payment.objects.get(pk=payments[number].pk), at=now())
            if number == 1:
                raise Died
        return paper.number

    results = race(issue, racers=RACERS)
    assert kinds(results) == {"str": RACERS - 1, "Died": 1}
    serials = sorted(Paper.objects.values_list("serial", flat=True))
    assert serials == list(range(1, RACERS))
    assert gaps() == []
    assert papers.issue_missing(at=now()) == 1
    assert Paper.objects.latest("pk").serial == RACERS


def test_a_number_taken_before_the_transaction_leaves_a_gap_and_is_seen() -> None:
    payments = unreceipted(stories.studio())
    appointment = payments[0].appointment
    with transaction.atomic():
        issuing._next(appointment, Paper.Kind.RECEIPT, at=now())  # and then the machine dies
    with transaction.atomic():
        papers.receipt(payment=payments[1], at=now())
    assert gaps() == ["paper_numbers"]


def test_the_same_payment_told_by_several_has_one_receipt() -> None:
    payments = unreceipted(stories.studio())

    def issue(_number: int) -> str:
        with transaction.atomic():
            payment = Payment.objects.select_for_update().get(pk=payments[0].pk)
            return papers.receipt(payment=payment, at=now()).number

    assert kinds(race(issue, racers=RACERS)) == {"str": RACERS}
    assert Paper.objects.count() == 1
