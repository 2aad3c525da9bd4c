"""One booking form that is sent many times at once is one booking, and nobody is told that somebody was faster
(F-13). The control takes the key out of the form."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from booking.models import Appointment, Provider
from tests.races.racing import race, statuses
from tests.races.test_one_slot import body, starts

TAPS = 8


@pytest.fixture
def form(racecourse: str, studio: Provider) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The address, what was filled in, and the cookies of one browser."""
    start = starts(racecourse)[4]
    page = f"{racecourse.removesuffix('api/v1/')}studio-bianchi/session/"
    shown = requests.get(page, {"start": start, "mode": "video"}, timeout=60)
    found = dict(re.findall(r'name="(key|policy_version|csrfmiddlewaretoken)" value="([^"]+)"', shown.text))
    asked = body(studio, start, 1)
    said = {
        "start": start,
        "mode": "video",
        "name": asked["client"]["name"],
        "email": asked["client"]["email"],
        "agree": "on",
        **found,
    }
    return page, said, shown.cookies.get_dict()


def taps(form: tuple[str, dict[str, Any], dict[str, str]]) -> list[requests.Response]:
    page, said, cookies = form

    def tap() -> requests.Response:
        return requests.post(page, data=said, cookies=cookies, allow_redirects=False, timeout=120)

    return race([tap] * TAPS)


def test_eight_taps_at_once_are_one_booking_told_eight_times(form: Any) -> None:
    answers = taps(form)
    assert statuses(answers) == {302: TAPS}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Appointment.objects.count() == 1


def test_control_without_the_key_seven_are_told_that_somebody_was_faster(form: Any) -> None:
    page, said, cookies = form
    said.pop("key")
    assert statuses(taps((page, said, cookies))) == {302: 1, 409: TAPS - 1}
