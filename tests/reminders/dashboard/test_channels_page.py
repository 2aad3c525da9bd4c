"""Messages > Channels and What you hear of, at the desk."""

import uuid
from typing import Any

import pytest
from django.test import Client as Browser

from booking.models import Provider
from reminders import notices, routes
from reminders.models import Notice, Route
from tests.booking.dashboard.people import browser, member, text
from tests.fakes.texts import TextService
from tests.reminders.test_channels import PHONE, TWILIO

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/messages/channels/"
TYPED = {
    "name": "Texts",
    "address": TWILIO,
    "target": PHONE,
    "for_clients": "on",
    "for_provider": "on",
    "month_cap": "50",
    "quiet_from": "21:30",
    "quiet_until": "07:00",
    "enabled": "on",
}


def test_a_channel_is_set_up_tested_changed_and_removed(
    desk: Browser, studio: Provider, texts: TextService
) -> None:
    assert "Only e-mail so far" in text(desk.get(PAGE))
    assert desk.post(PAGE + "add/", TYPED).status_code == 302
    made = Route.objects.get()
    assert (made.kind, made.quiet_from, made.month_cap) == ("sms", 21 * 60 + 30, 50)

    shown = text(desk.get(PAGE))
    assert "Not tried yet" in shown
    assert "b" * 32 not in shown
    said = text(desk.post(f"{PAGE}{made.uid}/test/", follow=True))
    assert "Sent. The answer: Twilio took it" in said
    assert texts.said[0][0] == PHONE

    texts.answer(401, 20003)
    said = text(desk.post(f"{PAGE}{made.uid}/test/", follow=True))
    assert "It did not work. The answer:" in said
    assert "b" * 32 not in said
    assert "Does not work" in said

    assert "b" * 32 not in text(desk.get(f"{PAGE}{made.uid}/"))
    assert desk.post(f"{PAGE}{made.uid}/", TYPED | {"address": "", "name": "SMS"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, routes.address_of(made), made.used) == ("SMS", TWILIO, 1)
    desk.post(f"{PAGE}{made.uid}/remove/")
    made.refresh_from_db()
    assert (made.secret, made.enabled_at) == ("", None)
    assert "Only e-mail so far" in text(desk.get(PAGE))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("address", "json://10.0.0.1/", "Channels of this sort are not possible"),
        ("address", "", "Write the address of the service first."),
        ("name", "", "This field is required"),
        ("target", "abc", "error"),
        ("month_cap", "0", "error"),
        ("quiet_from", "25:00", "error"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    desk: Browser, studio: Provider, field: str, typed: str, said: str
) -> None:
    answer = desk.post(PAGE + "add/", TYPED | {field: typed})

    assert answer.status_code == 400
    shown = text(answer)
    assert said in shown
    assert 'value="21:30"' in shown or field == "quiet_from"
    assert TWILIO not in shown
    assert not Route.objects.exists()


def test_two_channels_have_two_names(desk: Browser, studio: Provider) -> None:
    desk.post(PAGE + "add/", TYPED)

    assert "You have another channel with this name." in text(
        desk.post(PAGE + "add/", TYPED | {"name": "texts"})
    )


def test_another_ones_channel_is_not_there_and_readers_change_nothing(
    desk: Browser, studio: Provider
) -> None:
    desk.post(PAGE + "add/", TYPED)
    made = Route.objects.get()
    reader = browser(member(studio, "read_only"))
    for path in ("add/", f"{made.uid}/", f"{made.uid}/test/", f"{made.uid}/remove/"):
        assert reader.post(PAGE + path, TYPED).status_code == 403
    for path in ("", "test/", "remove/"):
        assert desk.post(f"{PAGE}{uuid.uuid4()}/{path}", TYPED).status_code == 404
    assert reader.post("/dashboard/messages/notices/", {}).status_code == 403


def test_what_a_provider_hears_of_is_kept(desk: Browser, studio: Provider) -> None:
    desk.post(PAGE + "add/", TYPED)
    channel = Route.objects.get().channel
    path = "/dashboard/messages/notices/"
    said: dict[str, Any] = {"how_bookings": "daily", "how_money": "none", "how_changes": "whenever"}
    desk.post(path, said | {"by_bookings": ["email", channel, "channel:other"]})

    chosen = notices.choices(studio)
    assert chosen["bookings"] == notices.Choice("daily", ("email", channel))
    assert chosen["money"].how == "none"
    assert not Notice.objects.filter(group="changes").exists()
    shown = text(desk.get(path))
    assert "Is the client there?" in shown
    assert "Texts" in shown


def test_a_client_whose_mails_come_back_is_shown_with_what_to_do(desk: Browser, studio: Provider) -> None:
    from booking.models import Client
    from tests.booking import stories

    of = stories.confirmed(studio).client
    Client.objects.filter(pk=of.pk).update(mail_bounced_at=of.created_at, mail_trouble="550 no such mailbox")
    path = f"/dashboard/clients/{of.uid}/"
    assert "550 no such mailbox" in text(desk.get(path))

    assert "Mails go to new@example.com now." in text(
        desk.post(path + "address/", {"email": "new@example.com"}, follow=True)
    )
    of.refresh_from_db()
    assert (of.email, of.mail_bounced_at) == ("new@example.com", None)
    desk.post(path + "address/", {"email": "no address"})
    of.refresh_from_db()
    assert of.email == "new@example.com"
    assert (
        desk.post(f"/dashboard/clients/{uuid.uuid4()}/address/", {"email": "a@example.com"}).status_code
        == 404
    )


def test_what_is_late_or_fails_is_on_the_page_on_today_and_in_the_metrics(
    desk: Browser, studio: Provider
) -> None:
    from reminders.models import Message
    from tests.booking import stories

    desk.post(PAGE + "add/", TYPED)
    Route.objects.update(last_failure="error=401", last_failure_at=stories.EARLY)
    stories.confirmed(studio)
    Message.objects.filter(state="waiting", kind="confirmed").update(
        due_at=stories.EARLY - 30 * stories.MINUTE
    )
    for path in ("/dashboard/messages/", "/dashboard/"):
        shown = text(desk.get(path))
        assert "One has waited for 30 minutes." in shown
        assert "error=401" in shown
    said = text(desk.get("/metrics"))
    assert 'kept_messages{channel="email",state="waiting"}' in said
    assert "kept_messages_oldest_due_seconds 1800.0" in said
