"""What the calendar does: each act is a form, says what it does before, and does nothing until the last button."""

from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle, tokens
from booking.models import Appointment, Client, Proposal, Provider, TimeOff
from payments import evidence
from tests.booking import stories
from tests.booking.dashboard.people import text
from tests.booking.stories import EARLY, HOUR, MONDAY

TAKE, BOOK = "/dashboard/calendar/time-off/", "/dashboard/calendar/book/"
TUESDAY = "2027-03-02T10:15"
ADA = {
    "start": TUESDAY,
    "service": "session:video",
    "who": "new",
    "name": "Ada Moss",
    "email": "Ada@example.com",
    "phone": "",
    "deposit": "without",
}


@pytest.fixture
def stands(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


# --- A move ---


def test_a_move_is_looked_at_and_then_proposed(stands: Appointment, desk: Browser) -> None:
    page = f"/dashboard/appointments/{stands.uid}/move/"
    looked = text(desk.get(page, {"start": TUESDAY}))
    assert "Tuesday 2 March 2027" in looked
    assert "10:15 – 11:05" in looked
    assert "The deposit of €27.00 goes along." in looked
    assert "Can we move it?" in looked  # the letter
    assert "Propose this time" in looked
    assert tokens.make(stands) not in looked  # the link is the client's alone
    said = {"start": TUESDAY, "hours": "48", "note": "The heating is broken."}
    looked = text(desk.post(page, said | {"step": "look"}))
    assert "The heating is broken." in looked
    assert not Proposal.objects.exists()
    sent = desk.post(page, said | {"step": "send"}, follow=True)
    assert "The old time stands until Ada Moss says yes." in text(sent)
    proposal = Proposal.objects.get()
    assert [str(one.start_at) for one in proposal.times.all()] == ["2027-03-02 09:15:00+00:00"]
    assert proposal.note == "The heating is broken."
    assert stories.fresh(stands).starts_at == MONDAY


def test_a_time_that_is_taken_or_outside_the_hours_is_said_so(
    studio: Provider, stands: Appointment, desk: Browser
) -> None:
    page = f"/dashboard/appointments/{stands.uid}/move/"
    client = lifecycle.ClientDetails(name="Grace Vale", email="grace@example.com")
    stories.confirmed(studio, start=MONDAY + 24 * HOUR, client=client)
    looked = text(desk.get(page, {"start": TUESDAY}))
    assert "Grace Vale (Tue 2 Mar 2027, 10:00 to 11:00)" in looked
    assert "Propose this time" not in looked
    sent = desk.post(page, {"start": TUESDAY, "hours": "24", "step": "send"})
    assert (sent.status_code, Proposal.objects.exists()) == (409, False)
    night = text(desk.get(page, {"start": "2027-03-02T22:00"}))
    assert "outside your opening hours" in night
    assert "Propose this time" in night
    past = text(desk.get(page, {"start": "2026-03-02T22:00"}))
    assert "This time has passed." in past


@pytest.mark.parametrize("start", ["", "x", "0001-01-01T00:00", "2027-03-28T02:30"])
def test_a_time_that_is_none_asks_for_one(stands: Appointment, desk: Browser, start: str) -> None:
    page = f"/dashboard/appointments/{stands.uid}/move/"
    assert desk.get(page, {"start": start}).status_code == 200
    sent = desk.post(page, {"start": start, "hours": "24", "note": "Kind words", "step": "send"})
    assert (sent.status_code, "Kind words" in text(sent)) == (400, True)
    assert not Proposal.objects.exists()


# --- Time off ---


def test_time_is_kept_free_looked_at_and_given_back(studio: Provider, desk: Browser) -> None:
    form = text(desk.get(TAKE, {"start": "2027-03-01T10:00", "end": "2027-03-01T12:00"}))
    assert 'value="2027-03-01T12:00"' in form
    said = {"start": "2027-03-01T10:00", "end": "2027-03-01T12:00", "title": "Dentist"}
    done = desk.post(TAKE, said, follow=True)
    assert "Nobody can book this time." in text(done)
    taken = TimeOff.objects.get()
    assert (taken.starts_at, taken.title) == (MONDAY, "Dentist")
    again = desk.post(TAKE, said)
    assert again.status_code == 409
    assert "Dentist (Mon 1 Mar 2027, 10:00 to 12:00)" in text(again)
    assert "Dentist" in text(desk.get(f"{TAKE}{taken.uid}/"))
    assert desk.get(f"{TAKE}{taken.uid}/end/").status_code == 405
    gone = desk.post(f"{TAKE}{taken.uid}/end/", follow=True)
    assert "This time can be booked again." in text(gone)
    assert not TimeOff.objects.exists()


def test_time_that_ends_before_it_begins_keeps_what_was_typed(studio: Provider, desk: Browser) -> None:
    said = {"start": "2027-03-01T12:00", "end": "2027-03-01T10:00", "title": "Dentist"}
    answer = desk.post(TAKE, said)
    assert answer.status_code == 400
    assert "The end must be after the beginning." in text(answer)
    assert 'value="Dentist"' in text(answer)


# --- Booking for a client ---


def test_a_new_client_is_booked_without_a_deposit(studio: Provider, desk: Browser) -> None:
    looked = text(desk.post(BOOK, ADA | {"step": "look"}))
    assert "It is confirmed at once." in looked
    assert "has not ticked them" in looked
    assert not Client.objects.exists()
    done = desk.post(BOOK, ADA | {"step": "send"}, follow=True)
    assert "Booked. The client gets the confirmation." in text(done)
    made = Appointment.objects.get()
    assert (made.status, made.deposit_amount, made.client.email) == ("confirmed", 0, "ada@example.com")
    assert made.timeline.filter(kind="booked", by="provider", user__isnull=False).exists()
    told = made.messages.get(kind="confirmed", to="client")
    assert told.facts["booked_by"] == "provider"
    assert evidence.record(appointment=made, at=EARLY)["agreement"]["by_client"] is False
    assert (made.agreement.ip_address, made.agreement.user_agent) == (None, "")
    assert "Booked by you" in text(done)


def test_a_client_who_is_known_is_found_and_pays_by_a_link(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    known = stories.confirmed(studio).client
    found = text(desk.post(BOOK, ADA | {"q": "ada", "step": "find"}))
    assert f'value="{known.uid}"' in found
    assert "checked" in found.split(str(known.uid))[1][:80]
    blank = {"name": "", "email": ""}
    assert f'value="{known.uid}"' in text(desk.post(BOOK, ADA | blank | {"q": "ada", "step": "look"}))
    looked = text(desk.post(BOOK, ADA | {"name": "Somebody", "step": "look"}))
    assert "Book for Ada Moss" in looked  # the address is hers
    said = ADA | {"who": str(known.uid), "name": "", "email": "", "deposit": "with"}
    assert "€27.00" in text(desk.post(BOOK, said | {"step": "look"}))
    desk.post(BOOK, said | {"step": "send"})
    made = Appointment.objects.get(starts_at__gt=MONDAY)
    assert (made.status, made.client, made.deposit_amount) == ("held", known, 2700)
    assert made.hold_expires_at == EARLY + 24 * HOUR
    assert stories.kinds(made) == ["pay_link"]
    clock.move_to(EARLY + 24 * HOUR)
    lifecycle.lapse_holds(at=EARLY + 24 * HOUR)
    assert stories.fresh(made).status == "expired"


def test_what_is_wrong_is_said_and_what_was_typed_stays(studio: Provider, desk: Browser) -> None:
    answer = desk.post(BOOK, ADA | {"email": "nobody", "service": "session:x", "start": "x", "step": "send"})
    assert answer.status_code == 400
    shown = text(answer)
    assert "Send one e-mail address" in shown
    assert 'value="Ada Moss"' in shown
    for start, words in (
        ("2026-03-02T10:00", "This time has passed."),
        ("2030-03-02T10:00", "too far ahead"),
    ):
        answer = desk.post(BOOK, ADA | {"start": start, "step": "send"})
        assert (answer.status_code, words in text(answer)) == (400, True)
    stories.confirmed(studio)
    answer = desk.post(BOOK, ADA | {"start": "2027-03-01T10:15", "step": "send"})
    assert (answer.status_code, "Ada Moss (Mon 1 Mar 2027, 10:00 to 11:00)" in text(answer)) == (409, True)
    assert Appointment.objects.count() == 1


def test_another_providers_client_is_not_known_here(studio: Provider, desk: Browser) -> None:
    other = stories.school()
    stranger = Client.objects.create(
        provider=other, name="Somchai", email="s@example.com", timezone="Asia/Bangkok", created_at=EARLY
    )
    answer = desk.post(BOOK, ADA | {"who": str(stranger.uid), "q": "Somchai", "step": "send"})
    assert (answer.status_code, "s@example.com" in text(answer)) == (400, False)
    assert "s@example.com" not in text(desk.get(BOOK, {"client": str(stranger.uid)}))


def book(studio: Provider, **over: Any) -> Appointment:
    said: dict[str, Any] = {
        "service": studio.services.get(slug="first-meeting"),
        "start": MONDAY + 40 * HOUR + HOUR / 6,
        "mode": "video",
        "client": lifecycle.ClientDetails(name="Nora", email="nora@example.com"),
        "answers": {},
        "with_deposit": True,
        "by": stories.owner(studio),
        "at": EARLY,
    }
    return lifecycle.book_for(**said | over)


def test_the_own_yes_stands_for_an_approval_at_any_hour(studio: Provider) -> None:
    """In the middle of the night, off the grid, of a service that is approved first and costs nothing."""
    made = book(studio)
    assert made.status == "confirmed"
    assert stories.kinds(made)[0] == "confirmed"


def test_a_client_who_is_blocked_may_be_booked_by_the_provider(studio: Provider) -> None:
    made = book(studio)
    lifecycle.block(client=made.client, reason="rude", at=EARLY)
    assert book(studio, start=MONDAY + 60 * HOUR).client == made.client
