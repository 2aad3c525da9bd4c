"""A member's own appointments in the member's own calendar: the address is the key, and it can be changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client as Browser

from booking.models import Membership, Provider, User
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MONDAY, browser, member, missed, text

PAGE = "/dashboard/calendar/subscribe/"


@pytest.fixture(autouse=True)
def _reads_english(studio: Provider) -> None:
    User.objects.update(language="en")


def address(desk: Browser, names: str = "names") -> str:
    """A new one, as the page shows it."""
    assert desk.post(PAGE, {"names": names}).status_code == 302
    found = re.search(r'value="http://testserver(/calendar/[\w-]+\.ics)"', text(desk.get(PAGE)))
    assert found
    return found[1]


def entries(url: str) -> list[Any]:
    answer = Browser().get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_there_is_none_until_it_is_asked_for(studio: Provider, desk: Browser) -> None:
    assert ".ics" not in text(desk.get(PAGE))
    assert not Membership.objects.exclude(calendar_hash=None).exists()


def test_it_has_what_takes_time_with_client_place_and_state(
    studio: Provider, desk: Browser, clock: Any
) -> None:
    stories.confirmed(studio)
    stories.book(studio, start=MONDAY + 2 * HOUR, email="ben@example.com")
    gone = stories.confirmed(studio, start=MONDAY + timedelta(weeks=1), email="cia@example.com")
    stories.cancel(gone, at=stories.EARLY + HOUR)
    met, held = entries(address(desk))
    assert met["SUMMARY"] == "Ada Moss: Individual session"
    assert (met["STATUS"], held["STATUS"]) == ("CONFIRMED", "TENTATIVE")
    assert held["SUMMARY"] == "Ada Moss: Individual session (waits for the client)"
    assert met["DTSTART"].dt == MONDAY
    assert met["LOCATION"].startswith("https://")
    assert "/dashboard/appointments/" in met["URL"]


def test_who_did_not_come_is_marked(studio: Provider, desk: Browser, clock: Any) -> None:
    missed(studio)
    clock.move_to(MONDAY + HOUR)
    assert [one["SUMMARY"] for one in entries(address(desk))] == [
        "Ada Moss: Individual session (did not come)"
    ]


def test_it_can_show_initials_alone(studio: Provider, desk: Browser) -> None:
    stories.confirmed(studio)
    url = address(desk, "initials")
    assert [one["SUMMARY"] for one in entries(url)] == ["A.M.: Individual session"]
    assert b"Moss" not in Browser().get(url).content


def test_a_move_is_in_the_next_look_and_nothing_new_is_a_304(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    url = address(desk)
    first = Browser().get(url)
    assert Browser().get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    stories.move(appointment, start=MONDAY + 2 * HOUR, at=stories.EARLY + HOUR)
    second = Browser().get(url, headers={"If-None-Match": first["ETag"]})
    (moved,) = icalendar.Calendar.from_ical(second.content).walk("VEVENT")
    (before,) = icalendar.Calendar.from_ical(first.content).walk("VEVENT")
    assert moved["DTSTART"].dt == MONDAY + 2 * HOUR
    assert (moved["UID"], moved["SEQUENCE"] > before["SEQUENCE"]) == (before["UID"], True)


def test_a_new_address_ends_the_old_one_and_stopping_ends_it_for_good(
    studio: Provider, desk: Browser
) -> None:
    old = address(desk)
    new = address(desk)
    assert (Browser().get(old).status_code, Browser().get(new).status_code) == (404, 200)
    assert desk.post(PAGE, {"stop": "1"}).status_code == 302
    assert Browser().get(new).status_code == 404
    assert address(desk) not in (old, new)


def test_each_member_has_one_of_ones_own_which_ends_with_the_membership(
    studio: Provider, desk: Browser
) -> None:
    owners = address(desk)
    helper = member(studio, "read_only")
    theirs = address(browser(helper))
    assert owners != theirs
    helper.memberships.all().delete()
    assert (Browser().get(theirs).status_code, Browser().get(owners).status_code) == (404, 200)


def test_a_log_in_that_was_shut_reads_nothing_any_more(studio: Provider, desk: Browser) -> None:
    helper = member(studio, "member")
    theirs = address(browser(helper))
    helper.is_active = False
    helper.save()
    assert Browser().get(theirs).status_code == 404


@pytest.mark.parametrize("secret", ["x", "a" * 24, "é", "a" * 5000])
def test_a_secret_that_is_none_is_not_found(db: None, secret: str) -> None:
    assert Browser().get(f"/calendar/{secret}.ics").status_code == 404


def test_nothing_of_another_provider_is_in_it(studio: Provider, desk: Browser) -> None:
    school = stories.school()
    url = address(desk)
    assert entries(url) == []
    nok = browser(stories.owner(school).user)  # type: ignore[arg-type]
    assert address(nok) != url


def test_what_a_client_typed_makes_no_line_of_its_own(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    appointment.client.name = "Eve\r\nATTENDEE:mailto:x@example.com\nBEGIN:VEVENT"
    appointment.client.save()
    url = address(desk)
    assert len(entries(url)) == 1
    assert b"\r\nATTENDEE" not in Browser().get(url).content


def test_it_costs_the_same_number_of_queries_with_one_and_with_many(
    studio: Provider, desk: Browser, django_assert_num_queries: Any
) -> None:
    url = address(desk)
    for weeks in range(3):
        stories.confirmed(studio, start=MONDAY + timedelta(weeks=weeks))
    with django_assert_num_queries(2):
        Browser().get(url)


def test_what_it_shows_must_be_chosen(studio: Provider, desk: Browser) -> None:
    answer = desk.post(PAGE, {"names": "everything"})
    assert answer.status_code == 400
    assert not Membership.objects.exclude(calendar_hash=None).exists()
