"""How often one address may ask."""

import ipaddress
from typing import Any

import pytest
import time_machine

from booking import hoarding
from booking.api import throttles
from booking.models import Appointment, Provider
from config import network
from tests.booking.api.calls import Api, booking, token

PROFILE = "providers/studio-bianchi/"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (throttles.Reads, throttles.Acts, throttles.Bookings, throttles.Tokens):
        monkeypatch.setattr(kind, "most", 3)


def test_one_too_many_is_a_429_that_says_when_to_go_on(
    studio: Provider, api: Api, few: None, clock: time_machine.Traveller
) -> None:
    assert [api.get(PROFILE).status for _ in range(4)] == [200, 200, 200, 429]
    answer = api.get(PROFILE)
    assert (answer.code, answer.headers["Content-Type"]) == ("throttled", "application/problem+json")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    clock.shift(60)
    assert api.get(PROFILE).status == 200


def test_slots_are_counted_too(studio: Provider, api: Api, few: None) -> None:
    days = {"from": "2027-03-01", "to": "2027-03-02"}
    slots = [api.get(f"{PROFILE}services/session/slots/", days) for _ in range(4)]
    assert [one.status for one in slots] == [200, 200, 200, 429]
    assert slots[-1].headers["Retry-After"]


def test_a_flood_of_bookings_ends_at_the_limit(studio: Provider, api: Api, few: None) -> None:
    answers = [api.post("appointments/", booking(studio)).status for _ in range(5)]
    assert answers == [201, 409, 409, 429, 429]


def test_one_address_cannot_hoard_times_it_never_pays(
    studio: Provider, api: Api, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    monkeypatch.setattr(hoarding, "MOST", 1)
    later = booking(studio, start="2027-03-02T10:00:00+01:00")
    assert api.post("appointments/", booking(studio)).status == 201
    no = api.post("appointments/", later)
    assert (no.status, no.code, no.headers["Retry-After"]) == (429, "too_many_holds", "60")
    clock.shift(15 * 60)
    assert api.post("appointments/", later).status == 201


def test_reading_uses_no_booking_up(studio: Provider, api: Api, few: None) -> None:
    for _ in range(4):
        api.get(PROFILE)
    assert api.post("appointments/", booking(studio)).status == 201


def test_addresses_are_counted_apart_but_only_a_trusted_proxy_may_name_them(
    studio: Provider, api: Api, few: None, settings: Any
) -> None:
    for n in range(4):
        last = api.get(PROFILE, **{"X-Forwarded-For": f"203.0.113.{n}"})
    assert last.status == 429
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.0/8")]
    for n in range(4):
        assert api.get(PROFILE, **{"X-Forwarded-For": f"203.0.113.{n}"}).status == 200


def test_one_household_counts_as_one_in_ipv6(settings: Any) -> None:
    assert network.neighbourhood("2001:db8::1") == network.neighbourhood("2001:db8::ffff:1")
    assert network.neighbourhood("2001:db8::1") != network.neighbourhood("2001:db8:0:1::1")


def test_exempt_networks_are_never_counted(studio: Provider, api: Api, few: None, settings: Any) -> None:
    settings.LIMITS_EXEMPT = [ipaddress.ip_network("127.0.0.0/8")]
    assert {api.get(PROFILE).status for _ in range(6)} == {200}


def test_a_token_is_counted_for_itself(studio: Provider, school: Provider, few: None) -> None:
    one, other = Api(token(studio, "read")), Api(token(school, "read"))
    assert [one.get("hours/").status for _ in range(4)] == [200, 200, 200, 429]
    assert other.get("hours/").status == 200


def test_guessing_links_is_counted_like_looking(paid: Appointment, api: Api, few: None) -> None:
    assert [api.get(f"appointments/{'x' * 20}{n}/").status for n in range(4)] == [404, 404, 404, 429]
