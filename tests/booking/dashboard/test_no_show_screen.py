"""The screen of a provider who waits: what is noted, and what changes without a reload (A1, A2)."""

import re

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle, tokens
from booking.actors import CLIENT
from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.dashboard.people import MINUTE, MONDAY, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def waited_for(studio: Provider, clock: time_machine.Traveller) -> Appointment:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 6 * MINUTE)
    return appointment


def mark_of(shown: str) -> str:
    found = re.search(r"\?mark=(\w+)", shown)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("way", "words"),
    [("call", "you called"), ("text", "you sent a text"), ("mail", "you wrote a mail")],
)
def test_a_contact_by_a_button_is_on_the_timeline(
    desk: Browser, waited_for: Appointment, way: str, words: str
) -> None:
    said = desk.post(f"/dashboard/appointments/{waited_for.uid}/reached_out/", {"way": way, "then": "today"})

    assert said["Location"] == "/dashboard/"
    line = waited_for.timeline.get(kind="reached_out")
    assert (line.facts, line.by, line.user.email) == ({"way": way}, "provider", "anna@studio-bianchi.example")
    assert f"10:06: {words}" in text(desk.get("/dashboard/"))
    shown = text(desk.get(f"/dashboard/appointments/{waited_for.uid}/"))
    assert f"You tried to reach Ada Moss: {words}." in shown
    assert "Studio Bianchi tried to reach you." in text(Browser().get(tokens.manage_path(waited_for)))


def test_a_way_that_there_is_not_is_refused(desk: Browser, waited_for: Appointment) -> None:
    path = f"/dashboard/appointments/{waited_for.uid}/reached_out/"
    assert desk.post(path, {"way": "pigeon"}).status_code == 400
    assert not waited_for.timeline.filter(kind="reached_out").exists()


def test_today_that_is_open_hears_of_nothing_until_something_happens(
    desk: Browser, waited_for: Appointment
) -> None:
    mark = mark_of(text(desk.get("/dashboard/")))
    assert desk.get(f"/dashboard/?mark={mark}").status_code == 204

    lifecycle.late(appointment=waited_for, minutes=10, at=MONDAY + 7 * MINUTE)

    answer = desk.get(f"/dashboard/?mark={mark}")
    assert answer.status_code == 200
    assert "10 minutes late. Can you wait?" in text(answer)


def test_an_appointment_that_is_open_sees_who_came(desk: Browser, waited_for: Appointment) -> None:
    path = f"/dashboard/appointments/{waited_for.uid}/"
    shown = text(desk.get(path))
    assert 'hx-trigger="every 8s"' in shown
    assert "There is something new to decide." not in shown
    asked = re.search(r'hx-get="([^"]+)"', shown)[1]

    lifecycle.arrive(appointment=waited_for, by=CLIENT, at=MONDAY + 7 * MINUTE)

    shown = text(desk.get(asked))
    assert "Ada Moss is here." in shown
    assert "There is something new to decide." in shown


def test_a_page_of_another_day_does_not_look_again(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY - 31 * MINUTE)
    assert 'hx-trigger="every' not in text(desk.get(f"/dashboard/appointments/{appointment.uid}/"))
