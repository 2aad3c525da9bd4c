"""Set-up > Profile and places: what is typed becomes what the file would say, and nothing moves unasked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from booking import transfer
from booking.dashboard.profile_form import ProfileForm
from booking.models import Appointment, Provider, Role
from booking.pages import where
from tests.booking import stories
from tests.booking.dashboard.people import standing_as, text

URL = "/dashboard/set-up/profile/"


def file_of(provider: Provider) -> dict[str, Any]:
    return transfer.dump(provider=Provider.objects.get(pk=provider.pk))


def fields(provider: Provider, *, settled: bool = False, **over: Any) -> dict[str, Any]:
    """What a browser sends of the page that nobody touched; None: a box without its tick."""
    provider = Provider.objects.get(pk=provider.pk)
    form = ProfileForm(provider=provider, content=file_of(provider), settled=settled, busy=True)
    said = {bound.html_name: bound.value() for bound in form} | over
    return {name: value for name, value in said.items() if value is not None and value is not False}


def test_saved_untouched_it_changes_nothing(desk: Browser, studio: Provider) -> None:
    before, version = file_of(studio), Provider.objects.get().version
    assert desk.post(URL, fields(studio)).status_code == 302
    assert file_of(studio) == before
    assert Provider.objects.get().version == version


def test_what_is_typed_is_what_the_file_says(desk: Browser, studio: Provider) -> None:
    said = fields(
        studio, name="Studio B", about_th="สวัสดี", email="b@example.org", phone="02 5555 0101", language="en",
        hour_cycle="h12", listed=None, hourly_rate="60,50", hold_minutes="30", address="Via Roma 1", note_en="Two\r\nlines",
        video_url="https://meet.example/{room}", video_test_url="", who_calls="client", phone_number="+39 02 5555 0102",
    )  # fmt: skip
    assert desk.post(URL, said).status_code == 302
    found = file_of(studio)
    profile = found["provider"]
    assert {
        name: profile[name] for name in profile if name not in ("slug", "timezone", "currency", "about")
    } == {
        "name": "Studio B",
        "email": "b@example.org",
        "phone": "+390255550101",
        "language": "en",
        "hour_cycle": "h12",
        "hourly_rate": 6050,
        "listed": False,
        "hold_minutes": 30,
    }
    assert profile["about"]["th"] == "สวัสดี"
    assert found["places"]["in_person"]["address"] == "Via Roma 1"
    assert found["places"]["in_person"]["note"]["en"] == "Two\nlines"
    assert found["places"]["video"] == {"url": "https://meet.example/{room}"}
    assert found["places"]["phone"] == {"who_calls": "client", "number": "+390255550102"}


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"phone": "12"}, "Please write the number with its country"),
        ({"timezone": "Europe/Milan"}, "Please choose one of the list"),
        ({"hourly_rate": "much"}, "Please write an amount"),
        ({"hold_minutes": "2"}, "greater than or equal to 5"),
        ({"video_url": "meet"}, "must be an address that begins with https:// or http://"),
        ({"video_url": ""}, "Please say it, so that clients find you."),
        ({"video": None}, "is still met this way: change the service first."),
        (
            {"phone": "", "who_calls": "client", "phone_number": ""},
            "Clients call you, so there must be a number",
        ),
        ({"name": "a\u2028b"}, "none that cannot be seen"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    desk: Browser, studio: Provider, over: dict[str, Any], said: str
) -> None:
    before = file_of(studio)
    answer = desk.post(URL, fields(studio, **{"about_en": "Typed just now", **over}))
    assert answer.status_code == 400
    assert said in text(answer)
    assert "Typed just now" in text(answer)
    assert file_of(studio) == before


def test_another_zone_says_first_what_happens(desk: Browser, studio: Provider) -> None:
    starts_at = stories.confirmed(studio).starts_at
    said = fields(studio, settled=True, timezone="America/New_York")
    asked = desk.post(URL, said)
    assert asked.status_code == 400
    assert "hold on the clocks of New York from now on" in text(asked)
    assert Provider.objects.get().timezone == "Europe/Rome"
    assert desk.post(URL, said | {"zone_agreed": "on"}).status_code == 302
    assert Provider.objects.get().timezone == "America/New_York"
    assert Appointment.objects.get().starts_at == starts_at


def test_the_figures_stay_in_another_currency(desk: Browser, studio: Provider) -> None:
    before = file_of(studio)
    assert desk.post(URL, fields(studio, currency="KWD", hourly_rate="60.00")).status_code == 302
    found = file_of(studio)
    assert found["provider"]["currency"] == "KWD"
    assert found["provider"]["hourly_rate"] == 60_000
    assert [one["price"] for one in found["services"]] == [one["price"] * 10 for one in before["services"]]


def test_with_appointments_the_currency_stays_and_that_is_said(desk: Browser, studio: Provider) -> None:
    stories.confirmed(studio)
    page = text(desk.get(URL))
    assert "Your currency is EUR. It stays" in page
    assert 'name="currency"' not in page
    assert desk.post(URL, fields(studio, settled=True) | {"currency": "JPY"}).status_code == 302
    assert Provider.objects.get().currency == "EUR"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_who_is_not_the_owner_looks_and_changes_nothing(desk: Browser, studio: Provider, role: Role) -> None:
    said = fields(studio, name="Mine now")
    standing_as(studio, role)
    assert desk.get(URL).status_code == 200
    assert desk.post(URL, said).status_code == 403
    assert Provider.objects.get().name == "Studio Bianchi"


def test_clients_call_the_number_of_the_place(desk: Browser, studio: Provider) -> None:
    appointment = stories.confirmed(studio, mode="phone")
    said = fields(studio, settled=True, who_calls="client", phone_number="+39 02 5555 0177")
    assert desk.post(URL, said).status_code == 302
    place = where.place_of(stories.fresh(appointment))
    assert [link.url for link in place.links] == ["tel:+390255550177"]
    assert desk.post(URL, said | {"phone_number": ""}).status_code == 302
    assert [link.url for link in where.place_of(stories.fresh(appointment)).links] == [f"tel:{studio.phone}"]
