from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policies.rules.local_time import end_of_day, instant, plus_months
from policies.rules.moves import carry_limit

pytestmark = pytest.mark.pure


def at(zone, *parts):
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "original", "days", "limit"),
    [
        pytest.param(
            "Europe/Rome", (2027, 6, 10, 10), 3, datetime(2027, 6, 13, 22, tzinfo=UTC), id="summer_in_rome"
        ),
        pytest.param(
            "Europe/Rome", (2027, 3, 26, 10), 1, datetime(2027, 3, 27, 23, tzinfo=UTC), id="up_to_the_change"
        ),
        pytest.param(
            "Europe/Rome", (2027, 3, 26, 10), 3, datetime(2027, 3, 29, 22, tzinfo=UTC), id="over_the_spring_change"
        ),
        pytest.param(
            "Europe/Rome", (2027, 10, 29, 10), 3, datetime(2027, 11, 1, 23, tzinfo=UTC), id="over_the_autumn_change"
        ),
        pytest.param(
            "America/New_York", (2027, 3, 12, 10), 3, datetime(2027, 3, 16, 4, tzinfo=UTC), id="new_york_spring"
        ),
        pytest.param(
            "America/New_York", (2027, 11, 5, 10), 3, datetime(2027, 11, 9, 5, tzinfo=UTC), id="new_york_autumn"
        ),
        pytest.param(
            "Africa/Cairo", (2027, 4, 26, 10), 3, datetime(2027, 4, 29, 22, tzinfo=UTC), id="next_midnight_skipped"
        ),
        pytest.param(
            "America/Santiago", (2027, 4, 1, 10), 2, datetime(2027, 4, 4, 4, tzinfo=UTC), id="the_hour_before_midnight_twice"
        ),
        pytest.param(
            "America/Havana", (2027, 11, 3, 10), 3, datetime(2027, 11, 7, 4, tzinfo=UTC), id="midnight_twice"
        ),
        pytest.param(
            "America/St_Johns", (2010, 11, 4, 10), 2, datetime(2010, 11, 7, 3, 30, tzinfo=UTC), id="back_over_midnight"
        ),
        pytest.param(
            "Europe/Rome", (2027, 6, 10, 23, 59), 0, datetime(2027, 6, 10, 22, tzinfo=UTC), id="no_days_is_the_same_day"
        ),
        pytest.param(
            "Pacific/Auckland", (2027, 6, 10, 10), 3, datetime(2027, 6, 13, 12, tzinfo=UTC), id="ahead_of_utc"
        ),
    ],
)  # fmt: skip
def test_a_carried_deposit_lasts_to_the_end_of_the_local_day(zone, original, days, limit):
    assert carry_limit(at(zone, *original), days, zone) == limit


def test_the_day_is_that_of_the_provider_not_of_utc():
    late_evening = datetime(2027, 6, 10, 22, 30, tzinfo=UTC)  # already the 11th in Rome
    assert carry_limit(late_evening, 0, "Europe/Rome") == datetime(2027, 6, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Africa/Cairo", "America/Santiago", "America/Havana", "Asia/Beirut", "Europe/Rome"]
)
def test_every_day_ends_where_the_next_begins(zone):
    day = date(2027, 1, 1)
    while day.year == 2027:
        end = end_of_day(day, zone)
        assert end.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)
        assert (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day
        day += timedelta(days=1)


def test_a_skipped_time_is_the_first_instant_after_the_gap():
    change = datetime(2027, 3, 28, 1, tzinfo=UTC)
    for minute in (0, 1, 30, 59):
        assert instant(datetime(2027, 3, 28, 2, minute), "Europe/Rome") == change
    assert instant(datetime(2027, 3, 28, 3), "Europe/Rome") == change


def test_a_skipped_half_hour_ends_at_the_change():
    assert instant(datetime(2027, 10, 3, 2, 10), "Australia/Lord_Howe") == datetime(
        2027, 10, 2, 15, 30, tzinfo=UTC
    )


def test_a_repeated_time_is_its_first_occurrence():
    assert instant(datetime(2027, 10, 31, 2, 30), "Europe/Rome") == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        pytest.param((2027, 1, 31, 9), 1, (2027, 2, 28, 9), id="last_of_february"),
        pytest.param((2027, 10, 15, 9), 12, (2028, 10, 15, 9), id="a_year"),
        pytest.param((2027, 12, 15, 9), 1, (2028, 1, 15, 9), id="over_the_new_year"),
        pytest.param((2028, 2, 29, 9), 12, (2029, 2, 28, 9), id="leap_day"),
        pytest.param((2027, 1, 15, 9), 6, (2027, 7, 15, 9), id="same_clock_in_summer"),
    ],
)
def test_months_are_calendar_months_on_local_clocks(start, months, expected):
    assert plus_months(at("Europe/Rome", *start), months, "Europe/Rome") == at("Europe/Rome", *expected)
