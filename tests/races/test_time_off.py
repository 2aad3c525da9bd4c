"""A provider takes hours off at the very instant at which clients book them: the hours are one's or the other's. The
control takes lock and guard away and must end with both."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from booking import availability, lifecycle
from booking.lifecycle import resting
from booking.models import Appointment, Provider, TimeOff
from booking.models.provider import ProviderQuerySet
from config import guards, invariants
from tests.races.racing import TOGETHER, post, race, statuses
from tests.races.test_one_slot import body, starts

FEW = 6


def taking(provider: Provider, start: str, hours: int = 2) -> Callable[[], Any]:
    """Time off from ``start``, on a connection of its own."""
    first = datetime.fromisoformat(start)

    def run() -> str:
        try:
            lifecycle.take_time_off(
                provider=provider,
                starts_at=first,
                ends_at=first + timedelta(hours=hours),
                at=timezone.now(),
            )
        except lifecycle.TimeTaken as no:
            return no.code
        finally:
            connection.close()
        return "taken"

    return run


def both_have_it() -> int:
    """Appointments that stand in time off."""
    return sum(
        Appointment.objects.filter(blocked_from__lt=off.ends_at, blocked_until__gt=off.starts_at).count()
        for off in TimeOff.objects.all()
    )


def all_hold() -> bool:
    return not [one.invariant.name for one in invariants.verify(connection) if one.count]


def booking_it(racecourse: str, studio: Provider, start: str, n: int) -> Callable[[], Any]:
    return post(f"{racecourse}appointments/", body(studio, start, n))


def test_hours_that_are_taken_off_and_booked_at_once_are_one_s_alone(
    racecourse: str, studio: Provider
) -> None:
    day = starts(racecourse)
    # Each round on other hours: who is first is the scheduler's to say.
    for start in (day[1], day[-6]):
        wanted = [booking_it(racecourse, studio, start, n) for n in range(FEW)]
        off, *answers = race([taking(studio, start), *wanted])
        assert statuses(answers) == ({409: FEW} if off == "taken" else {201: 1, 409: FEW - 1})
        assert off in ("taken", "time_taken")
        assert both_have_it() == 0
    assert all_hold()


def test_a_holiday_that_is_taken_twice_at_once_is_there_once(studio: Provider, racecourse: str) -> None:
    start = starts(racecourse)[1]
    assert sorted(race([taking(studio, start)] * 3)) == ["taken", "time_taken", "time_taken"]
    assert TimeOff.objects.count() == 1


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the provider's row, no transaction spans look and insert, and the client has looked before the
    provider writes."""
    gate = threading.Barrier(2)
    look = availability.check_start

    def look_together(**asked: Any) -> None:
        look(**asked)
        gate.wait(TOGETHER)

    monkeypatch.setattr(ProviderQuerySet, "locked", lambda rows: rows.all())
    monkeypatch.setattr(availability, "check_start", look_together)
    monkeypatch.setattr(resting, "free_lapsed", lambda *_args, **_facts: gate.wait(TOGETHER))
    for story in ("hold", "take_time_off"):
        monkeypatch.setattr(lifecycle, story, getattr(lifecycle, story).__wrapped__)


def test_without_the_lock_the_database_still_gives_the_hours_to_one(
    racecourse: str, studio: Provider, no_lock: None
) -> None:
    start = starts(racecourse)[4]
    off, booked = race([taking(studio, start), booking_it(racecourse, studio, start, 1)])
    assert (off, booked.status_code) in (("taken", 409), ("time_taken", 201))
    assert both_have_it() == 0


def test_control_without_lock_and_guard_both_have_the_hours(
    racecourse: str, studio: Provider, no_lock: None
) -> None:
    start = starts(racecourse)[4]
    with connection.cursor() as cursor:
        for guard in guards.declared(connection.vendor):
            if guard.name.startswith("no_overlap"):
                cursor.execute(guard.drop(connection.vendor))
    off, booked = race([taking(studio, start), booking_it(racecourse, studio, start, 1)])
    assert (off, booked.status_code) == ("taken", 201)
    assert both_have_it() == 1
