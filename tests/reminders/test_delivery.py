"""Messages leave once, at their time, while they are true, and whatever happens to the others."""

import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from booking.models import Client, Service
from reminders import delivery, outcomes
from reminders.models import Message
from tests.mail import Sink
from tests.reminders import scene
from tests.reminders.scene import BOOKED, HOUR, MINUTE, START

pytestmark = pytest.mark.django_db

DUE = START - timedelta(days=3)


# --- One message ---


def test_a_due_message_reaches_the_client(post: Sink) -> None:
    message = scene.tell(scene.appointment(), "confirmed", facts={"policy_text": "Be on time."})

    assert scene.sweep() == 1

    mail = post[0]
    assert mail["To"] == "mira@example.com"
    assert mail["From"] == "Studio Bianchi <no-reply@testserver>"
    assert mail["Reply-To"] == "anna@studio-bianchi.example"
    assert mail["X-Kept-Kind"] == "confirmed"
    assert mail["X-Kept-Appointment"] == str(message.appointment.uid)
    assert mail["Message-ID"] == f"<{message.uid}.confirmed@testserver>"
    assert mail["Content-Language"] == "en"


def test_what_was_said_is_kept_without_the_secret_of_the_link(post: Sink) -> None:
    message = scene.tell(scene.appointment())

    scene.sweep(DUE)

    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("sent", DUE, 1)
    assert (message.address, message.language) == ("mira@example.com", "en")
    assert message.subject == post[0]["Subject"]
    assert scene.TOKEN in post[0].get_body(("plain",)).get_content()
    assert scene.TOKEN not in message.text + message.html
    assert "http://testserver/a/…/move/" in message.text


def test_a_second_sweep_sends_nothing(post: Sink) -> None:
    scene.tell(scene.appointment())

    assert [scene.sweep(), scene.sweep()] == [1, 0]
    assert len(post) == 1


def test_when_nothing_is_due_one_question_is_asked(
    post: Sink, django_assert_num_queries: Callable[[int], AbstractContextManager]
) -> None:
    scene.tell(scene.appointment(), due_at=DUE + MINUTE)

    with django_assert_num_queries(1):
        scene.sweep(DUE)


def test_nothing_leaves_before_it_is_due(post: Sink) -> None:
    scene.tell(scene.appointment(), due_at=DUE)

    assert scene.sweep(DUE - timedelta(microseconds=1)) == 0
    assert scene.sweep(DUE) == 1


def test_the_provider_hears_in_its_own_language_and_answers_the_client(post: Sink) -> None:
    scene.tell(scene.appointment(), "booked", "provider")

    scene.sweep()

    assert post[0]["To"] == "anna@studio-bianchi.example"
    assert post[0]["From"] == "Kept <no-reply@testserver>"
    assert post[0]["Reply-To"] == "mira@example.com"
    assert post[0]["Content-Language"] == "it"
    assert scene.TOKEN not in str(post[0])


@pytest.mark.parametrize("name", ["Università", "เรียนภาษาอังกฤษ" * 5], ids=["short", "long_thai"])
def test_a_subject_in_any_script_arrives_as_it_was_written(post: Sink, name: str) -> None:
    appointment = scene.appointment()
    Service.objects.update(name={"en": name})
    scene.tell(appointment, "confirmed")

    scene.sweep()

    assert post[0]["Subject"] == f"Confirmed: {name}, Monday 1 March 2027, 10:00"


def test_one_connection_carries_a_batch(post: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    appointment, opened = scene.appointment(), []
    for n in range(3):
        scene.tell(appointment, "refund", about=str(n), facts={"refund": {"amount": 1, "currency": "EUR"}})
    ours = EmailBackend.open
    monkeypatch.setattr(EmailBackend, "open", lambda self: opened.append(ours(self)) or opened[-1])

    assert scene.sweep() == 3
    assert [one for one in opened if one] == [True]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_relay_is_asked(post: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.tell(scene.appointment())
    open_ones, ours = [], EmailBackend.send_messages

    def send(self: EmailBackend, mails: list[Any]) -> int:
        open_ones.append(connection.in_atomic_block)
        return ours(self, mails)

    monkeypatch.setattr(EmailBackend, "send_messages", send)

    assert scene.sweep() == 1
    assert open_ones == [False]


# --- Still true? (rule 17) ---

GONE = {
    "cancelled": {"status": "cancelled", "cancelled_at": BOOKED},
    "moved": {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR, "blocked_until": START + 3 * HOUR},
    "missed": {"status": "no_show", "no_show_at": BOOKED},
}


@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize("kind", ["confirmed", "reminder", "reminder_day", "reminder_hours"])
def test_nothing_is_said_of_a_start_that_is_gone(post: Sink, kind: str, gone: str) -> None:
    appointment = scene.appointment()
    message = scene.tell(appointment, kind)
    scene.change(appointment, **GONE[gone])

    assert scene.sweep() == 0
    assert (scene.state(message), list(post)) == ("dropped", [])


@pytest.mark.parametrize(
    ("late", "sent"),
    [(-MINUTE, 1), (timedelta(0), 0), (timedelta(days=1), 0)],
    ids=["a_minute_before_the_start", "at_the_start", "a_day_later"],
)
def test_after_an_outage_one_late_reminder_goes_out_and_none_from_the_start_on(
    post: Sink, late: timedelta, sent: int
) -> None:
    scene.tell(scene.appointment(timezone="Europe/Rome"), due_at=DUE)

    assert [scene.sweep(START + late), scene.sweep(START + late)] == [sent, 0]


@pytest.mark.parametrize(
    ("seen", "sent"), [({}, 1), ({"arrived_at": START + MINUTE}, 0)], ids=["unseen", "arrived"]
)
def test_a_client_who_came_meanwhile_is_not_asked_where_it_is(post: Sink, seen: dict, sent: int) -> None:
    appointment = scene.appointment()
    scene.tell(appointment, "contact", facts={"waits_until": (START + HOUR / 4).isoformat()})
    scene.change(appointment, **seen)

    assert scene.sweep(START + 6 * MINUTE) == sent


def test_nobody_is_told_that_we_wait_until_a_minute_that_is_over(post: Sink) -> None:
    message = scene.tell(
        scene.appointment(), "contact", facts={"waits_until": (START + HOUR / 4).isoformat()}
    )

    assert scene.sweep(START + 15 * MINUTE) == 0
    assert scene.state(message) == "dropped"


def test_the_story_may_withdraw_a_message_when_it_leaves(post: Sink) -> None:
    message = scene.tell(scene.appointment())

    assert scene.sweep(facts=lambda *_: scene.NOW | {"holds": False}) == 0
    assert scene.state(message) == "dropped"


def test_nothing_is_written_to_a_client_who_was_erased(post: Sink) -> None:
    appointment = scene.appointment()
    message = scene.tell(appointment)
    Client.objects.update(erased_at=BOOKED)

    assert scene.sweep() == 0
    assert scene.state(message) == "dropped"


# --- Night (rule 14) ---


@pytest.mark.parametrize(
    ("start", "at", "goes"),
    [
        ("2027-03-01T15:00", "2027-03-01T05:00", "2027-03-01T08:00"),
        ("2027-03-01T09:30", "2027-03-01T05:00", "2027-03-01T05:00"),
        ("2027-03-01T15:00", "2027-03-01T08:00", "2027-03-01T08:00"),
    ],
    ids=["waits_for_eight", "cannot_wait", "eight_is_awake"],
)
def test_a_late_reminder_waits_for_the_morning_where_it_can(
    post: Sink, start: str, at: str, goes: str
) -> None:
    start_at, now, then = (_in_new_york(one) for one in (start, at, goes))
    scene.tell(scene.appointment(start=start_at), due_at=start_at - timedelta(days=2))

    sent = {moment: scene.sweep(moment) for moment in sorted({now, then - MINUTE, then}) if moment >= now}

    assert sent == {moment: int(moment == then) for moment in sent}


def test_a_reminder_of_eight_in_the_evening_leaves_with_the_sweep_that_finds_it(post: Sink) -> None:
    due = _in_new_york("2027-02-26T20:00")
    scene.tell(scene.appointment(), due_at=due)

    assert scene.sweep(due + timedelta(seconds=9)) == 1


def test_what_is_no_reminder_leaves_at_night(post: Sink) -> None:
    scene.tell(scene.appointment(), "confirmed")

    assert scene.sweep(_in_new_york("2027-02-20T03:00")) == 1


def _in_new_york(local: str) -> Any:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/New_York"))


# --- Trouble ---


def test_a_greylisted_mail_goes_at_the_third_try_with_the_same_message_id(post: Sink) -> None:
    message = scene.tell(scene.appointment())
    post.refuse_with(["451 later", "451 later"])
    at, tries = DUE, []

    while scene.state(message) == "waiting":
        tries.append(scene.sweep(at))
        assert scene.sweep(at) == 0, "it backs off"
        message.refresh_from_db()
        at = message.due_at

    assert tries == [0, 0, 1]
    assert (message.state, message.attempts, message.failure) == ("sent", 3, "")
    assert {mail["Message-ID"] for mail in [*post, *post.refused]} == {post[0]["Message-ID"]}


def test_a_mail_refused_for_good_is_not_tried_again(post: Sink) -> None:
    message = scene.tell(scene.appointment())
    post.refuse_with(["550 no such mailbox"])

    # The one that left tells the provider.
    assert [scene.sweep(), scene.sweep(), scene.sweep(START - HOUR)] == [1, 0, 0]
    assert scene.state(message) == "failed"
    assert (message.failure, len(post.refused)) == ("550 no such mailbox", 1)


def test_it_is_given_up_after_more_than_a_day(post: Sink) -> None:
    message = scene.tell(scene.appointment(), "refund", facts={"refund": {"amount": 1, "currency": "EUR"}})
    post.refuse_always("451 later")
    at = DUE
    while scene.state(message) == "waiting":
        scene.sweep(at)
        message.refresh_from_db()
        at = max(at, message.due_at)

    assert (message.state, message.attempts) == ("failed", outcomes.MOST_ATTEMPTS)
    assert at - DUE > timedelta(days=1)


def test_a_relay_that_is_away_costs_no_message_an_attempt(post: Sink, settings: Any) -> None:
    appointment = scene.appointment()
    for kind in ("confirmed", "reminder"):
        scene.tell(appointment, kind)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    assert scene.sweep() == 0
    assert set(Message.objects.values_list("state", "attempts", "claimed_at")) == {("waiting", 0, None)}
    assert delivery.oldest_due(at=BOOKED + HOUR) == HOUR

    settings.EMAIL_PORT = port
    assert scene.sweep() == 2
    assert delivery.oldest_due(at=START) is None


@pytest.mark.parametrize(
    "trouble", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("timed out")], ids=["cut", "timed_out"]
)
def test_a_connection_that_breaks_costs_one_message_a_while_and_no_other(
    post: Sink, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    appointment = scene.appointment()
    first, second = (scene.tell(appointment, kind) for kind in ("confirmed", "reminder"))
    breaks = iter([trouble])
    ours = EmailBackend.send_messages

    def send(self: EmailBackend, mails: list[Any]) -> int:
        for one in breaks:
            raise one
        return ours(self, mails)

    monkeypatch.setattr(EmailBackend, "send_messages", send)

    assert scene.sweep(DUE) == 1
    assert (scene.state(first), scene.state(second)) == ("waiting", "sent")
    assert (first.attempts, first.due_at, first.failure) == (
        1,
        DUE + timedelta(seconds=15),
        f"{type(trouble).__name__}: {trouble}",
    )


def test_a_relay_that_keeps_cutting_is_left_in_peace_until_the_next_sweep(
    post: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment, tries = scene.appointment(), []
    for n in range(10):
        scene.tell(appointment, "refund", about=str(n), facts={"refund": {"amount": 1, "currency": "EUR"}})

    def cut(self: EmailBackend, mails: list[Any]) -> int:
        tries.append(mails)
        raise TimeoutError

    monkeypatch.setattr(EmailBackend, "send_messages", cut)

    assert scene.sweep() == 0
    assert len(tries) == delivery.MOST_LOST_IN_A_ROW
    assert not Message.objects.exclude(claimed_at=None).exists()


@pytest.mark.parametrize("others", [1, 99], ids=["one_other", "ninety_nine_others"])
def test_a_row_that_cannot_be_written_does_not_stop_the_others(post: Sink, others: int) -> None:
    appointment = scene.appointment()
    bad = scene.tell(appointment, "reminder")
    for n in range(others):
        scene.tell(appointment, "refund", about=str(n), facts={"refund": {"amount": 1, "currency": "EUR"}})

    def facts(appointment: Any, kind: str, at: Any) -> dict[str, Any]:
        if kind == "reminder":
            raise KeyError("quote")
        return scene.NOW

    assert scene.sweep(facts=facts) == others == len(post)
    assert scene.state(bad) == "waiting"
    assert (bad.attempts, bad.failure, bad.claimed_at) == (1, "KeyError: 'quote'", None)
    assert bad.due_at > DUE


def test_a_place_without_a_working_address_fails_alone(post: Sink) -> None:
    appointment = scene.appointment()
    Client.objects.update(email="a@example.com,b@example.com")
    message = scene.tell(appointment)

    assert scene.sweep() == 1  # the provider is told
    assert (scene.state(message), message.failure) == ("failed", "this is not one e-mail address")


# --- The lease ---


def test_a_claimed_row_is_left_alone_for_five_minutes(post: Sink) -> None:
    scene.tell(scene.appointment())
    assert len(delivery.claim(at=DUE, claimed_at=DUE, limit=10)) == 1

    assert scene.sweep(DUE + 5 * MINUTE - timedelta(seconds=1)) == 0
    assert scene.sweep(DUE + 5 * MINUTE) == 1


def test_after_a_crash_between_sending_and_marking_the_copy_has_the_same_message_id(
    post: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.tell(scene.appointment())
    with monkeypatch.context() as killed:
        killed.setattr(outcomes, "sent", _die)
        with pytest.raises(SystemExit):
            scene.sweep(DUE)

    assert scene.sweep(DUE + 6 * MINUTE) == 1
    assert scene.state(message) == "sent"
    assert [mail["Message-ID"] for mail in post] == [f"<{message.uid}.reminder@testserver>"] * 2


def test_a_lease_from_the_future_does_not_keep_a_row_for_ever(post: Sink) -> None:
    scene.tell(scene.appointment())
    Message.objects.update(claimed_at=DUE + timedelta(days=300))

    assert scene.sweep() == 1


def test_a_row_that_was_dropped_after_it_was_claimed_is_not_sent(
    post: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.tell(scene.appointment())
    ours = delivery.claim

    def claim_then_drop(**asked: Any) -> list[int]:
        taken = ours(**asked)
        Message.objects.update(state="dropped", dropped_at=DUE)
        return taken

    monkeypatch.setattr(delivery, "claim", claim_then_drop)

    assert scene.sweep() == 0
    assert (scene.state(message), list(post)) == ("dropped", [])


def test_what_a_slow_relay_leaves_of_a_batch_is_given_back(
    post: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment = scene.appointment()
    for kind in ("confirmed", "reminder"):
        scene.tell(appointment, kind)
    seconds = iter([0, 0, 0, 270, 270, 270])
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: next(seconds, 270)))
    monkeypatch.setattr(delivery, "BATCH", 2)

    assert scene.sweep(limit=2) == 1
    assert set(Message.objects.values_list("state", "claimed_at")) == {("sent", None), ("waiting", None)}


def _die(*_: Any, **__: Any) -> None:
    raise SystemExit
