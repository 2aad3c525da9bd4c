"""The calendar entry: one UID for life, a rising SEQUENCE, whole in every calendar."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from reminders import calendar
from tests.mail import Sink
from tests.reminders import letters, scene
from tests.reminders.scene import BOOKED, HOUR, MANAGE, START

pytestmark = pytest.mark.django_db


def _parsed(file: bytes) -> tuple[Calendar, dict]:
    found = Calendar.from_ical(file)
    (event,) = found.walk("VEVENT")
    return found, event


def test_a_download_is_a_published_event() -> None:
    appointment = scene.appointment()

    found, event = _parsed(calendar.event(appointment, manage_url=MANAGE, at=BOOKED))

    assert (found["method"], found["version"]) == ("PUBLISH", "2.0")
    assert event["uid"] == f"{appointment.uid}@testserver"
    assert event["sequence"] == appointment.version
    assert event["dtstart"].dt == START
    assert event["dtend"].dt == START + timedelta(minutes=50)
    assert event["dtstamp"].dt == BOOKED
    assert event["summary"] == "Individual session with Studio Bianchi"
    assert event["location"] == f"{MANAGE}join/"
    assert event["url"] == MANAGE
    assert event["status"] == "CONFIRMED"
    assert MANAGE in event["description"]
    assert "attendee" not in event


def test_times_are_in_utc() -> None:
    assert b"DTSTART:20270301T150000Z" in calendar.event(scene.appointment(), manage_url=MANAGE, at=BOOKED)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("in_person", "Via Tortona 12, 20144 Milano, Italia"),
        ("phone", "Studio Bianchi calls you."),
    ],
)
def test_the_location_says_where(mode: str, said: str) -> None:
    _, event = _parsed(calendar.event(scene.appointment(mode=mode), manage_url=MANAGE, at=BOOKED))

    assert event["location"] == said


def test_a_moved_appointment_is_the_same_entry_with_a_higher_sequence() -> None:
    appointment = scene.appointment()
    _, before = _parsed(calendar.event(appointment, manage_url=MANAGE, at=BOOKED))
    later = {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR, "blocked_until": START + 3 * HOUR}
    appointment = scene.change(appointment, version=appointment.version + 1, **later)
    _, after = _parsed(calendar.event(appointment, manage_url=MANAGE, at=BOOKED + HOUR))

    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after["dtstart"].dt == START + HOUR


@pytest.mark.parametrize(
    ("kind", "fields", "method", "status"),
    [
        ("confirmed", {}, "REQUEST", "CONFIRMED"),
        ("moved", {}, "REQUEST", "CONFIRMED"),
        ("mode_changed", {}, "REQUEST", "CONFIRMED"),
        ("cancelled", {"status": "cancelled", "cancelled_at": BOOKED}, "CANCEL", "CANCELLED"),
    ],
)
def test_the_mail_carries_it_for_mail_programs_and_as_a_file(
    post: Sink, kind: str, fields: dict, method: str, status: str
) -> None:
    appointment = scene.change(scene.appointment(), **fields)
    scene.tell(appointment, kind, facts=letters.TOLD.get(kind))

    scene.sweep()

    (part,) = (part for part in post[0].walk() if part.get_content_type() == "text/calendar")
    (file,) = post[0].iter_attachments()
    assert part["Content-Type"].params["method"] == method
    assert file.get_filename() == "appointment.ics"
    found, event = _parsed(file.get_content())
    assert found["method"] == method
    assert (event["status"], event["sequence"]) == (status, appointment.version)
    assert event["organizer"] == "mailto:anna@studio-bianchi.example"
    assert event["organizer"].params["cn"] == "Studio Bianchi"
    assert (event["attendee"].params["partstat"], event["attendee"].params["rsvp"]) == ("ACCEPTED", "FALSE")
    assert _parsed(part.get_content().encode())[1]["uid"] == event["uid"]


def test_no_other_mail_carries_one(post: Sink) -> None:
    scene.tell(scene.appointment(), "reminder")

    scene.sweep()

    assert [part.get_content_type() for part in post[0].walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
