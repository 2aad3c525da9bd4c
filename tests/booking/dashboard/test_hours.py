"""Weekly hours and days that differ, as the provider sets them."""

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from booking.dashboard import hours_form
from booking.models import Override, Provider, WeeklyHours
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, text
from tests.booking.stories import MONDAY

HOURS = "/dashboard/set-up/hours/"
DAYS = "/dashboard/set-up/days/"
ON = MONDAY.date()
pytestmark = pytest.mark.django_db


def week(provider: Provider) -> list[tuple[int, int, int]]:
    return list(
        WeeklyHours.objects.filter(provider=provider)
        .order_by("weekday", "opens_minute")
        .values_list("weekday", "opens_minute", "closes_minute")
    )


def overrides() -> list[tuple[date, int | None, int | None]]:
    return list(
        Override.objects.order_by("on", "opens_minute").values_list("on", "opens_minute", "closes_minute")
    )


@pytest.mark.parametrize(
    ("said", "end", "minute"),
    [
        ("9", False, 540),
        ("9:30", False, 570),
        ("09.30", False, 570),
        ("0930", False, 570),
        ("24:00", True, 1440),
        ("24:00", False, None),
        ("24:01", True, None),
        ("9:30 am", False, 570),
        ("9:30\u00a0PM", False, 1290),
        ("5 p.m.", True, 1020),
        ("12:00 pm", True, 720),
        ("12 am", False, 0),
        ("12:00 am", True, 1440),
        ("13:00 pm", True, None),
        ("0 am", False, None),
        ("12:60", False, None),
        ("noon", False, None),
        ("", False, None),
    ],
)
def test_times_are_read_as_people_write_them(said: str, end: bool, minute: int | None) -> None:
    assert hours_form.minute_of(said, end=end) == minute


def test_who_reads_twelve_hours_finds_and_writes_them_so(desk: Browser, studio: Provider) -> None:
    before = week(studio)
    Provider.objects.update(hour_cycle="h12")
    shown = desk.get(HOURS)
    assert 'data-hour-cycle="h12"' in text(shown)
    sent = {
        f"{day.key}-{row.number}-{end}": value
        for day in shown.context["week"]
        for row in day.rows
        for end, value in (("from", row.opens), ("to", row.closes))
    }
    assert "9:00\u00a0am" in sent.values()
    assert desk.post(HOURS, sent | {"save": "1"}).status_code == 302
    assert week(studio) == before
    refused = text(desk.post(HOURS, sent | {"mon-0-from": "nine", "save": "1"}))
    assert "Write when it begins as 9:00\u00a0am." in refused


def test_the_page_shows_the_week_its_sum_and_the_next_free_time(desk: Browser, studio: Provider) -> None:
    shown = text(desk.get(HOURS))
    total = sum(closes - opens for _day, opens, closes in week(studio))
    assert f"{total // 60} hours" in shown
    assert "The next free time on your booking page:" in shown
    assert shown.index("Monday") < shown.index("Sunday")


def test_what_is_posted_is_the_week_and_the_version_rises(desk: Browser, studio: Provider) -> None:
    said = {
        "mon-0-from": "9",
        "mon-0-to": "12:15",
        "mon-1-from": "20:00",
        "mon-1-to": "24:00",
        "tue-0-from": "",
    }
    answer = desk.post(HOURS, said)
    assert answer.status_code == 302
    assert week(studio) == [(0, 540, 735), (0, 1200, 1440)]
    before = studio.version
    studio.refresh_from_db()
    assert studio.version > before


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"mon-0-from": "9:00", "mon-0-to": "8:00"}, "It must end after it begins, at 09:00."),
        ({"mon-0-from": "9:00", "mon-0-to": "00:00"}, "Midnight at the end of a day is 24:00."),
        ({"mon-0-from": "9:00"}, "When does it end?"),
        ({"mon-0-from": "nine", "mon-0-to": "17:00"}, "Write when it begins as 09:00."),
        (
            {"mon-0-from": "9", "mon-0-to": "12", "mon-1-from": "11", "mon-1-to": "13"},
            "It overlaps 09:00 to 12:00 of the same day.",
        ),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_lost(
    desk: Browser, studio: Provider, said: dict[str, str], told: str
) -> None:
    before = week(studio)
    answer = desk.post(HOURS, said)
    assert answer.status_code == 400
    assert told in text(answer)
    for typed in said.values():
        assert f'value="{typed}"' in text(answer)
    assert week(studio) == before


def test_rows_are_added_taken_out_and_copied_without_saving(desk: Browser, studio: Provider) -> None:
    before = week(studio)
    said = {"mon-0-from": "9", "mon-0-to": "12"}
    assert 'name="mon-1-from"' in text(desk.post(HOURS, said | {"add": "mon"}))
    two = said | {"mon-1-from": "14", "mon-1-to": "18"}
    left = text(desk.post(HOURS, two | {"remove": "mon-0"}))
    assert 'name="mon-0-from" value="14"' in left
    assert 'name="mon-1-from"' not in left
    copied = text(desk.post(HOURS, two | {"copy": "mon", "mon-copy": ["tue", "sun"]}))
    assert 'name="sun-1-to" value="18"' in copied
    assert "Not saved yet." in copied
    assert week(studio) == before


def test_thai_weeks_begin_on_sunday(desk: Browser, studio: Provider) -> None:
    shown = text(desk.get(HOURS, headers={"accept-language": "th"}))
    assert shown.index('data-day="sun"') < shown.index('data-day="mon"')


def test_days_are_closed_in_a_range_and_shown_as_one(desk: Browser, studio: Provider) -> None:
    Override.objects.all().delete()
    desk.post(DAYS, {"first": "2027-08-09", "last": "2027-08-20", "what": "closed"})
    assert len(overrides()) == 12
    shown = text(desk.get(DAYS))
    assert "Mon 9 Aug 2027 to Fri 20 Aug 2027" in shown
    assert desk.post(f"{DAYS}remove/", {"first": "2027-08-09", "last": "2027-08-20"}).status_code == 302
    assert overrides() == []


def test_a_day_with_other_hours_takes_the_place_of_what_was_said_of_it(
    desk: Browser, studio: Provider
) -> None:
    Override.objects.all().delete()
    day = {"first": "2027-08-09", "what": "closed"}
    desk.post(DAYS, day)
    hours = {"open-0-from": "10", "open-0-to": "13", "open-1-from": "22", "open-1-to": "24:00"}
    assert desk.post(DAYS, day | {"what": "open"} | hours).status_code == 302
    on = date(2027, 8, 9)
    assert overrides() == [(on, 600, 780), (on, 1320, 1440)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"first": "2027-02-01", "what": "closed"}, "This day has passed."),
        ({"first": "2027-08-09", "last": "2027-08-08", "what": "closed"}, "not be before the first day"),
        ({"first": "2027-08-09", "last": "2029-08-08", "what": "closed"}, "At most a year in one go."),
        ({"first": "2099-08-09", "what": "closed"}, "within the next ten years"),
        ({"first": "soon", "what": "closed"}, "Enter a valid date."),
        ({"first": "2027-08-09", "what": "open"}, "Write at least one period."),
        ({"first": "2027-08-09", "what": "open", "open-0-from": "9"}, "When does it end?"),
    ],
)
def test_days_that_cannot_be_are_told(
    desk: Browser, studio: Provider, said: dict[str, str], told: str
) -> None:
    before = overrides()
    answer = desk.post(DAYS, said)
    assert answer.status_code == 400
    assert told in text(answer)
    assert overrides() == before


def test_appointments_on_a_closed_day_are_named_and_stay(desk: Browser, studio: Provider) -> None:
    booked = stories.confirmed(studio)
    answer: Any = desk.post(DAYS, {"first": ON.isoformat(), "what": "closed"}, follow=True)
    shown = text(answer)
    assert f"/dashboard/appointments/{booked.uid}/" in shown
    assert "An appointment stands outside these hours" in shown
    assert stories.fresh(booked).status == "confirmed"
    fitting = {"open-0-from": "10", "open-0-to": "11", "what": "open"}
    shown = text(desk.post(DAYS, {"first": ON.isoformat()} | fitting, follow=True))
    assert f"/dashboard/appointments/{booked.uid}/" not in shown


def test_who_only_reads_changes_nothing(studio: Provider) -> None:
    reader = browser(member(studio, "read_only"))
    before = week(studio), overrides()
    for page, said in (
        (HOURS, {"mon-0-from": "9", "mon-0-to": "10"}),
        (DAYS, {"first": ON, "what": "closed"}),
    ):
        assert reader.get(page).status_code == 200
        assert reader.post(page, said).status_code == 403
    assert reader.post(f"{DAYS}remove/", {"first": ON, "last": ON}).status_code == 403
    assert (week(studio), overrides()) == before
