"""Deposits at the desk: every movement, and the refund in two steps."""

from typing import Any

import pytest
from django.test import Client as Browser

from booking.models import Appointment, Provider
from payments import ledger, refunds
from payments.models import Refund
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, missed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


def path(appointment: Appointment, more: str = "") -> str:
    return f"/dashboard/money/{appointment.deposits.get().uid}/{more}"


def said(**over: Any) -> dict[str, Any]:
    return {"amount": "12.50", "reason": "We ended early", "seen": "0", "step": "send"} | over


def test_a_deposit_shows_where_its_money_is(desk: Browser, paid: Appointment) -> None:
    shown = text(desk.get(path(paid)))
    assert "€27.00" in shown
    assert "Every movement" in shown
    assert "Give money back" in shown


def test_deposits_are_listed_with_their_state(desk: Browser, paid: Appointment) -> None:
    shown = text(desk.get("/dashboard/money/"))
    assert "Ada Moss" in shown
    assert "Held" in shown


def test_one_that_waits_says_when_it_is_settled(studio: Provider, desk: Browser) -> None:
    missed(studio)
    shown = text(desk.get("/dashboard/money/?state=waiting"))
    assert "Settles on Tue 2 Mar 2027, 10:20" in shown


def test_an_empty_list_says_what_will_stand_there(desk: Browser) -> None:
    assert "No deposits yet" in text(desk.get("/dashboard/money/"))


def test_before_a_refund_one_sees_what_the_client_will_read(desk: Browser, paid: Appointment) -> None:
    shown = text(desk.post(path(paid, "refund/"), said(step="look")))
    assert "€12.50 goes back to you" in shown
    assert "We ended early" in shown
    assert "€14.50 could still go back then." in shown
    assert not Refund.objects.exists()


def test_a_refund_goes_back_with_its_reason_and_a_mail(desk: Browser, paid: Appointment) -> None:
    answer = desk.post(path(paid, "refund/"), said(), follow=True)
    assert "€12.50 is on its way back. The client gets a mail." in text(answer)
    (refund,) = Refund.objects.all()
    assert (refund.amount, refund.note, refund.by) == (1250, "We ended early", "provider")
    assert ledger.amounts(paid) | {"held": 0, "refunded": 0} == dict.fromkeys(ledger.amounts(paid), 0)
    assert ledger.amounts(paid)["refunded"] == 1250
    assert paid.messages.get(kind="refund").facts["reason"] == "We ended early"


def test_the_button_pressed_twice_gives_back_once(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid, "refund/"), said())
    again = desk.post(path(paid, "refund/"), said())
    assert again.status_code == 409
    assert "Some of this money has moved since you opened the page." in text(again)
    assert "We ended early" in text(again)
    assert ledger.amounts(paid)["refunded"] == 1250


def test_who_looked_again_may_give_back_more(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid, "refund/"), said())
    desk.post(path(paid, "refund/"), said(seen="1250"))
    assert ledger.amounts(paid)["refunded"] == 2500


@pytest.mark.parametrize(
    "over",
    [
        pytest.param({"amount": "27.01"}, id="a_cent_too_much"),
        pytest.param({"amount": "0"}, id="nothing"),
        pytest.param({"amount": "-1"}, id="negative"),
        pytest.param({"amount": "a lot"}, id="words"),
        pytest.param({"reason": ""}, id="no_reason"),
        pytest.param({"seen": ""}, id="from_nowhere"),
    ],
)
def test_what_cannot_be_given_back_comes_back_as_typed(
    desk: Browser, paid: Appointment, over: dict[str, str]
) -> None:
    answer = desk.post(path(paid, "refund/"), said(**over))
    assert answer.status_code == 400
    assert ledger.amounts(paid)["refunded"] == 0
    assert all(value in text(answer) for value in over.values())


def test_all_of_it_to_the_cent_may_go_back(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid, "refund/"), said(amount="27.00"))
    assert ledger.amounts(paid)["refunded"] == 2700
    assert "Nothing can go back" in text(desk.get(path(paid, "refund/")))


def test_a_refund_that_failed_says_why_and_the_money_is_back(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid, "refund/"), said())
    refund = Refund.objects.get()
    refunds.record_result(refund=refund, state="failed", failure="expired_card", at=stories.EARLY)
    shown = text(desk.get(path(paid)))
    assert "Failed" in shown
    assert "The bank said: expired card" in shown
    assert ledger.amounts(paid)["held"] == 2700
    assert "Refunds that failed" in text(desk.get("/dashboard/"))


def test_a_refund_on_its_way_is_told_from_one_that_is_done(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid, "refund/"), said())
    assert "On its way" in text(desk.get(path(paid)))
    refunds.record_result(refund=Refund.objects.get(), state="done", at=stories.EARLY)
    assert "On its way" not in text(desk.get(path(paid)))


def test_by_hand_nothing_is_asked_or_taken_where_nothing_is_due(desk: Browser, paid: Appointment) -> None:
    cash = {"amount": "0.01", "method": "cash", "received_on": "2027-02-15"}
    looked, pressed = desk.get(path(paid, "by-hand/")), desk.post(path(paid, "by-hand/"), cash)
    assert (looked.status_code, pressed.status_code) == (200, 409)
    for answer in (looked, pressed):
        assert "Nothing is owed here any more." in text(answer)
        assert f'class="button" href="{path(paid)}"' in text(answer)
        assert 'name="amount"' not in text(answer)
    assert paid.deposits.get().payments.count() == 1


def test_by_hand_a_deposit_that_waits_is_offered_whole(studio: Provider, desk: Browser) -> None:
    waits = stories.book(studio)
    assert path(waits, "by-hand/") in text(desk.get(path(waits)))
    assert 'value="27.00"' in text(desk.get(path(waits, "by-hand/")))


def test_a_member_sees_the_money_and_cannot_give_it_back(studio: Provider, paid: Appointment) -> None:
    desk = browser(member(studio, "member"))
    shown = text(desk.get(path(paid)))
    assert "The owner and members who may give money back can do this." in shown
    assert desk.get(path(paid, "refund/")).status_code == 403
    assert desk.post(path(paid, "refund/"), said()).status_code == 403
    assert not Refund.objects.exists()
