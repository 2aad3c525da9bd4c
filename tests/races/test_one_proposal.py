"""Several hands on one proposal: one time is taken, the others are somebody's or free, and no two get the same
(F-01, F-05). The controls take the lock or the guard away and must lose that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from booking import free_starts, lifecycle, slots, tokens
from booking.lifecycle import proposing
from booking.models import Appointment, BusyTime, Proposal, Provider
from booking.models.provider import ProviderQuerySet
from config import guards, invariants
from tests.booking import stories
from tests.races.racing import TOGETHER, post, race, statuses
from tests.races.test_one_slot import body, overlaps

FEW = 8


@pytest.fixture
def proposal(studio: Provider) -> Proposal:
    """Two times, some days ahead, for an appointment that stands."""
    now = timezone.now()
    service = studio.services.get(slug="session")
    free = free_starts.of(service=service, around=now + timedelta(days=10), at=now)
    old, first, second = (slots.moment(free[n]) for n in (0, 60, 120))
    stands = stories.confirmed(studio, start=old, at=now - timedelta(minutes=5))
    by = stories.owner(studio)
    return lifecycle.propose(appointment=stands, starts=[first, second], by=by, at=now)


def answer(url: str, proposal: Proposal, act: str) -> str:
    return f"{url}appointments/{tokens.make(proposal.appointment)}/proposals/{proposal.uid}/{act}/"


def both(proposal: Proposal) -> tuple[str, str]:
    first, second = (one.start_at.isoformat() for one in proposal.times.all())
    return first, second


def all_hold() -> bool:
    return not [one.invariant.name for one in invariants.verify(connection) if one.count]


def test_taps_on_both_times_at_once_take_exactly_one(racecourse: str, proposal: Proposal) -> None:
    url, starts = answer(racecourse, proposal, "accept"), both(proposal)
    answers = race([post(url, {"start": starts[n % 2]}) for n in range(FEW)])
    won = {one.json()["start"] for one in answers if one.status_code == 200}
    assert len({datetime.fromisoformat(one) for one in won}) == 1
    assert {one.json()["code"] for one in answers if one.status_code != 200} == {"proposal_accepted"}
    assert proposal.appointment.moves.count() == 1
    assert not BusyTime.objects.filter(kind="proposal").exists()
    assert all_hold()


def test_a_yes_and_those_who_want_the_freed_time_get_one_each(
    racecourse: str, proposal: Proposal, studio: Provider
) -> None:
    first, second = both(proposal)
    wanted = [post(f"{racecourse}appointments/", body(studio, second, n)) for n in range(1, FEW)]
    answers = race([post(answer(racecourse, proposal, "accept"), {"start": first}), *wanted])
    assert answers[0].status_code == 200
    assert set(statuses(answers[1:])) <= {201, 409}
    assert statuses(answers[1:]).get(201, 0) <= 1
    assert overlaps() == 0
    assert all_hold()


def test_a_yes_a_no_and_a_withdrawal_at_once_are_one_decision(racecourse: str, proposal: Proposal) -> None:
    first, _second = both(proposal)
    acts = [
        post(answer(racecourse, proposal, "accept"), {"start": first}),
        post(answer(racecourse, proposal, "refuse"), {}),
        lambda: withdrawn(proposal),
    ]
    answers = race(acts)
    assert statuses(answers).get(200) == 1
    decided = Proposal.objects.get()
    moved = Appointment.objects.get().starts_at == decided.chosen_start_at
    assert moved == (decided.state == "accepted")
    assert not BusyTime.objects.filter(kind="proposal").exists()
    assert all_hold()


def test_a_yes_at_the_moment_of_its_end_is_kept_or_lapsed_never_both(
    racecourse: str, proposal: Proposal
) -> None:
    first, _second = both(proposal)
    at = timezone.now()
    Proposal.objects.update(expires_at=at + timedelta(seconds=0.4))
    BusyTime.objects.filter(kind="proposal").update(expires_at=at + timedelta(seconds=0.4))
    sweeps = [lambda: swept(proposal) for _ in range(3)]
    answers = race([post(answer(racecourse, proposal, "accept"), {"start": first}), *sweeps])
    decided = Proposal.objects.get()
    assert (answers[0].status_code == 200) == (decided.state == "accepted")
    assert decided.state in ("accepted", "lapsed")
    assert all_hold()


class Answered:
    """As an answer over HTTP looks."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def withdrawn(proposal: Proposal) -> Any:
    try:
        by = stories.owner(proposal.appointment.provider)
        lifecycle.withdraw_proposal(appointment=proposal.appointment, by=by, at=timezone.now())
    except lifecycle.NotAllowed as no:
        return Answered(no.status)
    finally:
        connection.close()
    return Answered(200)


def swept(proposal: Proposal) -> Any:
    try:
        lifecycle.lapse_proposals(at=proposal.created_at + timedelta(days=1))
    finally:
        connection.close()
    return Answered(200)


def test_control_without_the_lock_and_the_guards_one_proposal_is_taken_twice(
    racecourse: str, proposal: Proposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look before either decides: the decision is overwritten."""
    import threading

    gate = threading.Barrier(2)
    look = proposing.must_be_open

    def look_together(found: Proposal, *, at: datetime) -> None:
        look(found, at=at)
        try:
            gate.wait(TOGETHER)
        except threading.BrokenBarrierError:
            return

    monkeypatch.setattr(ProviderQuerySet, "locked", lambda rows: rows.all())
    monkeypatch.setattr(proposing, "must_be_open", look_together)
    monkeypatch.setattr(lifecycle, "accept_proposal", lifecycle.accept_proposal.__wrapped__)  # type: ignore[attr-defined]
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)
    guards.drop(connection)
    answers = race(
        [post(answer(racecourse, proposal, "accept"), {"start": start}) for start in both(proposal)]
    )
    assert statuses(answers) == {200: 2}
    assert proposal.appointment.moves.count() == 2


@pytest.mark.django_db
def test_control_without_the_guard_a_decided_proposal_keeps_its_times(proposal: Proposal) -> None:
    guards.drop(connection)
    Proposal.objects.update(state="lapsed", decided_at=timezone.now())
    assert BusyTime.objects.filter(kind="proposal").count() == 2
    assert not all_hold()
    guards.install(connection)


@pytest.mark.django_db
def test_no_time_is_held_for_a_proposal_that_is_decided(proposal: Proposal) -> None:
    Proposal.objects.update(state="lapsed", decided_at=timezone.now())
    held = BusyTime.objects.filter(appointment=proposal.appointment, kind="appointment").get()
    with pytest.raises(IntegrityError):
        BusyTime.objects.create(
            provider=held.provider,
            appointment=held.appointment,
            kind="proposal",
            blocked_from=held.blocked_from + timedelta(days=1),
            blocked_until=held.blocked_until + timedelta(days=1),
            expires_at=held.blocked_until,
        )
