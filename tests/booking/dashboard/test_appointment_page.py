"""The appointment's page: everything about it, and the acts that fit now."""

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle
from booking.models import Provider
from payments import ledger
from payments.models import Refund
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, browser, member, missed, text

pytestmark = pytest.mark.django_db


def path(appointment: object, act: str = "") -> str:
    return f"/dashboard/appointments/{appointment.uid}/{act + '/' if act else ''}"  # type: ignore[attr-defined]


def test_it_says_when_on_both_sides_clocks(studio: Provider, desk: Browser) -> None:
    shown = text(desk.get(path(stories.confirmed(studio))))
    assert "Monday 1 March 2027" in shown
    assert "10:00" in shown
    assert "For Ada Moss: Monday 1 March 2027, 04:00, New York time (UTC-05:00)" in shown


def test_it_shows_money_terms_messages_and_timeline(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    shown = text(desk.get(path(appointment)))
    assert "Deposit, held" in shown
    assert "€27.00" in shown
    assert appointment.agreement.sha256 in shown
    assert "Reminder, two days ahead" in shown
    assert "Ada Moss booked." in shown
    assert "The deposit of €27.00 arrived." in shown


@pytest.mark.parametrize(
    "minutes, there, not_there",
    [
        pytest.param(-60, ["cancel"], ["arrive", "no_show", "complete", "contact"], id="an_hour_before"),
        pytest.param(-20, ["cancel", "arrive"], ["no_show", "complete"], id="twenty_minutes_before"),
        pytest.param(6, ["arrive", "contact", "complete"], ["cancel", "no_show"], id="six_minutes_in"),
        pytest.param(15, ["arrive", "no_show", "complete"], ["cancel"], id="grace_is_over"),
    ],
)
def test_it_offers_the_acts_that_fit_now_and_no_others(
    studio: Provider,
    desk: Browser,
    clock: time_machine.Traveller,
    minutes: int,
    there: list[str],
    not_there: list[str],
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + minutes * MINUTE)
    shown = text(desk.get(path(appointment)))
    assert [act for act in there if f'action="{path(appointment, act)}"' not in shown] == []
    assert [act for act in not_there if f'action="{path(appointment, act)}"' in shown] == []


def test_each_act_says_what_it_does_before_it_is_done(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    assert "All of the deposit, €27.00, goes back, whatever the notice" in text(desk.get(path(appointment)))
    clock.move_to(MONDAY + 20 * MINUTE)
    assert "As agreed, €27.00 of the deposit is kept. Money moves after 24 hours and not before" in text(
        desk.get(path(appointment))
    )


def test_a_request_is_approved(studio: Provider, desk: Browser) -> None:
    appointment = stories.book(studio, "first-meeting", answers={"reason": "sleep"})
    answer = desk.post(path(appointment, "approve"), follow=True)
    assert stories.fresh(appointment).status == "confirmed"
    assert "Approved. The client hears of it now." in text(answer)


def test_a_request_is_told_as_one_and_offers_yes_and_no(studio: Provider, desk: Browser) -> None:
    appointment = stories.book(studio, "first-meeting", answers={"reason": "sleep"})
    shown = text(desk.get(path(appointment)))
    assert "Ada Moss asked for this time." in shown
    assert "It waits for your answer until Wednesday 17 February 2027, 10:00" in shown
    assert "Say yes" in shown
    assert "Say no, kindly" in shown
    assert "Cancel the appointment" not in shown


def test_a_request_is_declined_with_the_words_that_were_typed(studio: Provider, desk: Browser) -> None:
    appointment = stories.book(studio, "first-meeting", answers={"reason": "sleep"})
    desk.post(path(appointment, "decline"), {"note": "I am away that week, sorry."})
    assert stories.fresh(appointment).status == "declined"
    assert appointment.messages.get(kind="declined").facts["note"] == "I am away that week, sorry."


def test_a_cancel_gives_all_back(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY - HOUR)
    desk.post(path(appointment, "cancel"), {"reason": "illness", "note": "Flu.", "back": "refund"})
    assert stories.fresh(appointment).status == "cancelled"
    assert ledger.amounts(appointment)["refunded"] == 2700
    assert not appointment.lapses.exists()


def test_a_cancel_may_leave_a_credit(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    desk.post(path(appointment, "cancel"), {"reason": "illness", "note": "", "back": "credit"})
    assert ledger.amounts(appointment)["carried"] == 2700
    assert not Refund.objects.exists()


def test_a_cancel_without_a_reason_comes_back_with_what_was_typed(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    answer = desk.post(path(appointment, "cancel"), {"reason": "", "note": "Flu, sorry.", "back": "credit"})
    assert answer.status_code == 400
    assert "Flu, sorry." in text(answer)
    assert stories.fresh(appointment).status == "confirmed"


def test_an_act_that_does_not_fit_any_more_is_refused_kindly_and_keeps_the_words(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + MINUTE)
    answer = desk.post(path(appointment, "cancel"), {"reason": "illness", "note": "Flu.", "back": "refund"})
    assert answer.status_code == 409
    assert "The appointment has started, so it can no longer be changed or cancelled." in text(answer)
    assert "Flu." in text(answer)


def test_a_no_show_before_the_end_of_grace_is_refused(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 15 * MINUTE - MINUTE)
    answer = desk.post(path(appointment, "no_show"))
    assert answer.status_code == 409
    assert "You said you would wait a little longer." in text(answer)
    assert stories.fresh(appointment).status == "confirmed"


def test_a_no_show_is_marked_and_taken_back(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 15 * MINUTE)
    desk.post(path(appointment, "no-show"))
    assert stories.fresh(appointment).status == "no_show"
    desk.post(path(appointment, "undo-no-show"))
    assert stories.fresh(appointment).status == "confirmed"


def test_the_day_goes_by_buttons(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 6 * MINUTE)
    desk.post(path(appointment, "contact"))
    assert stories.fresh(appointment).contacted_at == MONDAY + 6 * MINUTE
    desk.post(path(appointment, "arrive"))
    assert stories.fresh(appointment).arrived_at == MONDAY + 6 * MINUTE
    desk.post(path(appointment, "complete"))
    assert stories.fresh(appointment).status == "completed"
    assert ledger.amounts(appointment)["applied"] == 2700


def test_who_is_late_is_waited_for(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 2 * MINUTE)
    lifecycle.late(appointment=appointment, minutes=20, at=MONDAY + MINUTE)
    assert "You wait until 10:35, and Ada Moss is told so." in text(desk.get(path(appointment)))
    desk.post(path(appointment, "accept_late"))
    assert stories.fresh(appointment).grace_ends_at == MONDAY + 35 * MINUTE


def test_a_missed_one_is_excused_in_full(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    clock.move_to(MONDAY + HOUR)
    desk.post(
        path(appointment, "excuse"), {"reason": "illness", "note": "", "share": "all", "back": "refund"}
    )
    assert ledger.amounts(appointment)["refunded"] == 2700
    assert not appointment.lapses.counting().exists()


def test_a_missed_one_is_excused_in_part_by_an_amount_as_people_type_it(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    clock.move_to(MONDAY + HOUR)
    said = {"reason": "goodwill", "note": "", "share": "part", "amount": "12,50", "back": "credit"}
    desk.post(path(appointment, "excuse"), said)
    assert ledger.amounts(appointment)["carried"] == 1250
    assert appointment.lapses.counting().exists()


@pytest.mark.parametrize(
    "amount",
    ["27.01", "0", "-5", "", "twelve", "12.505"],
    ids=["above", "none", "negative", "empty", "words", "too_fine"],
)
def test_a_part_that_is_none_comes_back_and_moves_nothing(
    studio: Provider, desk: Browser, clock: time_machine.Traveller, amount: str
) -> None:
    appointment = missed(studio)
    clock.move_to(MONDAY + HOUR)
    said = {"reason": "goodwill", "note": "A hard week", "share": "part", "amount": amount, "back": "refund"}
    answer = desk.post(path(appointment, "excuse"), said)
    assert answer.status_code == 400
    assert "A hard week" in text(answer)
    assert ledger.amounts(appointment)["held"] == 2700


def test_an_explanation_is_read_and_the_terms_stay(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    lifecycle.explain(appointment=appointment, reason="transport", note="No bus came.", at=MONDAY + HOUR)
    clock.move_to(MONDAY + 2 * HOUR)
    shown = text(desk.get(path(appointment)))
    assert "No bus came." in shown
    assert "Reason: no way to travel." in shown
    desk.post(path(appointment, "keep_terms"))
    assert stories.fresh(appointment).explanation_decided_at == MONDAY + 2 * HOUR


def test_who_may_only_look_sees_no_acts(studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    shown = text(browser(member(studio, "read_only")).get(path(appointment)))
    assert "Ada Moss" in shown
    assert "What you can do now" not in shown


def test_an_act_that_nobody_knows_is_not_found(studio: Provider, desk: Browser) -> None:
    assert desk.post(path(stories.confirmed(studio), "delete")).status_code == 404


def test_a_get_does_nothing(studio: Provider, desk: Browser) -> None:
    appointment = stories.confirmed(studio)
    assert desk.get(path(appointment, "cancel")).status_code == 405
    assert stories.fresh(appointment).status == "confirmed"
