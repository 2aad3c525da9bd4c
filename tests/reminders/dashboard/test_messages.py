"""Messages at the desk: each as it was said, and harmless."""

import pytest
from django.test import Client as Browser

from booking.models import Provider
from booking.telling import at_sending
from reminders import delivery
from reminders.models import Message
from tests.booking import stories
from tests.booking.dashboard.people import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(studio: Provider, transactional_db: None) -> Message:
    """The confirmation, sent."""
    appointment = stories.confirmed(studio)
    delivery.send_due(at=stories.EARLY + stories.MINUTE, facts=at_sending.facts)
    return Message.objects.get(appointment=appointment, kind="confirmed")


def test_messages_are_listed_by_how_they_went(desk: Browser, sent: Message) -> None:
    shown = text(desk.get("/dashboard/messages/?state=sent"))
    assert "Confirmation" in shown
    assert "Reminder, two days ahead" not in shown
    assert "Reminder, two days ahead" in text(desk.get("/dashboard/messages/?state=waiting"))


def test_a_message_shows_to_whom_and_how_it_went(desk: Browser, sent: Message) -> None:
    shown = text(desk.get(f"/dashboard/messages/{sent.uid}/"))
    assert "ada@example.com" in shown
    assert "Sent" in shown
    assert sent.subject.replace("'", "&#x27;") in shown


def test_the_mail_is_shown_in_a_frame_that_may_do_nothing(desk: Browser, sent: Message) -> None:
    assert f'src="/dashboard/messages/{sent.uid}/letter/" sandbox' in text(
        desk.get(f"/dashboard/messages/{sent.uid}/")
    )
    letter = desk.get(f"/dashboard/messages/{sent.uid}/letter/")
    policy = letter["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script-src" not in policy
    assert policy.endswith("; sandbox")
    assert letter["X-Frame-Options"] == "SAMEORIGIN"
    assert letter.content.decode() == sent.html


def test_the_secret_of_the_clients_link_is_not_in_it(desk: Browser, sent: Message) -> None:
    from booking import tokens

    token = tokens.make(sent.appointment)
    for path in (f"/dashboard/messages/{sent.uid}/", f"/dashboard/messages/{sent.uid}/letter/"):
        assert token not in text(desk.get(path))


def test_one_that_waits_says_that_it_is_not_written_yet(desk: Browser, sent: Message) -> None:
    waiting = Message.objects.get(kind="reminder")
    shown = text(desk.get(f"/dashboard/messages/{waiting.uid}/"))
    assert "It is written when it leaves, so that what it says is true then." in shown
    assert desk.get(f"/dashboard/messages/{waiting.uid}/letter/").status_code == 404


def test_one_that_failed_says_why(desk: Browser, sent: Message) -> None:
    Message.objects.filter(pk=sent.pk).update(state="failed", sent_at=None, failure="550 no such user")
    assert "550 no such user" in text(desk.get(f"/dashboard/messages/{sent.uid}/"))
