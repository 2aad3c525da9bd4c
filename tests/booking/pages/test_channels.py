"""How a client is reached: agreed to while booking and on the page, ended with one click; and an address
that was wrong."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from booking import lifecycle, tokens
from booking.actors import CLIENT, SYSTEM
from booking.models import Appointment, Client
from booking.pages.forms import BookForm
from reminders import consents
from reminders.models import Consent, Message
from tests.mail import Sink
from tests.reminders import scene
from tests.reminders.conftest import post
from tests.reminders.scene import BOOKED, START
from tests.reminders.test_channels import PHONE, route

__all__ = ["post"]
pytestmark = pytest.mark.django_db
DUE = START - timedelta(days=2)


@pytest.fixture
def appointment() -> Appointment:
    made = scene.appointment(start=START)
    Appointment.objects.filter(pk=made.pk).update(token_hash=tokens.hash_of(tokens.make(made)))
    return scene.again(made)


def page(of: Appointment) -> str:
    return f"{tokens.manage_path(of)}messages/"


def test_a_yes_is_kept_with_its_words_and_ended_with_one_click(
    appointment: Appointment, client: Browser
) -> None:
    route(appointment)
    shown = client.get(page(appointment)).content.decode()
    assert "may remind me by SMS" in shown

    assert (
        client.post(page(appointment), {"channel": "sms", "act": "give", "phone": PHONE}).status_code == 302
    )
    given = Consent.objects.get()
    assert (given.state, given.how, given.phone) == ("given", "page", PHONE)
    assert given.words.startswith("Studio Bianchi may remind me by SMS.")
    assert Client.objects.get().phone == PHONE

    client.post(page(appointment), {"channel": "sms", "act": "end"})
    assert not consents.given(Client.objects.get(), "sms")
    assert Consent.objects.count() == 2


def test_looking_changes_nothing_and_odd_input_is_refused(appointment: Appointment, client: Browser) -> None:
    assert client.get(page(appointment) + "?channel=sms&act=give").status_code == 200
    for odd in ({}, {"channel": "pigeon", "act": "give"}, {"channel": "sms", "act": "give", "phone": PHONE}):
        assert client.post(page(appointment), odd).status_code == 400
    route(appointment)
    wrong = client.post(page(appointment), {"channel": "sms", "act": "give", "phone": "call me"})
    assert wrong.status_code == 400
    assert "call me" in wrong.content.decode()
    assert not Consent.objects.exists()


def test_one_reminder_can_be_enough(appointment: Appointment, client: Browser) -> None:
    client.post(page(appointment), {"channel": "more_reminders", "act": "end"})

    assert not consents.wants_more(Client.objects.get())
    assert "You get one reminder" in client.get(page(appointment)).content.decode()


def test_the_booking_form_asks_only_where_the_provider_writes_texts_and_never_ticks(
    appointment: Appointment,
) -> None:
    service = appointment.service
    service.modes = ["video"]
    assert "by_sms" not in BookForm(service=service).fields
    route(appointment)
    form = BookForm(service=service)

    assert form.fields["by_sms"].initial is None
    assert not form.fields["phone"].required
    ticked = BookForm({"by_sms": "on", "phone": ""}, service=service)
    assert not ticked.is_valid()
    assert "phone" in ticked.errors


def test_who_types_another_ones_address_agrees_for_nobody(appointment: Appointment) -> None:
    from booking.lifecycle.beginning import ClientDetails, agree_to_channels

    person = appointment.client
    person.phone = PHONE
    details = ClientDetails("X", person.email, "+393339999999", agrees={"sms": "yes"})
    agree_to_channels(person, details, by=CLIENT, at=BOOKED)
    assert not Consent.objects.exists()
    agree_to_channels(
        person, ClientDetails("X", person.email, PHONE, agrees={"sms": "yes"}), by=CLIENT, at=BOOKED
    )
    assert Consent.objects.get().how == "booking"


def test_a_corrected_address_ends_old_links_and_gets_what_is_due(
    appointment: Appointment, post: Sink
) -> None:
    old = tokens.make(appointment)
    scene.tell(appointment, "confirmed", facts={"policy_text": "x"})
    scene.sweep(BOOKED)
    scene.tell(appointment)
    post.refuse_with(["550 no such mailbox"])
    scene.sweep(DUE)
    assert Message.objects.get(kind="reminder").state == "failed"

    client = lifecycle.correct_address(client=appointment.client, email="New@example.com", by=SYSTEM, at=DUE)
    assert (client.email, client.mail_bounced_at, client.mail_trouble) == ("new@example.com", None, "")
    assert tokens.find(old, at=DUE) is None
    assert tokens.find(tokens.make(scene.again(appointment)), at=DUE) is not None
    scene.sweep(DUE + timedelta(minutes=1))
    told = [mail["X-Kept-Kind"] for mail in post.to("new@example.com")]
    assert sorted(told) == ["confirmed", "reminder"]


def test_an_address_of_another_client_is_refused_and_nothing_changes(appointment: Appointment) -> None:
    from tests.booking import world

    world.client(appointment.provider, "taken@example.com")
    with pytest.raises(lifecycle.AddressTaken):
        lifecycle.correct_address(client=appointment.client, email="taken@example.com", by=SYSTEM, at=DUE)
    appointment.client.refresh_from_db()
    assert appointment.client.email == "mira@example.com"
