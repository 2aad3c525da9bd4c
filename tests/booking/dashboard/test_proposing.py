"""At the desk: times are proposed, urgency is marked, hours and wishes are seen side by side."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle
from booking.models import Appointment, Client, Proposal, Provider
from tests.booking import stories
from tests.booking.dashboard.people import MONDAY, browser, member, text

pytestmark = pytest.mark.django_db

SIXTY_HOURS = MONDAY - timedelta(hours=60)


def path(appointment: Appointment, act: str = "") -> str:
    return f"/dashboard/appointments/{appointment.uid}/{act + '/' if act else ''}"


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(answer)))


@pytest.fixture
def stands(studio: Provider, clock: time_machine.Traveller) -> Appointment:
    made = stories.confirmed(studio)
    clock.move_to(SIXTY_HOURS)
    return made


def test_ticked_and_written_times_are_proposed_together(stands: Appointment, desk: Browser) -> None:
    page = text(desk.get(path(stands)))
    ticked = re.findall(r'name="free" value="([^"]+)"', page)
    assert len(ticked) == 6
    said = {
        "free": [ticked[0].replace("&#x2B;", "+")],
        "own_1": "2027-03-06T18:00",
        "hours": "48",
        "note": "A hearing",
    }
    assert desk.post(path(stands, "propose"), said).status_code == 302
    proposal = Proposal.objects.get()
    starts = [one.start_at.isoformat() for one in proposal.times.all()]
    assert (
        "2027-03-06T17:00:00+00:00" in starts
    )  # six in the evening in Rome, on a Saturday of the provider's choice
    assert len(starts) == 2
    assert proposal.note == "A hearing"
    shown = plain(desk.get(path(stands)))
    assert "They are kept for the client until" in shown
    assert "Take the proposal back" in shown
    assert "You proposed:" in shown


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Please tick or write at least one time."),
        ({"own_1": "Saturday"}, "Please write a day and a time"),
        ({"own_1": "2027-03-28T02:30"}, "This time does not exist on that day"),
        ({"own_1": "2027-02-01T10:00"}, "This time has passed."),
        ({"free": [f"2027-03-0{n}T10:00:00+00:00" for n in range(2, 8)]}, "five times at most"),
    ],
    ids=["none", "words", "skipped_by_the_clocks", "past", "six"],
)
def test_what_cannot_be_proposed_comes_back_with_what_was_typed(
    stands: Appointment, desk: Browser, said: dict[str, Any], words: str
) -> None:
    answer = desk.post(path(stands, "propose"), {"hours": "24", "note": "My own words", **said})
    assert answer.status_code in (400, 409)
    assert words in plain(answer)
    assert "My own words" in text(answer)
    assert not Proposal.objects.exists()


def test_it_is_taken_back_and_the_calendar_shows_it_meanwhile(stands: Appointment, desk: Browser) -> None:
    desk.post(path(stands, "propose"), {"own_1": "2027-03-06T18:00", "hours": "24"})
    week = plain(desk.get("/dashboard/calendar/", {"view": "week", "date": "2027-03-06"}))
    assert "proposed, waits for an answer" in week
    feed = desk.get("/dashboard/calendar/feed/", {"start": "2027-03-01", "end": "2027-03-08"})
    held = [one for one in json.loads(feed.content) if one["classNames"] == ["state-proposed"]]
    assert [one["start"] for one in held] == ["2027-03-06T18:00:00"]
    desk.post(path(stands, "withdraw-proposal"))
    assert Proposal.objects.get().state == "withdrawn"
    assert "waits for an answer" not in plain(desk.get("/dashboard/calendar/", {"date": "2027-03-06"}))


def test_a_request_is_declined_with_times(studio: Provider, desk: Browser) -> None:
    asked = stories.book(studio, "first-meeting", email="new@example.com")
    desk.post(path(asked, "decline"), {"note": "I teach", "own_1": "2027-03-02T10:00"})
    assert stories.fresh(asked).status == "declined"
    assert Proposal.objects.get().state == "open"


def test_urgent_is_marked_with_a_reason_shown_and_taken_back(stands: Appointment, desk: Browser) -> None:
    assert desk.post(path(stands, "urgent"), {"reason": ""}).status_code == 400
    desk.post(path(stands, "urgent"), {"reason": "A deadline on Friday"})
    assert "Urgent: A deadline on Friday" in plain(desk.get(path(stands)))
    assert "urgent" in plain(desk.get("/dashboard/appointments/"))
    desk.post(path(stands, "not-urgent"))
    assert stories.fresh(stands).urgent_reason == ""


# --- Hours and wishes ---


def wishing(provider: Provider, n: int, **said: list[str]) -> Client:
    return Client.objects.create(
        provider=provider,
        name=f"Client {n}",
        email=f"client{n}@example.com",
        timezone="Europe/Rome",
        preferences=said,
        created_at=stories.EARLY,
    )


def test_hours_and_wishes_are_seen_as_a_grid_and_as_sentences(studio: Provider, desk: Browser) -> None:
    wishing(studio, 1, days=["sat"], parts=["morning"])
    wishing(studio, 2, days=["sat", "sun"], parts=["morning"])
    wishing(studio, 3, days=["mon"])
    page = plain(desk.get("/dashboard/clients/wishes/"))
    assert "3 clients have told you which days suit." in page
    assert "2 of them find nothing in your hours." in page
    assert "Opening on Saturday, in the morning, would suit 2 of them." in page
    assert "closed, 2 clients wish it" in page  # for who hears the grid


def test_nobody_said_anything_yet(studio: Provider, desk: Browser) -> None:
    assert "Nobody has said yet what suits" in plain(desk.get("/dashboard/clients/wishes/"))


def test_the_page_asks_as_little_for_forty_clients_as_for_one(
    studio: Provider, desk: Browser, django_assert_max_num_queries: Any
) -> None:
    for n in range(40):
        wishing(studio, n, days=["sat"])
    with django_assert_max_num_queries(8):
        desk.get("/dashboard/clients/wishes/")


def test_wishes_of_others_do_not_count(studio: Provider, desk: Browser) -> None:
    wishing(stories.school(), 1, days=["sat"])
    assert "Nobody has said yet what suits" in plain(desk.get("/dashboard/clients/wishes/"))


def test_the_client_page_says_what_suits(stands: Appointment, desk: Browser) -> None:
    by = stories.CLIENT
    wishes = {"days": ["mon", "thu"], "parts": ["evening"], "modes": ["phone"]}
    lifecycle.prefer(appointment=stands, wishes=wishes, by=by, at=SIXTY_HOURS)
    page = plain(desk.get(f"/dashboard/clients/{stands.client.uid}/"))
    assert "Monday, Thursday" in page
    assert "Phone call" in page


# --- When it costs too much ---


def test_the_offer_for_those_for_whom_it_costs_too_much_is_set_up_here(
    studio: Provider, desk: Browser
) -> None:
    url = "/dashboard/clients/cost/"
    assert desk.post(url, {"service": "first-meeting", "words_en": "In parts, too. "}).status_code == 302
    studio.refresh_from_db()
    assert studio.cost_offer == {"service": "first-meeting", "words": {"en": "In parts, too."}}
    assert "In parts, too." in text(desk.get(url))
    assert desk.post(url, {"service": "nothing"}).status_code == 400
    desk.post(url, {})
    studio.refresh_from_db()
    assert studio.cost_offer == {}


def test_who_may_only_look_changes_nothing(studio: Provider, clock: object) -> None:
    looks = browser(member(studio, "read_only"))
    assert looks.get("/dashboard/clients/cost/").status_code == 200
    assert looks.post("/dashboard/clients/cost/", {"words_en": "x"}).status_code == 403
    studio.refresh_from_db()
    assert studio.cost_offer == {}
