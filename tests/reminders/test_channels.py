"""Which way a message goes, and what happens when that way is closed."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from booking.models import Appointment, Client
from reminders import consents, delivery, gateway, notices, routes, services, ways
from reminders.models import Consent, Message, Route
from reminders.wording import case, short
from tests.fakes.texts import TextService
from tests.mail import Sink
from tests.reminders import scene
from tests.reminders.scene import BOOKED, HOUR, MINUTE, START

TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@+15005550006"
DUE = START - timedelta(days=2)
PHONE = "+393331234567"


def route(of: Appointment, **fields: Any) -> Route:
    wanted = {"name": "Texts", "for_clients": True, "for_provider": True, "target": PHONE, **fields}
    made = Route(provider=of.provider, enabled_at=BOOKED, **wanted)
    return routes.set_up(route=made, address=TWILIO, at=BOOKED)


def agree(of: Appointment, channel: str = "sms", give: bool = True) -> None:
    Client.objects.filter(pk=of.client_id).update(phone=PHONE)
    of.client.refresh_from_db()
    consents.record(client=of.client, channel=channel, give=give, how="booking", at=BOOKED)


def states(kind: str = "reminder") -> dict[str, str]:
    rows = Message.objects.filter(kind=kind).values_list("channel", "state")
    return {channel.split(":")[0]: state for channel, state in rows}


@pytest.fixture
def appointment(db: None) -> Appointment:
    return scene.appointment()


# --- Addresses ---


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "syslog://",
        "dbus://",
        "json://10.0.0.1/x",
        "jsons://example.com/",
        "mailto://user:pass@example.com",
        "http://169.254.169.254/",
        TWILIO + "?verify=no",
        TWILIO + "?redirect=yes",
        TWILIO + "?cto=600",
        TWILIO + "/" + PHONE,
        "slack://A1234/B1234/C1234/?template=/etc/passwd",
        "twilio://",
        "",
        "x" * 600,
        "twilio://a\r\nb",
        "twilio://[::1",
    ],
)
def test_only_addresses_of_known_services_are_taken(address: str) -> None:
    with pytest.raises(services.NotAnAddress):
        services.service_of(address)


@pytest.mark.parametrize("name", services.SERVICES)
def test_every_service_goes_to_one_host_of_its_own(name: str) -> None:
    service = services.SERVICES[name]

    assert service.example.startswith(f"{name}://")
    assert "." in service.host


def test_private_addresses_are_never_asked(appointment: Appointment, monkeypatch: Any) -> None:
    resolved = [(2, 1, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: resolved)
    with pytest.raises(delivery.channels.TryLater, match="not a public address"):
        gateway.send(address=TWILIO, to=PHONE, text="x")


def test_the_secret_lies_encrypted_and_is_shown_by_its_end_alone(appointment: Appointment) -> None:
    made = route(appointment)

    assert "b" * 32 not in made.secret
    assert routes.address_of(made) == TWILIO
    assert routes.shown(TWILIO) == "twilio://…0006"
    assert (made.kind, made.service) == ("sms", "twilio")


def test_a_secret_of_another_key_cannot_be_read(appointment: Appointment, settings: Any) -> None:
    made = route(appointment)
    settings.SECRET_KEY = "another" * 10

    with pytest.raises(routes.NotReadable):
        routes.address_of(made)


# --- To a client ---


def test_who_agreed_gets_the_reminder_by_text_besides(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    made = route(appointment)
    agree(appointment)
    scene.tell(appointment)

    assert scene.sweep(DUE) == 2
    assert states() == {"email": "sent", "channel": "sent"}
    ((to, text),) = texts.said
    assert to == PHONE
    assert scene.MANAGE in text
    assert short.parts(text) <= 2
    assert scene.TOKEN not in Message.objects.get(channel=made.channel).text
    assert scene.sweep(DUE + HOUR) == 0
    made.refresh_from_db()
    assert (made.used, made.used_month) == (1, "2027-02")


@pytest.mark.parametrize("lacks", ["consent", "number", "withdrawn", "off"])
def test_nobody_else_gets_a_text(
    appointment: Appointment, post: Sink, texts: TextService, lacks: str
) -> None:
    made = route(appointment)
    if lacks != "consent":
        agree(appointment)
    if lacks == "withdrawn":
        agree(appointment, give=False)
    Client.objects.update(**({"phone": ""} if lacks == "number" else {}) or {"name": "Mira"})
    Route.objects.update(**({"enabled_at": None} if lacks == "off" else {}) or {"name": made.name})
    scene.tell(scene.again(appointment))

    assert scene.sweep(DUE) == 1
    assert texts.said == []


def test_instead_of_the_mail_and_back_to_it_when_the_text_fails(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    route(appointment, instead=True)
    agree(appointment)
    scene.tell(appointment)
    texts.answer(400, 21211)

    scene.sweep(DUE)
    assert states() == {"email": "sent", "channel": "failed"}
    told = [mail["X-Kept-Kind"] for mail in post]
    assert sorted(told) == ["channel_failed", "reminder"]
    assert "b" * 32 not in Message.objects.get(kind="channel_failed").text


def test_instead_of_the_mail_the_mail_stays(appointment: Appointment, post: Sink, texts: TextService) -> None:
    route(appointment, instead=True)
    agree(appointment)
    scene.tell(appointment)
    scene.sweep(DUE)

    assert states() == {"email": "passed", "channel": "sent"}
    assert list(post) == []


def test_a_service_that_is_away_is_tried_four_times_and_stops_no_mail(
    appointment: Appointment, post: Sink, texts: TextService, monkeypatch: Any
) -> None:
    monkeypatch.setattr(gateway, "LONGEST_WAIT", 0.05)
    route(appointment, instead=True)
    agree(appointment)
    scene.tell(appointment)
    texts.wait = 0.3
    for minute in range(0, 12, 3):
        scene.tell(
            appointment, "refund", about=str(minute), facts={"refund": {"amount": 1, "currency": "EUR"}}
        )
        scene.sweep(DUE + minute * MINUTE)

    assert texts.asked == 4
    assert states() == {"email": "sent", "channel": "failed"}
    assert [mail["X-Kept-Kind"] for mail in post].count("refund") == 4


def test_over_the_cap_it_goes_by_mail_and_the_provider_is_warned_twice(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    route(appointment, month_cap=5, instead=True)
    agree(appointment)
    for number in range(7):
        scene.tell(appointment, "contact", about=str(number), at=START + 5 * MINUTE)
    scene.sweep(START + 5 * MINUTE)

    assert len(texts.said) == 5
    warned = Message.objects.filter(kind="channel_used_up").values_list("facts__percent", flat=True)
    assert sorted(warned) == [80, 100]
    assert [mail["X-Kept-Kind"] for mail in post].count("contact") == 2


def test_in_quiet_hours_a_reminder_waits_and_the_contact_does_not(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    route(appointment, quiet_from=9 * 60, quiet_until=11 * 60)  # DUE is 10:00 in New York
    agree(appointment)
    scene.tell(appointment)
    scene.sweep(DUE)
    row = Message.objects.get(kind="reminder", channel__startswith="channel")

    assert (row.state, row.due_at) == ("waiting", DUE + HOUR)
    scene.tell(appointment, "contact", at=START + 5 * MINUTE)
    scene.sweep(START + 5 * MINUTE)
    assert len(texts.said) == 1


def test_stop_ends_it_for_that_number_and_start_begins_it_again(appointment: Appointment) -> None:
    agree(appointment)
    said = {"provider": appointment.provider, "phone": PHONE, "kind": "sms"}

    assert consents.answered(**said, text=" Stop. ", at=DUE) == 1
    assert consents.answered(**said, text="STOP", at=DUE) == 0
    assert not consents.given(appointment.client, "sms")
    assert consents.answered(**said, text="When is it?", at=DUE) == 0
    assert consents.answered(**said, text="START", at=DUE) == 1
    assert consents.given(appointment.client, "sms")


def test_a_number_that_opted_out_at_the_service_counts_as_a_stop(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    route(appointment, instead=True)
    agree(appointment)
    scene.tell(appointment)
    texts.answer(400, 21610)
    scene.sweep(DUE)

    assert Consent.objects.latest("pk").how == "service"
    assert states() == {"email": "sent", "channel": "failed"}


def test_who_wants_fewer_reminders_still_gets_the_first(appointment: Appointment, post: Sink) -> None:
    consents.record(client=appointment.client, channel="more_reminders", give=False, how="page", at=BOOKED)
    for kind in ("reminder", "reminder_day", "reminder_hours"):
        scene.tell(appointment, kind)
    scene.sweep(DUE)

    assert [mail["X-Kept-Kind"] for mail in post] == ["reminder"]


# --- Mail that comes back ---


def test_an_address_that_refuses_gets_only_what_money_needs_and_the_provider_hears_once(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    scene.tell(appointment)
    post.refuse_with(["550 5.1.1 no such mailbox"])
    scene.sweep(DUE)
    scene.tell(appointment, "mode_changed")
    scene.tell(appointment, "refund", facts={"refund": {"amount": 1, "currency": "EUR"}})
    scene.sweep(DUE + MINUTE)

    appointment.client.refresh_from_db()
    assert appointment.client.mail_bounced_at == DUE
    assert [mail["X-Kept-Kind"] for mail in post] == ["mail_bounced", "refund"]
    assert states("mode_changed") == {"email": "failed"}


def test_what_bounced_goes_by_text_to_who_agreed(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    route(appointment)
    agree(appointment)
    scene.tell(appointment, "confirmed", facts={"policy_text": "x"})
    post.refuse_with(["550 no such mailbox"])
    scene.sweep(DUE)

    assert states("confirmed") == {"email": "failed", "channel": "sent"}
    assert len(texts.said) == 1


@pytest.mark.parametrize("answer", ["552 5.2.2 mailbox full", "550 5.7.1 looks like spam", "554 no"])
def test_an_address_is_not_blamed_for_what_else_is_wrong(
    appointment: Appointment, post: Sink, answer: str
) -> None:
    scene.tell(appointment)
    post.refuse_with([answer])
    scene.sweep(DUE)

    appointment.client.refresh_from_db()
    assert appointment.client.mail_bounced_at is None


# --- To the provider ---


def test_the_summary_tells_all_once_at_eight(appointment: Appointment, post: Sink) -> None:
    notices.choose(provider=appointment.provider, group="changes", how="daily", channels=["email"])
    evening = START - timedelta(days=5)
    scene.tell(appointment, "moved", "provider", at=evening, facts={"from_start": BOOKED.isoformat()})
    scene.tell(appointment, "mode_changed", "provider", at=evening)
    scene.tell(appointment, "booked", "provider", at=evening)
    scene.sweep(evening)
    assert [mail["X-Kept-Kind"] for mail in post] == ["booked"]

    summary = Message.objects.get(kind="daily")
    assert summary.due_at.isoformat() == "2027-02-25T07:00:00+00:00"  # 08:00 in Rome
    scene.sweep(summary.due_at)
    scene.sweep(summary.due_at + MINUTE)
    assert [mail["X-Kept-Kind"] for mail in post] == ["booked", "daily"]
    text = post[-1].get_body(("plain",)).get_content()
    assert "Spostato: Mira" in text
    assert f"/dashboard/appointments/{appointment.uid}/" in text


def test_a_summary_that_is_being_written_takes_no_more(appointment: Appointment, post: Sink) -> None:
    notices.choose(provider=appointment.provider, group="changes", how="daily", channels=["email"])
    first = scene.tell(appointment, "moved", "provider", at=DUE)
    scene.sweep(DUE)
    Message.objects.filter(kind="daily").update(claimed_at=DUE)
    second = scene.tell(appointment, "mode_changed", "provider", at=DUE + MINUTE)
    scene.sweep(DUE + MINUTE)
    first.refresh_from_db()
    second.refresh_from_db()

    assert first.told_in_id != second.told_in_id
    assert Message.objects.filter(kind="daily").count() == 2


def test_what_is_urgent_comes_at_once_whatever_was_chosen(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    made = route(appointment)
    notices.choose(provider=appointment.provider, group="decisions", how="none", channels=[made.channel])
    scene.tell(appointment, "is_client_there", "provider", at=START + 5 * MINUTE)
    scene.sweep(START + 5 * MINUTE)

    assert [mail["X-Kept-Kind"] for mail in post] == ["is_client_there"]
    assert [to for to, _ in texts.said] == [PHONE]


def test_by_text_alone_and_by_mail_when_that_fails(
    appointment: Appointment, post: Sink, texts: TextService
) -> None:
    made = route(appointment)
    notices.choose(provider=appointment.provider, group="bookings", how="at_once", channels=[made.channel])
    scene.tell(appointment, "booked", "provider")
    scene.sweep(DUE)
    assert list(post) == []
    texts.answer(401, 20003)
    scene.tell(appointment, "booked", "provider", about="again")
    scene.sweep(DUE + MINUTE)

    assert "booked" in [mail["X-Kept-Kind"] for mail in post]


def test_not_at_all_is_seen_in_the_dashboard_alone(appointment: Appointment, post: Sink) -> None:
    notices.choose(provider=appointment.provider, group="money", how="none", channels=[])
    row = scene.tell(appointment, "settled", "provider")

    assert scene.sweep(DUE) == 0
    assert scene.state(row) == "passed"


@pytest.mark.parametrize(
    ("zone", "at", "next_one"),
    [
        ("Europe/Rome", "2027-03-27T06:59:59+00:00", "2027-03-27T07:00:00+00:00"),
        ("Europe/Rome", "2027-03-27T07:00:00+00:00", "2027-03-28T06:00:00+00:00"),  # clocks change between
        ("Asia/Bangkok", "2027-03-27T02:00:00+00:00", "2027-03-28T01:00:00+00:00"),
    ],
)
def test_the_next_summary_is_at_eight_on_the_providers_clock(zone: str, at: str, next_one: str) -> None:
    when = case.parsed(at)
    assert when is not None
    assert ways.next_summary(zone=zone, at=when).isoformat() == next_one


# --- Short words ---


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "it", "th"])
@pytest.mark.parametrize("kind", ["reminder", "contact", "confirmed", "cancelled", "no_show"])
def test_two_texts_at_most_with_the_link_whole(language: str, kind: str) -> None:
    from django.utils import translation

    made = scene.appointment(start=START)
    made.provider.name = "Studio Bianchi Fotografia e Ritratti di Famiglia dal 1974"
    message = Message(
        provider=made.provider, appointment=made, kind=kind, to="client", start_at=made.starts_at
    )
    facts = {**scene.NOW, "waits_until": (START + 15 * MINUTE).isoformat()}
    with translation.override(language):
        text = short.write(message, facts=facts, subject="Confermato: una cosa lunga, lunga " * 4, at=DUE)

    assert short.parts(text) <= 2
    assert scene.MANAGE in text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("ก" * 70, 1),
        ("ก" * 71, 2),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert short.parts(text) == parts


def test_what_a_service_repeats_of_the_account_is_hidden(texts: TextService, caplog: Any) -> None:
    texts.answer(401, 20003)
    with caplog.at_level(logging.DEBUG), pytest.raises(delivery.channels.Refused) as no:
        gateway.send(address=TWILIO, to=PHONE, text="x")

    assert "error=20003" in str(no.value)
    assert "b" * 32 not in caplog.text + str(no.value)
