"""The same time week after week, on the page and by the API: what speaks against a week is said and decided before
anything is agreed to."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from booking import tokens
from booking.models import Appointment, Provider, Service
from payments.models import Payment
from tests.booking import stories
from tests.booking.api.calls import Api, booking, token, token_in
from tests.booking.pages.test_book import SESSION, details, text
from tests.booking.stories import MONDAY

WEEK = timedelta(weeks=1)
PICKED = {"start": "2027-03-01T09:00:00Z", "mode": "video", "tz": "Europe/Rome"}
WEEKLY = {"every": "1", "times": "3"}
LOOK = "providers/studio-bianchi/services/session/series/"


@pytest.fixture
def weekly(studio: Provider) -> Provider:
    Service.objects.filter(provider=studio, slug="session").update(series_most=10, horizon_days=200)
    return studio


def test_it_is_asked_only_where_the_service_is_booked_so(visitor: Browser, studio: Provider) -> None:
    assert "week after week" not in text(visitor.get(SESSION, PICKED))
    Service.objects.filter(provider=studio).update(series_most=4, approval=False)
    assert "week after week" in text(visitor.get(SESSION, PICKED))


def test_all_dates_and_both_sums_are_shown_and_booked(visitor: Browser, weekly: Provider) -> None:
    page = visitor.get(SESSION, PICKED | WEEKLY)
    said = text(page)
    assert "3 appointments" in said
    assert said.count("March 2027") >= 3
    assert "€270.00" in said
    assert "Book all 3 and pay €81.00" in said

    done = visitor.post(SESSION, details(weekly) | WEEKLY)
    assert done.status_code == 302
    assert "/pay/" in done["Location"]
    assert [one.starts_at for one in Appointment.objects.order_by("pk")] == [
        MONDAY + n * WEEK for n in range(3)
    ]
    assert Payment.objects.get().amount == 8100


def test_a_week_that_is_taken_is_decided_about_first(visitor: Browser, weekly: Provider) -> None:
    stories.confirmed(weekly, start=MONDAY + WEEK, email="eva@example.com")
    page = visitor.get(SESSION, PICKED | WEEKLY)
    said = text(page)
    assert "This time is taken." in said
    assert "Leave this one out" in said
    assert "I have read the terms" not in said
    assert page.content.count(b'type="radio" name="in_1"') == 4

    assert "Book all 2" in text(visitor.get(SESSION, PICKED | WEEKLY | {"in_1": "leave_out"}))
    refused = visitor.post(SESSION, details(weekly) | WEEKLY)
    assert refused.status_code == 409
    assert b'name="name" value="Ada Moss"' in refused.content  # what was typed goes along
    assert Appointment.objects.filter(client__email="ada@example.com").count() == 0

    other = page.context["repeat"].weeks[1].choices[0][0]
    again = visitor.post(
        SESSION, details(weekly) | WEEKLY | {"only_pick": "yes", "in_1": other, "start": PICKED["start"]}
    )
    assert "Instead of Monday 8 March 2027" in text(again)
    assert again.context["form"]["name"].value() == "Ada Moss"
    assert visitor.post(SESSION, details(weekly) | WEEKLY | {"in_1": other}).status_code == 302
    assert Appointment.objects.filter(status="held").count() == 3


@pytest.mark.parametrize(
    "odd", [{"every": "9"}, {"times": "99"}, {"times": "-1"}, {"every": "x"}, {"times": ""}, {"in_1": "soon"}]
)
def test_odd_wishes_are_said_never_a_500(visitor: Browser, weekly: Provider, odd: dict[str, str]) -> None:
    assert visitor.get(SESSION, PICKED | WEEKLY | odd).status_code == 200
    answer = visitor.post(SESSION, details(weekly) | WEEKLY | odd)
    assert answer.status_code in (302, 400, 409)
    assert answer.status_code == (302 if "in_1" in odd else 400)


def test_a_clock_change_is_said(visitor: Browser, weekly: Provider) -> None:
    page = visitor.get(SESSION, PICKED | {"every": "2", "times": "4"})
    assert [week.words[-5:] for week in page.context["repeat"].weeks] == ["10:00"] * 4


def test_the_api_looks_and_books(weekly: Provider) -> None:
    api = Api()
    seen = api.get(LOOK, {"start": PICKED["start"], "mode": "video", "times": "3"})
    assert [one["code"] for one in seen.body["occurrences"]] == [None] * 3
    assert seen.body["deposit"] == {"amount": 8100, "currency": "EUR"}
    done = api.post("series/", booking(weekly) | {"times": 3})
    assert done.status == 201
    assert [one["status"] for one in done.body["appointments"]] == ["held"] * 3
    assert done.body["pay_url"]


def test_with_the_seventh_of_ten_taken_the_api_answers_409_and_there_is_nothing(weekly: Provider) -> None:
    seventh = MONDAY + 6 * WEEK - timedelta(hours=1)  # summer time
    stories.confirmed(weekly, start=seventh, email="eva@example.com")
    api, asked = Api(), booking(weekly) | {"times": 10}
    no = api.post("series/", asked)
    assert (no.status, no.code) == (409, "series_not_free")
    (taken,) = [one for one in no.body["occurrences"] if one["code"]]
    assert taken["code"] == "slot_taken"
    assert len(taken["alternatives"]) == 3
    assert Appointment.objects.count() == 1

    done = api.post("series/", asked | {"instead": [{"wished": taken["wished"], "start": None}]})
    assert len(done.body["appointments"]) == 9
    wrong = api.post("series/", asked | {"instead": [{"wished": "2027-03-02T09:00:00Z"}]})
    assert (wrong.status, wrong.errors) == (400, {"instead": {"0": "unknown"}})


def test_a_providers_own_program_books_one_for_a_client(weekly: Provider) -> None:
    asked: dict[str, Any] = {
        name: value for name, value in booking(weekly).items() if name not in ("policy_version", "agree")
    }
    done = Api(token(weekly, "write")).post("series/", asked | {"times": 2, "every": 2})
    assert done.status == 201
    assert Appointment.objects.latest("pk").starts_at == MONDAY + 2 * WEEK


def test_what_is_not_offered_is_a_400(studio: Provider) -> None:
    no = Api().post("series/", booking(studio) | {"times": 2})
    assert (no.status, no.errors) == (400, {"times": "not_offered"})


def test_each_page_shows_the_others_and_cancels_the_rest_in_one_go(
    visitor: Browser, weekly: Provider
) -> None:
    visitor.post(SESSION, details(weekly) | WEEKLY)
    first = Appointment.objects.order_by("pk")[0]
    stories.pay(first, at=stories.EARLY)
    home = tokens.manage_path(first)
    page = visitor.get(home).content.decode()
    second, third = Appointment.objects.order_by("pk")[1:]
    assert tokens.manage_path(second) in page
    assert tokens.manage_path(third) in page
    assert "Cancel this one and the 2 after it" in page

    asked = visitor.get(f"{home}cancel-rest/")
    assert "Cancel 3 appointments?" in text(asked)
    wrong = visitor.post(f"{home}cancel-rest/", {"quote": "x", "reason": "other", "note": "Moving away"})
    assert wrong.status_code == 409
    assert "Moving away" in text(wrong)
    quote = asked.context["quote"].token
    went = visitor.post(f"{home}cancel-rest/", {"quote": quote, "reason": "other", "note": ""})
    assert went["Location"].endswith("?done=cancelled_rest")
    assert set(Appointment.objects.values_list("status", flat=True)) == {"cancelled"}
    assert visitor.get(f"{home}cancel-rest/").status_code == 409


def test_the_api_lists_quotes_and_cancels_the_rest(weekly: Provider) -> None:
    api = Api()
    made = api.post("series/", booking(weekly) | {"times": 3}).body["appointments"]
    own = f"appointments/{token_in(made[1]['manage_url'])}/series/"
    assert [one["start"] for one in api.get(own).body["appointments"]] == [one["start"] for one in made]
    asked = api.get(f"{own}quote/").body
    assert [one["id"] for one in asked["appointments"]] == [one["id"] for one in made[1:]]
    assert api.post(f"{own}cancel/", {"quote": "x"}).code == "quote_changed"
    done = api.post(f"{own}cancel/", {"quote": asked["quote"], "reason": "cost"})
    assert [one["status"] for one in done.body["appointments"]] == ["cancelled", "cancelled"]
    assert api.get(f"{own}quote/").status == 409
