"""The calendar: a list without JavaScript, a feed for the grid, both on the provider's clocks."""

from datetime import date
from typing import Any

import orjson
import pytest
from django.test import Client as Browser

from booking import lifecycle
from booking.dashboard.calendar import range_of
from booking.models import BusyCalendar, BusyElsewhere, Membership, Provider, TimeOff
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY, HOUR, MONDAY

WEEK = ("2027-03-01T00:00:00", "2027-03-08T00:00:00")


def feed(desk: Browser, start: str = WEEK[0], end: str = WEEK[1], **more: str) -> list[dict[str, Any]]:
    """What takes time, without the closed hours and buffers behind it."""
    asked = {"start": start, "end": end, "plain": "1", **more}
    found: list[dict[str, Any]] = orjson.loads(desk.get("/dashboard/calendar/feed/", asked).content)
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
    assert "1 – 7 March 2027" in shown
    assert "Rome time (UTC+01:00)" in shown
    assert "Monday 1 March 2027" in shown
    assert "Ada Moss" in shown
    assert "?view=week&amp;date=2027-02-22" in shown
    assert "?view=week&amp;date=2027-03-08" in shown


def test_an_empty_week_has_its_days_and_an_empty_month_says_so(studio: Provider, desk: Browser) -> None:
    assert text(desk.get("/dashboard/calendar/")).count("Nothing yet.") == 7
    assert "Nothing is booked here" in text(desk.get("/dashboard/calendar/?view=month"))


@pytest.mark.parametrize("asked", ["?date=nonsense", "?view=year", "?date=99999-01-01", "?date=0001-01-01"])
def test_an_address_that_makes_no_sense_is_this_week(studio: Provider, desk: Browser, asked: str) -> None:
    assert "15 – 21 February 2027" in text(desk.get(f"/dashboard/calendar/{asked}"))


def test_the_feed_speaks_of_the_providers_wall_clock_without_a_zone(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    (event,) = feed(desk, "2027-03-01T00:00:00", "2027-03-08T00:00:00")
    assert (event["start"], event["end"]) == ("2027-03-01T10:00:00", "2027-03-01T10:50:00")
    assert event["title"] == "Ada Moss"
    assert event["classNames"] == ["state-confirmed"]
    assert event["extendedProps"] == {
        "service": "Individual session",
        "url": f"/dashboard/appointments/{appointment.uid}/",
        "move": f"/dashboard/appointments/{appointment.uid}/move/",
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


def away(studio: Provider, title: str = "Dentist") -> TimeOff:
    start = MONDAY + 3 * HOUR
    return lifecycle.take_time_off(
        provider=studio, starts_at=start, ends_at=start + HOUR, title=title, at=EARLY
    )


def test_time_off_proposals_and_buffers_are_shown(studio: Provider, desk: Browser) -> None:
    stands = stories.confirmed(studio)
    taken = away(studio)
    by = stories.owner(studio)
    lifecycle.propose(appointment=stands, starts=[MONDAY + 26 * HOUR], by=by, at=EARLY + HOUR)
    other = BusyCalendar.objects.create(provider=studio, name="Home", created_at=EARLY, look_at=EARLY)
    BusyElsewhere.objects.create(
        provider=studio, calendar=other, blocked_from=MONDAY, blocked_until=MONDAY + 2 * HOUR, title="Choir"
    )
    off = next(one for one in feed(desk) if one["classNames"] == ["is-off"])
    assert (off["title"], off["start"]) == ("Dentist", "2027-03-01T13:00:00")
    assert off["extendedProps"]["url"] == f"/dashboard/calendar/time-off/{taken.uid}/"
    kinds = [one["classNames"][0] for one in feed(desk)]
    assert sorted(kinds) == ["is-elsewhere", "is-off", "state-confirmed", "state-proposed"]
    asked = {"start": WEEK[0], "end": WEEK[1]}
    behind = [
        (one["classNames"][0], one["start"][5:16], one["end"][5:16])
        for one in orjson.loads(desk.get("/dashboard/calendar/feed/", asked).content)
        if one.get("display") == "background"
    ]
    assert ("buffer", "03-01T10:50", "03-01T11:00") in behind
    assert ("is-closed", "03-01T00:00", "03-01T09:00") in behind
    shown = text(desk.get("/dashboard/calendar/?date=2027-03-01"))
    assert "Dentist" in shown
    assert "Choir" in shown
    assert "proposed, waits for an answer" in shown
    assert f"/dashboard/appointments/{stands.uid}/move/" in shown


def test_the_feed_is_told_once_and_again_when_something_changed(
    studio: Provider, desk: Browser, django_assert_num_queries: Any
) -> None:
    asked = {"start": WEEK[0], "end": WEEK[1]}
    first = desk.get("/dashboard/calendar/feed/", asked)
    tag = {"If-None-Match": first.headers["ETag"]}
    with django_assert_num_queries(3):  # session, user, desks
        again = desk.get("/dashboard/calendar/feed/", asked, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    away(studio)
    changed = desk.get("/dashboard/calendar/feed/", asked, headers=tag)
    assert (changed.status_code, b"Dentist" in changed.content) == (200, True)
    other = desk.get("/dashboard/calendar/feed/", asked | {"plain": "1"}, headers=tag)
    assert other.status_code == 200


def test_the_feed_asks_as_much_for_three_as_for_one(
    studio: Provider, desk: Browser, django_assert_num_queries: Any
) -> None:
    for n in range(3):
        stories.confirmed(studio, start=MONDAY + 24 * n * HOUR if n < 2 else MONDAY + HOUR)
        with django_assert_num_queries(9):
            found = orjson.loads(
                desk.get("/dashboard/calendar/feed/", {"start": WEEK[0], "end": WEEK[1]}).content
            )
        assert len([one for one in found if one["classNames"] == ["state-confirmed"]]) == n + 1


def test_desks_stand_side_by_side_each_with_its_own_rights(studio: Provider, desk: Browser) -> None:
    other = stories.school()
    me = owner(studio)
    Membership.objects.create(provider=other, user=me, role="read_only")
    session = desk.session
    session["desk"] = str(studio.uid)
    session.save()
    mine = stories.confirmed(studio)
    service = other.services.order_by("pk").first()
    assert service is not None
    theirs = lifecycle.book_for(
        service=service,
        start=MONDAY + 2 * HOUR,
        mode=service.modes[0],
        client=lifecycle.ClientDetails(name="Somchai", email="s@example.com"),
        answers={},
        with_deposit=False,
        by=stories.owner(other),
        at=EARLY,
    )
    found = {one["id"]: one for one in feed(desk, desks="all")}
    assert found[str(mine.uid)]["resourceIds"] == [str(studio.uid)]
    assert "desk" not in found[str(mine.uid)]["extendedProps"]
    his = found[str(theirs.uid)]
    assert (his["resourceIds"], his["extendedProps"]["desk"]) == ([str(other.uid)], str(other.uid))
    assert his["start"] == "2027-03-01T12:00:00"  # on the clocks of the desk one sits at
    assert "move" not in his["extendedProps"]  # read only there
    assert list(found) == [str(mine.uid), str(theirs.uid)]
    assert str(theirs.uid) not in {one["id"] for one in feed(desk)}
    shown = text(desk.get("/dashboard/calendar/?view=day&date=2027-03-01"))
    assert "Somchai" in shown
    assert other.name in shown
    here = "/dashboard/calendar/?view=day&date=2027-03-01"
    gone = desk.post("/dashboard/switch/", {"desk": str(other.uid), "next": here})
    assert gone.headers["Location"] == here
    for elsewhere in ("https://evil.example/", "//evil.example/dashboard/", "/accounts/logout/"):
        gone = desk.post("/dashboard/switch/", {"desk": str(other.uid), "next": elsewhere})
        assert gone.headers["Location"] == "/dashboard/"


def test_a_stranger_sees_nothing_and_who_may_look_only_looks(studio: Provider, desk: Browser) -> None:
    stands, taken = stories.confirmed(studio), away(studio)
    stranger = browser(owner(stories.school()))
    one, move = f"/dashboard/calendar/time-off/{taken.uid}/", f"/dashboard/appointments/{stands.uid}/move/"
    assert feed(stranger, desks="all") == []
    for path in (one, move):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{one}end/").status_code == 404
    assert (
        stranger.post(move, {"start": "2027-03-02T10:00", "hours": "24", "step": "send"}).status_code == 404
    )
    looker = browser(member(studio, "read_only"))
    shown = text(looker.get("/dashboard/calendar/?date=2027-03-01"))
    assert "Ada Moss" in shown
    assert "Book for a client" not in shown
    assert "/move/" not in shown
    assert all("move" not in event["extendedProps"] for event in feed(looker))
    assert looker.get(one).status_code == 200
    for path in (move, "/dashboard/calendar/book/", "/dashboard/calendar/time-off/"):
        assert looker.get(path).status_code == 403
        assert looker.post(path).status_code == 403
    assert looker.post(f"{one}end/").status_code == 403
    assert TimeOff.objects.exists()
