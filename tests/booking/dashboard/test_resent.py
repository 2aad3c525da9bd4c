"""A form that adds something, sent once more because its answer was lost, adds it once."""

import re
from typing import Any

import pytest
from django.test import Client as Browser

from booking.models import Appointment, ClientNote, IdempotencyKey, Provider, SharedNote, TimeOff
from payments.models import Charge, Payment
from tests.booking import stories
from tests.booking.dashboard.people import text
from tests.booking.dashboard.test_calendar_acts import ADA, BOOK, TAKE

pytestmark = pytest.mark.django_db
ONCE = re.compile(r'name="once" value="([^"]+)"')


def keys_of(answer: Any) -> list[str]:
    return ONCE.findall(text(answer))


def sent_twice(desk: Browser, address: str, said: dict[str, str], *, shown_at: str = "") -> None:
    """The very same form, and where it leads is the same."""
    known = keys_of(desk.get(shown_at or address))
    assert len(known) == len(set(known))
    first, again = (desk.post(address, said | {"once": known[-1]}) for _ in "12")
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]


@pytest.fixture
def stands(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


def test_what_is_owed_and_what_was_paid_by_hand_is_written_down_once(
    desk: Browser, stands: Appointment
) -> None:
    asks = {"kind": "other", "amount": "20", "description": "A book"}
    sent_twice(desk, f"/dashboard/money/ask/{stands.uid}/", asks)
    owed = Charge.objects.get(description="A book")
    paid = {"amount": "5", "method": "cash", "received_on": "2027-02-15"}
    sent_twice(desk, f"/dashboard/money/owed/{owed.uid}/", paid)
    assert Payment.objects.filter(charge=owed, gateway="manual").count() == 1
    sent_twice(desk, f"/dashboard/money/owed/{owed.uid}/", paid)  # shown anew: a second five
    assert Payment.objects.filter(charge=owed, gateway="manual").count() == 2


def test_a_note_stands_once(desk: Browser, stands: Appointment) -> None:
    page = f"/dashboard/appointments/{stands.uid}/"
    sent_twice(desk, f"{page}notes/", {"text": "Bring a towel", "tell": "on"}, shown_at=page)
    sent_twice(desk, f"{page}private-note/", {"text": "Needs a ramp"}, shown_at=page)
    assert SharedNote.objects.count() == 1
    assert ClientNote.objects.count() == 1
    assert stands.messages.filter(kind="note_shared").count() == 1


def test_a_time_is_kept_free_and_a_client_is_booked_once(desk: Browser, studio: Provider) -> None:
    sent_twice(desk, TAKE, {"start": "2027-03-01T09:00", "end": "2027-03-01T10:00", "title": "Dentist"})
    assert TimeOff.objects.count() == 1
    known = keys_of(desk.post(BOOK, ADA | {"step": "look"}))
    sent = [desk.post(BOOK, ADA | {"step": "send", "once": known[0]}) for _ in "12"]
    assert [one.status_code for one in sent] == [302, 302]
    assert Appointment.objects.count() == 1


def test_what_was_refused_or_changed_is_looked_at_again(desk: Browser, stands: Appointment) -> None:
    page = f"/dashboard/appointments/{stands.uid}/private-note/"
    for said, status in (("", 400), ("A word", 302), ("Another word", 302)):
        assert desk.post(page, {"text": said, "once": "one showing"}).status_code == status
    assert ClientNote.objects.count() == 2
    assert IdempotencyKey.objects.count() == 2


def test_a_form_that_asks_the_outside_is_not_of_these_whatever_it_says(desk: Browser) -> None:
    """All of a form that adds something is one transaction, and the outside is never asked in one."""
    assert desk.post("/dashboard/money/account/connect/", {"once": "typed by hand"}).status_code == 302
