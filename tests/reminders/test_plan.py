"""Messages are planned once, in the transaction that causes them, and dropped when it is undone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from policies.rules.terms import PRESETS
from reminders import plan
from reminders.models import Message
from tests.reminders import scene
from tests.reminders.scene import BOOKED, HOUR, MINUTE, START

pytestmark = pytest.mark.django_db

BALANCED = PRESETS["Balanced"]
NEW_YORK = ZoneInfo("America/New_York")


def waiting() -> dict[str, Any]:
    return dict(Message.objects.waiting().order_by("due_at").values_list("kind", "due_at"))


# --- Once (rule 17) ---


def test_told_twice_is_said_once() -> None:
    appointment = scene.appointment()

    first, second = (scene.tell(appointment, facts={"n": n}) for n in (1, 2))

    assert first == second
    assert second.facts == {"n": 1}


@pytest.mark.parametrize(
    "other",
    [{"kind": "moved"}, {"kind": "moved", "to": "provider"}, {"about": "move:2"}],
    ids=["kind", "reader", "matter"],
)
def test_what_differs_is_another_message(other: dict) -> None:
    appointment = scene.appointment()
    scene.tell(appointment)
    scene.tell(appointment, **other)

    assert Message.objects.count() == 2


def test_another_start_is_another_message() -> None:
    appointment = scene.appointment()
    scene.tell(appointment)
    appointment.starts_at += HOUR
    scene.tell(appointment)

    assert Message.objects.count() == 2


def test_the_database_itself_refuses_the_same_message_twice() -> None:
    message = scene.tell(scene.appointment())
    message.pk, message.uid = None, message.appointment.uid

    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


def test_telling_twice_leaves_the_transaction_whole() -> None:
    appointment = scene.appointment()
    with transaction.atomic():
        scene.tell(appointment)
        scene.tell(appointment)
        scene.tell(appointment, "moved")

    assert Message.objects.count() == 2


def test_a_transaction_that_is_undone_says_nothing() -> None:
    appointment = scene.appointment()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        scene.tell(appointment)
        raise ZeroDivisionError

    assert not Message.objects.exists()


def test_what_was_dropped_unsaid_can_be_told_again() -> None:
    appointment = scene.appointment()
    message = scene.tell(appointment, "no_show", facts={"n": 1})
    plan.drop(appointment=appointment, at=BOOKED, kinds=["no_show"])

    scene.tell(appointment, "no_show", at=BOOKED + HOUR, facts={"n": 2})

    assert scene.state(message) == "waiting"
    assert (message.facts, message.due_at, message.dropped_at) == ({"n": 2}, BOOKED + HOUR, None)


def test_what_has_left_stays_said() -> None:
    appointment = scene.appointment()
    message = scene.tell(appointment)
    Message.objects.update(state="sent", sent_at=BOOKED)

    scene.tell(appointment, at=BOOKED + HOUR)

    assert (scene.state(message), message.due_at) == ("sent", BOOKED)


def test_a_kind_without_words_is_a_bug() -> None:
    with pytest.raises(ValueError, match="there is no message 'birthday' to 'client'"):
        scene.tell(scene.appointment(), "birthday")


def test_the_secret_of_the_link_is_never_kept() -> None:
    message = scene.tell(scene.appointment(), facts={"manage_url": scene.MANAGE, "minutes": 10})

    assert message.facts == {"minutes": 10}


def test_what_the_database_cannot_keep_does_not_undo_the_act() -> None:
    message = scene.tell(scene.appointment(), facts={"note": "a\0b\ud800", "deep": [{"x": "\0"}]})

    message.refresh_from_db()
    assert message.facts == {"note": "ab?", "deep": [{"x": ""}]}


# --- Reminders (rules 13 to 16) ---


def planned(of: Any, *, at: datetime = BOOKED, terms: Any = BALANCED, lapsed: bool = False) -> dict[str, Any]:
    plan.reminders(appointment=of, terms=terms, lapsed_recently=lapsed, at=at)
    return waiting()


def test_the_main_reminder_is_due_six_hours_before_free_notice_ends_and_in_the_evening_before_at_night() -> (
    None
):
    # 10:00 on Monday in New York: free until Saturday 10:00, so 04:00, which is night: 20:00 on Friday.
    due = datetime(2027, 2, 26, 20, tzinfo=NEW_YORK)

    assert planned(scene.appointment()) == {"reminder": due}


def test_a_client_with_a_recent_lapse_is_reminded_a_day_ahead_too() -> None:
    assert list(planned(scene.appointment(), lapsed=True)) == ["reminder", "reminder_day"]


def test_the_provider_may_want_all_three() -> None:
    appointment = scene.appointment()
    appointment.provider.day_ahead_reminder = appointment.provider.hours_ahead_reminder = True

    assert planned(appointment) == {
        "reminder": datetime(2027, 2, 26, 20, tzinfo=NEW_YORK),
        "reminder_day": START - 24 * HOUR,
        "reminder_hours": START - 2 * HOUR,
    }


def test_booked_late_a_day_ahead_reminder_takes_the_place() -> None:
    assert planned(scene.appointment(), at=START - 40 * HOUR) == {"reminder_day": START - 24 * HOUR}


def test_booked_for_tomorrow_there_is_none() -> None:
    assert planned(scene.appointment(), at=START - 30 * HOUR) == {}


def test_a_move_drops_the_reminders_of_the_old_start_and_plans_those_of_the_new() -> None:
    appointment = scene.appointment()
    planned(appointment)
    new = START + timedelta(days=2)
    appointment = scene.change(
        appointment, starts_at=new, ends_at=new + HOUR, blocked_from=new, blocked_until=new + HOUR
    )

    assert planned(appointment) == {"reminder": datetime(2027, 2, 28, 20, tzinfo=NEW_YORK)}
    assert set(Message.objects.values_list("start_at", "state")) == {(START, "dropped"), (new, "waiting")}


def test_moved_there_and_back_the_first_reminder_is_due_again() -> None:
    appointment = scene.appointment()
    first = planned(appointment)
    appointment.starts_at += HOUR
    planned(appointment)
    appointment.starts_at -= HOUR

    assert planned(appointment) == first
    assert Message.objects.count() == 2


def test_a_start_of_which_the_client_was_reminded_is_not_reminded_of_again() -> None:
    appointment = scene.appointment()
    planned(appointment)
    Message.objects.update(state="sent", sent_at=BOOKED)

    assert planned(appointment) == {}


def test_an_appointment_that_does_not_stand_has_no_reminders() -> None:
    appointment = scene.appointment()
    planned(appointment)
    appointment.status = "cancelled"

    assert planned(appointment) == {}


def test_without_terms_none_are_planned() -> None:
    assert planned(scene.appointment(), terms=None) == {}


def test_a_missing_meeting_link_is_asked_for_three_days_ahead() -> None:
    appointment = scene.appointment()
    appointment.provider.places.pop("video")

    assert planned(appointment)["link_missing"] == START - 72 * HOUR


# --- Dropping ---


def test_by_default_all_that_speaks_of_the_start_is_dropped() -> None:
    appointment = scene.appointment()
    scene.tell(appointment, "reminder", due_at=START - HOUR)
    scene.tell(appointment, "booked", "provider")
    scene.tell(appointment, "refund")
    scene.tell(appointment, "credit_ends")

    assert plan.drop(appointment=appointment, at=BOOKED + MINUTE) == 2
    assert set(waiting()) == {"refund", "credit_ends"}


def test_what_has_left_is_not_dropped() -> None:
    appointment = scene.appointment()
    message = scene.tell(appointment)
    Message.objects.update(state="sent", sent_at=BOOKED)

    assert plan.drop(appointment=appointment, at=BOOKED) == 0
    assert scene.state(message) == "sent"


def test_another_appointment_keeps_its_messages() -> None:
    appointment = scene.appointment()
    other = scene.appointment(start=START + HOUR, service=appointment.service)
    scene.tell(other)

    assert plan.drop(appointment=appointment, at=BOOKED) == 0
