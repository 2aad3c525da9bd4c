"""Two who share a browser, and one who sits at two desks: a form that one window shows is never written over what the
other one opened meanwhile."""

import io
import re
from typing import Any

import pytest
from django.test import Client as Browser

from booking.models import Appointment, Membership, Provider, User
from tests.booking import stories
from tests.booking.dashboard.people import owner, text
from tests.booking.dashboard.test_profile import URL, fields, file_of

pytestmark = pytest.mark.django_db
SEAT = re.compile(r'name="seat" value="([^"]+)"')
SWITCH = "/dashboard/switch/"


@pytest.fixture
def window() -> Browser:
    """As browsers send the forms of a page of ours."""
    return Browser(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})


def shown(window: Browser, provider: Provider) -> dict[str, Any]:
    """What the profile sends that this window shows, with another name typed."""
    [seat] = set(SEAT.findall(text(window.get(URL))))
    return fields(provider, name="Typed over") | {"seat": seat}


def test_what_one_typed_is_not_written_over_the_other_who_logged_in_meanwhile(
    window: Browser, studio: Provider, school: Provider
) -> None:
    window.force_login(owner(studio))
    typed, before = shown(window, studio), file_of(school)
    window.force_login(owner(school))
    answer = window.post(URL, typed)
    assert answer.status_code == 409
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'name="name" value="Typed over"' in text(answer)
    assert re.findall(r"<a [^>]*href=\"([^\"]+)", text(answer).split("<body")[1])[1:] == [
        "/dashboard/"
    ]  # nothing else leads away
    assert file_of(school) == before
    window.force_login(owner(studio))
    assert window.post(URL, typed).status_code == 302
    assert file_of(studio)["provider"]["name"] == "Typed over"


def test_a_file_is_asked_for_again(window: Browser, studio: Provider, school: Provider) -> None:
    window.force_login(owner(studio))
    typed = shown(window, studio)
    window.force_login(owner(school))
    answer = window.post(URL, typed | {"file": io.BytesIO(b"a file is not kept")})
    assert answer.status_code == 409
    assert "choose the file once more" in text(answer)
    assert "Send it once more" not in text(answer)


def test_nor_over_the_other_desk_of_the_same_member(
    window: Browser, studio: Provider, school: Provider
) -> None:
    both = owner(studio)
    Membership.objects.create(provider=school, user=both, role="owner")
    window.force_login(both)
    window.post(SWITCH, {"desk": str(studio.uid)})
    typed, before = shown(window, studio), file_of(school)
    for desk, status in ((school, 409), (studio, 302)):
        assert window.post(SWITCH, {"desk": str(desk.uid), "seat": typed["seat"]}).status_code == 302
        assert window.post(URL, typed).status_code == status
    assert file_of(school) == before


def test_another_name_leads_to_no_other_desk(window: Browser, studio: Provider, school: Provider) -> None:
    Membership.objects.create(provider=school, user=owner(studio), role="owner")
    window.force_login(owner(studio))
    here = SEAT.findall(text(window.get(URL)))
    for name in ("A", "ฮ"):
        Provider.objects.filter(pk=studio.pk).update(name=name)
        assert SEAT.findall(text(window.get(URL))) == here


def test_what_is_about_oneself_is_of_oneself_at_any_desk(
    window: Browser, studio: Provider, school: Provider
) -> None:
    both, other = owner(studio), owner(school)
    Membership.objects.create(provider=school, user=both, role="owner")
    window.force_login(both)
    [seat] = set(SEAT.findall(text(window.get("/dashboard/account/"))))
    said = {"name": "Both of us", "language": "en", "seat": seat}
    window.force_login(other)
    assert window.post("/dashboard/account/", said).status_code == 409
    window.force_login(both)
    window.post(SWITCH, {"desk": str(school.uid)})
    assert window.post("/dashboard/account/", said).status_code == 302
    assert list(User.objects.filter(name="Both of us")) == [both]


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/password/change/", "/admin/"])
def test_an_account_changes_with_the_token_of_its_own_log_in_alone(
    window: Browser, studio: Provider, path: str
) -> None:
    window.force_login(owner(studio))
    assert window.post(path, {"email": "hers@example.org", "action_add": ""}).status_code == 403


def test_a_note_of_one_studio_has_no_place_at_the_other(
    window: Browser, studio: Provider, school: Provider
) -> None:
    """Its address is that of an appointment: another's is not found, with the seat or without."""
    stands: Appointment = stories.confirmed(studio)
    window.force_login(owner(school))
    address = f"/dashboard/appointments/{stands.uid}/private-note/"
    assert window.post(address, {"text": "Mine"}).status_code == 404
