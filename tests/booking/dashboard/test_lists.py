"""Lists: found, paged by key, with the same number of queries however long they are."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from booking import lifecycle
from booking.dashboard import paging
from booking.models import Provider
from config.personal import APPS
from tests.booking import stories
from tests.booking.dashboard.people import missed, text
from tests.booking.stories import HOUR, MONDAY

PAGES = [
    "",
    "calendar/?date=2027-03-01&view=month",
    "calendar/feed/?start=2027-03-01T00:00:00&end=2027-04-12T00:00:00",
    "appointments/",
    "appointments/?period=all",
    "clients/",
    "money/",
    "messages/",
    "reports/",
    "rules/",
]


def times() -> Iterator[datetime]:
    """Five starts on each Monday from the first on, at the same hours in Rome."""
    for number in range(60):
        week, hour = number // 5, (0, 1, 2, 5, 6)[number % 5]
        summer = HOUR if week >= 4 else timedelta()
        yield MONDAY + timedelta(days=7 * week) + hour * HOUR - summer


def book_many(provider: Provider, wanted: int, *, after: int = 0) -> None:
    """So many, each by a client of its own, paid, with messages and a timeline."""
    for number, start in list(enumerate(times()))[after : after + wanted]:
        who = lifecycle.ClientDetails(name=f"Client {number:02}", email=f"client{number}@example.com")
        stories.confirmed(provider, start=start, client=who)


def asked(desk: Browser, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(f"/dashboard/{page}")
    assert answer.status_code == 200
    return len(queries)


def without_ids() -> list[str]:
    """Every address of the dashboard that needs no id, new ones too."""
    found = [str(one.pattern) for app in APPS for one in get_resolver(f"{app}.dashboard.urls").url_patterns]
    return [one for one in found if "<" not in one and one not in PAGES]


def test_every_page_costs_the_same_number_of_queries_with_three_and_with_thirty(
    studio: Provider, desk: Browser
) -> None:
    book_many(studio, 3)
    pages = [*PAGES, *(one for one in without_ids() if desk.get(f"/dashboard/{one}").status_code == 200)]
    assert len(pages) > 40
    few = {page: asked(desk, page) for page in pages}
    book_many(studio, 27, after=3)
    assert {page: asked(desk, page) for page in pages} == few
    assert max(few.values()) <= 25  # today's: each kind of thing that may wait has one


def test_the_day_costs_the_same_however_much_waits(studio: Provider, desk: Browser, clock: object) -> None:
    first = missed(studio, client=lifecycle.ClientDetails(name="A", email="a@example.com"))
    lifecycle.explain(appointment=first, reason="other", note="x", at=first.no_show_at)
    clock.move_to(MONDAY + 2 * HOUR)  # type: ignore[attr-defined]
    one = asked(desk, "")
    for hour in (1, 2):
        again = missed(
            studio,
            start=MONDAY + hour * HOUR,
            client=lifecycle.ClientDetails(name="B", email=f"b{hour}@example.com"),
        )
        lifecycle.explain(appointment=again, reason="other", note="x", at=again.no_show_at)
    assert asked(desk, "") == one  # three that explained, as many as for one


def test_an_appointments_page_costs_the_same_with_a_long_history(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    path = f"appointments/{appointment.uid}/"
    before = asked(desk, path)
    for minutes in range(1, 20):
        lifecycle.change_mode(
            appointment=appointment,
            mode=("phone", "video")[minutes % 2],
            by=stories.owner(studio),
            at=stories.EARLY + minutes * stories.MINUTE,
        )
    assert asked(desk, path) == before


def test_no_row_is_lost_or_doubled_while_others_are_added(
    studio: Provider, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SIZE", 2)
    book_many(studio, 5)
    seen: list[str] = []
    path = "/dashboard/clients/"
    while path:
        answer = desk.get(path)
        seen += [row["client"].name for row in answer.context["rows"]]
        if len(seen) == 2:
            who = lifecycle.ClientDetails(name="Aaron", email="aaron@example.com")
            stories.confirmed(studio, start=MONDAY + timedelta(days=14), client=who)
        more = answer.context["more"]
        path = f"/dashboard/clients/{more}" if more else ""
    assert seen == [f"Client {number:02}" for number in range(5)]


@pytest.mark.parametrize("after", ["x", "1~", "~", "1~nonsense", "9" * 30 + "~2027", "1~2027-03-01T10:00:00"])
def test_a_key_that_nobody_wrote_is_the_first_page(studio: Provider, desk: Browser, after: str) -> None:
    stories.confirmed(studio)
    for page in ("appointments", "money", "messages"):
        assert "Ada Moss" in text(desk.get(f"/dashboard/{page}/", {"after": after, "q": "Ada"}))


def test_appointments_are_found_by_name_and_state(studio: Provider, desk: Browser) -> None:
    book_many(studio, 3)
    shown = text(desk.get("/dashboard/appointments/?q=client+01"))
    assert "Client 01" in shown
    assert "Client 02" not in shown
    assert "Nothing found" in text(desk.get("/dashboard/appointments/?status=cancelled"))


def test_a_client_has_a_record_and_a_pattern(studio: Provider, desk: Browser, clock: object) -> None:
    appointment = missed(studio)
    clock.move_to(MONDAY + timedelta(days=15))  # type: ignore[attr-defined]
    shown = text(desk.get(f"/dashboard/clients/{appointment.client.uid}/"))
    assert "Gone quiet" in shown
    assert "Perhaps it is time to let go, kindly." in shown
    assert "Gone quiet" in text(desk.get("/dashboard/clients/"))


def test_the_rules_are_shown_as_clients_read_them(studio: Provider, desk: Browser) -> None:
    shown = text(desk.get("/dashboard/rules/"))
    assert "Balanced" in shown
    assert "You pay a deposit of €27.00 ahead." in shown
    assert "Version 1" in shown
