"""`POST appointments/`: who may book what, and what is told when not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking.models import Appointment, Client, Provider
from payments.models import Payment
from tests.booking import stories
from tests.booking.api.calls import START, Api, booking, instant, token_in, version

ADA = {"name": "Ada Moss", "email": "ada@example.com", "phone": "+390255550101", "language": "en"}


def test_a_booking_with_a_deposit_is_held_and_says_where_to_pay(studio: Provider, api: Api) -> None:
    answer = api.post("appointments/", booking(studio))
    body = answer.body
    assert answer.status == 201
    assert body["status"] == "held"
    assert (instant(body["start"]), instant(body["end"])) == (
        stories.MONDAY,
        stories.MONDAY + timedelta(minutes=50),
    )
    assert body["price"] == {"amount": 9000, "currency": "EUR"}
    assert body["deposit"] == {"amount": 2700, "currency": "EUR"}
    assert instant(body["hold_expires_at"]) == stories.EARLY + timedelta(minutes=15)
    assert body["pay_url"] == Payment.objects.get().url != ""
    assert body["manage_url"].startswith("http://testserver/a/")
    assert body["id"] == str(Appointment.objects.get().uid)


def test_a_start_is_told_as_the_slots_told_it(studio: Provider, api: Api) -> None:
    assert api.post("appointments/", booking(studio)).body["start"] == START


def test_a_service_that_asks_approval_is_requested_and_asks_no_money(studio: Provider, api: Api) -> None:
    asked = booking(studio, "first-meeting", start="2027-03-01T10:00:00+01:00", answers={"reason": "Sleep"})
    body = api.post("appointments/", asked).body
    assert (body["status"], body["pay_url"], body["deposit"]["amount"]) == ("requested", None, 0)


def test_a_booking_without_deposit_is_confirmed_at_once(studio: Provider, api: Api) -> None:
    studio.services.filter(slug="first-meeting").update(approval=False)
    body = api.post("appointments/", booking(studio, "first-meeting", answers={"reason": "Sleep"})).body
    assert (body["status"], body["pay_url"], body["hold_expires_at"]) == ("confirmed", None, None)


def test_the_agreement_keeps_version_text_address_and_browser(studio: Provider, api: Api) -> None:
    asked = booking(studio)
    body = api.post("appointments/", asked, **{"User-Agent": "Firefox/1\x01"}).body
    agreed = Appointment.objects.get(uid=body["id"]).agreement
    assert (agreed.language, agreed.ip_address, agreed.user_agent) == ("en", "127.0.0.1", "Firefox/1?")
    told = api.get(f"appointments/{token_in(body['manage_url'])}/").body["agreement"]
    assert told["policy_version"] == asked["policy_version"]
    assert told["sha256"] == agreed.sha256


def test_a_taken_slot_is_a_409_with_three_others(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio))
    answer = api.post("appointments/", booking(studio, client=ADA | {"email": "bo@example.com"}))
    assert (answer.status, answer.code) == (409, "slot_taken")
    assert len(answer.body["alternatives"]) == 3
    assert all(instant(start) != stories.MONDAY for start in answer.body["alternatives"])


def test_an_alternative_can_be_booked_as_it_was_told(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio))
    other = api.post("appointments/", booking(studio)).body["alternatives"][0]
    assert api.post("appointments/", booking(studio, start=other)).status == 201


WRONG_STARTS = {
    "past": ("2027-02-14T10:00:00+01:00", "past"),
    "long_past": ("1970-01-01T00:00:00Z", "past"),
    "too_soon": ("2027-02-15T14:30:00+01:00", "too_soon"),
    "too_far": ("2027-07-05T10:00:00+02:00", "too_far"),
    "far_too_far": ("9999-12-31T23:59:59Z", "too_far"),
    "off_grid": ("2027-03-01T10:07:00+01:00", "off_grid"),
    "a_second_off": ("2027-03-01T10:00:01+01:00", "off_grid"),
    "a_fraction_off": ("2027-03-01T10:00:00.000001+01:00", "off_grid"),
    "closed_day": ("2027-03-06T10:00:00+01:00", "not_open"),
    "over_closing": ("2027-03-01T12:30:00+01:00", "not_open"),
    "no_offset": ("2027-03-01T10:00:00", "invalid"),
    "only_a_day": ("2027-03-01", "invalid"),
    "words": ("next monday", "invalid"),
    "number": (1803888000, "invalid"),
    "year_0": ("0000-01-01T00:00:00Z", "invalid"),
    "year_1_east": ("0001-01-01T00:00:00+14:00", "past"),
    "no_such_day": ("2027-02-30T10:00:00Z", "invalid"),
    "leap_second": ("2027-03-01T23:59:60Z", "invalid"),
    "wide_offset": ("2027-03-01T10:00:00+99:99", "invalid"),
    "thai_digits": ("๒๐๒๗-03-01T10:00:00Z", "invalid"),
    "week_date": ("2027-W09-1T10:00:00Z", "invalid"),
    "list": ([START], "invalid"),
    "null": (None, "null"),
}


@pytest.mark.parametrize(("start", "code"), WRONG_STARTS.values(), ids=WRONG_STARTS)
def test_a_start_that_nobody_could_click_is_refused_by_code(
    studio: Provider, api: Api, start: Any, code: str
) -> None:
    answer = api.post("appointments/", booking(studio, start=start))
    assert (answer.status, answer.code, answer.errors) == (400, "invalid", {"start": code})
    assert answer.body["messages"]["start"]
    assert not Appointment.objects.exists()


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no_provider": ({"provider": "nobody"}, {"provider": "unknown"}),
    "no_service": ({"service": "nothing"}, {"service": "unknown"}),
    "no_such_mode": ({"mode": "telepathy"}, {"mode": "invalid_choice"}),
    "no_zone": ({"timezone": "Mars/Olympus"}, {"timezone": "unknown_zone"}),
    "no_yes": ({"agree": False}, {"agree": "required"}),
    "a_yes_in_words": ({"agree": "true"}, {"agree": "invalid"}),
    "client_is_no_object": ({"client": "Ada"}, {"client": {"body": "invalid"}}),
    "no_name": ({"client": ADA | {"name": "  "}}, {"client": {"name": "blank"}}),
    "long_name": ({"client": ADA | {"name": "x" * 201}}, {"client": {"name": "max_length"}}),
    "two_lines_of_name": ({"client": ADA | {"name": "Ada\nMoss"}}, {"client": {"name": "unseen"}}),
    "two_addresses": (
        {"client": ADA | {"email": "a@example.com,b@example.com"}},
        {"client": {"email": "invalid"}},
    ),
    "header_in_address": (
        {"client": ADA | {"email": "a@example.com\r\nBcc: b@c.de"}},
        {"client": {"email": "invalid"}},
    ),
    "separator_in_address": (
        {"client": ADA | {"email": "a\u2028@example.com"}},
        {"client": {"email": "invalid"}},
    ),
    "name_and_address": (
        {"client": ADA | {"email": "Ada <a@example.com>"}},
        {"client": {"email": "invalid"}},
    ),
    "quoted_address": ({"client": ADA | {"email": '"a b"@example.com'}}, {"client": {"email": "invalid"}}),
    "long_address": (
        {"client": ADA | {"email": "a" * 250 + "@example.com"}},
        {"client": {"email": "max_length"}},
    ),
    "no_number": ({"client": ADA | {"phone": "call me"}}, {"client": {"phone": "invalid"}}),
    "short_number": ({"client": ADA | {"phone": "12"}}, {"client": {"phone": "invalid"}}),
    "asked_nothing": ({"answers": {"colour": "red"}}, {"answers": {"colour": "unknown"}}),
    "answers_in_a_list": ({"answers": ["red"]}, {"answers": "not_a_dict"}),
    "no_such_credit": ({"credit": "none"}, {"credit": "unknown"}),
}


@pytest.mark.parametrize(("over", "errors"), WRONG.values(), ids=WRONG)
def test_whatever_is_wrong_is_a_400_that_names_the_field(
    studio: Provider, api: Api, over: dict[str, Any], errors: dict[str, Any]
) -> None:
    answer = api.post("appointments/", booking(studio, **over))
    assert (answer.status, answer.errors) == (400, errors)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "field", ["provider", "service", "start", "mode", "client", "policy_version", "agree"]
)
def test_what_is_needed_and_missing_is_named(studio: Provider, api: Api, field: str) -> None:
    asked = booking(studio)
    del asked[field]
    assert api.post("appointments/", asked).errors == {field: "required"}


ANSWERS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "none": ({}, {"reason": "required"}),
    "empty": ({"reason": " "}, {"reason": "blank"}),
    "number": ({"reason": 7}, {"reason": "not_text"}),
    "no_choice": ({"reason": "Sleep", "when": "night"}, {"when": "invalid_choice"}),
    "choice_in_a_list": ({"reason": "Sleep", "when": ["morning"]}, {"when": "invalid_choice"}),
    "card": ({"reason": "pay by 4242 4242 4242 4242"}, {"reason": "card_number"}),
}


@pytest.mark.parametrize(("given", "errors"), ANSWERS.values(), ids=ANSWERS)
def test_answers_are_held_against_the_questions(
    studio: Provider, api: Api, given: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = api.post("appointments/", booking(studio, "first-meeting", answers=given))
    assert (answer.status, answer.errors) == (400, {"answers": errors})


def test_a_yes_or_no_is_a_boolean(school: Provider, api: Api) -> None:
    asked = booking(school, "lesson-90", start="2027-03-02T16:00:00+07:00", answers={"level": "yes"})
    assert api.post("appointments/", asked).errors == {"answers": {"level": "invalid"}}
    assert api.post("appointments/", asked | {"answers": {"level": False}}).status == 201
    assert Appointment.objects.get().answers == {"level": False}


@pytest.mark.parametrize("name", ["สมหญิง", "محمد", "👩\u200d👩\u200d👧", "e\u0301" * 90, "O'Brien <b>"])
def test_names_are_kept_as_people_write_them_in_one_normal_form(
    studio: Provider, api: Api, name: str
) -> None:
    import unicodedata

    assert api.post("appointments/", booking(studio, client=ADA | {"name": name})).status == 201
    assert Client.objects.get().name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("02 5555 0101", "+390255550101"), ("+1 (212) 555-0100", "+12125550100"), ("", ""), (None, "")],
    ids=["as_at_home", "from_abroad", "none", "null"],
)
def test_a_telephone_number_is_kept_as_e164(studio: Provider, api: Api, typed: Any, kept: str) -> None:
    assert api.post("appointments/", booking(studio, client=ADA | {"phone": typed})).status == 201
    assert Client.objects.get().phone == kept


def test_a_provider_who_calls_needs_a_number(studio: Provider, api: Api) -> None:
    answer = api.post("appointments/", booking(studio, mode="phone", client=ADA | {"phone": ""}))
    assert (answer.status, answer.errors) == (400, {"client": {"phone": "required"}})


@pytest.mark.parametrize(("asked", "kept"), [("it-IT", "it"), ("th", "th"), ("fr", "en"), ("xx_YY", "en")])
def test_a_clients_language_is_one_of_ours_or_english(
    studio: Provider, api: Api, asked: str, kept: str
) -> None:
    api.post("appointments/", booking(studio, client=ADA | {"language": asked}))
    assert Appointment.objects.get().language == kept


def test_other_terms_than_those_agreed_to_are_a_409_with_the_new_ones(studio: Provider, api: Api) -> None:
    asked = booking(studio)
    studio.services.filter(slug="session").update(price=9500)
    answer = api.post("appointments/", asked)
    assert (answer.status, answer.code) == (409, "policy_changed")
    assert answer.body["price"] == {"amount": 9500, "currency": "EUR"}
    assert answer.body["policy_version"] == version(studio, "session") != asked["policy_version"]


def test_a_blocked_client_is_told_nothing_that_others_could_learn_from(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio))
    Client.objects.update(blocked_at=stories.EARLY)
    answer = api.post("appointments/", booking(studio, start="2027-03-01T11:00:00+01:00"))
    assert (answer.status, answer.code) == (403, "not_bookable")
    assert "block" not in answer.body["detail"]


def test_a_hidden_service_cannot_be_booked(studio: Provider, api: Api) -> None:
    asked = booking(studio)
    studio.services.update(hidden=True)
    assert api.post("appointments/", asked).errors == {"service": "unknown"}


def test_a_mode_that_the_service_lacks_is_named(studio: Provider, api: Api) -> None:
    assert api.post("appointments/", booking(studio, "couple", mode="phone")).errors == {
        "mode": "not_offered"
    }


def test_fields_that_nobody_asked_for_change_nothing(studio: Provider, api: Api) -> None:
    asked = booking(studio, status="confirmed", price={"amount": 1, "currency": "EUR"}, deposit_amount=0)
    body = api.post("appointments/", asked).body
    assert (body["status"], body["price"]["amount"]) == ("held", 9000)


def test_links_never_come_from_the_request(studio: Provider, api: Api) -> None:
    assert api.post("appointments/", booking(studio), Host="evil.example").status == 400
    assert not Appointment.objects.exists()


def test_a_booking_at_the_last_moment_of_notice_is_in_time(
    studio: Provider, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=12))
    assert api.post("appointments/", booking(studio)).status == 201
