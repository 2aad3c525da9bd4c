"""How clients are reached, over the API: consent, the address of mails, who was tried, who needs help, and
patterns that ask for a word."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from booking import lifecycle
from booking.models import Appointment, Concern, Provider
from reminders import routes
from reminders.models import Consent, Route
from tests.booking import stories
from tests.booking.api.calls import Api, booking, instant
from tests.booking.api.test_own import at
from tests.booking.api.test_proposals import desk_at
from tests.booking.api.test_schema import held_against, schema
from tests.booking.stories import EARLY, MINUTE, MONDAY
from tests.reminders.test_channels import TWILIO

__all__ = ["schema"]
PHONE = "+390255550101"


@pytest.fixture
def texts(studio: Provider) -> Route:
    """The studio writes to clients by SMS."""
    made = Route(provider=studio, name="Texts", for_clients=True, enabled_at=EARLY)
    return routes.set_up(route=made, address=TWILIO, at=EARLY)


# --- Consent ---


def test_a_channel_is_offered_with_its_words_and_agreed_to_while_booking(
    studio: Provider, texts: Route, api: Api
) -> None:
    offered = api.get("providers/studio-bianchi/").body["channels"]
    assert [(one["channel"], one["name"]) for one in offered] == [("sms", "SMS")]
    made = api.post("appointments/", booking(studio, channels=["sms"]))
    assert made.status == 201
    kept = Consent.objects.get()
    assert (kept.state, kept.how, kept.phone, kept.words) == (
        "given",
        "booking",
        PHONE,
        offered[0]["consent"],
    )
    told = api.get(made.body["manage_url"].split("/a/")[1].join(("appointments/", ""))).body["channels"]
    assert [(one["channel"], one["given"]) for one in told] == [("sms", True), ("more_reminders", True)]


def test_a_member_writes_down_what_the_client_said(studio: Provider, texts: Route, desk: Api) -> None:
    assert desk.post("appointments/", booking(studio, channels=["sms"])).status == 201
    assert Consent.objects.get().how == "desk"


WITHOUT_PHONE = {"name": "Ada Moss", "email": "ada@example.com"}


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ({"channels": ["whatsapp"]}, {"channels": {"0": "not_offered"}}),
        ({"channels": ["sms", "telegram"]}, {"channels": {"1": "not_offered"}}),
        ({"channels": ["pigeon"]}, {"channels": {"0": "invalid_choice"}}),
        ({"channels": "sms"}, {"channels": "not_a_list"}),
        ({"channels": ["sms"], "client": WITHOUT_PHONE}, {"client": {"phone": "required"}}),
    ],
    ids=["not_offered", "the_second_not", "no_channel", "no_list", "no_number"],
)
def test_what_nobody_can_be_reached_by_is_named_and_books_nothing(
    studio: Provider, texts: Route, api: Api, said: dict[str, Any], errors: Any
) -> None:
    answer = api.post("appointments/", booking(studio, **said))
    assert (answer.status, answer.errors) == (400, errors)
    assert not Appointment.objects.exists()


def test_a_strangers_number_agrees_for_nobody(studio: Provider, texts: Route, api: Api) -> None:
    stories.confirmed(studio)
    known = Appointment.objects.get().client
    stranger = {"name": "X", "email": known.email, "phone": "+390255550199"}
    known.phone = PHONE
    known.save(update_fields=["phone"])
    asked = booking(studio, start="2027-03-02T10:00:00+01:00", client=stranger, channels=["sms"])
    assert api.post("appointments/", asked).status == 201
    assert not Consent.objects.exists()


def test_each_way_is_agreed_to_and_ended_and_every_word_is_kept(
    schema: Any, paid: Appointment, texts: Route, api: Api
) -> None:
    door = at(paid, "channels/")
    for body in (
        {"channel": "sms", "agree": True, "phone": PHONE},
        {"channel": "sms", "agree": False},
        {"channel": "more_reminders", "agree": False},
    ):
        answer = api.post(door, body)
        held_against(schema, "appointments/{token}/channels/", "post", answer)
        given = {one["channel"]: one["given"] for one in answer.body["channels"]}
        assert given[str(body["channel"])] is body["agree"]
    assert api.get(door).body == answer.body
    assert answer.body["phone"] == PHONE
    assert list(Consent.objects.values_list("channel", "state")) == [
        ("sms", "given"),
        ("sms", "withdrawn"),
        ("more_reminders", "withdrawn"),
    ]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"channel": "whatsapp", "agree": True}, {"channel": "not_offered"}),
        ({"channel": "sms", "agree": True}, {"phone": "required"}),
        ({"channel": "sms", "agree": True, "phone": "call me"}, {"phone": "invalid"}),
        ({"channel": "sms"}, {"agree": "required"}),
    ],
    ids=["not_offered", "no_number", "no_such_number", "no_word"],
)
def test_a_yes_that_reaches_nobody_is_refused(
    paid: Appointment, texts: Route, api: Api, body: dict[str, Any], errors: Any
) -> None:
    paid.client.phone = ""
    paid.client.save(update_fields=["phone"])
    answer = api.post(at(paid, "channels/"), body)
    assert (answer.status, answer.errors) == (400, errors)
    assert not Consent.objects.exists()


# --- Times that suit ---


def test_a_lost_slot_names_others_that_suit_first(studio: Provider, paid: Appointment, api: Api) -> None:
    asked = booking(studio, client={"name": "Bo", "email": "bo@example.com"})
    near = api.post("appointments/", asked).body["alternatives"]
    assert {instant(one).date() for one in near} == {MONDAY.date()}

    fridays = asked | {"preferences": {"days": ["fri"], "parts": ["morning"]}}
    found = [instant(one) for one in api.post("appointments/", fridays).body["alternatives"]]
    assert len(found) == 3
    assert all(one.weekday() == 4 and one.astimezone(UTC).hour < 12 for one in found)


# --- The provider's side ---


def test_every_try_to_reach_somebody_is_on_the_timeline(
    paid: Appointment, desk: Api, clock: time_machine.Traveller
) -> None:
    door = desk_at(paid, "reached-out/")
    assert desk.post(door, {"way": "call"}).code == "too_early"
    clock.move_to(MONDAY + 6 * MINUTE)
    assert desk.post(door, {"way": "pigeon"}).errors == {"way": "invalid_choice"}
    told = desk.post(door, {"way": "text"})
    assert told.status == 200
    assert [one["facts"] for one in told.body["events"] if one["kind"] == "reached_out"] == [{"way": "text"}]


def test_who_needs_help_is_listed_until_somebody_helped(
    schema: Any, paid: Appointment, desk: Api, api: Api
) -> None:
    listed = {"needs_help": "true"}
    assert desk.get("appointments/", listed).body["results"] == []
    assert desk.post(desk_at(paid, "helped/")).code == "nothing_asked"
    api.post(at(paid, "test/"), {"works": False, "found": {"camera": "denied"}})
    answer = desk.get("appointments/", listed)
    held_against(schema, "appointments/", "get", answer)
    assert [one["needs_help_at"] for one in answer.body["results"]] == ["2027-02-15T09:00:00Z"]
    done = desk.post(desk_at(paid, "helped/"))
    assert (done.status, done.body["needs_help_at"]) == (200, None)
    assert desk.get("appointments/", listed).body["results"] == []
    assert desk.get("appointments/", {"needs_help": "maybe"}).errors == {"needs_help": "invalid_choice"}
    assert "helped" in [one["kind"] for one in api.get(at(paid)).body["timeline"]]


@pytest.fixture
def chronic(studio: Provider, clock: time_machine.Traveller) -> Concern:
    """A client who missed three appointments in a row."""
    for week in range(3):
        start = MONDAY + timedelta(weeks=week)
        one = stories.confirmed(studio, start=start)
        lifecycle.mark_no_show(appointment=one, by=stories.owner(studio), at=start + 15 * MINUTE)
    return Concern.objects.get(pattern="chronic")


def test_a_pattern_is_listed_and_answered_once(schema: Any, chronic: Concern, desk: Api) -> None:
    answer = desk.get("concerns/", {"state": "open", "client": str(chronic.client.uid)})
    held_against(schema, "concerns/", "get", answer)
    [one] = answer.body["results"]
    assert (one["pattern"], one["answers"]) == ("chronic", ["prepay", "approve", "leave"])
    door = f"concerns/{one['id']}/decide/"
    assert desk.post(door, {"decision": "asked"}).errors == {"decision": "invalid_choice"}
    assert desk.post(door, {"decision": "leave", "reason": "cats"}).errors == {"reason": "invalid_choice"}
    done = desk.post(door, {"decision": "prepay", "reason": "cost", "note": "We talked."})
    held_against(schema, "concerns/{id}/decide/", "post", done)
    said = {name: done.body[name] for name in ("state", "decision", "reason", "note", "answers")}
    assert said == {
        "state": "decided",
        "decision": "prepay",
        "reason": "cost",
        "note": "We talked.",
        "answers": [],
    }
    assert (desk.post(door, {"decision": "leave"}).status, desk.get(f"concerns/{one['id']}/").body) == (
        409,
        done.body,
    )
    assert desk.get("concerns/", {"state": "gone"}).errors == {"state": "invalid_choice"}


def test_what_only_waits_to_be_looked_at_and_what_is_anothers_is_not_there(
    chronic: Concern, desk: Api, school: Provider
) -> None:
    waits = Concern.objects.get(pattern="gone quiet")
    assert desk.get(f"concerns/{waits.uid}/").status == 404
    Concern.objects.filter(pk=chronic.pk).update(
        client=stories.book(school, "lesson-60", start=MONDAY + timedelta(days=1)).client
    )
    assert desk.get(f"concerns/{chronic.uid}/").status == 404
    assert desk.post(f"concerns/{chronic.uid}/decide/", {"decision": "leave"}).status == 404


def test_a_mark_on_the_address_is_told_and_ends_with_a_correction(
    schema: Any, paid: Appointment, desk: Api, api: Api
) -> None:
    client = paid.client
    type(client).objects.filter(pk=client.pk).update(mail_bounced_at=datetime(2027, 2, 15, tzinfo=UTC))
    assert api.get(at(paid)).body["mail_trouble"] == "bounced"
    door = f"clients/{client.uid}/"
    assert desk.get(door).body["mail_trouble"] == "bounced"
    assert desk.post(f"{door}address/", {"email": "a@b, c@d"}).errors == {"email": "invalid"}
    done = desk.post(f"{door}address/", {"email": "Right@example.com"})
    held_against(schema, "clients/{id}/address/", "post", done)
    assert (done.body["email"], done.body["mail_trouble"]) == ("right@example.com", None)
    assert api.get(at(paid)).status == 404  # the link that went to the old address


def test_a_client_asks_for_another_address_and_nothing_changes_yet(
    schema: Any, paid: Appointment, api: Api, clock: time_machine.Traveller
) -> None:
    door = at(paid, "address/")
    assert api.post(door, {"email": "x"}).errors == {"email": "invalid"}
    assert api.post(door, {"email": paid.client.email}).code == "same_address"
    done = api.post(door, {"email": "New@example.com"})
    held_against(schema, "appointments/{token}/address/", "post", done)
    assert done.body == {"email": "new@example.com", "confirm_until": "2027-02-16T09:00:00Z"}
    paid.client.refresh_from_db()
    assert paid.client.email == "ada@example.com"
    for minute in (1, 2):
        clock.move_to(EARLY + minute * MINUTE)
        assert api.post(door, {"email": "other@example.com"}).status == 200
    over = api.post(door, {"email": "fourth@example.com"})
    assert (over.status, over.code) == (429, "too_many_addresses")
