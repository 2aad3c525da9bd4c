"""Two clients are merged while something else happens to one of them: whatever is first, nothing is left with the
number that went, and nobody sees an error of ours. The controls take the lock away and lose that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from booking import free_starts, lifecycle, slots, tokens
from booking.actors import CLIENT
from booking.lifecycle import beginning, merging
from booking.models import Appointment, Client, Provider, Status
from booking.models.provider import ProviderQuerySet
from config import guards, invariants
from config.refusal import Refusal
from reminders import consents
from tests.booking import stories
from tests.races.racing import TOGETHER, post, race
from tests.races.test_one_slot import body, starts

FEW = 6


@pytest.fixture
def two(studio: Provider) -> tuple[Appointment, Appointment]:
    """Of two clients with a number, each with an appointment that stands."""
    now = timezone.now()
    free = free_starts.of(
        service=studio.services.get(slug="session"), around=now + timedelta(days=10), at=now
    )
    made = [
        stories.confirmed(studio, start=slots.moment(free[n]), at=now, email=email)
        for n, email in ((0, "ada@example.com"), (60, "ada+work@example.com"))
    ]
    Client.objects.update(phone="+390255501234")
    return made[0], made[1]


def all_hold() -> list[str]:
    return [one.invariant.name for one in invariants.verify(connection) if one.count]


def alone(act: Callable[[], Any]) -> Callable[[], Any]:
    """What came of an act on a connection of its own: its code where it was refused."""

    def run() -> Any:
        try:
            act()
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "done"

    return run


def merging_of(stays: Client, goes: Client) -> Callable[[], Any]:
    by = stories.owner(stays.provider)
    return alone(lambda: lifecycle.merge(stays=stays, goes=goes, by=by, at=timezone.now()))


def left_behind() -> int:
    """Appointments of somebody who is only a number."""
    return Appointment.objects.filter(client__erased_at__isnull=False).count()


def test_two_merges_the_other_way_round_at_once_are_one(two: tuple[Appointment, Appointment]) -> None:
    one, other = (made.client for made in two)
    answers = race([merging_of(one, other), merging_of(other, one), merging_of(one, other)])
    assert sorted(answers) == ["done", "not_two", "not_two"]
    assert Client.objects.filter(erased_at=None).count() == 1
    assert (left_behind(), all_hold()) == (0, [])


def test_who_goes_books_and_cancels_at_the_same_instant(
    racecourse: str, studio: Provider, two: tuple[Appointment, Appointment]
) -> None:
    stays, goes = two
    day = starts(racecourse)
    wanted = body(studio, day[4], 1)
    wanted["client"]["email"] = goes.client.email
    own = f"{racecourse}appointments/{tokens.make(goes)}/"
    quote = requests.get(f"{own}quote/", {"act": "cancel"}, timeout=30).json()["quote"]
    merged, booked, cancelled = race(
        [
            merging_of(stays.client, goes.client),
            post(f"{racecourse}appointments/", wanted),
            post(f"{own}cancel/", {"reason": "cost", "quote": quote}),
        ]
    )
    assert (merged, booked.status_code, cancelled.status_code) == ("done", 201, 200)
    ended = stories.fresh(goes)
    assert (ended.status, ended.client) == (Status.CANCELLED, stays.client)
    assert (left_behind(), all_hold()) == (0, [])


def test_who_goes_is_erased_at_the_same_instant_or_not_at_all(two: tuple[Appointment, Appointment]) -> None:
    stays = two[0].client
    old = Client.objects.create(
        provider=stays.provider, name="Ada", email="old@example.com", created_at=timezone.now()
    )
    by = stories.owner(stays.provider)
    erased, merged = race(
        [
            alone(lambda: lifecycle.erase(client=old, by=by, at=timezone.now())),
            merging_of(stays, old),
        ]
    )
    assert (erased, merged) in (("done", "not_two"), ("is_merged", "done"))
    old.refresh_from_db()
    assert old.merged_into == (stays if merged == "done" else None)
    assert old.erased_at
    assert all_hold() == []


def test_what_is_said_by_an_old_page_is_said_to_whom_it_turned_out_to_be(
    two: tuple[Appointment, Appointment],
) -> None:
    """A yes to texts, a new number and an address, by pages that were opened before the merge."""
    stays, goes = (made.client for made in two)
    acts = [
        merging_of(stays, goes),
        alone(lambda: said(goes, give=True, phone="+390255509999")),
        alone(lambda: lifecycle.ask_address(appointment=two[1], email="n@example.com", at=timezone.now())),
        alone(lambda: stop(goes)),
    ]
    answers = race(acts)
    assert answers[0] == answers[1] == answers[3] == "done"
    assert answers[2] in ("done", "not_from_here")
    assert all_hold() == []


def said(client: Client, *, give: bool, phone: str) -> None:
    lifecycle.reach_by(
        client=client, channel="sms", give=give, by=CLIENT, at=timezone.now(), phone=phone, words="Yes."
    )


def stop(client: Client) -> None:
    consents.answered(
        provider=client.provider, phone="+390255501234", kind="sms", text="STOP", at=timezone.now()
    )


def test_a_stop_that_comes_after_the_merge_is_kept_for_who_stayed(
    two: tuple[Appointment, Appointment],
) -> None:
    stays, goes = (made.client for made in two)
    said(stays, give=True, phone="+390255501234")
    lifecycle.merge(stays=stays, goes=goes, by=stories.owner(stays.provider), at=timezone.now())
    consents.record(client=goes, channel="sms", give=False, how="reply", at=timezone.now())
    assert consents.given_by(stays) == set()


@pytest.fixture
def no_lock(studio: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a row, no transaction spans look and write, and the database asks nothing."""
    guards.drop(connection)
    monkeypatch.setattr(ProviderQuerySet, "locked", lambda rows: rows.all())
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)
    for story in ("hold", "merge"):
        monkeypatch.setattr(lifecycle, story, getattr(lifecycle, story).__wrapped__)


def test_control_without_the_lock_two_merges_leave_nobody(
    two: tuple[Appointment, Appointment], no_lock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Barrier(2)
    hand_over = merging._hand_over

    def together(*both: Client) -> None:
        gate.wait(TOGETHER)
        hand_over(*both)

    monkeypatch.setattr(merging, "_hand_over", together)
    one, other = (made.client for made in two)
    assert race([merging_of(one, other), merging_of(other, one)]) == ["done", "done"]
    assert not Client.objects.filter(erased_at=None).exists()
    assert left_behind() == 2


def test_control_without_the_lock_who_books_is_left_with_the_number(
    racecourse: str,
    studio: Provider,
    two: tuple[Appointment, Appointment],
    no_lock: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked, done = threading.Event(), threading.Event()
    look = beginning.known_client

    def look_before(*asked: Any, **more: Any) -> Client:
        found = look(*asked, **more)
        looked.set()
        done.wait(TOGETHER)
        return found

    monkeypatch.setattr(beginning, "known_client", look_before)
    stays, goes = two
    wanted = body(studio, starts(racecourse)[4], 1)
    wanted["client"]["email"] = goes.client.email
    merge = merging_of(stays.client, goes.client)

    def merge_between() -> Any:
        looked.wait(TOGETHER)
        try:
            return merge()
        finally:
            done.set()

    booked, merged = race([post(f"{racecourse}appointments/", wanted), merge_between])
    assert (booked.status_code, merged) == (201, "done")
    assert left_behind() == 1
