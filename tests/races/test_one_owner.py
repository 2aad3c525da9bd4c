"""Two owners who take the role from each other at the same instant leave one of them an owner, by the lock and, without
it, by the database. The control takes both away and must be left with nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from booking import members
from booking.models import Membership, Provider
from booking.models.provider import ProviderQuerySet
from config import guards
from tests.booking.dashboard.people import member
from tests.races.racing import TOGETHER, race


@pytest.fixture
def two(studio: Provider) -> list[Membership]:
    member(studio, "owner", "the-other-owner@example.org")
    return list(Membership.objects.filter(provider=studio, role="owner").order_by("pk"))


def demoted(one: Membership) -> str:
    members.change(member=one, role="member", refund_limit=None)
    return "done"


def removed(one: Membership) -> str:
    members.remove(member=one, at=timezone.now())
    return "done"


def told(act: Callable[[Membership], str], one: Membership) -> Callable[[], Any]:
    """What came of an act on a connection of its own."""

    def run() -> str:
        try:
            return act(one)
        except members.LastOwner as no:
            return no.code
        except IntegrityError as error:
            return guards.refused_by(error)
        finally:
            connection.close()

    return run


def owners() -> int:
    return Membership.objects.filter(role="owner").count()


@pytest.mark.parametrize("acts", [(demoted, demoted), (removed, demoted), (removed, removed)])
def test_two_owners_who_put_each_other_out_leave_one(two: list[Membership], acts: Any) -> None:
    answers = race([told(act, one) for act, one in zip(acts, reversed(two), strict=True)])
    assert sorted(answers) == ["done", "last_owner"]
    assert owners() == 1


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the provider's row, each write stands alone, and both have looked before either writes."""
    gate = threading.Barrier(2)
    look = members._keep_an_owner

    def look_together(leaves: Membership) -> None:
        look(leaves)
        gate.wait(TOGETHER)

    monkeypatch.setattr(ProviderQuerySet, "locked", lambda rows: rows.all())
    monkeypatch.setattr(members, "_keep_an_owner", look_together)
    for name in ("change", "remove"):
        monkeypatch.setattr(members, name, getattr(members, name).__wrapped__)


@pytest.mark.parametrize("acts", [(demoted, demoted), (removed, demoted), (removed, removed)])
def test_without_the_lock_the_database_still_keeps_one(
    two: list[Membership], no_lock: None, acts: Any
) -> None:
    answers = race([told(act, one) for act, one in zip(acts, reversed(two), strict=True)])
    assert sorted(answers)[0] == "done"
    assert sorted(answers)[1].startswith("last_owner")
    assert owners() == 1


def test_control_without_lock_and_guard_nobody_owns_it(two: list[Membership], no_lock: None) -> None:
    guards.drop(connection)
    assert race([told(demoted, one) for one in reversed(two)]) == ["done", "done"]
    assert owners() == 0
