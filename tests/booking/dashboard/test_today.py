"""Today: who comes, who is not here yet, what waits for a decision."""

from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle
from booking.models import Provider
from reminders.models import Message
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, browser, member, missed, text

pytestmark = pytest.mark.django_db
SUNDAY = MONDAY - 15 * HOUR


def test_an_empty_day_says_who_comes_next(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    stories.confirmed(studio)
    clock.move_to(SUNDAY)
    shown = text(desk.get("/dashboard/"))
    assert "Nobody is booked today" in shown
    assert "Next comes Ada Moss, on Mon 1 Mar 2027 at 10:00." in shown


def test_a_new_desk_is_told_how_to_fill_it(studio: Provider, desk: Browser) -> None:
    shown = text(desk.get("/dashboard/"))
    assert "Share the address of your booking page" in shown
    assert "Nothing waits" in shown


def test_the_day_is_the_providers_own(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    stories.confirmed(studio)
    clock.move_to(MONDAY.replace(hour=0) - HOUR)  # midnight in Rome
    assert "Ada Moss" in text(desk.get("/dashboard/"))
    clock.move_to(MONDAY.replace(hour=0) - HOUR - MINUTE)
    assert "Nobody is booked today" in text(desk.get("/dashboard/"))


def test_who_said_that_they_come_is_seen(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY - HOUR)
    assert "said: I&#x27;ll be there" not in text(desk.get("/dashboard/"))
    lifecycle.will_come(appointment=appointment, at=MONDAY - HOUR)
    assert "said: I&#x27;ll be there" in text(desk.get("/dashboard/"))


def test_who_is_not_here_is_waited_for_with_a_clock_and_ways_to_reach_them(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    who = lifecycle.ClientDetails(name="Ada Moss", email="ada@example.com", phone="+39 333 1234567")
    stories.confirmed(studio, client=who)
    clock.move_to(MONDAY + MINUTE)
    shown = text(desk.get("/dashboard/"))
    assert "You wait until 10:15" in shown
    assert 'href="tel:+393331234567"' in shown
    assert 'href="sms:+393331234567?body=' in shown
    assert 'href="mailto:ada@example.com?subject=' in shown
    assert "I am waiting for you until 04:15" in unquote(shown)  # on the client's clocks


def test_who_is_late_stands_once_and_is_not_called_nobody(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    late = stories.confirmed(studio)
    later = stories.confirmed(studio, start=MONDAY + HOUR, email="bea@example.com")
    clock.move_to(MONDAY + MINUTE)
    shown = text(desk.get("/dashboard/"))
    assert [shown.count(f'href="/dashboard/appointments/{one.uid}/"') for one in (late, later)] == [1, 1]
    assert shown.index("Not here yet") < shown.index(str(late.uid)) < shown.index("Who comes")
    stories.cancel(later, by=stories.owner(studio), at=MONDAY, reason="illness")
    alone = text(desk.get("/dashboard/"))
    assert alone.count(f'href="/dashboard/appointments/{late.uid}/"') == 1
    assert "Who comes" not in alone
    assert "Nobody is booked today" not in alone


def test_the_act_stays_on_today(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + MINUTE)
    answer = desk.post(f"/dashboard/appointments/{appointment.uid}/arrive/", {"then": "today"})
    assert answer["Location"] == "/dashboard/"
    assert "Not here yet" not in text(desk.get("/dashboard/"))


def test_a_no_show_is_offered_when_grace_is_over_and_not_before(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    stories.confirmed(studio)
    clock.move_to(MONDAY + 15 * MINUTE - MINUTE)
    assert "Mark as missed" not in text(desk.get("/dashboard/"))
    clock.move_to(MONDAY + 15 * MINUTE)
    shown = text(desk.get("/dashboard/"))
    assert "Mark as missed" in shown
    assert "Your grace ended at 10:15" in shown


def test_who_asks_to_be_waited_for_is_answered_here(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY - 10 * MINUTE)
    lifecycle.late(appointment=appointment, minutes=10, at=MONDAY - 10 * MINUTE)
    shown = text(desk.get("/dashboard/"))
    assert "Ada Moss is 10 minutes late" in shown
    assert "You wait until 10:25, and Ada Moss is told so." in shown
    desk.post(f"/dashboard/appointments/{appointment.uid}/accept_late/", {"then": "today"})
    assert "Ada Moss is 10 minutes late" not in text(desk.get("/dashboard/"))


def test_a_request_waits_with_its_end(studio: Provider, desk: Browser) -> None:
    stories.book(studio, "first-meeting", answers={"reason": "sleep"})
    shown = text(desk.get("/dashboard/"))
    assert "Ada Moss asks for this time" in shown
    assert "It ends by itself on Wednesday 17 February 2027, 10:00." in shown


def test_an_explanation_waits_with_its_words(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    clock.move_to(MONDAY + 2 * HOUR)
    lifecycle.explain(appointment=appointment, reason="transport", note="No bus came.", at=MONDAY + HOUR)
    shown = text(desk.get("/dashboard/"))
    assert "Ada Moss told what happened" in shown
    assert "No bus came." in shown


def test_money_that_will_move_says_when(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    missed(studio)
    clock.move_to(MONDAY + 2 * HOUR)
    shown = text(desk.get("/dashboard/"))
    assert "Will be settled by itself" in shown
    assert "Tuesday 2 March 2027, 10:20" in shown


def test_who_never_said_whether_they_came_is_asked_about_until_it_counts_as_kept(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(appointment.ends_at + HOUR)
    shown = text(desk.get("/dashboard/"))
    assert "Did Ada Moss come?" in shown
    assert "Without an answer it counts as kept from Tuesday 2 March 2027, 10:50." in shown


def test_a_mail_that_failed_shows_up(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    Message.objects.filter(appointment=appointment, kind="confirmed").update(
        state="failed", failure="550 no such user"
    )
    shown = text(desk.get("/dashboard/"))
    assert "Mails that could not be delivered" in shown
    assert "550 no such user" in shown


def test_who_may_only_look_gets_no_buttons(studio: Provider, clock: time_machine.Traveller) -> None:
    stories.confirmed(studio)
    clock.move_to(MONDAY + 20 * MINUTE)
    shown = text(browser(member(studio, "read_only")).get("/dashboard/"))
    assert "Not here yet" in shown
    assert "Mark as missed" not in shown
