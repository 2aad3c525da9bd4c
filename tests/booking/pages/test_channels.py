"""How a client is reached: agreed to while booking and on the page, ended with one click; and an address
that was wrong."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
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
    from booking.lifecycle.introducing import ClientDetails, agree_to_channels

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


# --- The client's own correction ---


def mailed_link(post: Sink, to: str) -> str:
    [mail] = [one for one in post.to(to) if one["X-Kept-Kind"] == "address_confirm"]
    whole = mail.get_body(("plain",)).get_content()
    assert "/a/address/" in whole
    assert whole.count("/a/") == 1  # no link to an appointment: nobody knows yet who reads it
    return re.findall(r"(/a/address/[\w-]+/)", whole)[0]


def ask(client: Browser, appointment: Appointment, email: str) -> HttpResponse:
    return client.post(page(appointment) + "address/", {"email": email})


def test_a_client_corrects_the_address_and_the_new_one_confirms(
    appointment: Appointment, client: Browser, post: Sink
) -> None:
    with time_machine.travel(DUE, tick=False) as clock:
        assert ask(client, appointment, "New@example.com").status_code == 302
        assert "new@example.com" in client.get(page(appointment)).content.decode()
        scene.sweep(DUE)
        link = mailed_link(post, "new@example.com")
        clock.shift(60)
        assert "new@example.com" in client.get(link).content.decode()
        appointment.client.refresh_from_db()
        assert appointment.client.email == "mira@example.com"  # looking changes nothing

        went = client.post(link)
        now = scene.again(appointment)
        assert went["Location"] == f"{tokens.manage_path(now)}?done=address"
        assert "Mails come to your new address now" in client.get(went["Location"]).content.decode()
        assert client.get(page(appointment)).status_code == 404  # the old link
        assert client.post(link).status_code == 404  # once
        scene.sweep(DUE + timedelta(minutes=2))

    assert (now.client.email, now.client.new_email) == ("new@example.com", "")
    [note] = post.to("mira@example.com")
    assert note["X-Kept-Kind"] == "address_changed"
    assert "new@example.com" not in note.as_string()


def test_the_page_says_that_mails_come_back_with_the_address_and_how_to_mend_it(
    appointment: Appointment, client: Browser
) -> None:
    home = tokens.manage_path(appointment)
    with time_machine.travel(DUE, tick=False):
        assert "Our mails do not reach you" not in client.get(home).content.decode()
        assert "mira@example.com" not in client.get(page(appointment)).content.decode()  # masked
        Client.objects.update(mail_bounced_at=DUE)
        shown = client.get(home).content.decode()
        assert "Mails to mira@example.com come back" in shown
        assert 'href="messages/#email"' in shown
        assert "Mails to mira@example.com do not arrive" in client.get(page(appointment)).content.decode()

        assert ask(client, appointment, "mira@example.com").status_code == 302  # try it again
        [message] = Message.objects.filter(kind="address_confirm")
        assert message.facts["email"] == "mira@example.com"


@pytest.mark.parametrize("typed", ["", "mira", "a@example.com,b@example.com", "mira@example.com"])
def test_what_is_no_other_address_is_refused_and_kept(
    appointment: Appointment, client: Browser, typed: str
) -> None:
    with time_machine.travel(DUE, tick=False):
        answer = ask(client, appointment, typed)
    assert answer.status_code in (400, 409)
    assert f'value="{typed}"' in answer.content.decode()
    assert not Message.objects.filter(kind="address_confirm").exists()


def test_only_the_last_wish_counts_for_a_day_and_there_are_three(
    appointment: Appointment, client: Browser, post: Sink
) -> None:
    with time_machine.travel(DUE, tick=False) as clock:
        links = []
        for name in ("one", "two", "three"):
            assert ask(client, appointment, f"{name}@example.com").status_code == 302
            scene.sweep(DUE + timedelta(hours=1))
            links.append(mailed_link(post, f"{name}@example.com"))
            clock.shift(60)
        assert ask(client, appointment, "four@example.com").status_code == 429
        assert [client.get(link).status_code for link in links] == [404, 404, 200]
        clock.shift(timedelta(days=1))
        assert client.get(links[-1]).status_code == 404


def test_another_clients_address_is_no_way_in(appointment: Appointment, client: Browser, post: Sink) -> None:
    from tests.booking import world

    with time_machine.travel(DUE, tick=False):
        ask(client, appointment, "taken@example.com")
        scene.sweep(DUE)
        world.client(appointment.provider, "taken@example.com")
        answer = client.post(mailed_link(post, "taken@example.com"))
    assert answer.status_code == 409
    appointment.client.refresh_from_db()
    assert appointment.client.email == "mira@example.com"


def test_a_wish_that_bounces_marks_nobody(appointment: Appointment, client: Browser, post: Sink) -> None:
    with time_machine.travel(DUE, tick=False):
        ask(client, appointment, "gone@example.com")
        post.refuse_with(["550 no such mailbox"])
        scene.sweep(DUE)
    assert Message.objects.get(kind="address_confirm").state == "failed"
    assert Client.objects.get().mail_bounced_at is None
