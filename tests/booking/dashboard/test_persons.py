"""A client as a person: notes, no more bookings, everything handed out, forgotten."""

import json

import pytest
from django.test import Client as Browser

from booking import lifecycle
from booking.actors import SYSTEM
from booking.models import Appointment, Client, ClientNote, Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, text
from tests.booking.stories import HOUR, MONDAY


@pytest.fixture
def ada(studio: Provider) -> Client:
    """Who cancelled late, and with whom everything has come to its end."""
    appointment = stories.confirmed(studio)
    stories.cancel(appointment, at=MONDAY - HOUR, note="My father fell ill.")
    lifecycle.settle(at=MONDAY + 48 * HOUR)
    return appointment.client


def path(client: Client, act: str = "") -> str:
    return f"/dashboard/clients/{client.uid}/{act}"


def test_notes_are_kept_and_changed_by_their_author_alone(
    studio: Provider, desk: Browser, ada: Client
) -> None:
    desk.post(path(ada, "note/"), {"text": "Likes the <corner> room"})
    note = ClientNote.objects.get()
    assert "Likes the &lt;corner&gt; room" in text(desk.get(path(ada)))
    colleague = browser(member(studio, "member"))
    answer = colleague.post(path(ada, "note/"), {"note": str(note.uid), "text": "No"}, follow=True)
    assert "Only who wrote a note may change it." in text(answer)
    desk.post(path(ada, "note/"), {"note": str(note.uid), "text": "Likes the window"})
    note.refresh_from_db()
    assert (note.text, note.changed_at is not None) == ("Likes the window", True)
    assert "This field is required." in text(desk.post(path(ada, "note/"), {"text": " "}))
    kept = desk.post(path(ada, "note/"), {"text": "Pays with 4242 4242 4242 4242"})
    assert kept.status_code == 400
    assert "Pays with 4242 4242 4242 4242</textarea>" in text(kept)
    desk.post(path(ada, "note/"), {"note": str(note.uid), "text": ""})
    assert not ClientNote.objects.exists()


def test_blocking_has_a_reason_and_is_taken_back(desk: Browser, ada: Client) -> None:
    desk.post(path(ada, "block/"), {"block": "yes", "reason": "Three times in a row"})
    assert "Three times in a row" in text(desk.get(path(ada)))
    desk.post(path(ada, "block/"))
    ada.refresh_from_db()
    assert (ada.blocked_at, ada.blocked_reason) == (None, "")


def test_everything_that_is_held_is_one_file_for_the_owner(
    studio: Provider, desk: Browser, ada: Client
) -> None:
    answer = desk.get(path(ada, "export/"))
    found = json.loads(answer.content)
    assert answer["Content-Disposition"].endswith('.json"')
    tables = {section["table"]: section["rows"] for section in found["sections"]}
    assert tables["booking.Client"][0]["email"] == "ada@example.com"
    assert "My father fell ill." in json.dumps(tables["booking.TimelineEntry"])
    told = [line["words"] for line in found["in_words"][0]["what_happened"]]
    assert told[-2].startswith("You cancelled")
    assert "token_hash" not in answer.content.decode()
    assert browser(member(studio, "member")).get(path(ada, "export/")).status_code == 403


def test_erasing_says_what_it_means_and_asks_twice(studio: Provider, desk: Browser, ada: Client) -> None:
    page = text(desk.get(path(ada, "erase/")))
    assert "What goes, for good" in page
    assert "Erase for good" in page
    assert desk.post(path(ada, "erase/")).status_code == 400
    assert browser(member(studio, "member")).post(path(ada, "erase/"), {"sure": "yes"}).status_code == 403
    ada.refresh_from_db()
    assert ada.erased_at is None
    assert desk.post(path(ada, "erase/"), {"sure": "yes"}).status_code == 302
    ada.refresh_from_db()
    assert ada.erased_at is not None
    assert desk.get(path(ada, "erase/")).status_code == 404


def test_what_still_stands_is_named_with_where_to_end_it(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    answer = desk.post(path(appointment.client, "erase/"), {"sure": "yes"})
    assert answer.status_code == 409
    assert "A deposit is held." in text(answer)
    assert f"/dashboard/appointments/{appointment.uid}/" in text(answer)
    assert "Erase for good" not in text(answer)


def test_after_that_every_page_shows_a_number_and_no_person(desk: Browser, ada: Client) -> None:
    lifecycle.erase(client=ada, by=SYSTEM, at=MONDAY + 50 * HOUR)
    appointment = Appointment.objects.get()
    number = f"#{ada.uid.hex[:6].upper()}"
    for address in (
        path(ada),
        f"/dashboard/appointments/{appointment.uid}/",
        "/dashboard/appointments/?period=all",
        "/dashboard/messages/",
        "/dashboard/money/",
    ):
        page = text(desk.get(address))
        assert not {"Ada", "ada@example.com", "erased.invalid", "father"} & set(
            page.replace("<", " ").split()
        )
        assert "ada@example.com" not in page
    assert number in text(desk.get(path(ada)))
    assert number not in text(desk.get("/dashboard/clients/"))
    for act in ("note/", "block/", "address/"):
        said = {"text": "again", "block": "yes", "email": "ada@example.com"}
        assert desk.post(path(ada, act), said).status_code in (302, 404)
    ada.refresh_from_db()
    assert (ada.name, ada.blocked_at) == (number, None)
