"""Proposals, urgency, wishes and the offers of a cancel, over the API."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import lifecycle
from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.api.calls import Api, booking, instant
from tests.booking.api.test_own import NOTHING, at, quoted
from tests.booking.stories import HOUR, MINUTE, MONDAY

TUESDAY, FAR = "2027-03-02T10:00:00+01:00", "2027-03-15T10:00:00+01:00"
LATE = MONDAY - 47 * HOUR - 59 * MINUTE


def desk_at(appointment: Appointment, act: str = "") -> str:
    return f"appointments/{appointment.uid}/{act}"


def answer_to(paid: Appointment, proposal: dict[str, Any], act: str) -> str:
    return at(paid, f"proposals/{proposal['id']}/{act}/")


def test_times_are_proposed_held_and_one_is_accepted(paid: Appointment, desk: Api, api: Api) -> None:
    said = {"starts": [TUESDAY, FAR], "note": "A hearing", "hours": 4}
    proposed = desk.post(desk_at(paid, "propose/"), said)
    assert proposed.status == 200
    proposal = proposed.body["proposal"]
    assert (proposal["state"], len(proposal["starts"]), proposal["note"]) == ("open", 2, "A hearing")
    assert proposal["expires_at"] == "2027-02-15T13:00:00Z"
    slot = {"from": "2027-03-02", "to": "2027-03-02"}
    days = api.get("providers/studio-bianchi/services/session/slots/", slot).body["days"]
    assert TUESDAY not in days["2027-03-02"]
    taken = api.post(answer_to(paid, proposal, "accept"), {"start": FAR})
    assert (taken.status, instant(taken.body["start"])) == (200, instant(FAR))
    assert taken.body["deposit_state"]["held"]["amount"] == 2700
    days = api.get("providers/studio-bianchi/services/session/slots/", slot).body["days"]
    assert TUESDAY in days["2027-03-02"]
    again = api.post(answer_to(paid, proposal, "accept"), {"start": TUESDAY})
    assert (again.status, again.code) == (409, "proposal_accepted")
    assert "proposed" in [one["kind"] for one in api.get(at(paid)).body["timeline"]]


def test_refusing_may_cancel_with_all_back(paid: Appointment, desk: Api, api: Api) -> None:
    proposal = desk.post(desk_at(paid, "propose/"), {"starts": [TUESDAY]}).body["proposal"]
    done = api.post(answer_to(paid, proposal, "refuse"), {"note": "No", "cancel": True})
    assert (done.body["status"], done.body["deposit_state"]["refunded"]["amount"]) == ("cancelled", 2700)


def test_after_a_cancel_the_only_time_needs_no_naming_and_becomes_a_new_appointment(
    paid: Appointment, desk: Api, api: Api
) -> None:
    stories.cancel(paid, at=stories.EARLY + 2 * MINUTE)
    proposal = desk.post(desk_at(paid, "propose/"), {"starts": [TUESDAY]}).body["proposal"]
    made = api.post(answer_to(paid, proposal, "accept")).body
    assert made["id"] != str(paid.uid)
    assert (made["status"], bool(made["pay_url"])) == ("held", True)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"starts": "required"}),
        ({"starts": []}, {"starts": "min_length"}),
        ({"starts": ["tomorrow"]}, {"starts": {"0": "invalid"}}),
        ({"starts": ["2027-03-01T10:00:00+01:00"]}, {"starts": "same_time"}),
        ({"starts": ["2027-02-01T10:00:00+01:00"]}, {"starts": "past"}),
        ({"starts": [TUESDAY], "hours": 0}, {"hours": "min_value"}),
    ],
)
def test_what_cannot_be_proposed_is_named(paid: Appointment, desk: Api, body: Any, errors: Any) -> None:
    answer = desk.post(desk_at(paid, "propose/"), body)
    assert (answer.status, answer.errors) == (400, errors)


def test_it_is_taken_back(paid: Appointment, desk: Api) -> None:
    desk.post(desk_at(paid, "propose/"), {"starts": [TUESDAY]})
    assert desk.post(desk_at(paid, "withdraw-proposal/")).body["proposal"]["state"] == "withdrawn"
    assert desk.post(desk_at(paid, "withdraw-proposal/")).code == "no_proposal"


def test_a_decline_offers_times_of_ones_own(studio: Provider, desk: Api) -> None:
    asked = stories.book(studio, "first-meeting", email="new@example.com")
    answer = desk.post(desk_at(asked, "decline/"), {"note": "I teach then", "offers": [TUESDAY]})
    assert (answer.body["status"], answer.body["proposal"]["state"]) == ("declined", "open")


def test_an_urgent_one_says_what_to_ask_before_a_late_cancel(
    paid: Appointment, desk: Api, api: Api, clock: time_machine.Traveller
) -> None:
    assert desk.post(desk_at(paid, "urgent/"), {}).errors == {"reason": "required"}
    assert desk.post(desk_at(paid, "urgent/"), {"reason": "A deadline"}).body["urgent"] == "A deadline"
    assert quoted(api, paid, act="cancel")["urgent"] is None  # in time
    clock.move_to(LATE)
    found = quoted(api, paid, act="cancel")
    assert found["allowed"]
    assert (found["urgent"]["reason"], found["urgent"]["modes"]) == ("A deadline", ["phone"])
    first = found["urgent"]["alternatives"][0]
    assert first["cost"] == {"amount": 2700, "currency": "EUR"}
    moved = api.post(at(paid, "move/"), {"start": first["start"], "quote": first["quote"]})
    assert (moved.status, moved.body["moved"]) == (200, False)
    assert desk.post(desk_at(paid, "not-urgent/")).body["urgent"] is None


def test_a_move_to_a_time_that_is_taken_says_so_with_others(
    studio: Provider, paid: Appointment, api: Api
) -> None:
    stories.book(studio, start=instant(TUESDAY), email="bo@example.com")
    quote = quoted(api, paid, act="move", start=TUESDAY)
    assert (quote["allowed"], quote["code"], len(quote["alternatives"])) == (False, "slot_taken", 3)
    closed = quoted(api, paid, act="move", start="2027-03-07T10:00:00+01:00")
    assert (closed["allowed"], closed["code"]) == (False, "not_open")
    assert quoted(api, paid, act="move", start="2027-03-01T10:00:00+01:00")["code"] == "same_time"
    assert quoted(api, paid, act="move", start=FAR)["code"] is None


def test_a_cancel_for_the_cost_answers_with_the_offer_and_how_well_the_times_suit(
    paid: Appointment, api: Api
) -> None:
    Provider.objects.update(cost_offer={"service": "first-meeting", "words": {"en": "In parts, too."}})
    api.post(at(paid, "preferences/"), {"days": ["thu"]})
    quote = quoted(api, paid, act="cancel")["quote"]
    done = api.post(at(paid, "cancel/"), {"reason": "cost", "quote": quote}).body
    assert done["cost_offer"] == {
        "words": "In parts, too.",
        "service": "first-meeting",
        "name": "First meeting",
        "price": NOTHING,
    }
    assert (len(done["offers"]), done["offers_suit"]) == (3, "all")
    assert {instant(one).weekday() for one in done["offers"]} == {3}


def test_wishes_are_told_read_and_replaced(paid: Appointment, api: Api, desk: Api) -> None:
    nothing: dict[str, list[str]] = {"days": [], "parts": [], "modes": []}
    assert api.get(at(paid, "preferences/")).body == nothing
    told = api.post(at(paid, "preferences/"), {"days": ["wed", "mon", "mon"], "parts": ["evening"]})
    assert told.body == {"days": ["mon", "wed"], "parts": ["evening"], "modes": []}
    assert api.get(at(paid, "preferences/")).body == told.body
    assert desk.get(f"clients/{paid.client.uid}/").body["preferences"] == told.body
    assert api.post(at(paid, "preferences/"), {}).body == nothing


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"days": ["someday"]}, {"days": {"0": "invalid_choice"}}),
        ({"days": "mon"}, {"days": "not_a_list"}),
        ({"parts": ["night"]}, {"parts": {"0": "invalid_choice"}}),
        ({"modes": [1]}, {"modes": {"0": "invalid_choice"}}),
    ],
)
def test_wishes_that_are_none_are_named(paid: Appointment, api: Api, body: Any, errors: Any) -> None:
    answer = api.post(at(paid, "preferences/"), body)
    assert (answer.status, answer.errors) == (400, errors)


def test_wishes_may_be_told_with_the_booking(studio: Provider, api: Api) -> None:
    assert api.post("appointments/", booking(studio, preferences={"parts": ["morning"]})).status == 201
    assert Appointment.objects.get().client.preferences["parts"] == ["morning"]


def test_proposals_of_others_are_not_there(studio: Provider, paid: Appointment, desk: Api, api: Api) -> None:
    other = stories.confirmed(studio, start=MONDAY + timedelta(days=7), email="bo@example.com")
    proposal = desk.post(desk_at(other, "propose/"), {"starts": [TUESDAY]}).body["proposal"]
    assert api.post(answer_to(paid, proposal, "accept"), {"start": TUESDAY}).status == 404
    assert other.proposals.get().state == "open"


def test_any_tag_is_a_304(studio: Provider, api: Api) -> None:
    week = {"from": "2027-03-01", "to": "2027-03-07"}
    slots = "providers/studio-bianchi/services/session/slots/"
    assert api.get(slots, week, **{"If-None-Match": "*"}).status == 304


def test_the_door_of_the_gateway_takes_nothing_but_posts(api: Api, db: None) -> None:
    answer = api.client.get("/webhooks/stripe/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == "POST"
    assert answer.json()["code"] == "method_not_allowed"


def test_the_sweep_counts_what_lapsed(paid: Appointment, desk: Api, clock: time_machine.Traveller) -> None:
    desk.post(desk_at(paid, "propose/"), {"starts": [FAR]})
    assert lifecycle.lapse_proposals(at=stories.EARLY + 24 * HOUR) == 1
