"""Several sweepers at one time: each message leaves once, and the guard is what makes it so."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q

from reminders import delivery
from reminders.models import Message
from tests.mail import Sink
from tests.reminders import scene
from tests.reminders.scene import MINUTE, START

pytestmark = pytest.mark.django_db(transaction=True)

SWEEPERS, MESSAGES = 4, 60
AT = START - 60 * 24 * 3 * MINUTE


def messages(number: int = MESSAGES) -> None:
    appointment = scene.appointment()
    for n in range(number):
        scene.tell(appointment, "refund", about=str(n), facts={"refund": {"amount": 1, "currency": "EUR"}})


def at_once(act: Callable[[], Any], times: int = SWEEPERS) -> list[Any]:
    """What each of several threads got, all let go at the same moment."""
    gate, results = threading.Barrier(times), []

    def go() -> None:
        try:
            gate.wait(60)
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def copies(post: Sink) -> Counter:
    return Counter(mail["Message-ID"] for mail in post)


def test_sweepers_at_one_time_send_each_message_once(post: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH", 5)
    messages()

    sent = at_once(lambda: scene.sweep(AT))

    assert sum(sent) == MESSAGES == len(post)
    assert set(copies(post).values()) == {1}
    assert not Message.objects.exclude(state="sent").exists()


def test_the_same_told_at_one_time_is_one_row() -> None:
    appointment = scene.appointment()

    def tell() -> Any:
        with transaction.atomic():
            return scene.tell(appointment).pk

    assert len(set(at_once(tell, times=8))) == 1
    assert Message.objects.count() == 1


def test_two_claims_never_share_a_row() -> None:
    messages()

    taken = at_once(lambda: delivery.claim(at=AT, claimed_at=AT, limit=25))

    together = [pk for batch in taken for pk in batch]
    assert len(together) == len(set(together)) == MESSAGES


def test_a_claim_takes_no_more_than_asked_and_the_oldest_first() -> None:
    messages(30)
    oldest_first = list(Message.objects.order_by("due_at", "pk").values_list("pk", flat=True))

    assert delivery.claim(at=AT, claimed_at=AT, limit=25) == oldest_first[:25]
    assert Message.objects.exclude(claimed_at=None).count() == 25


def test_without_the_lease_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the tests above."""
    messages()
    monkeypatch.setattr(delivery, "_free", lambda now: Q())

    first, second = (delivery.claim(at=AT, claimed_at=AT, limit=25) for _ in range(2))

    assert first == second


def test_a_sweeper_that_lost_its_lease_sends_nothing(post: Sink) -> None:
    messages(3)
    slow = delivery.claim(at=AT, claimed_at=AT, limit=3)

    assert scene.sweep(AT + 6 * MINUTE) == 3

    sweep = delivery._Sweep(
        at=AT, facts=scene.facts, relay=delivery.channels.Relay(), watch=delivery._Watch(AT)
    )
    assert sweep.send(slow, AT) == 0
    assert set(copies(post).values()) == {1}
