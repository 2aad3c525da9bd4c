"""Answers about health: never without an explicit consent, on record word for word, gone when it is taken back."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import health, lifecycle, quotes, tokens, transfer
from booking.actors import CLIENT
from booking.models import Appointment, HealthConsent, IdempotencyKey, Provider, Service
from reminders import wording
from reminders.models import Message
from tests.booking import stories

pytestmark = pytest.mark.django_db
WORDS = (
    "I agree that Studio Bianchi keeps and uses my answers about my health to prepare and hold this appointment, and"
    " for nothing else. I can take this back at any time on the page of my appointment; the answers are then erased."
)
QUESTIONS = [
    {"id": "pain", "label": {"en": "Where does it hurt?"}, "kind": "text", "required": False, "health": True},
    {"id": "pregnant", "label": {"en": "Pregnant?"}, "kind": "yes_no", "required": False, "health": True},
    {"id": "wish", "label": {"en": "Any wish?"}, "kind": "text", "required": False},
]
TOLD = {"pain": "Shoulder", "pregnant": False, "wish": "Tea"}


@pytest.fixture(autouse=True)
def _early(db: None) -> Any:
    with time_machine.travel(stories.EARLY, tick=False):
        yield


@pytest.fixture
def studio(db: None) -> Provider:
    made = stories.studio()
    made.services.update(questions=QUESTIONS)
    return made


def details(**over: Any) -> lifecycle.ClientDetails:
    said: dict[str, Any] = {"name": "Ada Moss", "email": "ada@example.com", "language": "en"}
    return lifecycle.ClientDetails(**said | over)


def told(studio: Provider, **over: Any) -> Appointment:
    return stories.book(studio, **{"client": details(consents=True), "answers": TOLD} | over)


def form(studio: Provider, **over: Any) -> dict[str, Any]:
    service = studio.services.get(slug="session")
    said = {
        "start": "2027-03-01T09:00:00Z",
        "tz": "Europe/Rome",
        "mode": "video",
        "name": "Ada Moss",
        "agree": "on",
    }
    return said | {"email": "ada@example.com", "policy_version": quotes.offer(service).version} | over


def post(studio: Provider, **over: Any) -> Any:
    return Browser().post(f"/{studio.slug}/session/", form(studio, **over), headers={"Accept-Language": "en"})


def test_the_page_asks_in_plain_words_and_has_nothing_ticked(studio: Provider) -> None:
    url = f"/{studio.slug}/session/?start=2027-03-01T09:00:00Z&mode=video"
    page = Browser().get(url, headers={"Accept-Language": "en"}).content.decode()
    assert WORDS in page
    box = page[page.index('name="health_consent"') - 60 :][:160]
    assert "checked" not in box
    assert page.index("Any wish?") < page.index("Where does it hurt?") < page.index(WORDS)


@pytest.mark.parametrize(
    "answer", [{"question_pain": "Knee"}, {"question_pregnant": "no"}], ids=["text", "no"]
)
def test_an_answer_without_the_tick_is_refused_at_the_box_and_stays_typed(
    studio: Provider, answer: dict[str, str]
) -> None:
    page = post(studio, **answer)
    assert page.status_code == 400
    text = page.content.decode()
    assert "Please tick this too" in text
    assert "Knee" in text or "question_pregnant" in text
    assert not Appointment.objects.exists()


def test_who_says_nothing_of_health_ticks_nothing(studio: Provider) -> None:
    assert post(studio, question_wish="Tea").status_code == 302
    assert Appointment.objects.get().answers == {"wish": "Tea"}
    assert not HealthConsent.objects.exists()


def test_a_ticked_consent_is_on_record_word_for_word(studio: Provider) -> None:
    assert post(studio, question_pain="Knee", health_consent="on").status_code == 302
    row = HealthConsent.objects.get()
    assert (row.act, row.text, row.language, row.by) == ("given", WORDS, "en", "client")
    assert row.sha256 == hashlib.sha256(WORDS.encode()).hexdigest()
    assert row.questions == ["pain", "pregnant"]
    assert row.at == stories.EARLY


def test_the_story_itself_keeps_no_answer_without_consent(studio: Provider) -> None:
    with pytest.raises(health.ConsentNeeded):
        told(studio, client=details())
    assert not Appointment.objects.exists()


def test_taken_back_the_answers_are_gone_and_the_rest_stays(studio: Provider) -> None:
    appointment = told(studio)
    key = {"request_hash": "0" * 64, "answer": {"id": str(appointment.uid)}, "created_at": stories.EARLY}
    IdempotencyKey.objects.create(scope="desk", key="k", **key)
    link = tokens.manage_path(appointment)
    page = Browser().get(link).content.decode()
    assert "Take my consent back" in page
    assert Browser().post(f"{link}withdraw-consent/").status_code == 302
    appointment.refresh_from_db()
    assert appointment.answers == {"wish": "Tea"}
    assert list(HealthConsent.objects.values_list("act", flat=True)) == ["given", "withdrawn"]
    assert not IdempotencyKey.objects.exists()
    page = Browser().get(link).content.decode()
    assert "Take my consent back" not in page
    assert "Your answers about your health are erased" in page
    assert Browser().post(f"{link}withdraw-consent/").status_code == 302  # sent once more, done once
    assert HealthConsent.objects.count() == 2


def test_in_a_series_all_of_it_is_taken_back(studio: Provider) -> None:
    service = Service.objects.select_related("provider", "policy").get(provider=studio, slug="session")
    Service.objects.filter(pk=service.pk).update(series_most=4)
    service.refresh_from_db()
    made = lifecycle.hold_series(
        service=service, start=stories.MONDAY, every=1, times=3, instead={}, mode="video", zone="Europe/Rome",
        client=details(consents=True), answers=TOLD, agreed_version=quotes.offer(service).version, ip=None,
        user_agent="", by=CLIENT, at=stories.EARLY,
    )  # fmt: skip
    lifecycle.withdraw_consent(appointment=made[1], by=CLIENT, at=stories.EARLY)
    assert [one.answers for one in Appointment.objects.all()] == [{"wish": "Tea"}] * 3


def test_no_mail_and_no_message_carries_an_answer_about_health(studio: Provider) -> None:
    told(studio, slug="first-meeting")
    message = Message.objects.get(kind="approval_needed")
    assert message.facts["answers"] == {"wish": "Tea"}
    mail = wording.write(message, facts=message.facts, at=stories.EARLY).text
    assert "Shoulder" not in mail
    assert "Where does it hurt? answered; please read it in Kept" in mail
    assert "Tea" in mail


def test_the_api_says_the_words_and_asks_for_them(studio: Provider, client: Browser) -> None:
    service = next(
        one
        for one in client.get(f"/api/v1/providers/{studio.slug}/").json()["services"]
        if one["slug"] == "session"
    )
    assert service["health_consent"] == WORDS
    assert [one["health"] for one in service["questions"]] == [True, True, False]
    asked = {
        "provider": studio.slug, "service": "session", "start": "2027-03-01T09:00:00Z", "mode": "video",
        "client": {"name": "Ada Moss", "email": "ada@example.com", "language": "en"}, "answers": TOLD,
        "policy_version": service["policy_version"], "agree": True,
    }  # fmt: skip
    no = client.post("/api/v1/appointments/", asked, content_type="application/json")
    assert (no.status_code, no.json()["errors"]) == (400, {"consent": "required"})
    yes = client.post("/api/v1/appointments/", asked | {"consent": True}, content_type="application/json")
    assert yes.status_code == 201
    own = "/api/v1" + yes.json()["manage_url"].removeprefix("http://testserver").replace(
        "/a/", "/appointments/"
    )
    given = client.get(own).json()["health_consent"]
    assert (given["text"], given["withdrawn_at"]) == (WORDS, None)
    after = client.post(f"{own}withdraw-consent/", {}, content_type="application/json")
    assert after.json()["health_consent"]["withdrawn_at"]
    assert Appointment.objects.get().answers == {"wish": "Tea"}


def test_the_mark_goes_out_and_in_with_the_file(studio: Provider) -> None:
    file = transfer.dump(provider=studio)
    assert file["services"][0]["questions"][0]["health"] is True
    assert "health" not in file["services"][0]["questions"][2]
    transfer.load(file=transfer.read(transfer.dumps(file).encode()), at=stories.EARLY)
    assert transfer.dump(provider=studio) == file


def test_booked_on_a_clients_behalf_the_provider_says_that_the_client_agreed(studio: Provider) -> None:
    service = Service.objects.select_related("provider", "policy").get(provider=studio, slug="session")
    asked: dict[str, Any] = {
        "service": service, "start": stories.MONDAY, "mode": "video", "answers": TOLD, "with_deposit": False,
        "by": stories.owner(studio), "at": stories.EARLY,
    }  # fmt: skip
    with pytest.raises(health.ConsentNeeded):
        lifecycle.book_for(client=details(), **asked)
    lifecycle.book_for(client=details(consents=True), **asked)
    assert HealthConsent.objects.get().by == "provider"
