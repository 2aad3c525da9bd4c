"""Patterns become tasks whose answers are kept, and punish nobody (A12, A19)."""

from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle
from booking.models import Appointment, Concern, Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, owner, text
from tests.booking.stories import EARLY, MINUTE, MONDAY

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)


@pytest.fixture
def studio() -> Provider:
    return stories.studio()


def missed(studio: Provider, start: datetime) -> Appointment:
    one = stories.confirmed(studio, start=start)
    return lifecycle.mark_no_show(appointment=one, by=stories.owner(studio), at=start + 15 * MINUTE)


def patterns_open() -> list[str]:
    return list(Concern.objects.open().values_list("pattern", flat=True))


def test_three_lapses_raise_one_task_and_not_before(studio: Provider) -> None:
    for week in range(2):
        missed(studio, MONDAY + week * WEEK)
    assert patterns_open() == []

    for week in (2, 3):
        missed(studio, MONDAY + week * WEEK)

    assert patterns_open() == ["chronic"]


@pytest.mark.parametrize(
    ("answers", "opened"), [(False, ["gone quiet"]), (True, [])], ids=["silent", "said_a_word"]
)
def test_two_weeks_without_a_word_after_a_missed_appointment(
    studio: Provider, answers: bool, opened: list[str]
) -> None:
    one = missed(studio, MONDAY)
    over = MONDAY + 15 * MINUTE + FORTNIGHT
    if answers:
        lifecycle.explain(appointment=one, reason="illness", note="", at=MONDAY + WEEK)
    lifecycle.raise_concerns(at=over - MINUTE)
    assert patterns_open() == []

    counts = [lifecycle.raise_concerns(at=over), lifecycle.raise_concerns(at=over)]

    assert patterns_open() == opened
    assert counts == [len(opened), 0]


def test_the_task_has_the_words_ready_and_keeps_the_answer(studio: Provider) -> None:
    client = missed(studio, MONDAY).client
    over = MONDAY + 15 * MINUTE + FORTNIGHT
    lifecycle.raise_concerns(at=over)
    desk = browser(owner(studio))
    with time_machine.travel(over, tick=False):
        desk = browser(owner(studio))
        shown = text(desk.get("/dashboard/"))
        assert "Ada Moss: Gone quiet" in shown
        assert "I have not heard from you since our last appointment" in unquote(shown)
        concern = Concern.objects.get()
        said = {"decision": "let_go", "reason": "", "note": "Wrote a letter.", "then": "today"}
        assert desk.post(f"/dashboard/concerns/{concern.uid}/", said)["Location"] == "/dashboard/"
        shown = text(desk.get(f"/dashboard/clients/{client.uid}/"))

    assert "I let go, kindly" in shown
    assert "Wrote a letter." in shown
    concern.refresh_from_db()
    assert (concern.state, concern.decided_at, concern.user) == ("decided", over, owner(studio))


def test_anothers_task_is_not_there(studio: Provider) -> None:
    missed(studio, MONDAY)
    concern = Concern.objects.get()
    school = stories.school()
    stranger = browser(owner(school))

    assert stranger.post(f"/dashboard/concerns/{concern.uid}/", {"decision": "leave"}).status_code == 404


def test_a_pattern_changes_nothing_by_itself(studio: Provider) -> None:
    for week in range(4):
        missed(studio, MONDAY + week * WEEK)

    later = stories.book(studio, start=MONDAY + 5 * WEEK, at=MONDAY + 4 * WEEK)

    assert (later.status, later.deposit_amount) == ("held", 2700)


def test_an_answer_that_there_is_not_is_refused(studio: Provider) -> None:
    missed(studio, MONDAY)
    lifecycle.raise_concerns(at=MONDAY + 15 * MINUTE + FORTNIGHT)
    with pytest.raises(lifecycle.NotAllowed, match="choose one of the answers"):
        lifecycle.decide_concern(
            concern=Concern.objects.get(), decision="prepay", by=stories.owner(studio), at=EARLY + 9 * WEEK
        )
    assert Browser().get("/dashboard/").status_code == 302
