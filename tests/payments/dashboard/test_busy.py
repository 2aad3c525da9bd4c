"""Somebody else has the row for longer than anybody may wait: a kind no, nothing lost, and the next try does it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client as Browser

from booking import sweeping
from booking.models import Provider
from payments.models import Repayment, Settlement
from tests.booking import stories
from tests.booking.dashboard.people import text
from tests.payments.dashboard.test_refund_desk import path, refunded, said
from tests.payments.money import buckets
from tests.payments.test_settlements import plan

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def busy(provider: Provider) -> Iterator[None]:
    """The provider's row is locked by another connection (on SQLite: the file), and we wait for a tenth of a
    second instead of as long as tests do."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Provider.objects.locked().get(pk=provider.pk)
                held.set()
                over.wait(60)
        finally:
            connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(60)
    _wait_for(100)
    try:
        yield
    finally:
        over.set()
        other.join(60)
        connection.close()  # the next one waits as it did


def _wait_for(milliseconds: int) -> None:
    pragma, setting = f"PRAGMA busy_timeout = {milliseconds}", f"SET lock_timeout = {milliseconds}"
    with connection.cursor() as cursor:
        cursor.execute(pragma if connection.vendor == "sqlite" else setting)


def test_a_refund_that_has_to_wait_is_told_so_and_the_same_form_gives_back_once(
    desk: Browser, studio: Provider
) -> None:
    paid, form = stories.confirmed(studio), said()
    with busy(studio):
        answer = desk.post(path(paid), form)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "Nothing is lost" in text(answer)
    assert (refunded(paid), Repayment.objects.count()) == (0, 0)
    assert [desk.post(path(paid), form).status_code for _again in range(2)] == [302, 302]
    assert (refunded(paid), Repayment.objects.count()) == (1250, 1)


def test_a_settlement_that_has_to_wait_is_settled_by_the_next_round(studio: Provider) -> None:
    deposit = stories.confirmed(studio).deposits.get()
    settlement = plan(deposit, forfeit=1000)
    at = settlement.due_at + timedelta(minutes=1)
    with busy(studio):
        assert sweeping.run(at=at)["settlements"] == 0
    assert Settlement.objects.get().state == "waiting"
    assert sweeping.run(at=at)["settlements"] == 1
    assert buckets(deposit)["forfeited"] == 1000
