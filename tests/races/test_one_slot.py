"""64 clients want one slot: one gets it, whatever the database, and nobody sees an error of ours (F-01 to
F-03, F-09, F-10). The controls take the guards away and must double-book."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
from django.db import connection

from booking import availability, lifecycle, quotes
from booking.models import Appointment, BusyTime, Provider, Service
from booking.models.provider import ProviderQuerySet
from config import guards
from tests.races.racing import TOGETHER, post, race, statuses

CLIENTS = 64
FEW = 8


def starts(url: str) -> list[str]:
    """The free starts of a whole day, two weeks ahead or a little later."""
    first = date.today() + timedelta(days=14)
    query = {"from": first.isoformat(), "to": (first + timedelta(days=6)).isoformat()}
    answer = requests.get(f"{url}providers/studio-bianchi/services/session/slots/", query, timeout=30)
    return next(day for day in answer.json()["days"].values() if len(day) > 12)


def body(provider: Provider, start: str, n: int) -> dict[str, Any]:
    service = Service.objects.get(provider=provider, slug="session")
    return {
        "provider": "studio-bianchi",
        "service": "session",
        "start": start,
        "mode": "video",
        "timezone": "Europe/Rome",
        "client": {"name": f"Client {n}", "email": f"client{n}@example.com", "language": "en"},
        "policy_version": quotes.offer(service).version,
        "agree": True,
    }


def overlaps() -> int:
    """How many pairs of neighbours take the same time, asked of the appointments themselves."""
    taken = Appointment.objects.filter(status__in=("held", "confirmed")).order_by("blocked_from")
    spans = list(taken.values_list("blocked_from", "blocked_until"))
    return sum(later[0] < earlier[1] for earlier, later in pairwise(spans))


def test_of_64_on_one_slot_one_gets_it_and_the_others_are_offered_three(
    racecourse: str, studio: Provider
) -> None:
    start = starts(racecourse)[4]
    url = f"{racecourse}appointments/"
    answers = race([post(url, body(studio, start, n)) for n in range(CLIENTS)])
    assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in lost} == {"slot_taken"}
    assert {len(one["alternatives"]) for one in lost} == {3}
    assert Appointment.objects.count() == BusyTime.objects.count() == 1


def test_of_64_on_starts_that_overlap_no_two_get_the_same_time(racecourse: str, studio: Provider) -> None:
    day = starts(racecourse)
    url = f"{racecourse}appointments/"
    answers = race([post(url, body(studio, day[n % len(day)], n)) for n in range(CLIENTS)])
    assert set(statuses(answers)) == {201, 409}
    assert overlaps() == 0
    won = [datetime.fromisoformat(one.json()["start"]) for one in answers if one.status_code == 201]
    assert len(won) == len(set(won)) == Appointment.objects.count()


def test_one_request_sent_16_times_at_once_is_one_booking(racecourse: str, studio: Provider) -> None:
    asked = body(studio, starts(racecourse)[4], 1)
    again = post(f"{racecourse}appointments/", asked, **{"Idempotency-Key": "the-very-same"})
    answers = race([again] * 16)
    assert statuses(answers) == {201: 16}
    assert len({answer.content for answer in answers}) == 1
    assert Appointment.objects.count() == 1


def test_a_cancel_and_64_who_wait_for_the_slot_leave_one_owner(racecourse: str, studio: Provider) -> None:
    start, url = starts(racecourse)[4], f"{racecourse}appointments/"
    held = requests.post(url, json=body(studio, start, 0), timeout=30).json()
    own = f"{url}{held['manage_url'].rstrip('/').rsplit('/', 1)[-1]}/"
    quote = requests.get(f"{own}quote/", {"act": "cancel"}, timeout=30).json()["quote"]
    cancel = post(f"{own}cancel/", {"reason": "cost", "quote": quote})
    answers = race([cancel, *(post(url, body(studio, start, n)) for n in range(1, FEW))])
    assert answers[0].status_code == 200
    assert set(statuses(answers[1:])) <= {201, 409}
    assert Appointment.objects.filter(status="held").count() <= 1


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the provider's row, no transaction spans look and insert, and all look before
    anyone inserts."""
    gate = threading.Barrier(FEW)
    look = availability.check_start

    def look_together(**asked: Any) -> None:
        look(**asked)
        if not gate.broken:
            try:
                gate.wait(TOGETHER)
            except threading.BrokenBarrierError:
                return

    monkeypatch.setattr(ProviderQuerySet, "locked", lambda rows: rows.all())
    monkeypatch.setattr(lifecycle, "hold", lifecycle.hold.__wrapped__)  # type: ignore[attr-defined]
    monkeypatch.setattr(availability, "check_start", look_together)


def test_control_without_lock_and_guard_the_slot_is_booked_many_times(
    racecourse: str, studio: Provider, no_lock: None
) -> None:
    start, url = starts(racecourse)[4], f"{racecourse}appointments/"
    with connection.cursor() as cursor:
        for guard in guards.declared(connection.vendor):
            if guard.name.startswith("no_overlap"):
                cursor.execute(guard.drop(connection.vendor))
    answers = race([post(url, body(studio, start, n)) for n in range(FEW)])
    assert statuses(answers).get(201, 0) > 1
    assert overlaps() > 0


def test_without_the_lock_the_database_still_lets_one_win(
    racecourse: str, studio: Provider, no_lock: None
) -> None:
    start, url = starts(racecourse)[4], f"{racecourse}appointments/"
    answers = race([post(url, body(studio, start, n)) for n in range(FEW)])
    assert statuses(answers)[201] == 1
    assert Appointment.objects.count() == 1


def apart(day: list[str]) -> list[str]:
    """Starts of one day that have nothing to do with each other."""
    found: list[str] = []
    for start in day:
        if not found or datetime.fromisoformat(start) - datetime.fromisoformat(found[-1]) >= timedelta(
            hours=1
        ):
            found.append(start)
    return found


def won_of_one_a_day(racecourse: str, studio: Provider) -> int:
    """How many of those who want different times of a day get one, where one a day is taken on."""
    Provider.objects.filter(pk=studio.pk).update(limits={"per_day": 1})
    day = apart(starts(racecourse))
    answers = race(
        [post(f"{racecourse}appointments/", body(studio, day[n % len(day)], n)) for n in range(FEW)]
    )
    assert set(statuses(answers)) <= {201, 409}
    return statuses(answers)[201]


def test_a_day_that_takes_one_takes_one_whoever_comes_at_once(racecourse: str, studio: Provider) -> None:
    assert won_of_one_a_day(racecourse, studio) == 1


def test_control_without_the_lock_a_day_takes_more_than_it_may(
    racecourse: str, studio: Provider, no_lock: None
) -> None:
    assert won_of_one_a_day(racecourse, studio) > 1
