"""Messages that are about no single appointment."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking.models import Client, Provider
from reminders import kinds, plan
from reminders.models import Message
from reminders.wording import CATALOGUE
from reminders.wording.case import Case
from reminders.wording.letter import Words
from reminders.wording.shared import Draft
from tests.booking import world
from tests.mail import Sink
from tests.reminders import scene
from tests.reminders.scene import BOOKED

pytestmark = pytest.mark.django_db


def _say(case: Case) -> Draft:
    words = f"{case.provider} {case.client} {case.money('owed')} {case.moment(BOOKED)}"
    return Draft(subject="News", heading="News", blocks=[Words(words)])


@pytest.fixture(autouse=True)
def _a_kind(monkeypatch: Any) -> None:
    for to in ("client", "provider"):
        monkeypatch.setitem(kinds.BY_READER[to], "news", kinds.Kind())
        monkeypatch.setitem(CATALOGUE[to], "news", _say)


@pytest.fixture
def studio() -> Provider:
    return world.provider()


def announce(studio: Provider, about: str = "one", client: Client | None = None, **more: Any) -> Message:
    return plan.announce(provider=studio, kind="news", about=about, client=client, at=BOOKED, **more)


def test_it_reaches_the_provider_in_its_own_words(studio: Provider, post: Sink) -> None:
    announce(studio)

    assert scene.sweep(at=BOOKED) == 1
    (mail,) = post
    assert mail["To"] == studio.email
    assert mail["X-Kept-Appointment"] == "none"


def test_it_reaches_the_client_in_its_language_and_answers_go_to_the_provider(
    studio: Provider, post: Sink
) -> None:
    client = world.client(studio)
    announce(studio, client=client, facts={"owed": {"amount": 4000, "currency": studio.currency}})

    scene.sweep(at=BOOKED)
    (mail,) = post
    assert (mail["To"], mail["Reply-To"]) == (client.email, studio.email)
    assert mail["Content-Language"] == client.language
    assert client.name in Message.objects.get().text
    assert "40" in Message.objects.get().text


def test_it_is_there_once_per_matter(studio: Provider) -> None:
    first, again, other = announce(studio), announce(studio), announce(studio, about="two")

    assert first == again != other
    assert Message.objects.count() == 2


def test_the_database_refuses_a_second_one_and_one_to_nobody(studio: Provider) -> None:
    row = announce(studio)
    fields = {"provider": studio, "kind": "news", "due_at": BOOKED, "planned_for": BOOKED}
    fields["created_at"] = BOOKED
    for wrong in ({"to": "provider", "about": row.about}, {"to": "client", "about": "new"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(**fields, **wrong)


def test_an_erased_client_gets_none(studio: Provider, post: Sink) -> None:
    client = world.client(studio)
    row = announce(studio, client=client)
    client.erased_at = BOOKED
    client.save()

    assert scene.sweep(at=BOOKED + timedelta(minutes=1)) == 0
    assert scene.state(row) == "dropped"


def test_words_about_an_appointment_are_a_bug_there(studio: Provider) -> None:
    case = Case(announce(studio), {}, BOOKED)

    with pytest.raises(ValueError, match="about no single appointment"):
        _ = case.appointment
    assert case.client == ""
    assert case.zones == [studio.timezone]
