"""The page of reports: ranges, sentences, tables that the charts are drawn from, CSV that no spreadsheet runs."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from booking import lifecycle
from booking.dashboard import report_words
from booking.dashboard.reports import span_of
from booking.insights import Span
from booking.models import Provider, Service
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, missed, text
from tests.booking.stories import HOUR, MONDAY

PAGE = "/dashboard/reports/"
FILE = f"{PAGE}report.csv"
MARCH = "range=own&since=2027-03-01&until=2027-03-31"


@pytest.fixture
def week(studio: Provider, clock: object) -> Provider:
    """Three on a Monday: kept, missed, cancelled late."""
    kept = stories.confirmed(studio)
    late = stories.confirmed(studio, start=MONDAY + HOUR, email="late@example.com")
    stories.cancel(late, at=MONDAY - HOUR, reason="cost")
    lifecycle.complete(appointment=kept, by=stories.owner(studio), at=MONDAY + HOUR)
    missed(studio, start=MONDAY + 2 * HOUR, email="gone@example.com")
    clock.move_to(MONDAY + 4 * HOUR)  # type: ignore[attr-defined]
    return studio


@pytest.mark.parametrize("query", ["", "range=this_month", "range=90_days", "range=year", MARCH])
def test_a_time_is_told_in_sentences_and_tables(week: Provider, desk: Browser, query: str) -> None:
    found = text(desk.get(f"{PAGE}?{query}"))
    assert "1 of 3 appointments were kept." in found
    assert '<span class="figure">33%</span>' in found
    assert "price of €180.00" in found
    assert "Cancelled late: it costs too much" in found
    assert "<details open>" in found  # the tables stand open until a script has drawn them
    assert found.count("<canvas") == found.count("<table") == 5


def test_last_month_is_empty_and_says_so(week: Provider, desk: Browser) -> None:
    found = text(desk.get(f"{PAGE}?range=last_month"))
    assert "No appointment in this time" in found
    assert "chart.umd" not in found


def test_a_service_alone(week: Provider, desk: Browser) -> None:
    couple = Service.objects.get(provider=week, slug="couple")
    session = Service.objects.get(provider=week, slug="session")
    assert "No appointment in this time" in text(desk.get(f"{PAGE}?service={couple.uid}"))
    assert "1 of 3 appointments were kept." in text(desk.get(f"{PAGE}?service={session.uid}"))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("range=own&since=2027-03-31&until=2027-03-01", "This day is before the first one."),
        ("range=own&since=tomorrow&until=2027-03-01", "Please write a day, as 2027-03-01."),
        ("range=own&since=2027-02-30&until=2027-03-01", "Please write a day, as 2027-03-01."),
        ("range=own&since=0001-01-01&until=9999-12-31", "Please write a day, as 2027-03-01."),
        ("range=own&since=2027-03-01", "Please choose a day."),
        ("range=decade", "is not one of the available choices"),
        ("service=0190a9e0-0000-7000-8000-000000000000", "is not one of the available choices"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, FILE])
def test_what_is_wrong_is_said_at_its_field(
    week: Provider, desk: Browser, path: str, query: str, says: str
) -> None:
    answer = desk.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert says in text(answer)


def test_dates_left_standing_beside_another_choice_are_not_asked_about(week: Provider, desk: Browser) -> None:
    assert desk.get(f"{PAGE}?range=year&since=x&until=y").status_code == 200


def rows(answer: object) -> list[dict[str, str]]:
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body)))


def test_the_csv_has_the_same_figures_and_nothing_that_runs(week: Provider, desk: Browser) -> None:
    Service.objects.filter(provider=week, slug="session").update(name={"en": "=HYPERLINK(1)"})
    answer = desk.get(f"{FILE}?{MARCH}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="studio-bianchi-2027-03-01-2027-03-31.csv"'
    found = rows(answer)
    by_row = {(row["table"], row["row"]): row for row in found}
    total = by_row["total", "2027-03-01/2027-03-31"]
    assert (total["kept"], total["due"], total["show_rate"]) == ("1", "3", "0.3333")
    assert by_row["service", "'=HYPERLINK(1)"]["due"] == "3"
    assert by_row["cause", "late_cancel: cost: counts"]["count"] == "1"
    assert (by_row["money", "paid"]["amount"], by_row["money", "paid"]["currency"]) == ("81.00", "EUR")
    assert not [cell for row in found for cell in row.values() if cell.startswith(("=", "+", "@"))]
    excel = b"".join(desk.get(f"{FILE}?{MARCH}&excel").streaming_content)
    assert excel.startswith(b"\xef\xbb\xbftable,row,")


def test_nothing_of_a_neighbour_is_in_it_and_everyone_at_the_desk_may_look(week: Provider) -> None:
    neighbour = stories.school()
    other = browser(member(neighbour, "read_only"))
    theirs = Service.objects.get(provider=week, slug="session")
    assert "No appointment in this time" in text(other.get(f"{PAGE}?{MARCH}"))
    assert other.get(f"{PAGE}?service={theirs.uid}").status_code == 400
    assert {row["kept"] for row in rows(other.get(f"{FILE}?{MARCH}"))} <= {"0", ""}


def test_the_page_costs_as_many_queries_for_many_as_for_few(week: Provider, desk: Browser) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(f"{PAGE}?{MARCH}").status_code == 200
        return len(queries)

    few = asked()
    for hour in (5, 6, 7):
        missed(week, start=MONDAY + hour * HOUR, email=f"{hour}@example.com")
    assert asked() == few <= 13


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("this_month", (2028, 2, 10), (2028, 2, 1), (2028, 2, 29)),
        ("this_month", (2027, 12, 31), (2027, 12, 1), (2027, 12, 31)),
        ("last_month", (2027, 1, 31), (2026, 12, 1), (2026, 12, 31)),
        ("90_days", (2027, 3, 31), (2027, 1, 1), (2027, 3, 31)),
        ("year", (2027, 3, 31), (2026, 4, 1), (2027, 3, 31)),
    ],
)
def test_the_choices_are_whole_days(name: str, today: tuple, first: tuple, last: tuple) -> None:
    assert span_of(name, date(*today), "Europe/Rome") == Span(date(*first), date(*last), "Europe/Rome")


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(199, 200, "99%"), (200, 200, "100%"), (1, 300, "1%"), (0, 9, "0%"), (1, 8, "13%")],
)
def test_all_and_none_are_never_rounded_to(part: int, whole: int, said: str) -> None:
    assert report_words.percent(part, whole) == said
