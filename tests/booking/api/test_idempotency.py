"""The same answer to the same request: nothing is done twice because a reply was lost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import tokens
from booking.api import idempotency
from booking.models import Appointment, IdempotencyKey, Provider
from payments import checkout
from payments.gateways import GatewayUnavailable
from tests.booking import stories
from tests.booking.api.calls import Api, booking

KEY = {"Idempotency-Key": "5b1c3a52-9a8f-4a0e-8f0e-3d7f6f1f2a11"}


def test_a_repeated_booking_is_the_first_one_to_the_byte(studio: Provider, api: Api) -> None:
    asked = booking(studio)
    first, again = api.post("appointments/", asked, **KEY), api.post("appointments/", asked, **KEY)
    assert (first.status, again.status) == (201, 201)
    assert again.raw == first.raw
    assert Appointment.objects.count() == 1


def test_the_same_body_spelled_otherwise_is_the_same_body(studio: Provider, api: Api) -> None:
    asked = booking(studio)
    first = api.post("appointments/", asked, **KEY)
    again = api.post("appointments/", dict(reversed(asked.items())), **KEY)
    assert again.raw == first.raw


def test_another_body_under_the_same_key_is_a_422(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio), **KEY)
    answer = api.post("appointments/", booking(studio, start="2027-03-01T11:00:00+01:00"), **KEY)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert Appointment.objects.count() == 1


def test_without_a_key_the_repetition_finds_its_own_slot_taken(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio))
    assert api.post("appointments/", booking(studio)).code == "slot_taken"


def test_a_refusal_is_an_answer_too(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio))
    first = api.post("appointments/", booking(studio), **KEY)
    Appointment.objects.get().to_status("cancelled", cancelled_at=stories.EARLY)
    again = api.post("appointments/", booking(studio), **KEY)
    assert (first.status, again.raw) == (409, first.raw)
    assert again.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_body_uses_no_key_up(studio: Provider, api: Api) -> None:
    assert api.post("appointments/", booking(studio, agree=False), **KEY).status == 400
    assert api.post("appointments/", booking(studio), **KEY).status == 201


def test_a_key_lives_for_24_hours(studio: Provider, api: Api, clock: time_machine.Traveller) -> None:
    api.post("appointments/", booking(studio), **KEY)
    clock.shift(timedelta(hours=24) - timedelta(microseconds=1))
    assert api.post("appointments/", booking(studio), **KEY).status == 201
    clock.shift(timedelta(microseconds=1))
    again = api.post("appointments/", booking(studio, start="2027-03-01T11:00:00+01:00"), **KEY)
    assert again.status == 201
    assert Appointment.objects.count() == 2


def test_old_keys_are_forgotten(studio: Provider, api: Api) -> None:
    api.post("appointments/", booking(studio), **KEY)
    assert idempotency.forget(at=stories.EARLY + timedelta(hours=23)) == 0
    assert idempotency.forget(at=stories.EARLY + timedelta(hours=24)) == 1
    assert not IdempotencyKey.objects.exists()


def test_the_same_key_of_another_address_is_another_key(studio: Provider, api: Api) -> None:
    body = api.post("appointments/", booking(studio), **KEY).body
    path = body["manage_url"].replace("http://testserver/a/", "appointments/")
    assert api.post(f"{path}confirm/", {}, **KEY).code == "is_held"


def test_a_repeated_cancel_is_the_first_one_though_the_quote_is_used_up(paid: Appointment, api: Api) -> None:
    path = f"appointments/{tokens.make(paid)}/"
    quote = api.get(f"{path}quote/", {"act": "cancel"}).body["quote"]
    asked = {"reason": "cost", "quote": quote}
    first, again = api.post(f"{path}cancel/", asked, **KEY), api.post(f"{path}cancel/", asked, **KEY)
    assert (first.status, again.raw) == (200, first.raw)
    assert api.post(f"{path}cancel/", asked).code == "is_cancelled"


@pytest.mark.parametrize("key", ["x" * 256, "a\u00e9", "a\x07b"], ids=["long", "accent", "bell"])
def test_a_key_that_is_none_is_a_400(studio: Provider, api: Api, key: str) -> None:
    answer = api.post("appointments/", booking(studio), **{"Idempotency-Key": key})
    assert (answer.status, set(answer.errors)) == (400, {"Idempotency-Key"})


def away(**_: Any) -> str:
    raise GatewayUnavailable("away")


def test_with_the_gateway_away_the_hold_stays_and_a_retry_gets_its_pay_link(
    studio: Provider, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(checkout, "open_session", away)
        first = api.post("appointments/", booking(studio), **KEY)
    assert first.status == 503
    assert int(first.headers["Retry-After"]) > 0
    held = Appointment.objects.get()
    assert held.status == "held"
    again = api.post("appointments/", booking(studio), **KEY)
    assert (again.status, again.body["id"]) == (201, str(held.uid))
    assert again.body["pay_url"]


def test_a_bug_of_ours_keeps_no_answer(studio: Provider, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("booking.api.bookings.due_deposit", lambda _: 1 / 0)
        assert api.post("appointments/", booking(studio), **KEY).status == 500
    assert not Appointment.objects.exists()
    assert api.post("appointments/", booking(studio), **KEY).status == 201


def test_keys_of_two_providers_do_not_meet(studio: Provider, school: Provider, desk: Api) -> None:
    from tests.booking.api.calls import token

    other = Api(token(school, "write"))
    assert desk.post("appointments/", booking(studio), **KEY).status == 201
    lesson = booking(school, "lesson-60", start="2027-03-02T16:00:00+07:00")
    assert other.post("appointments/", lesson, **KEY).status == 201
