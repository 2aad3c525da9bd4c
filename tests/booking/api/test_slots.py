"""`providers/…` and `slots/`: what can be booked, and when it has changed."""

from datetime import timedelta

import pytest
import time_machine

from booking.models import Provider
from tests.booking import stories
from tests.booking.api.calls import START, Api, booking

SLOTS = "providers/studio-bianchi/services/session/slots/"
WEEK = {"from": "2027-03-01", "to": "2027-03-07"}


def test_a_provider_says_what_it_offers_in_the_language_that_is_asked_for(studio: Provider, api: Api) -> None:
    body = api.get("providers/studio-bianchi/", **{"Accept-Language": "it"}).body
    session = next(one for one in body["services"] if one["slug"] == "session")
    assert (session["name"], session["duration_minutes"]) == ("Seduta individuale", 50)
    assert session["price"] == {"amount": 9000, "currency": "EUR"}
    assert session["deposit"] == {"amount": 2700, "currency": "EUR"}
    assert session["modes"] == ["in_person", "video", "phone"]
    assert session["approval"] is False
    assert session["policy_version"]


def test_a_language_that_we_lack_becomes_english(studio: Provider, api: Api) -> None:
    body = api.get("providers/studio-bianchi/", **{"Accept-Language": "fr"}).body
    assert "Individual session" in [one["name"] for one in body["services"]]


def test_a_service_says_its_questions_in_the_readers_language(studio: Provider, api: Api) -> None:
    body = api.get("providers/studio-bianchi/", **{"Accept-Language": "en"}).body
    first = next(one for one in body["services"] if one["slug"] == "first-meeting")
    reason, when = first["questions"]
    assert reason["label"] == "What brings you here?"
    assert (when["kind"], when["choices"], when["required"]) == (
        "choice",
        ["morning", "afternoon", "evening"],
        False,
    )


def test_the_meeting_link_is_not_told_to_strangers(studio: Provider, api: Api) -> None:
    assert b"meet.example.org/studio-bianchi" not in api.get("providers/studio-bianchi/").raw


def test_slots_are_told_by_day_of_the_zone_that_is_asked(studio: Provider, api: Api) -> None:
    answer = api.get(SLOTS, WEEK | {"tz": "America/New_York", "mode": "video"})
    assert answer.status == 200
    assert {name: answer.body[name] for name in ("provider", "service", "timezone", "duration_minutes")} == {
        "provider": "studio-bianchi",
        "service": "session",
        "timezone": "America/New_York",
        "duration_minutes": 50,
    }
    assert answer.body["days"]["2027-03-01"][0] == "2027-03-01T03:00:00-05:00"
    assert "2027-03-06" not in answer.body["days"]


def test_without_a_zone_the_providers_counts(studio: Provider, api: Api) -> None:
    body = api.get(SLOTS, WEEK).body
    assert (body["timezone"], body["days"]["2027-03-01"][0]) == ("Europe/Rome", "2027-03-01T09:00:00+01:00")


def test_slots_cost_three_statements_at_most_with_the_service(
    studio: Provider, api: Api, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        api.get(SLOTS, WEEK)


def test_an_unchanged_answer_is_a_304(studio: Provider, api: Api) -> None:
    tag = api.get(SLOTS, WEEK).headers["ETag"]
    again = api.get(SLOTS, WEEK, **{"If-None-Match": tag})
    assert (again.status, again.raw, again.headers["ETag"]) == (304, b"", tag)


def test_a_weak_tag_among_others_is_known_too(studio: Provider, api: Api) -> None:
    tag = api.get(SLOTS, WEEK).headers["ETag"]
    assert api.get(SLOTS, WEEK, **{"If-None-Match": f'"other", W/{tag}'}).status == 304


def test_the_very_next_request_after_a_booking_shows_it(studio: Provider, api: Api) -> None:
    before = api.get(SLOTS, WEEK)
    assert START in before.body["days"]["2027-03-01"]
    assert api.post("appointments/", booking(studio)).status == 201
    after = api.get(SLOTS, WEEK, **{"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert START not in after.body["days"]["2027-03-01"]


def test_a_lapsed_hold_shows_without_any_sweep(
    studio: Provider, api: Api, clock: time_machine.Traveller
) -> None:
    api.post("appointments/", booking(studio))
    held = api.get(SLOTS, WEEK)
    clock.shift(timedelta(minutes=15))
    after = api.get(SLOTS, WEEK, **{"If-None-Match": held.headers["ETag"]})
    assert after.status == 200
    assert START in after.body["days"]["2027-03-01"]


def test_notice_that_runs_out_shows_too(studio: Provider, api: Api, clock: time_machine.Traveller) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=12))
    before = api.get(SLOTS, WEEK)
    assert START in before.body["days"]["2027-03-01"]
    clock.shift(timedelta(seconds=1))
    after = api.get(SLOTS, WEEK, **{"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert START not in after.body["days"]["2027-03-01"]


WRONG = {
    "no_days": ({}, {"from": "required", "to": "required"}),
    "no_date": ({"from": "tomorrow", "to": "2027-03-07"}, {"from": "invalid"}),
    "no_such_day": ({"from": "2027-02-29", "to": "2027-03-07"}, {"from": "invalid"}),
    "thai_digits": ({"from": "๒๐๒๗-03-01", "to": "2027-03-07"}, {"from": "invalid"}),
    "a_time": ({"from": "2027-03-01T00:00:00Z", "to": "2027-03-07"}, {"from": "invalid"}),
    "year_0": ({"from": "0000-01-01", "to": "2027-03-07"}, {"from": "invalid"}),
    "year_9999": ({"from": "9999-12-31", "to": "9999-12-31"}, {"from": "invalid", "to": "invalid"}),
    "backwards": ({"from": "2027-03-07", "to": "2027-03-01"}, {"to": "before_from"}),
    "63_days": ({"from": "2027-03-01", "to": "2027-05-02"}, {"to": "too_long"}),
    "no_zone": (WEEK | {"tz": "Mars/Olympus"}, {"tz": "unknown_zone"}),
    "odd_zone": (WEEK | {"tz": "localtime"}, {"tz": "unknown_zone"}),
    "path_zone": (WEEK | {"tz": "../../etc/passwd"}, {"tz": "unknown_zone"}),
    "no_mode": (WEEK | {"mode": "telepathy"}, {"mode": "invalid_choice"}),
}


@pytest.mark.parametrize(("query", "errors"), WRONG.values(), ids=WRONG)
def test_a_wrong_question_is_a_400_that_names_it(
    studio: Provider, api: Api, query: dict[str, str], errors: dict[str, str]
) -> None:
    answer = api.get(SLOTS, query)
    assert (answer.status, answer.errors) == (400, errors)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.body["messages"]) == set(errors)


def test_62_days_are_the_most_and_fine(studio: Provider, api: Api) -> None:
    assert api.get(SLOTS, {"from": "2027-03-01", "to": "2027-05-01"}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "providers/nobody/",
        "providers/studio-bianchi/services/nothing/slots/",
        "providers/nobody/services/session/slots/",
        "nothing/at/all/",
        "nothing",
    ],
)
def test_what_is_not_there_is_a_404_as_problem_details(studio: Provider, api: Api, path: str) -> None:
    answer = api.get(path, WEEK)
    assert (answer.status, answer.body["status"], answer.code) == (404, 404, "not_found")


def test_a_hidden_service_cannot_be_asked_about(studio: Provider, api: Api) -> None:
    studio.services.filter(slug="session").update(hidden=True)
    assert api.get(SLOTS, WEEK).status == 404
    assert "session" not in [one["slug"] for one in api.get("providers/studio-bianchi/").body["services"]]


def test_an_address_without_its_slash_leads_there_by_the_same_method(studio: Provider, api: Api) -> None:
    answer = api.raw("POST", "appointments?x=1", b"{}")
    assert (answer.status, answer.headers["Location"]) == (308, "/api/v1/appointments/?x=1")
