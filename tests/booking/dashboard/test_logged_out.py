"""Another window logs out, or in again: what was typed in this one is not lost, and forgers gain nothing."""

import io
import re

import pytest
from django.test import Client as Browser

from booking.models import Appointment, ClientNote, Provider
from tests.booking import stories
from tests.booking.dashboard.people import owner

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')
OURS = {"Sec-Fetch-Site": "same-origin"}
SAID = {"text": "Needs a ramp", "once": "one showing"}


@pytest.fixture
def stands(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


@pytest.fixture
def address(stands: Appointment) -> str:
    return f"/dashboard/appointments/{stands.uid}/private-note/"


def test_a_form_that_is_sent_while_logged_out_waits_for_the_log_in(studio: Provider, address: str) -> None:
    window = Browser(enforce_csrf_checks=True, headers=OURS)
    answer = window.post(address, SAID)
    assert answer.status_code == 403
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.content.decode().split("<main")[1].split("</form>")[0]
    assert f'action="{address}"' in page
    kept = dict(HIDDEN.findall(page))
    assert kept.pop("csrfmiddlewaretoken")
    assert kept == SAID
    assert not ClientNote.objects.exists()
    window.force_login(owner(studio))
    assert window.post(address, kept).status_code == 302
    assert ClientNote.objects.get().text == "Needs a ramp"


def test_only_forms_wait(address: str) -> None:
    window = Browser()
    asked = (
        window.get("/dashboard/"),
        window.post(address, SAID, headers={"HX-Request": "true"}),
        window.post(address, SAID | {"file": io.BytesIO(b"a file is not kept")}),
    )
    for answer in asked:
        assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 302), ("same-site", 403), ("cross-site", 403), ("none", 403), ("", 403)],
)
def test_a_page_of_ours_needs_no_token_of_the_newest_log_in(
    studio: Provider, address: str, site: str, status: int
) -> None:
    window = Browser(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": site} if site else {})
    window.force_login(owner(studio))
    assert window.post(address, SAID | {"csrfmiddlewaretoken": "of a page from before"}).status_code == status
    assert ClientNote.objects.count() == (1 if status == 302 else 0)
