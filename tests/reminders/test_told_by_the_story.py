"""What the story tells, written with the facts that the story really hands in."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.sites import site

from booking import lifecycle
from booking.actors import CLIENT
from booking.models import Appointment, Provider
from booking.telling import at_sending
from payments.models import Deposit, Payment
from reminders import delivery, tasks
from reminders.models import Message
from tests.booking import stories
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY
from tests.mail import Sink

pytestmark = pytest.mark.django_db

GRACE_OVER = MONDAY + 15 * MINUTE


def sweep(at: datetime) -> int:
    return delivery.send_due(at=at, facts=at_sending.facts)


# --- Each story: what it does, and when ---


def booked(studio: Provider) -> datetime:
    stories.confirmed(studio)
    return EARLY + 2 * MINUTE


def moved(studio: Provider) -> datetime:
    at = MONDAY - 60 * HOUR
    stories.move(stories.confirmed(studio), start=MONDAY + 24 * HOUR, at=at)
    return at


def moved_too_far(studio: Provider) -> datetime:
    at = MONDAY - 60 * HOUR
    stories.move(stories.confirmed(studio), start=MONDAY + 240 * HOUR, at=at)
    return at


def cancelled_with_credit(studio: Provider) -> datetime:
    at = MONDAY - 60 * HOUR
    stories.cancel(stories.confirmed(studio), at=at)
    return at


def cancelled_late(studio: Provider) -> datetime:
    at = MONDAY - 20 * HOUR
    stories.cancel(stories.confirmed(studio), at=at, reason="illness", note="I have a cold.")
    return at


def cancelled_by_the_provider(studio: Provider) -> datetime:
    at = MONDAY - 2 * HOUR
    lifecycle.cancel(
        appointment=stories.confirmed(studio),
        quote=None,
        reason="",
        note="I am ill.",
        by=stories.owner(studio),
        at=at,
    )
    return at


def asked_for(studio: Provider) -> Appointment:
    return stories.book(studio, "first-meeting", answers={"reason": "A question\r\nBcc: x@example.com"})


def requested(studio: Provider) -> datetime:
    asked_for(studio)
    return EARLY


def approved(studio: Provider) -> datetime:
    lifecycle.approve(appointment=asked_for(studio), by=stories.owner(studio), at=EARLY + HOUR)
    return EARLY + HOUR


def declined(studio: Provider) -> datetime:
    lifecycle.decline(
        appointment=asked_for(studio), note="I am full.", by=stories.owner(studio), at=EARLY + HOUR
    )
    return EARLY + HOUR


def request_expired(studio: Provider) -> datetime:
    asked_for(studio)
    lifecycle.lapse_holds(at=EARLY + 48 * HOUR)
    return EARLY + 48 * HOUR


def paid_too_late(studio: Provider) -> datetime:
    first = stories.book(studio)
    at = EARLY + 20 * MINUTE
    lifecycle.lapse_holds(at=at)
    stories.confirmed(studio, at=at, email="eve@example.com")
    stories.pay(first, at=at + 2 * MINUTE)
    return at + 2 * MINUTE


def payment_failed(studio: Provider) -> datetime:
    stories.book(studio)
    lifecycle.payment_failed(payment=Payment.objects.get(), at=EARLY + MINUTE)
    return EARLY + MINUTE


def unseen_by_video(studio: Provider) -> datetime:
    stories.confirmed(studio)
    lifecycle.start_contacts(at=MONDAY + 5 * MINUTE)
    return MONDAY + 5 * MINUTE


def unseen_in_person(studio: Provider) -> datetime:
    stories.confirmed(studio, mode="in_person")
    lifecycle.start_contacts(at=MONDAY + 5 * MINUTE)
    return MONDAY + 5 * MINUTE


def late(studio: Provider) -> datetime:
    appointment = stories.confirmed(studio)
    lifecycle.late(appointment=appointment, minutes=10, at=MONDAY + 2 * MINUTE)
    lifecycle.accept_late(appointment=appointment, by=stories.owner(studio), at=MONDAY + 3 * MINUTE)
    return MONDAY + 3 * MINUTE


def no_show_asked(studio: Provider) -> datetime:
    stories.confirmed(studio)
    lifecycle.ask_or_mark_no_shows(at=GRACE_OVER)
    return GRACE_OVER


def missed(studio: Provider) -> Appointment:
    appointment = stories.confirmed(studio)
    return lifecycle.mark_no_show(appointment=appointment, by=stories.owner(studio), at=GRACE_OVER)


def no_show(studio: Provider) -> datetime:
    missed(studio)
    return GRACE_OVER


def no_show_undone(studio: Provider) -> datetime:
    lifecycle.undo_no_show(appointment=missed(studio), by=stories.owner(studio), at=GRACE_OVER + MINUTE)
    return GRACE_OVER + MINUTE


def explained(studio: Provider) -> datetime:
    at = GRACE_OVER + HOUR
    lifecycle.explain(appointment=missed(studio), reason="transport", note="The train stood still.", at=at)
    return at


def excused(studio: Provider) -> datetime:
    at = GRACE_OVER + HOUR
    lifecycle.excuse(
        appointment=missed(studio), reason="illness", note="", amount=None, by=stories.owner(studio), at=at
    )
    return at


def settled(studio: Provider) -> datetime:
    missed(studio)
    lifecycle.settle(at=GRACE_OVER + 24 * HOUR)
    return GRACE_OVER + 24 * HOUR


def refunded(studio: Provider) -> datetime:
    stories.confirmed(studio)
    lifecycle.refund(
        deposit=Deposit.objects.get(),
        amount=1000,
        reason="You waited",
        by=stories.owner(studio),
        at=EARLY + HOUR,
    )
    return EARLY + HOUR


def mode_changed(studio: Provider) -> datetime:
    at = EARLY + HOUR
    lifecycle.change_mode(appointment=stories.confirmed(studio), mode="phone", by=CLIENT, at=at)
    return at


STORIES: list[tuple[Callable[[Provider], datetime], set[str]]] = [
    (booked, {"client confirmed", "provider booked"}),
    (moved, {"client moved", "provider moved"}),
    (moved_too_far, {"client move_asks_deposit"}),
    (cancelled_with_credit, {"client cancelled", "provider cancelled"}),
    (cancelled_late, {"client cancelled", "provider cancelled"}),
    (cancelled_by_the_provider, {"client cancelled", "provider cancelled"}),
    (requested, {"client requested", "provider approval_needed"}),
    (approved, {"client confirmed", "provider booked"}),
    (declined, {"client declined"}),
    (request_expired, {"client expired"}),
    (paid_too_late, {"client paid_too_late"}),
    (payment_failed, {"provider payment_failed"}),
    (unseen_by_video, {"client contact"}),
    (unseen_in_person, {"provider is_client_there"}),
    (late, {"provider late_asked", "client late_accepted"}),
    (no_show_asked, {"provider decision_no_show"}),
    (no_show, {"client no_show"}),
    (no_show_undone, {"client no_show_undone"}),
    (explained, {"provider explained"}),
    (excused, {"client excused"}),
    (settled, {"provider settled"}),
    (refunded, {"client refund"}),
    (mode_changed, {"client mode_changed", "provider mode_changed"}),
]


@pytest.mark.parametrize(("story", "said"), STORIES, ids=[story.__name__ for story, _ in STORIES])
def test_what_a_story_tells_is_written_and_leaves(
    post: Sink, story: Callable[[Provider], datetime], said: set[str]
) -> None:
    at = story(stories.studio())

    sweep(at)

    assert not Message.objects.exclude(failure="").exists()
    sent = {f"{message.to} {message.kind}" for message in Message.objects.filter(state="sent")}
    assert said <= sent
    assert len(post) == Message.objects.filter(state="sent").count()
    for mail in post:
        assert mail["Bcc"] is None
        assert "None" not in mail.get_body(("plain",)).get_content()


def test_the_task_sends_what_is_due_by_the_machines_clock(post: Sink) -> None:
    stories.confirmed(stories.studio())

    with time_machine.travel(EARLY + 2 * MINUTE, tick=False):
        assert tasks.send_due() == 2
        assert tasks.send_due() == 0


def test_the_reminder_goes_out_at_the_instant_that_the_rules_give(post: Sink) -> None:
    """A client in New York, 04:00 on Monday there: due at 22:00 on Friday, so at 20:00."""
    stories.confirmed(stories.studio())
    sweep(EARLY + 2 * MINUTE)
    post.clear()
    due = MONDAY - 56 * HOUR

    assert [sweep(due - timedelta(seconds=1)), sweep(due), sweep(due + MINUTE)] == [0, 1, 0]
    assert post[0]["X-Kept-Kind"] == "reminder"


def test_nobody_is_reminded_of_what_the_client_cancelled(post: Sink) -> None:
    stories.cancel(stories.confirmed(stories.studio()), at=MONDAY - 60 * HOUR)
    sweep(MONDAY - 60 * HOUR)

    for hours in (59, 56, 48, 24, 2):
        sweep(MONDAY - hours * HOUR)

    assert "reminder" not in {mail["X-Kept-Kind"] for mail in post}


def test_nothing_about_messages_can_be_written_in_the_admin(rf: object) -> None:
    admin = site.get_model_admin(Message)

    assert not admin.has_add_permission(rf)
    assert not admin.has_change_permission(rf)
    assert not admin.has_delete_permission(rf)
