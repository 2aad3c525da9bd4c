"""The calendar: a list without JavaScript, a feed for the grid, both on the provider's clocks."""

from datetime import date

import orjson
import pytest
from django.test import Client as Browser

from booking.dashboard.calendar import range_of
from booking.models import Provider
from tests.booking import stories
from tests.booking.dashboard.people import text


def feed(desk: Browser, start: str, end: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = orjson.loads(
        desk.get("/dashboard/calendar/feed/", {"start": start, "end": end}).content
    )
    return found


@pytest.mark.parametrize(
    "view, day, first, days, back, on",
    [
        pytest.param("day", "2027-03-03", "2027-03-03", 1, "2027-03-02", "2027-03-04", id="day"),
        pytest.param(
            "week", "2027-03-03", "2027-03-01", 7, "2027-02-22", "2027-03-08", id="week_from_monday"
        ),
        pytest.param("week", "2027-03-07", "2027-03-01", 7, "2027-02-22", "2027-03-08", id="sunday_is_last"),
        pytest.param("month", "2027-02-17", "2027-02-01", 28, "2027-01-01", "2027-03-01", id="february"),
        pytest.param("month", "2027-12-31", "2027-12-01", 31, "2027-11-01", "2028-01-01", id="december"),
        pytest.param("list", "2027-03-03", "2027-03-03", 28, "2027-02-03", "2027-03-31", id="list"),
    ],
)
def test_the_arrows_lead_to_what_comes_before_and_after(
    view: str, day: str, first: str, days: int, back: str, on: str
) -> None:
    shown = range_of(view, date.fromisoformat(day))
    assert (shown.first.isoformat(), shown.days) == (first, days)
    assert (shown.back.isoformat(), shown.on.isoformat()) == (back, on)


def test_the_week_is_listed_by_day_and_names_the_zone(studio: Provider, desk: Browser) -> None:
    stories.confirmed(studio)
    shown = text(desk.get("/dashboard/calendar/?date=2027-03-03"))
    assert "Mon 1 Mar 2027 to Sun 7 Mar 2027" in shown
    assert "Rome time (UTC+01:00)" in shown
    assert "Monday 1 March 2027" in shown
    assert "Ada Moss" in shown
    assert "?view=week&amp;date=2027-02-22" in shown
    assert "?view=week&amp;date=2027-03-08" in shown


def test_an_empty_week_says_so(studio: Provider, desk: Browser) -> None:
    assert "Nothing is booked here" in text(desk.get("/dashboard/calendar/"))


@pytest.mark.parametrize("asked", ["?date=nonsense", "?view=year", "?date=99999-01-01", "?date=0001-01-01"])
def test_an_address_that_makes_no_sense_is_this_week(studio: Provider, desk: Browser, asked: str) -> None:
    assert "Mon 15 Feb 2027 to Sun 21 Feb 2027" in text(desk.get(f"/dashboard/calendar/{asked}"))


def test_the_feed_speaks_of_the_providers_wall_clock_without_a_zone(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    (event,) = feed(desk, "2027-03-01T00:00:00", "2027-03-08T00:00:00")
    assert (event["start"], event["end"]) == ("2027-03-01T10:00:00", "2027-03-01T10:50:00")
    assert event["title"] == "Ada Moss"
    assert event["classNames"] == ["state-confirmed"]
    assert event["extendedProps"] == {
        "service": "Individual session",
        "url": f"/dashboard/appointments/{appointment.uid}/",
    }


def test_the_feed_is_right_on_the_other_side_of_a_clock_change(studio: Provider, desk: Browser) -> None:
    april = stories.MONDAY.replace(month=4, day=5, hour=8)  # 10:00 in Rome, in summer time
    stories.confirmed(studio, start=april)
    (event,) = feed(desk, "2027-04-05T00:00:00", "2027-04-12T00:00:00")
    assert event["start"] == "2027-04-05T10:00:00"


def test_what_was_cancelled_takes_no_time(studio: Provider, desk: Browser) -> None:
    stories.cancel(stories.confirmed(studio), at=stories.EARLY + stories.HOUR)
    assert feed(desk, "2027-03-01T00:00:00", "2027-03-08T00:00:00") == []


@pytest.mark.parametrize(
    "start, end",
    [
        pytest.param("", "", id="nothing"),
        pytest.param("x", "2027-03-08", id="no_date"),
        pytest.param("2027-03-08T00:00:00", "2027-03-01T00:00:00", id="backwards"),
        pytest.param("2027-01-01T00:00:00", "2027-12-01T00:00:00", id="too_much"),
        pytest.param("0001-01-01T00:00:00", "0001-01-02T00:00:00", id="long_ago"),
    ],
)
def test_a_feed_of_nonsense_is_refused(studio: Provider, desk: Browser, start: str, end: str) -> None:
    answer = desk.get("/dashboard/calendar/feed/", {"start": start, "end": end})
    assert (answer.status_code, answer.content) == (400, b"[]")
