"""Many at once for the same weeks: a series is whole or not there, and a proof of work is good for one booking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from booking import hoarding, lifecycle, proofs
from booking.models import Appointment, Provider, Service
from config import guards
from tests.races.racing import post, race, statuses
from tests.races.test_one_slot import body, no_lock, overlaps, starts

__all__ = ["no_lock"]
FEW, TIMES = 8, 3


def test_of_many_on_the_same_weeks_each_has_all_of_its_own_or_nothing(
    racecourse: str, studio: Provider
) -> None:
    Service.objects.filter(provider=studio, slug="session").update(series_most=TIMES, horizon_days=200)
    day = starts(racecourse)
    # Of every two neighbours on the grid only one fits; a few want a single one of them.
    asked = [body(studio, day[4 + n % 2], n) for n in range(FEW)]
    acts = [post(f"{racecourse}series/", one | {"times": TIMES}) for one in asked[2:]]
    acts += [post(f"{racecourse}appointments/", one) for one in asked[:2]]
    answers = race(acts)
    assert set(statuses(answers)) == {201, 409}
    assert overlaps() == 0
    whole = {f"client{n}@example.com": TIMES for n in range(2, FEW)}
    for email in set(Appointment.objects.values_list("client__email", flat=True)):
        assert Appointment.objects.filter(client__email=email).count() == whole.get(email, 1)
    assert {one.json()["code"] for one in answers if one.status_code == 409} <= {
        "series_not_free",
        "slot_taken",
    }


def test_control_without_lock_and_guard_the_same_weeks_are_booked_many_times(
    racecourse: str, studio: Provider, no_lock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service.objects.filter(provider=studio, slug="session").update(series_most=2, horizon_days=200)
    monkeypatch.setattr(lifecycle, "hold_series", lifecycle.hold_series.__wrapped__)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        for guard in guards.declared(connection.vendor):
            if guard.name.startswith("no_overlap"):
                cursor.execute(guard.drop(connection.vendor))
    start = starts(racecourse)[4]
    asked = [body(studio, start, n) | {"times": 2} for n in range(FEW)]
    answers = race([post(f"{racecourse}series/", one) for one in asked])
    assert statuses(answers).get(201, 0) > 1
    assert overlaps() > 0


def test_one_proof_sent_for_many_times_at_once_books_one(
    racecourse: str, studio: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMITS_EXEMPT = []
    monkeypatch.setattr(hoarding, "SOFT", 0)
    monkeypatch.setattr(hoarding, "WORK", 2)
    now = datetime.now().astimezone()
    posed = proofs.pose(whose=f"{studio.uid}:127.0.0.1", most=2, wait_until=None, at=now)
    number = next(one for one in (1, 2) if proofs.derived(posed.salt, one) == posed.target)
    day = starts(racecourse)
    bodies = [body(studio, start, n) for n, start in enumerate(day[:12:3])]
    header = {"Kept-Proof": f"{posed.token};{number}"}
    answers = race([post(f"{racecourse}appointments/", one, **header) for one in bodies])
    assert statuses(answers) == {201: 1, 429: len(bodies) - 1}
    assert {one.json()["code"] for one in answers if one.status_code == 429} == {"proof_needed"}
