"""Messages > Wording and Messages > Reminders: seen before it is said, by whoever may."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from booking import tokens
from booking.models import Appointment, Provider
from reminders import adapted
from reminders.models import Adapted, Message
from tests.booking import stories
from tests.booking.dashboard.people import text
from tests.mail import Sink
from tests.reminders.conftest import post
from tests.reminders.test_placeholders import OWN

pytestmark = pytest.mark.django_db
__all__ = ["post"]

PAGE = "/dashboard/messages/wording/reminder/"


def _own(studio: Provider, **texts: str) -> Any:
    return adapted.save(
        provider=studio, kind="reminder", language="en", texts=texts or OWN, by=None, at=stories.EARLY
    )


def test_every_kind_is_listed_with_the_languages_in_which_it_is_adapted(
    desk: Browser, studio: Provider
) -> None:
    _own(studio)
    shown = text(desk.get("/dashboard/messages/wording/"))

    for kind in adapted.kinds():
        assert f"/dashboard/messages/wording/{kind}/" in shown
    assert f'href="{PAGE}?language=en" lang="en">English</a>' in shown


def test_words_are_saved_and_a_wrong_placeholder_is_refused_with_its_name_and_loses_nothing(
    desk: Browser, studio: Provider
) -> None:
    wrong = desk.post(PAGE, {"language": "en", "opening": "Hi {clinet}, welcome", "subject": "Soon"})
    assert wrong.status_code == 400
    assert "{clinet} is not a placeholder. Did you mean {client}?" in text(wrong)
    assert "Hi {clinet}, welcome" in text(wrong)
    assert 'value="Soon"' in text(wrong)
    assert not Adapted.objects.exists()

    right = desk.post(PAGE, {"language": "en", "opening": "Hi {client}, welcome"})
    assert (right.status_code, right["Location"]) == (302, f"{PAGE}?language=en")
    assert adapted.in_force(provider=studio, kind="reminder", language="en").opening == "Hi {client}, welcome"  # type: ignore[union-attr]


def test_every_kind_is_shown_with_a_made_up_appointment(desk: Browser, studio: Provider) -> None:
    wrong = {}
    for kind in adapted.kinds():  # one studio for all of them
        page = desk.get(f"/dashboard/messages/wording/{kind}/?language=th").status_code
        shown = desk.get(f"/dashboard/messages/wording/{kind}/letter/?language=en")
        if (page, "Alex Example" in text(shown)) != (200, True):
            wrong[kind] = (page, shown.status_code)
    assert wrong == {}


def test_it_is_shown_as_typed_with_a_real_appointment_without_its_link(
    desk: Browser, studio: Provider
) -> None:
    appointment = stories.confirmed(studio)
    typed = {"language": "en", "about": str(appointment.uid), **OWN}
    shown = desk.post(f"{PAGE}letter/", typed)

    assert f"Dear {appointment.client.name}," in text(shown)
    assert tokens.make(appointment) not in text(shown)
    assert shown["Content-Security-Policy"].endswith("; sandbox")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert f"Dear {appointment.client.name}," in text(desk.post(f"{PAGE}letter/", typed | {"as": "text"}))
    assert not Adapted.objects.exists()


def test_what_is_wrong_is_said_in_the_frame_too(desk: Browser, studio: Provider) -> None:
    assert "{clinet} is not a placeholder" in text(desk.post(f"{PAGE}letter/", {"opening": "{clinet}"}))


def test_it_is_sent_to_whoever_asks_and_to_nobody_else(desk: Browser, studio: Provider, post: Sink) -> None:
    appointment = stories.confirmed(studio)
    typed = {"language": "en", "about": str(appointment.uid), **OWN}

    assert "Nothing is saved yet." in text(desk.post(f"{PAGE}send/", typed))

    (mail,) = post
    assert mail["To"] == "anna@studio-bianchi.example"
    assert mail["Subject"].startswith("Bring your mat: ")
    assert tokens.make(appointment) not in mail.as_string()
    for _ in range(3):
        last = desk.post(f"{PAGE}send/", typed)
    assert last.status_code == 429
    assert "Dear {client}" in text(last)
    assert len(post) == 3


def test_one_goes_back_to_ours_and_to_an_earlier_version(desk: Browser, studio: Provider) -> None:
    _own(studio, subject="One")
    _own(studio, subject="Two")

    desk.post(f"{PAGE}ours/", {"language": "en"})
    assert not Adapted.objects.in_force().exists()
    desk.post(f"{PAGE}versions/1/", {"language": "en"})
    assert [one.subject for one in Adapted.objects.in_force()] == ["One"]
    assert desk.post(f"{PAGE}versions/9/", {"language": "en"}).status_code == 404


@pytest.mark.parametrize("kind", ["nothing", "booked"])
def test_what_clients_never_get_is_not_there(desk: Browser, kind: str) -> None:
    assert desk.get(f"/dashboard/messages/wording/{kind}/").status_code == 404


# --- Reminders ---


def _due(appointment: Appointment) -> dict[str, str]:
    rows = Message.objects.filter(appointment=appointment, kind__startswith="reminder_")
    return dict(rows.values_list("kind", "state"))


def test_what_is_turned_on_is_planned_for_appointments_that_stand(desk: Browser, studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    desk.post("/dashboard/messages/reminders/", {"day_ahead": "on", "hours_ahead": "on"})

    assert _due(appointment) == {"reminder_day": "waiting", "reminder_hours": "waiting"}
    day = Message.objects.get(appointment=appointment, kind="reminder_day")
    assert (
        appointment.starts_at - timedelta(hours=36) < day.due_at <= appointment.starts_at - timedelta(days=1)
    )

    desk.post("/dashboard/messages/reminders/", {})
    assert _due(appointment) == {"reminder_day": "dropped", "reminder_hours": "dropped"}
    studio.refresh_from_db()
    assert not studio.day_ahead_reminder


def test_the_one_that_stands_for_a_main_reminder_stays(desk: Browser, studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    desk.post("/dashboard/messages/reminders/", {"day_ahead": "on"})
    Message.objects.filter(kind="reminder").delete()

    desk.post("/dashboard/messages/reminders/", {})

    assert _due(appointment) == {"reminder_day": "waiting"}
