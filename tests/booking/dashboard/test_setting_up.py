"""The page of everything that is set up."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from booking.dashboard import setting_up
from booking.models import Provider, Role
from tests.booking.dashboard.people import standing_as

pytestmark = pytest.mark.django_db


def test_each_place_of_the_set_up_opens(desk: Browser) -> None:
    places = [one for _name, group in setting_up.GROUPS for one in group]
    shown = desk.get("/dashboard/set-up/").content.decode()
    assert all(f'href="{one.url}"' in shown for one in places)
    assert {desk.get(one.url).status_code for one in places} == {200}


def test_who_may_only_look_is_not_led_to_pages_that_refuse(studio: Provider, desk: Browser) -> None:
    standing_as(studio, Role.READ_ONLY)
    shown = desk.get("/dashboard/set-up/").content.decode()
    led = [one for _name, group in setting_up.GROUPS for one in group if f'href="{one.url}"' in shown]
    assert led
    assert {desk.get(one.url).status_code for one in led} == {200}
