"""One address may post as often as people do, here and by the API together."""

from typing import Any

import pytest
from django.test import Client

from booking.api.throttles import Acts, Bookings
from booking.models import Appointment, Provider
from tests.booking.api.calls import Api, booking
from tests.booking.pages.test_book import SESSION, details, text
from tests.booking.stories import MONDAY

pytestmark = pytest.mark.once


def test_a_flood_of_bookings_is_turned_away_kindly(visitor: Client, studio: Provider) -> None:
    answers = [visitor.post(SESSION, details(studio, email="ada")) for _ in range(Bookings.most + 1)]
    assert [one.status_code for one in answers] == [400] * Bookings.most + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    assert "Please wait a moment and try again." in text(answers[-1])


def test_the_api_counts_along(visitor: Client, studio: Provider) -> None:
    for _ in range(Bookings.most):
        visitor.post(SESSION, details(studio, email="ada"))
    assert Api().post("appointments/", booking(studio)).status == 429


def test_looking_goes_on(visitor: Client, studio: Provider) -> None:
    for _ in range(Bookings.most + 1):
        visitor.post(SESSION, details(studio, email="ada"))
    assert visitor.get(SESSION).status_code == 200


def test_acts_behind_a_link_are_counted(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(MONDAY)
    answers = [visitor.post(f"{link}late/", {"minutes": "0"}) for _ in range(Acts.most + 1)]
    assert [one.status_code for one in answers] == [400] * Acts.most + [429]
