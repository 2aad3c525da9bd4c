"""One form that is sent many times at once is one booking, one note or one time off, and nobody is told that somebody was
faster (F-13). The controls take the key out of the form."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from django.db.models import Model

from booking.models import Appointment, ClientNote, Provider, TimeOff
from tests.booking.dashboard.people import browser, owner
from tests.races.racing import race, statuses
from tests.races.test_one_slot import body, starts

TAPS = 8
Form = tuple[str, dict[str, Any], dict[str, str]]


@pytest.fixture
def form(racecourse: str, studio: Provider) -> Form:
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


@pytest.fixture
def time_off(racecourse: str, studio: Provider) -> Form:
    """The same of a form of the dashboard, whose time the database guards as well."""
    said = {"start": "2099-03-02T09:00", "end": "2099-03-02T10:00", "title": "Dentist"}
    return of_desk(racecourse, studio, "calendar/time-off/", said)


@pytest.fixture
def note(racecourse: str, studio: Provider) -> Form:
    """One that nothing guards but its key."""
    booked = requests.post(
        f"{racecourse}appointments/", json=body(studio, starts(racecourse)[4], 1), timeout=60
    )
    return of_desk(
        racecourse, studio, f"appointments/{booked.json()['id']}/private-note/", {"text": "Needs a ramp"}
    )


def of_desk(racecourse: str, studio: Provider, path: str, said: dict[str, str]) -> Form:
    page = f"{racecourse.removesuffix('api/v1/')}dashboard/{path}"
    cookies = {name: one.value for name, one in browser(owner(studio)).cookies.items()}
    return page, {**said, "once": "one showing"}, cookies


def taps(form: Form) -> list[requests.Response]:
    page, said, cookies = form
    ours = {"Sec-Fetch-Site": "same-origin"}

    def tap() -> requests.Response:
        return requests.post(
            page, data=said, cookies=cookies, headers=ours, allow_redirects=False, timeout=120
        )

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


@pytest.mark.parametrize(("form", "model"), [("time_off", TimeOff), ("note", ClientNote)])
def test_eight_taps_at_a_form_of_the_dashboard_add_one(
    form: str, model: type[Model], request: pytest.FixtureRequest
) -> None:
    answers = taps(request.getfixturevalue(form))
    assert statuses(answers) == {302: TAPS}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert model.objects.count() == 1


def test_control_without_the_key_a_time_is_refused_and_a_note_stands_eight_times(
    time_off: Form, note: Form
) -> None:
    for _, said, _ in (time_off, note):
        said.pop("once")
    assert statuses(taps(time_off)) == {302: 1, 409: TAPS - 1}
    assert statuses(taps(note)) == {302: TAPS}
    assert ClientNote.objects.count() == TAPS
