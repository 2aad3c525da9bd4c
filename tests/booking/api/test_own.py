"""What a client does by the link of the appointment: look, ask what it costs, change it, come."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import tokens
from booking.models import Appointment, Provider
from payments.models import Payment, Settlement
from tests.booking import stories
from tests.booking.api.calls import Api, booking, instant, token_in

EUR_27 = {"amount": 2700, "currency": "EUR"}
NOTHING = {"amount": 0, "currency": "EUR"}
TOMORROW = "2027-03-02T10:00:00+01:00"


def at(appointment: Appointment, act: str = "") -> str:
    return f"appointments/{tokens.make(appointment)}/{act}"


def quoted(api: Api, appointment: Appointment, **query: str) -> dict[str, Any]:
    body: dict[str, Any] = api.get(at(appointment, "quote/"), query).body
    return body


def test_the_appointment_tells_its_money_its_agreement_and_what_happened(paid: Appointment, api: Api) -> None:
    body = api.get(at(paid)).body
    assert (body["id"], body["status"], body["pay_url"]) == (str(paid.uid), "confirmed", None)
    assert body["deposit_state"] == {
        "held": EUR_27,
        "applied": NOTHING,
        "refunded": NOTHING,
        "forfeited": NOTHING,
        "carried": NOTHING,
        "disputed": NOTHING,
    }
    assert (body["owed"], body["settlement"]) == (NOTHING, None)
    assert instant(body["original_start"]) == stories.MONDAY
    assert instant(body["agreement"]["agreed_at"]) == stories.EARLY
    assert [one["kind"] for one in body["events"]] == ["booked", "deposit_paid", "confirmed"]
    assert [one["kind"] for one in body["timeline"]] == ["booked", "deposit_paid", "confirmed"]
    assert all(one["text"] for one in body["timeline"])


def test_it_is_kept_by_nobody_on_the_way(paid: Appointment, api: Api) -> None:
    assert api.get(at(paid)).headers["Cache-Control"] == "no-store"


def test_a_held_one_says_where_to_pay(studio: Provider, api: Api) -> None:
    booked = api.post("appointments/", booking(studio)).body
    again = api.get(f"appointments/{token_in(booked['manage_url'])}/").body
    assert (again["status"], again["pay_url"]) == ("held", booked["pay_url"])


def test_without_a_language_asked_the_clients_own_is_spoken(studio: Provider, api: Api) -> None:
    appointment = stories.confirmed(studio)
    Appointment.objects.filter(pk=appointment.pk).update(language="it")
    english = api.get(at(appointment), **{"Accept-Language": "en"}).headers["Content-Language"]
    assert (english, api.get(at(appointment)).headers["Content-Language"]) == ("en", "it")


@pytest.mark.parametrize("token", ["x" * 24, "x", "é" * 24, "a" * 5000, "%00", "..%2f..", "null"])
def test_a_token_that_is_none_is_a_404(paid: Appointment, api: Api, token: str) -> None:
    assert api.get(f"appointments/{token}/").status in (400, 404)


def test_a_link_is_dead_90_days_after_the_end(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(paid.ends_at + timedelta(days=90))
    assert api.get(at(paid)).status == 404


def test_the_quote_of_a_cancel_in_time_carries_the_deposit(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=48))
    quote = quoted(api, paid, act="cancel")
    assert (quote["act"], quote["allowed"], quote["fee"]) == ("cancel", True, NOTHING)
    assert quote["deposit"] == {"refund": NOTHING, "carry": EUR_27, "forfeit": NOTHING}
    assert instant(quote["free_until"]) == stories.MONDAY - timedelta(hours=48)
    assert quote["text"]
    assert quote["quote"]


def test_a_microsecond_later_it_is_forfeited(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=48) + timedelta(microseconds=1))
    assert quoted(api, paid, act="cancel")["deposit"]["forfeit"] == EUR_27


def test_what_cannot_be_done_any_more_is_quoted_as_not_allowed(
    studio: Provider, paid: Appointment, api: Api
) -> None:
    stories.cancel(paid, at=stories.EARLY + timedelta(hours=2))
    quote = quoted(api, paid, act="cancel")
    assert (quote["allowed"], quote["code"]) == (False, "is_cancelled")
    held = stories.book(studio, email="bo@example.com", at=stories.EARLY + timedelta(hours=2))
    assert quoted(api, held, act="cancel")["allowed"] is True
    assert quoted(api, held, act="move", start=TOMORROW)["code"] == "is_held"


def test_a_get_of_a_quote_changes_nothing(paid: Appointment, api: Api) -> None:
    quoted(api, paid, act="cancel")
    assert stories.fresh(paid).status == "confirmed"


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({}, {"act": "required"}),
        ({"act": "burn"}, {"act": "invalid_choice"}),
        ({"act": "move"}, {"start": "required"}),
        ({"act": "move", "start": "soon"}, {"start": "invalid"}),
    ],
    ids=["nothing", "no_act", "no_start", "no_time"],
)
def test_a_wrong_question_for_a_quote_is_a_400(
    paid: Appointment, api: Api, query: dict[str, str], errors: dict[str, str]
) -> None:
    answer = api.get(at(paid, "quote/"), query)
    assert (answer.status, answer.errors) == (400, errors)


def test_a_cancel_is_done_as_quoted_and_offers_three_times(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=24))
    quote = quoted(api, paid, act="cancel")["quote"]
    body = api.post(at(paid, "cancel/"), {"reason": "illness", "note": "Flu.", "quote": quote}).body
    assert (body["status"], len(body["offers"])) == ("cancelled", 3)
    assert body["settlement"] == {
        "due_at": "2027-03-01T09:00:00Z",
        "forfeit": EUR_27,
        "fee": NOTHING,
    }
    assert Settlement.objects.get().forfeit == 2700


def test_without_a_quote_nothing_is_cancelled(paid: Appointment, api: Api) -> None:
    answer = api.post(at(paid, "cancel/"), {"reason": "illness"})
    assert (answer.status, answer.errors) == (400, {"quote": "required"})
    assert stories.fresh(paid).status == "confirmed"


def test_a_quote_that_no_longer_holds_is_a_409_with_the_new_one(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=49))
    old = quoted(api, paid, act="cancel")["quote"]
    clock.shift(timedelta(hours=2))
    answer = api.post(at(paid, "cancel/"), {"reason": "illness", "quote": old})
    assert (answer.status, answer.code) == (409, "quote_changed")
    assert answer.body["quote"]["deposit"]["forfeit"] == EUR_27
    assert stories.fresh(paid).status == "confirmed"
    again = api.post(at(paid, "cancel/"), {"reason": "illness", "quote": answer.body["quote"]["quote"]})
    assert again.status == 200


def test_a_quote_of_a_move_does_not_pay_for_a_cancel(paid: Appointment, api: Api) -> None:
    quote = quoted(api, paid, act="move", start=TOMORROW)["quote"]
    assert api.post(at(paid, "cancel/"), {"reason": "cost", "quote": quote}).code == "quote_changed"


def test_a_started_appointment_is_not_cancelled(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY + timedelta(minutes=1))
    answer = api.post(at(paid, "cancel/"), {"reason": "illness", "quote": "any"})
    assert (answer.status, answer.code) == (409, "already_started")


def test_a_move_takes_the_new_time_and_gives_the_old_one_back(paid: Appointment, api: Api) -> None:
    quote = quoted(api, paid, act="move", start=TOMORROW)
    assert quote["deposit"]["carry"] == EUR_27
    body = api.post(at(paid, "move/"), {"start": TOMORROW, "quote": quote["quote"]}).body
    assert (body["moved"], body["pay_url"], body["pending_move"]) == (True, None, None)
    assert instant(body["start"]) == instant(TOMORROW)
    assert instant(body["original_start"]) == stories.MONDAY
    assert body["id"] == str(paid.uid)


def test_a_move_to_a_taken_time_leaves_everything_as_it_was(
    studio: Provider, paid: Appointment, api: Api
) -> None:
    stories.confirmed(studio, start=instant(TOMORROW), email="bo@example.com")
    quote = quoted(api, paid, act="move", start=TOMORROW)["quote"]
    answer = api.post(at(paid, "move/"), {"start": TOMORROW, "quote": quote})
    assert (answer.status, answer.code, len(answer.body["alternatives"])) == (409, "slot_taken", 3)
    assert stories.fresh(paid).starts_at == stories.MONDAY


def test_a_move_that_asks_a_new_deposit_says_where_to_pay_and_has_not_moved(
    paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=24))
    quote = quoted(api, paid, act="move", start=TOMORROW)["quote"]
    body = api.post(at(paid, "move/"), {"start": TOMORROW, "quote": quote}).body
    assert body["moved"] is False
    assert body["pay_url"] == Payment.objects.latest("pk").url != ""
    assert instant(body["start"]) == stories.MONDAY
    assert instant(body["pending_move"]["start"]) == instant(TOMORROW)


def test_a_move_out_of_hours_is_refused_by_code(paid: Appointment, api: Api) -> None:
    night = "2027-03-02T23:00:00+01:00"
    quote = quoted(api, paid, act="move", start=night)["quote"]
    answer = api.post(at(paid, "move/"), {"start": night, "quote": quote})
    assert (answer.status, answer.errors) == (400, {"start": "not_open"})


def test_the_client_says_to_be_there(paid: Appointment, api: Api) -> None:
    assert api.post(at(paid, "confirm/")).status == 200
    assert stories.fresh(paid).will_come_at == stories.EARLY


def test_the_client_arrives(paid: Appointment, api: Api, clock: time_machine.Traveller) -> None:
    assert api.post(at(paid, "arrive/")).code == "too_early"
    clock.move_to(stories.MONDAY - timedelta(minutes=30))
    assert api.post(at(paid, "arrive/"), {}).status == 200
    assert stories.fresh(paid).arrived_at == stories.MONDAY - timedelta(minutes=30)


def test_the_client_is_late(paid: Appointment, api: Api, clock: time_machine.Traveller) -> None:
    clock.move_to(stories.MONDAY)
    assert api.post(at(paid, "late/"), {"minutes": 10}).status == 200
    assert stories.fresh(paid).asked_delay_minutes == 10


@pytest.mark.parametrize("minutes", [0, -1, 241, 10**30, "10", 1.5, True, None, [10]])
def test_minutes_that_are_none_are_a_400(paid: Appointment, api: Api, minutes: Any) -> None:
    assert set(api.post(at(paid, "late/"), {"minutes": minutes}).errors) == {"minutes"}


def test_the_client_explains(paid: Appointment, api: Api, clock: time_machine.Traveller) -> None:
    assert api.post(at(paid, "explain/"), {"reason": "illness"}).code == "nothing_to_explain"
    clock.move_to(stories.MONDAY - timedelta(hours=1))
    stories.cancel(paid, at=stories.MONDAY - timedelta(hours=1))
    assert api.post(at(paid, "explain/"), {"reason": "illness", "note": "Flu."}).status == 200
    assert api.post(at(paid, "explain/"), {"reason": "boredom"}).errors == {"reason": "invalid_choice"}


def test_the_client_changes_how_to_meet(paid: Appointment, api: Api) -> None:
    assert api.post(at(paid, "mode/"), {"mode": "phone"}).body["mode"] == "phone"
    assert api.post(at(paid, "mode/"), {"mode": "fax"}).errors == {"mode": "invalid_choice"}


def test_a_credit_pays_for_the_next_booking_by_the_token_of_the_last(
    studio: Provider, paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(days=5))
    stories.cancel(paid, at=stories.MONDAY - timedelta(days=5))
    body = api.post("appointments/", booking(studio, start=TOMORROW, credit=tokens.make(paid))).body
    assert (body["status"], body["pay_url"]) == ("confirmed", None)


def test_somebody_elses_credit_is_not_given(
    studio: Provider, paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(days=5))
    stories.cancel(paid, at=stories.MONDAY - timedelta(days=5))
    eve = {"name": "Eve", "email": "eve@example.com"}
    answer = api.post("appointments/", booking(studio, start=TOMORROW, credit=tokens.make(paid), client=eve))
    assert (answer.status, answer.code) == (409, "credit_gone")
