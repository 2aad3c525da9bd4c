from datetime import UTC, date, datetime, timedelta

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
