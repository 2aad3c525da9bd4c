"""`/a/{token}/join/test/`: trying the call ahead, and help for whoever needs it."""

from typing import Any

import pytest
from django.test import Client

from booking.models import Appointment, Provider, TimelineEntry
from reminders.models import Message
from tests.booking.dashboard.people import browser, owner
from tests.booking.pages.test_book import text
from tests.booking.stories import HOUR

FOUND = "camera:denied,microphone:ok,speaker:loud,secret:ok"


@pytest.fixture
def page(link: str) -> str:
    return f"{link}join/test/"


def test_that_page_alone_may_ask_for_camera_and_microphone(visitor: Client, link: str, page: str) -> None:
    assert "camera=(self), geolocation=(), microphone=(self)" in visitor.get(page)["Permissions-Policy"]
    assert "camera=(), " in visitor.get(f"{link}join/")["Permissions-Policy"]
    assert "unsafe" not in visitor.get(page)["Content-Security-Policy"]


def test_it_works(visitor: Client, paid: Appointment, page: str) -> None:
    answer = visitor.post(page, {"answer": "works", "found": "camera:ok,microphone:ok"})

    assert answer["Location"] == f"{page}?done=works"
    paid.refresh_from_db()
    assert (paid.tested_at is not None, paid.needs_help_at) == (True, None)
    entry = TimelineEntry.objects.get(appointment=paid, kind="tested")
    assert entry.facts == {"found": {"camera": "ok", "microphone": "ok"}}
    assert not Message.objects.filter(kind="needs_help").exists()
    assert "You tested camera and sound: it works." in text(visitor.get(page.removesuffix("join/test/")))


def test_who_needs_help_is_passed_on_once_and_seen_at_the_desk(
    visitor: Client, studio: Provider, paid: Appointment, page: str
) -> None:
    for _ in range(2):
        assert visitor.post(page, {"answer": "help", "found": FOUND}).status_code == 302

    told = Message.objects.get(kind="needs_help")
    assert (told.to, told.facts) == ("provider", {"found": {"camera": "denied", "microphone": "ok"}})
    desk = browser(owner(studio))
    needs = "needs help with the call"
    assert needs in text(desk.get("/dashboard/"))
    assert needs in text(desk.get(f"/dashboard/appointments/{paid.uid}/"))
    visitor.post(page, {"answer": "works"})
    assert needs not in text(desk.get("/dashboard/"))


def test_help_is_a_phone_call_away_where_the_service_offers_it(
    visitor: Client, paid: Appointment, link: str, page: str
) -> None:
    paid.client.phone = "+12125550101"
    paid.client.save()
    assert f'<form method="post" action="{link}mode/"' in visitor.get(f"{page}?done=help").content.decode()

    visitor.post(f"{link}mode/", {"mode": "phone"})

    paid.refresh_from_db()
    assert paid.mode == "phone"
    assert "There is no video call to test any more." in text(visitor.get(page))
    assert visitor.post(page, {"answer": "help"}).status_code == 409


def test_an_answer_that_is_none_is_asked_for_again(visitor: Client, paid: Appointment, page: str) -> None:
    answer = visitor.post(page, {"answer": "perhaps", "found": "x" * 9999})

    assert answer.status_code == 400
    assert "Please choose one of the two answers." in text(answer)
    assert not TimelineEntry.objects.filter(kind__in=("tested", "needs_help")).exists()


def test_after_the_end_there_is_nothing_to_test(
    visitor: Client, paid: Appointment, page: str, clock: Any
) -> None:
    clock.move_to(paid.ends_at + HOUR)

    assert "There is no video call to test any more." in text(visitor.get(page))
    assert visitor.post(page, {"answer": "works"}).status_code == 409


def test_the_api_takes_the_same_answer(visitor: Client, paid: Appointment, link: str) -> None:
    token = link.split("/")[2]
    path = f"/api/v1/appointments/{token}/test/"

    def say(body: Any) -> int:
        return visitor.post(path, body, content_type="application/json").status_code

    assert say({"works": False, "found": {"camera": "denied"}}) == 200
    assert Message.objects.filter(kind="needs_help").count() == 1
    for wrong in (
        {},
        {"works": "perhaps"},
        {"works": True, "found": {"door": "ok"}},
        {"works": True, "found": []},
    ):
        assert say(wrong) == 400


def test_ill_be_there_has_a_page_of_its_own_with_one_button(
    visitor: Client, studio: Provider, paid: Appointment, link: str
) -> None:
    shown = visitor.get(f"{link}confirm/").content.decode()
    assert "Will you be there?" in shown
    assert shown.count('<form method="post">') == 1

    visitor.post(f"{link}confirm/")

    assert "Thank you, we know that you are coming." in text(visitor.get(f"{link}confirm/"))
    desk = browser(owner(studio))
    assert "said: I&#x27;ll be there." in desk.get(f"/dashboard/appointments/{paid.uid}/").content.decode()
