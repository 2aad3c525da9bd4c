"""A client's record, and the reminder a day ahead that follows from it (rule 16)."""

from datetime import datetime, timedelta

import pytest

from booking import lifecycle, records
from booking.models import Appointment, Provider
from reminders.models import Message
from tests.booking import stories
from tests.booking.stories import EARLY, MONDAY
from tests.booking.world import client

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@pytest.fixture
def studio() -> Provider:
    return stories.studio()


def missed(studio: Provider, start: datetime) -> Appointment:
    found = stories.confirmed(studio, start=start)
    return lifecycle.mark_no_show(
        appointment=found, by=stories.owner(studio), at=start + timedelta(minutes=15)
    )


def excused(studio: Provider, start: datetime) -> Appointment:
    found = missed(studio, start)
    at = start + timedelta(hours=1)
    lifecycle.excuse(appointment=found, reason="illness", note="", by=stories.owner(studio), at=at)
    return found


def undone(studio: Provider, start: datetime) -> Appointment:
    found = missed(studio, start)
    lifecycle.undo_no_show(appointment=found, by=stories.owner(studio), at=start + timedelta(minutes=20))
    return lifecycle.complete(appointment=found, by=stories.owner(studio), at=start + timedelta(minutes=50))


def cancelled_in_time(studio: Provider, start: datetime) -> Appointment:
    found = stories.confirmed(studio, start=start)
    stories.cancel(found, at=EARLY + timedelta(minutes=30))
    return found


@pytest.mark.parametrize(
    ("ends", "day_ahead"),
    [(missed, True), (excused, False), (undone, False), (cancelled_in_time, False)],
    ids=["missed", "excused", "undone", "cancelled_in_time"],
)
def test_a_reminder_a_day_ahead_goes_to_clients_with_a_lapse_that_counts(
    studio: Provider, ends: object, day_ahead: bool
) -> None:
    ends(studio, MONDAY)  # type: ignore[operator]

    stories.confirmed(studio, start=MONDAY + WEEK, at=MONDAY + timedelta(hours=2))

    kinds = set(Message.objects.filter(start_at=MONDAY + WEEK).values_list("kind", flat=True))
    assert ("reminder_day" in kinds) is day_ahead
    assert "reminder" in kinds


def test_cancels_in_time_do_not_push_a_lapse_out_of_the_last_six(studio: Provider) -> None:
    first = missed(studio, MONDAY)
    for week in range(1, 7):
        start = MONDAY + week * WEEK
        at = start - 13 * timedelta(days=1)
        one = stories.confirmed(studio, start=start, at=at)
        stories.cancel(one, at=at + timedelta(minutes=30))

    found = records.of_client(client_id=first.client_id)

    assert [one.how for one in found] == ["cancelled"] * 6 + ["no_show"]
    stories.confirmed(studio, start=MONDAY + 7 * WEEK, at=MONDAY + 6 * WEEK)
    assert Message.objects.filter(start_at=MONDAY + 7 * WEEK, kind="reminder_day").exists()


def test_one_and_several_clients_are_read_the_same(studio: Provider) -> None:
    ada = missed(studio, MONDAY).client
    nobody = client(studio, "nobody@example.com")

    together = records.of_clients(clients=[ada.pk, nobody.pk])

    assert together == {ada.pk: records.of_client(client_id=ada.pk), nobody.pk: []}
