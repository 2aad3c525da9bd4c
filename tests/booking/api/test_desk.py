"""The provider's side, by bearer token: its own things, by its scopes, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking.models import ApiToken, Appointment, Client, Membership, Provider, Service
from payments.models import Deposit, Refund
from policies.models import PolicyVersion
from tests.booking import stories
from tests.booking.api.calls import Api, booking, instant, token
from tests.booking.dashboard.people import standing_as

EUR_27 = {"amount": 2700, "currency": "EUR"}
NEXT = "2027-03-02T10:00:00+01:00"


def own(appointment: Appointment, act: str = "") -> str:
    return f"appointments/{appointment.uid}/{act}"


# --- Who may ---------------------------------------------------------------------------------------

LISTS = [
    "appointments/",
    "clients/",
    "services/",
    "hours/",
    "time-off/",
    "policies/",
    "deposits/",
    "charges/",
    "repayments/",
    "papers/",
    "statements/",
    "webhook-endpoints/",
]


@pytest.mark.parametrize("path", LISTS)
def test_without_a_token_nothing_is_told(studio: Provider, api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", LISTS)
def test_any_scope_reads(studio: Provider, path: str) -> None:
    assert Api(token(studio, "refunds")).get(path).status == 200


@pytest.mark.parametrize("said", ["", "x", "kept_x", "\u00e9", "x" * 5000])
def test_a_token_that_is_none_opens_nothing(studio: Provider, said: str) -> None:
    assert Api(Authorization=f"Bearer {said}").get("appointments/").status == 401


def test_a_revoked_token_opens_nothing(studio: Provider, desk: Api) -> None:
    ApiToken.objects.update(revoked_at=stories.EARLY)
    assert desk.get("appointments/").status == 401


def test_a_narrowed_role_narrows_its_tokens_at_once(studio: Provider, paid: Appointment, desk: Api) -> None:
    standing_as(studio, "read_only")
    assert desk.get(own(paid)).status == 200
    assert desk.post(own(paid, "cancel/"), {"reason": "illness"}).status == 403


def test_a_member_who_left_opens_nothing(studio: Provider, desk: Api) -> None:
    standing_as(studio, "member")
    Membership.objects.filter(role="member").delete()
    assert desk.get("appointments/").status == 401


def test_reading_alone_changes_nothing(studio: Provider, paid: Appointment) -> None:
    reader = Api(token(studio, "read"))
    assert reader.post(own(paid, "cancel/"), {}).status == 403
    assert reader.post("appointments/", booking(studio)).status == 403
    assert reader.put("hours/", {"hours": []}).status == 403
    assert stories.fresh(paid).status == "confirmed"


def test_refunds_need_their_own_scope(studio: Provider, paid: Appointment) -> None:
    deposit = Deposit.objects.get()
    asked = {"amount": EUR_27, "reason": "A mistake of ours"}
    assert Api(token(studio, "read", "write")).post(f"deposits/{deposit.uid}/refund/", asked).status == 403
    assert (
        Api(token(studio, "refunds", role="refunds")).post(f"deposits/{deposit.uid}/refund/", asked).status
        == 200
    )


def test_above_the_limit_it_is_asked_for_and_another_member_approves(
    studio: Provider, paid: Appointment
) -> None:
    deposit = Deposit.objects.get()
    sam, kim = (Api(token(studio, "refunds", role=role)) for role in ("refunds", "owner"))
    Membership.objects.filter(provider=studio, role="refunds").update(refund_limit=0)
    asked = sam.post(f"deposits/{deposit.uid}/refund/", {"amount": EUR_27, "reason": "A mistake of ours"})
    assert (asked.status, asked.body["state"], asked.body["amount"]) == (202, "asked", EUR_27)
    assert Deposit.objects.get().refunded == 0
    approve = f"repayments/{asked.body['id']}/approve/"
    assert sam.post(approve).status == 403
    assert kim.post(approve).body["state"] == "given"
    assert kim.post(approve).status == 409
    assert Deposit.objects.get().refunded == 2700
    assert [one["state"] for one in kim.get("repayments/").body["results"]] == ["given"]


FOREIGN = [
    ("GET", "appointments/{appointment}/"),
    *[
        ("POST", f"appointments/{{appointment}}/{act}/")
        for act in ("approve", "decline", "cancel", "arrived", "accept-late", "contact", "no-show")
    ],
    *[
        ("POST", f"appointments/{{appointment}}/{act}/")
        for act in ("undo-no-show", "complete", "excuse", "keep-terms")
    ],
    ("GET", "clients/{client}/"),
    ("POST", "clients/{client}/block/"),
    ("POST", "clients/{client}/unblock/"),
    ("POST", "clients/{client}/merge/"),
    ("POST", "clients/{client}/erase/"),
    ("GET", "clients/{client}/export/"),
    ("GET", "deposits/{deposit}/"),
    ("POST", "deposits/{deposit}/refund/"),
    ("GET", "policies/{policy}/"),
    ("PUT", "policies/{policy}/"),
    ("GET", "services/session/"),
    ("DELETE", "services/session/"),
]


@pytest.mark.parametrize(("method", "path"), FOREIGN, ids=[f"{m} {p}" for m, p in FOREIGN])
def test_what_belongs_to_another_provider_is_not_there(
    studio: Provider, school: Provider, paid: Appointment, method: str, path: str
) -> None:
    foreign = {
        "appointment": paid.uid,
        "client": paid.client.uid,
        "deposit": Deposit.objects.get().uid,
        "policy": paid.policy_version.policy.uid,
    }
    body = {"reason": "other", "amount": EUR_27}
    stranger = Api(token(school, "read", "write", "refunds"))
    assert stranger.send(method, path.format(**foreign), None if method == "GET" else body).status == 404
    assert stories.fresh(paid).status == "confirmed"


@pytest.mark.parametrize("path", LISTS)
def test_no_list_holds_a_word_of_another_provider(
    studio: Provider, school: Provider, paid: Appointment, path: str
) -> None:
    raw = Api(token(school, "read")).get(path).raw
    for word in (b"ada@example.com", str(paid.uid).encode(), b"Seduta", str(studio.uid).encode()):
        assert word not in raw


def test_a_clients_link_opens_no_desk_and_the_uid_no_client_page(paid: Appointment, api: Api) -> None:
    assert api.get(own(paid)).status == 401
    assert api.post(own(paid, "move/"), {"start": NEXT, "quote": "x"}).status == 404


# --- Appointments ----------------------------------------------------------------------------------


def test_the_list_can_be_narrowed(studio: Provider, desk: Api) -> None:
    first = stories.confirmed(studio)
    second = stories.confirmed(studio, start=instant(NEXT), email="bo@example.com", slug="couple")
    stories.cancel(second, at=stories.EARLY + timedelta(hours=1))

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in desk.get("appointments/", query).body["results"]]

    assert listed() == [str(second.uid), str(first.uid)]
    assert listed(status="confirmed") == [str(first.uid)]
    assert listed(status="confirmed,cancelled") == [str(second.uid), str(first.uid)]
    assert listed(**{"from": "2027-03-02"}) == [str(second.uid)]
    assert listed(to="2027-03-01") == [str(first.uid)]
    assert listed(to="2027-03-02T10:00:00+01:00") == [str(first.uid)]
    assert listed(client=str(second.client.uid)) == [str(second.uid)]
    assert listed(service="session") == [str(first.uid)]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"from": "soon"},
        {"to": "2027-13-01"},
        {"client": "me"},
        {"cursor": "!!"},
        {"cursor": "cD1h"},
        {"cursor": "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
        {"page_size": "0"},
        {"page_size": "-1"},
        {"page_size": "ten"},
    ],
    ids=str,
)
def test_a_wrong_filter_is_a_4xx(studio: Provider, desk: Api, query: dict[str, str]) -> None:
    assert desk.get("appointments/", query).status == 400


def test_pages_hold_100_rows_at_most_and_miss_none_while_rows_come_in(studio: Provider, desk: Api) -> None:
    rows = [
        Client(provider=studio, name="A", email=f"{n}@example.com", timezone="UTC", created_at=stories.EARLY)
        for n in range(105)
    ]
    Client.objects.bulk_create(rows)
    first = desk.get("clients/", {"page_size": "1000"}).body
    rows[0].pk = None
    Client.objects.create(
        provider=studio, name="B", email="new@x.de", timezone="UTC", created_at=stories.EARLY
    )
    rest = desk.get("clients/" + first["next"].split("/clients/")[1]).body
    assert (len(first["results"]), len(rest["results"])) == (100, 5)
    emails = {one["email"] for one in first["results"] + rest["results"]}
    assert emails == {f"{n}@example.com" for n in range(105)}


def test_a_booking_on_a_clients_behalf_needs_no_yes_of_the_clients(studio: Provider, desk: Api) -> None:
    asked = booking(studio)
    for name in ("provider", "policy_version", "agree"):
        del asked[name]
    answer = desk.post("appointments/", asked)
    assert (answer.status, answer.body["status"]) == (201, "held")
    assert Appointment.objects.get().timeline.first().by == "provider"


def test_an_appointment_tells_the_desk_more_than_the_client(paid: Appointment, desk: Api) -> None:
    body = desk.get(own(paid)).body
    assert body["client"]["email"] == "ada@example.com"
    assert body["deposit_state"]["held"] == EUR_27
    assert "cancel" in body["allowed"]
    assert [one["by"] for one in body["events"]] == ["client", "system", "system"]
    assert "manage_url" not in body


def test_a_request_is_approved_or_declined(studio: Provider, desk: Api) -> None:
    first = stories.book(studio, "first-meeting", answers={"reason": "x"})
    second = stories.book(studio, "first-meeting", start=instant(NEXT), answers={"reason": "x"})
    assert desk.post(own(first, "approve/")).body["status"] == "confirmed"
    assert desk.post(own(second, "decline/"), {"note": "Fully booked."}).body["status"] == "declined"
    assert desk.post(own(second, "approve/")).code == "is_declined"


def test_a_cancel_by_the_provider_gives_all_back(
    paid: Appointment, desk: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=1))
    body = desk.post(own(paid, "cancel/"), {"reason": "illness", "note": "Flu."}).body
    assert (body["status"], body["deposit_state"]["refunded"]) == ("cancelled", EUR_27)
    assert len(body["offers"]) == 3


def test_a_cancel_as_credit_carries_without_a_deadline(paid: Appointment, desk: Api) -> None:
    body = desk.post(own(paid, "cancel/"), {"reason": "The boiler broke", "as": "credit"}).body
    assert body["deposit_state"]["carried"] == EUR_27
    cancelled = next(one for one in body["events"] if one["kind"] == "cancelled")
    assert cancelled["facts"]["note"] == "The boiler broke"


def test_a_no_show_is_marked_after_grace_undone_and_the_visit_completed(
    paid: Appointment, desk: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY + timedelta(minutes=15) - timedelta(microseconds=1))
    early = desk.post(own(paid, "no-show/"))
    assert (early.status, early.code) == (409, "too_early")
    clock.move_to(stories.MONDAY + timedelta(minutes=15))
    marked = desk.post(own(paid, "no-show/")).body
    assert (marked["status"], marked["settlement"]["forfeit"]) == ("no_show", EUR_27)
    undone = desk.post(own(paid, "undo-no-show/")).body
    assert (undone["status"], undone["settlement"]) == ("confirmed", None)
    assert desk.post(own(paid, "complete/")).body["deposit_state"]["applied"] == EUR_27


def test_the_desk_says_who_is_there_and_waits_for_who_is_late(
    paid: Appointment, desk: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY + timedelta(minutes=1))
    assert desk.post(own(paid, "accept-late/")).code == "nothing_asked"
    assert desk.post(own(paid, "contact/")).status == 200
    assert desk.post(own(paid, "arrived/")).status == 200
    assert stories.fresh(paid).arrived_at is not None


def test_a_lapse_is_excused_in_part_then_in_whole(
    paid: Appointment, desk: Api, clock: time_machine.Traveller
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=1))
    stories.cancel(paid, at=stories.MONDAY - timedelta(hours=1))
    part = {"reason": "illness", "note": "", "amount": {"amount": 1000, "currency": "EUR"}}
    assert desk.post(own(paid, "excuse/"), part).body["deposit_state"]["refunded"]["amount"] == 1000
    assert desk.post(own(paid, "excuse/"), {"reason": "illness"}).body["deposit_state"]["refunded"] == EUR_27


EXCUSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no_reason": ({}, {"reason": "required"}),
    "no_such_reason": ({"reason": "whim"}, {"reason": "invalid_choice"}),
    "no_object": ({"reason": "illness", "amount": 100}, {"amount": {"body": "invalid"}}),
    "other_money": (
        {"reason": "illness", "amount": {"amount": 100, "currency": "USD"}},
        {"amount": {"currency": "wrong_currency"}},
    ),
    "nothing": (
        {"reason": "illness", "amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": "min_value"}},
    ),
    "too_much": ({"reason": "illness", "amount": {"amount": 2701, "currency": "EUR"}}, {"amount": "invalid"}),
}


@pytest.mark.parametrize(("asked", "errors"), EXCUSES.values(), ids=EXCUSES)
def test_a_wrong_excuse_is_a_400(
    paid: Appointment,
    desk: Api,
    clock: time_machine.Traveller,
    asked: dict[str, Any],
    errors: dict[str, Any],
) -> None:
    clock.move_to(stories.MONDAY - timedelta(hours=1))
    stories.cancel(paid, at=stories.MONDAY - timedelta(hours=1))
    answer = desk.post(own(paid, "excuse/"), asked)
    assert (answer.status, answer.errors) == (400, errors)


# --- Money -----------------------------------------------------------------------------------------


def test_deposits_tell_amounts_refunds_and_every_entry(paid: Appointment, desk: Api) -> None:
    row = desk.get("deposits/").body["results"][0]
    assert (row["appointment"], row["asked"], row["paid"], row["due_at"]) == (
        str(paid.uid),
        EUR_27,
        EUR_27,
        None,
    )
    assert row["amounts"]["held"] == EUR_27
    assert [(one["source"], one["target"], one["amount"]) for one in row["entries"]] == [
        ("outside", "held", EUR_27)
    ]
    assert desk.get(f"deposits/{row['id']}/").body == row


def test_a_refund_in_parts_never_gives_back_more_than_was_paid(paid: Appointment, desk: Api) -> None:
    path = f"deposits/{Deposit.objects.get().uid}/refund/"
    part = {"amount": {"amount": 2000, "currency": "EUR"}, "reason": "A mistake of ours"}
    body = desk.post(path, part).body
    assert (body["amounts"]["refunded"]["amount"], body["refunds"][0]["note"]) == (2000, "A mistake of ours")
    again = desk.post(path, part)
    assert (again.status, again.errors) == (400, {"amount": "invalid"})
    assert Deposit.objects.get().refunded == 2000


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({"reason": "x"}, {"amount": "required"}),
        ({"amount": EUR_27}, {"reason": "required"}),
        ({"amount": EUR_27, "reason": ""}, {"reason": "blank"}),
        ({"amount": 2700, "reason": "x"}, {"amount": {"body": "invalid"}}),
        ({"amount": EUR_27 | {"currency": "USD"}, "reason": "x"}, {"amount": {"currency": "wrong_currency"}}),
        ({"amount": EUR_27 | {"amount": 27.0}, "reason": "x"}, {"amount": {"amount": "invalid"}}),
        ({"amount": EUR_27 | {"amount": -1}, "reason": "x"}, {"amount": {"amount": "min_value"}}),
        ({"amount": EUR_27 | {"amount": 2**63}, "reason": "x"}, {"amount": {"amount": "max_value"}}),
    ],
)
def test_a_wrong_refund_is_a_400(
    paid: Appointment, desk: Api, asked: dict[str, Any], errors: dict[str, Any]
) -> None:
    answer = desk.post(f"deposits/{Deposit.objects.get().uid}/refund/", asked)
    assert (answer.status, answer.errors) == (400, errors)


# --- Clients and set-up ----------------------------------------------------------------------------


def test_a_client_is_blocked_and_welcome_again(
    studio: Provider, paid: Appointment, desk: Api, api: Api
) -> None:
    path = f"clients/{paid.client.uid}/"
    assert desk.post(f"{path}block/", {"reason": "Three no-shows"}).body["blocked"] is True
    asked = booking(studio, start=NEXT)
    assert api.post("appointments/", asked).status == 403
    assert desk.post(f"{path}unblock/").body["blocked"] is False
    assert api.post("appointments/", asked).status == 201


def test_two_clients_who_are_one_are_merged_by_the_owner_alone(
    studio: Provider, paid: Appointment, desk: Api
) -> None:
    again = stories.confirmed(studio, start=stories.MONDAY + stories.HOUR, email="ada+work@example.com")
    stays, goes = paid.client, again.client
    path, body = f"clients/{stays.uid}/merge/", {"client": str(goes.uid)}
    standing_as(studio, "member")
    assert desk.post(path, body).code == "owner_only"
    Membership.objects.filter(role="member").update(role="owner")
    assert list(desk.post(path, {"client": "x"}).errors) == ["client"]
    assert desk.post(path, {"client": str(studio.uid)}).code == "not_found"
    assert desk.post(path, {"client": str(stays.uid)}).code == "not_two"
    assert desk.post(path, body).body["id"] == str(stays.uid)
    assert stories.fresh(again).client == stays
    assert desk.get(f"clients/{goes.uid}/").body["merged_into"] == str(stays.uid)
    assert desk.post(path, body).code == "not_two"


def test_a_client_is_handed_out_and_erased_by_the_owner_alone(
    studio: Provider, paid: Appointment, desk: Api
) -> None:
    path = f"clients/{paid.client.uid}/"
    assert "ada@example.com" in str(desk.get(f"{path}export/").body)
    standing = desk.post(f"{path}erase/")
    assert (standing.status, standing.code) == (409, "still_open")
    assert standing.body["open"] == ["appointment", "deposit"]
    desk.post(f"appointments/{paid.uid}/cancel/", {"reason": "other", "note": ""})
    Refund.objects.update(state="done")
    standing_as(studio, "member")
    assert (desk.get(f"{path}export/").code, desk.post(f"{path}erase/").code) == ("owner_only",) * 2
    Membership.objects.filter(role="member").update(role="owner")
    gone = desk.post(f"{path}erase/").body
    assert gone["erased_at"]
    assert (gone["phone"], gone["name"]) == ("", f"#{paid.client.uid.hex[:6].upper()}")
    assert desk.post(f"{path}block/", {"reason": "again"}).code == "is_erased"
    assert desk.get("clients/").body["results"] == []


def test_hours_are_read_and_replaced(studio: Provider, desk: Api, api: Api) -> None:
    before = desk.get("hours/").body
    assert before["hours"][0] == {"weekday": "mon", "from": "09:00", "to": "13:00"}
    answer = desk.put("hours/", {"hours": [{"weekday": "mon", "from": "20:00", "to": "21:00"}]})
    assert (answer.status, answer.body["overrides"]) == (200, before["overrides"])
    slots = api.get(
        "providers/studio-bianchi/services/session/slots/", {"from": "2027-03-01", "to": "2027-03-01"}
    )
    assert slots.body["days"] == {"2027-03-01": ["2027-03-01T20:00:00+01:00"]}


def test_hours_that_overlap_are_refused_whole(studio: Provider, desk: Api) -> None:
    before = desk.get("hours/").body
    double = [
        {"weekday": "mon", "from": "09:00", "to": "13:00"},
        {"weekday": "mon", "from": "12:00", "to": "14:00"},
    ]
    answer = desk.put("hours/", {"hours": double})
    assert (answer.status, set(answer.errors)) == (400, {"hours[1]"})
    assert desk.get("hours/").body == before


def test_a_service_is_read_changed_and_taken_off(studio: Provider, paid: Appointment, desk: Api) -> None:
    session = desk.get("services/session/").body
    assert session["price"] == {"amount": 9000, "currency": "EUR"}
    changed = desk.put("services/session/", session | {"price": {"amount": 9500, "currency": "EUR"}})
    assert (changed.status, changed.body["price"]["amount"]) == (200, 9500)
    assert stories.fresh(paid).price == 9000
    assert desk.delete("services/session/").status == 204
    assert Service.objects.get(slug="session").hidden is True


def test_a_put_takes_the_place_of_the_whole_service(studio: Provider, desk: Api) -> None:
    session = desk.get("services/session/").body
    given = {"limits": {"per_day": 3}, "series_most": 6, "hidden": True, "about": {"en": "Calm"}}
    full = desk.put("services/session/", session | given).body
    assert {name: full[name] for name in given} == given
    assert desk.put("services/session/", full).body == full
    optional = (*given, "confirm_by_mail", "tax_percent")
    bare = {name: full[name] for name in full if name not in optional}
    left = desk.put("services/session/", bare).body
    assert {name: left[name] for name in given} == {
        "limits": {},
        "series_most": 0,
        "hidden": False,
        "about": {},
    }


def test_a_wrong_service_is_a_400_by_field(studio: Provider, desk: Api) -> None:
    session = desk.get("services/session/").body
    answer = desk.put("services/session/", session | {"duration_minutes": 0, "modes": ["fax"]})
    assert (answer.status, set(answer.errors)) == (400, {"duration_minutes", "modes[0]"})
    assert desk.put("services/session/", session | {"price": 9000}).errors == {"price": "invalid"}


def test_new_terms_make_a_version_for_the_bookings_from_now_on(
    studio: Provider, paid: Appointment, desk: Api
) -> None:
    policy = next(one for one in desk.get("policies/").body["results"] if one["name"] == "Balanced")
    assert policy["version"] == 1
    answer = desk.put(f"policies/{policy['id']}/", policy | {"grace_minutes": 20})
    assert (answer.status, answer.body["version"], answer.body["grace_minutes"]) == (200, 2, 20)
    assert stories.fresh(paid).policy_version == PolicyVersion.objects.get(policy__uid=policy["id"], number=1)


def test_a_fixed_deposit_is_money_there_and_back(school: Provider) -> None:
    desk = Api(token(school, "write"))
    gentle = next(one for one in desk.get("policies/").body["results"] if one["name"] == "Gentle")
    assert gentle["deposit"] == {"kind": "fixed", "amount": {"amount": 20000, "currency": "THB"}}
    assert desk.put(f"policies/{gentle['id']}/", gentle).body["version"] == 1
    more = {"kind": "fixed", "amount": {"amount": 30000, "currency": "THB"}}
    assert desk.put(f"policies/{gentle['id']}/", gentle | {"deposit": more}).body["deposit"] == more


def test_terms_that_contradict_themselves_are_a_400(studio: Provider, desk: Api) -> None:
    policy = next(one for one in desk.get("policies/").body["results"] if one["name"] == "Balanced")
    answer = desk.put(f"policies/{policy['id']}/", policy | {"windows": []})
    assert (answer.status, list(answer.errors)) == (400, ["windows"])


# --- A time of the provider's own ------------------------------------------------------------------

OWN_TIME = "2027-03-07T21:07:00+01:00"  # a Sunday night, off every grid


def of_its_own(studio: Provider, which: str = "session", **over: Any) -> dict[str, Any]:
    asked = booking(studio, which, start=OWN_TIME, own_time=True) | over
    return {name: value for name, value in asked.items() if name not in ("policy_version", "agree")}


def test_a_program_books_outside_the_hours_as_the_dashboard_does(studio: Provider, desk: Api) -> None:
    assert desk.post("appointments/", of_its_own(studio, own_time=False)).errors == {"start": "not_open"}
    held = desk.post("appointments/", of_its_own(studio))
    assert (held.status, held.body["status"], held.body["deposit"]) == (201, "held", EUR_27)
    assert held.body["pay_url"]
    later = of_its_own(studio, start="2027-03-14T21:07:00+01:00", with_deposit=False)
    free = desk.post("appointments/", later)
    assert (free.status, free.body["status"], free.body["deposit"]["amount"]) == (201, "confirmed", 0)
    assert free.body["timezone"] == "Europe/Rome"


def test_a_time_of_ones_own_needs_no_approval_and_no_answers(studio: Provider, desk: Api) -> None:
    asked = of_its_own(studio, "first-meeting", with_deposit=False)
    asked["client"] = asked["client"] | {"phone": ""}
    assert desk.post("appointments/", asked).body["status"] == "confirmed"


@pytest.mark.parametrize(
    ("over", "status", "said"),
    [
        ({"start": "2027-01-01T10:00:00+01:00"}, 400, {"start": "past"}),
        ({"start": "2030-01-01T10:00:00+01:00"}, 400, {"start": "too_far"}),
        ({"start": "2027-03-07T21:07:30+01:00"}, 400, {"start": "off_grid"}),
        ({"credit": "a-token"}, 400, {"credit": "not_with_own_time"}),
        ({"save_card": True}, 400, {"save_card": "not_with_own_time"}),
        ({"own_time": False, "with_deposit": False}, 400, {"with_deposit": "needs_own_time"}),
        ({"own_time": "yes"}, 400, {"own_time": "invalid"}),
        ({"answers": {"never": "asked"}}, 400, {"answers": {"never": "unknown"}}),
    ],
)
def test_what_is_refused_of_a_time_of_ones_own(
    studio: Provider, desk: Api, over: dict[str, Any], status: int, said: Any
) -> None:
    answer = desk.post("appointments/", of_its_own(studio, **over))
    assert (answer.status, answer.errors) == (status, said)
    assert Appointment.objects.count() == 0


def test_a_time_of_ones_own_must_be_free_and_is_for_programs_alone(
    studio: Provider, desk: Api, api: Api, paid: Appointment
) -> None:
    taken = desk.post("appointments/", of_its_own(studio, start=paid.starts_at.isoformat()))
    assert (taken.status, taken.code) == (409, "slot_taken")
    assert api.post("appointments/", booking(studio, start=OWN_TIME, own_time=True)).errors == {
        "start": "not_open"
    }
