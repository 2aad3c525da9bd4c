"""The figures of the reports by bearer token."""

from typing import Any

import pytest

from booking import lifecycle
from booking.models import Provider
from tests.booking import stories
from tests.booking.api.calls import Api, token
from tests.booking.api.test_schema import held_against, schema
from tests.booking.dashboard.people import missed
from tests.booking.stories import HOUR, MONDAY

MARCH = {"from": "2027-03-01", "to": "2027-03-31"}

__all__ = ["schema"]


@pytest.fixture
def march(studio: Provider) -> Provider:
    kept = stories.confirmed(studio)
    lifecycle.complete(appointment=kept, by=stories.owner(studio), at=MONDAY + HOUR)
    missed(studio, start=MONDAY + 2 * HOUR, email="gone@example.com")
    return studio


def test_the_figures_are_those_of_the_page_and_of_the_schema(march: Provider, desk: Api, schema: Any) -> None:
    answer = desk.get("insights/", MARCH | {"service": "session"})
    held_against(schema, "insights/", "get", answer)
    found = answer.body
    assert (found["from"], found["to"], found["timezone"]) == ("2027-03-01", "2027-03-31", "Europe/Rome")
    assert found["appointments"] == {
        "booked": 2,
        "due": 2,
        "kept": 1,
        "no_show": 1,
        "late_cancel": 0,
        "excused": 0,
        "in_time": 0,
        "by_provider": 0,
        "open": 0,
        "show_rate": 0.5,
    }
    assert (found["before"]["from"], found["before"]["to"]) == ("2027-02-01", "2027-02-28")
    assert found["before"]["show_rate"] is None
    assert [one["weekday"] for one in found["by_weekday"] if one["due"]] == ["mon"]
    assert [one["booked_ahead"] for one in found["by_lead_time"] if one["due"]] == ["2_to_4_weeks"]
    assert found["lapses"] == [{"kind": "no_show", "reason": None, "counting": 1, "excused": 0}]
    assert found["price_of_lapses"] == [{"amount": 9000, "currency": "EUR"}]
    assert found["money"][0]["paid"] == {"amount": 5400, "currency": "EUR"}
    assert found["reminders"]["enough_to_compare"] is False
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "from"),
        ({"from": "2027-03-01"}, "to"),
        (MARCH | {"from": "2027-04-01"}, "to"),
        (MARCH | {"from": "2027-02-30"}, "from"),
        (MARCH | {"to": "now"}, "to"),
        (MARCH | {"to": "9999-12-31"}, "to"),
        (MARCH | {"service": "nothing"}, "service"),
        (MARCH | {"service": ""}, "service"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_by_field(
    march: Provider, desk: Api, query: dict[str, str], field: str
) -> None:
    answer = desk.get("insights/", query)
    assert (answer.status, list(answer.errors)) == (400, [field])


def test_nobody_without_a_token_and_nothing_of_a_neighbour(
    march: Provider, school: Provider, api: Api
) -> None:
    assert api.get("insights/", MARCH).status == 401
    reader = Api(token(school, "read"))
    found = reader.get("insights/", MARCH).body
    assert (found["appointments"]["booked"], found["by_service"], found["money"]) == (0, [], [])
    assert reader.get("insights/", MARCH | {"service": "session"}).status == 400
