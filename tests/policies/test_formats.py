from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from config import formats
from policies.rules import money

pytestmark = pytest.mark.pure

AT = datetime(2027, 3, 5, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        (400000, "EUR", "en", "€4,000.00"),
        (400000, "EUR", "it", "4.000,00\u00a0€"),
        (40000, "THB", "th", "฿400.00"),
        (5000, "JPY", "en", "JP¥5,000"),
        (5120, "KWD", "en", "KWD\u00a05.120"),
        (50000, "ISK", "en", "ISK\u00a0500"),
        (50000, "UGX", "en", "UGX\u00a0500"),
        (1050, "HUF", "en", "HUF\u00a010.50"),
        (-5, "EUR", "en", "-€0.05"),
        (12, "EUR", "xx", "€0.12"),
    ],
)
def test_money_with_the_decimals_that_stripe_counts(amount, currency, language, expected):
    with translation.override(language):
        assert formats.money(amount, currency) == expected


@pytest.mark.parametrize(
    ("language", "day", "short", "month", "monday"),
    [
        ("en", "Friday 5 March 2027", "Fri 5 Mar 2027", "March 2027", "Monday"),
        ("it", "venerdì 5 marzo 2027", "ven 5 mar 2027", "marzo 2027", "lunedì"),
        ("th", "วันศุกร์ที่ 5 มีนาคม 2570", "ศ. 5 มี.ค. 2570", "มีนาคม 2570", "วันจันทร์"),
    ],
)
def test_days_in_each_language(language, day, short, month, monday):
    with translation.override(language):
        assert formats.day(AT, "UTC") == formats.day(date(2027, 3, 5)) == day
        assert formats.short_day(AT, "UTC") == short
        assert formats.month(AT, "UTC") == month
        assert formats.weekday(0) == monday


@pytest.mark.parametrize(
    ("language", "first", "last", "said"),
    [
        ("en", date(2027, 3, 1), date(2027, 3, 7), "1 – 7 March 2027"),
        ("it", date(2027, 2, 22), date(2027, 3, 21), "22 feb – 21 mar 2027"),
        ("th", date(2026, 12, 28), date(2027, 1, 3), "28 ธ.ค. 2569 – 3 ม.ค. 2570"),
    ],
    ids=["in_a_month", "in_a_year", "over_new_year"],
)
def test_days_from_one_to_another_say_once_what_both_share(language, first, last, said):
    with translation.override(language):
        assert formats.days(first, last) == said


def test_the_zone_decides_day_and_time():
    with translation.override("en"):
        assert formats.moment(AT, "Europe/Rome") == "Friday 5 March 2027, 23:30"
        assert formats.moment(AT, "Asia/Bangkok") == "Saturday 6 March 2027, 05:30"
        assert formats.time(AT, "America/New_York") == "17:30"


@pytest.mark.parametrize(
    ("minute", "on_24", "on_12"),
    [
        (0, "00:00", "12:00\u00a0am"),
        (1, "00:01", "12:01\u00a0am"),
        (9 * 60, "09:00", "9:00\u00a0am"),
        (11 * 60 + 59, "11:59", "11:59\u00a0am"),
        (12 * 60, "12:00", "12:00\u00a0pm"),
        (14 * 60 + 30, "14:30", "2:30\u00a0pm"),
        (23 * 60 + 59, "23:59", "11:59\u00a0pm"),
        (24 * 60, "24:00", "12:00\u00a0am"),
    ],
    ids=[
        "midnight",
        "a_minute_past",
        "morning",
        "before_noon",
        "noon",
        "afternoon",
        "before_midnight",
        "end_of_day",
    ],
)
def test_a_time_of_day_on_24_hours_and_on_12(minute, on_24, on_12):
    with translation.override("en"):
        assert formats.time_of_day(minute) == on_24
        with formats.on_clocks("h12"):
            assert formats.time_of_day(minute) == on_12
            assert formats.clocks() == "h12"
    for language in ("it", "th"):
        with translation.override(language), formats.on_clocks("h12"):
            assert formats.time_of_day(minute) == on_24
            assert formats.clocks() == "h23"


def test_a_reader_is_spoken_to_in_its_language_and_on_its_clocks_and_then_all_is_as_before():
    reader = SimpleNamespace(language="en", hour_cycle="h12")
    with translation.override("it"), formats.on_clocks("h23"):
        with formats.speaking_to(reader):
            assert formats.moment(AT, "Europe/Rome") == "Friday 5 March 2027, 11:30\u00a0pm"
            assert formats.short_moment(AT, "UTC") == "Fri 5 Mar 2027, 10:30\u00a0pm"
        assert formats.time(AT, "Europe/Rome") == "23:30"
        assert formats.hour_cycle() == "h23"


def test_clocks_hold_for_who_has_said_nothing():
    with formats.on_clocks(""):
        assert (formats.hour_cycle(), formats.hour_cycle(otherwise="h12")) == ("h23", "h12")
        formats.on_clocks_unless_said("h12")
        formats.on_clocks_unless_said("h23")
        assert formats.hour_cycle() == "h12"
    assert formats.hour_cycle() == "h23"


def test_a_zone_is_a_place_and_an_offset():
    with translation.override("en"):
        assert formats.zone_label("Europe/Rome", AT) == "Rome time (UTC+01:00)"
        assert formats.zone_label("Europe/Rome", AT + timedelta(days=60)) == "Rome time (UTC+02:00)"
        assert formats.zone_label("Asia/Kathmandu", AT) == "Kathmandu time (UTC+05:45)"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(hours=48), "48 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (timedelta(seconds=36), "36 seconds"),
        (timedelta(), "0 minutes"),
    ],
)
def test_lengths(span, expected):
    with translation.override("en"):
        assert formats.length(span) == expected


@pytest.mark.parametrize("language", ["en", "it", "th"])
def test_every_currency_is_written_with_all_its_digits_and_no_more(language: str) -> None:
    for currency in sorted(money.CURRENCIES):
        amount = 1234567 * money.coin(currency) if money.coin(currency) > 1 else 123456780
        with translation.override(language):
            text = formats.money(amount, currency)
        digits = "".join(one for one in text if one.isdigit())
        assert digits == str(amount // money.coin(currency)), currency
