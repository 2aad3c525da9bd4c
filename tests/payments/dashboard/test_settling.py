"""Settlements at the desk: why, excused with one click, and who decided what."""

from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle
from booking.models import Appointment, Provider
from payments import ledger
from payments.models import Settlement
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MONDAY, browser, member, missed, text

pytestmark = pytest.mark.django_db
LIST = "/dashboard/money/settlements/"


@pytest.fixture
def absent(studio: Provider, clock: time_machine.Traveller) -> Appointment:
    """Ada did not come, and an hour later she said why."""
    clock.move_to(MONDAY + HOUR)
    appointment = missed(studio)
    note = "The train stood still."
    lifecycle.explain(appointment=appointment, reason="transport", note=note, at=MONDAY + HOUR)
    return stories.fresh(appointment)


def settlement_of(appointment: Appointment) -> Settlement:
    return appointment.settlements.get()


def excuse(desk: Browser, appointment: Appointment, reason: str = "transport") -> Any:
    return desk.post(f"{LIST}{settlement_of(appointment).uid}/excuse/", {"reason": reason}, follow=True)


def test_what_waits_is_told_with_its_rule_and_what_the_client_says(
    desk: Browser, absent: Appointment
) -> None:
    shown = text(desk.get(LIST))
    assert "€27.00 waits." in shown
    assert "Missed, without a word in time." in shown
    assert "If you miss it, we keep your deposit of €27.00." in shown
    assert "The train stood still." in shown
    assert "Excuse all of it: €27.00" in shown
    assert '<option value="transport" selected>' in shown


def test_a_late_cancel_is_told_with_its_notice_and_its_window(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY - 20 * HOUR)
    stories.cancel(appointment, at=MONDAY - 20 * HOUR)
    shown = text(desk.get(LIST))
    assert "Cancelled 20 hours before the start." in shown
    assert "Less than 48 hours before the start: If you cancel, we keep your deposit of €27.00." in shown


def test_one_click_excuses_all_of_it_and_the_client_hears_of_it(desk: Browser, absent: Appointment) -> None:
    answer = excuse(desk, absent)
    assert "Excused. Ada Moss gets a mail." in text(answer)
    assert ledger.amounts(absent)["refunded"] == 2700
    assert settlement_of(absent).state == "dropped"
    assert absent.messages.filter(kind="excused", to="client").count() == 1
    assert absent.exceptions.get().reason == "transport"


def test_the_button_pressed_twice_excuses_once(desk: Browser, absent: Appointment) -> None:
    excuse(desk, absent)
    again = excuse(desk, absent)
    assert again.status_code == 409
    assert "It does not wait any more" in text(again)
    assert absent.exceptions.count() == 1


def test_a_reason_that_is_none_changes_nothing(desk: Browser, absent: Appointment) -> None:
    answer = excuse(desk, absent, reason="because")
    assert answer.status_code == 400
    assert "Please choose one of the reasons." in text(answer)
    assert settlement_of(absent).state == "waiting"


def test_the_history_says_who_decided_and_the_amounts_before_and_after(
    desk: Browser, absent: Appointment
) -> None:
    excuse(desk, absent)
    shown = text(desk.get(f"{LIST}{settlement_of(absent).uid}/"))
    assert "€27.00 → €0.00" in shown
    assert "Excused</span>: No way to travel" in shown
    assert "The terms as agreed" in shown


def test_an_excuse_after_the_settlement_stands_in_its_history(
    desk: Browser, absent: Appointment, clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY + 30 * HOUR)
    lifecycle.settle(at=MONDAY + 30 * HOUR)
    by = stories.owner(absent.provider)
    lifecycle.excuse(appointment=absent, reason="illness", note="", by=by, at=MONDAY + 30 * HOUR, amount=700)
    shown = text(desk.get(f"{LIST}{settlement_of(absent).uid}/"))
    assert "Excused afterwards</span>: Illness" in shown
    assert "€27.00 → €20.00" in shown


def test_what_is_past_stands_apart(desk: Browser, absent: Appointment) -> None:
    excuse(desk, absent)
    assert "Nothing waits" in text(desk.get(LIST))
    assert "Ada Moss" in text(desk.get(f"{LIST}?state=past"))


def test_who_may_only_look_sees_no_button_and_is_refused(studio: Provider, absent: Appointment) -> None:
    reader = browser(member(studio, "read_only"))
    assert "Excuse all of it" not in text(reader.get(LIST))
    assert excuse(reader, absent).status_code == 403


def test_a_list_of_many_asks_as_often_as_a_list_of_one(
    studio: Provider, desk: Browser, absent: Appointment, django_assert_max_num_queries: Any
) -> None:
    for number in (1, 3, 4):
        missed(studio, start=MONDAY + number * 24 * HOUR, email=f"eve{number}@example.com")
    with django_assert_max_num_queries(24):
        desk.get(LIST)


# --- The day's list ---


def test_the_provider_is_told_at_eight_what_falls_due_by_the_next_eight_once_a_day(
    absent: Appointment, clock: time_machine.Traveller
) -> None:
    # Due on Tuesday at 10:20 in Rome, so it stands in Tuesday's list, at 08:00 there.
    tuesday_eight = MONDAY.replace(hour=7) + 24 * HOUR
    assert lifecycle.tell_settlements_ahead(at=tuesday_eight - HOUR / 60) == 0
    assert lifecycle.tell_settlements_ahead(at=tuesday_eight) == 1
    assert lifecycle.tell_settlements_ahead(at=tuesday_eight + HOUR) == 0
    message = absent.provider.messages.get(kind="settlements_ahead")
    assert (message.appointment, message.to, message.about) == (None, "provider", "2027-03-02")
    (row,) = message.facts["rows"]
    assert (row["name"], row["amount"]) == ("Ada Moss", {"amount": 2700, "currency": "EUR"})
    assert message.facts["totals"] == [{"amount": 2700, "currency": "EUR"}]


def test_a_provider_without_anything_due_hears_nothing(absent: Appointment, desk: Browser) -> None:
    excuse(desk, absent)
    assert lifecycle.tell_settlements_ahead(at=MONDAY + 24 * HOUR) == 0
    assert not absent.provider.messages.filter(kind="settlements_ahead").exists()
