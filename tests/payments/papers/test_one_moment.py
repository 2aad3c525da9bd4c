"""A payment that arrives while a statement is read is in all of it, or in nothing of it."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client as Browser

from booking import lifecycle
from booking.actors import SYSTEM
from payments import byhand
from payments.models import Charge
from tests.booking import stories
from tests.booking.dashboard.people import browser, member
from tests.booking.stories import MONDAY
from tests.payments.papers.test_statements import charge

pytestmark = pytest.mark.django_db(transaction=True)
MONTH = "month=2027-04"
PAID_AT = datetime(2027, 4, 5, 9, tzinfo=UTC)
Page = Callable[[Browser], tuple[int, str]]


def on_the_page(desk: Browser) -> tuple[int, str]:
    """What was paid by its lines, and what is owed at its end."""
    shown = desk.get(f"/dashboard/money/statements/?{MONTH}").context
    return sum(row["amount"] for row in shown["rows"]), shown["sums"][-1][3]


def in_the_table(desk: Browser) -> tuple[int, str]:
    answer = desk.get(f"/dashboard/money/statements/statement.csv?{MONTH}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    paid = sum(Decimal(row["amount"]) for row in rows if row["what"] == "paid")
    return int(100 * paid), f"€{rows[-1]['owed']}"


class Arrival:
    """One payment through a connection of its own, right before the so manieth statement of this one."""

    def __init__(self, owed: Charge, before: int) -> None:
        self.owed, self.before, self.seen = owed, before, 0

    def __call__(self, execute: Callable[..., Any], *facts: Any) -> Any:
        self.seen += 1
        if self.seen == self.before:
            paying = threading.Thread(target=self._pay)
            paying.start()
            paying.join(30)
        return execute(*facts)

    def _pay(self) -> None:
        with transaction.atomic():
            byhand.write_down(
                whole=self.owed,
                amount=self.owed.amount,
                method="cash",
                reference="",
                received_on=PAID_AT.date(),
                by=SYSTEM,
                at=PAID_AT,
            )
        connections.close_all()


def owing(count: int = 40) -> tuple[Browser, list[Charge]]:
    """Many charges of a month before, each to be paid once."""
    studio = stories.studio()
    kept = stories.confirmed(studio)
    lifecycle.complete(appointment=kept, by=stories.owner(studio), at=kept.ends_at)
    owed = [charge(kept, 100 + n, at=MONDAY + timedelta(days=1)) for n in range(count)]
    return browser(member(studio, "owner")), owed


@pytest.mark.parametrize("page", [on_the_page, in_the_table])
def test_a_payment_that_arrives_before_any_of_its_reads_is_in_all_of_it_or_in_nothing(page: Page) -> None:
    desk, owed = owing()
    total = sum(one.amount for one in owed)
    for number, one in enumerate(owed, start=1):
        arrival = Arrival(one, before=number)
        with connection.execute_wrapper(arrival):
            paid, left = page(desk)
        assert (number, left) == (number, f"€{(total - paid) / 100:.2f}")
        if arrival.seen < number:
            break
    assert 12 < number < len(owed)
    assert paid == sum(one.amount for one in owed[: number - 1])
