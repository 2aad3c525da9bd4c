"""Exceptions: what a client explains reaches the provider as a decision; without one the terms apply (A18)."""

from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle, tokens
from booking.models import Appointment, Provider
from payments.models import Credit, Deposit, Settlement
from policies.models import PolicyException
from reminders.models import Message
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, missed, text

pytestmark = pytest.mark.django_db

TOLD = MONDAY + HOUR
DUE = MONDAY + 20 * MINUTE + 24 * HOUR


@pytest.fixture
def explained(studio: Provider, clock: time_machine.Traveller) -> Appointment:
    appointment = missed(studio)
    lifecycle.explain(appointment=appointment, reason="illness", note="A fever.", at=TOLD)
    clock.move_to(TOLD + MINUTE)
    return stories.fresh(appointment)


def answer(desk: Browser, appointment: Appointment, act: str, **said: str) -> Any:
    return desk.post(f"/dashboard/appointments/{appointment.uid}/{act}/", said | {"then": "today"})


def deposit(appointment: Appointment) -> dict[str, int]:
    one = Deposit.objects.get(appointment=appointment)
    return {name: getattr(one, name) for name in ("held", "refunded", "forfeited", "carried")}


def mail(appointment: Appointment, kind: str) -> Message:
    return Message.objects.get(appointment=appointment, kind=kind, to="client")


@pytest.mark.parametrize(
    "page", ["/dashboard/", "/dashboard/appointments/{uid}/"], ids=["today", "appointment"]
)
def test_the_decision_shows_reason_record_amounts_and_what_will_be_read(
    desk: Browser, explained: Appointment, page: str
) -> None:
    shown = text(desk.get(page.format(uid=explained.uid)))

    assert "Ada Moss told what happened" in shown
    assert "Reason: illness." in shown
    assert "A fever." in shown
    assert "So far: 0 kept, 1 missed or late, 0 excused." in shown
    assert "Without an answer the terms apply: €27.00 is settled on Tuesday 2 March 2027, 10:20." in shown
    assert "€27.00 goes back. Nothing counts against Ada Moss." in shown
    assert "€27.00 waits as a credit without an end. Nothing counts against Ada Moss." in shown
    assert "€27.00 stays as agreed, and it counts in the record of Ada Moss." in shown
    assert "has looked at what happened and excuses it." in shown
    assert "This time we keep to what we agreed on." in shown


def test_excused_in_one_click(desk: Browser, explained: Appointment) -> None:
    said = answer(desk, explained, "excuse", reason="illness", share="all", back="refund")

    assert said["Location"] == "/dashboard/"
    assert deposit(explained) == {"held": 0, "refunded": 2700, "forfeited": 0, "carried": 0}
    kept = PolicyException.objects.get()
    assert (kept.reason, kept.full, kept.user.email) == ("illness", True, "anna@studio-bianchi.example")
    assert mail(explained, "excused").facts["refund"]["amount"] == 2700
    assert "told what happened" not in text(desk.get("/dashboard/"))


def test_who_came_after_all_is_answered_by_the_correction(desk: Browser, explained: Appointment) -> None:
    shown = text(desk.get("/dashboard/"))
    assert "They did come" in shown
    assert "That was our mistake, and we are sorry." in shown

    answer(desk, explained, "undo_no_show")

    assert stories.fresh(explained).status == "confirmed"
    assert deposit(explained) == {"held": 2700, "refunded": 0, "forfeited": 0, "carried": 0}
    assert mail(explained, "no_show_undone")
    shown = text(desk.get("/dashboard/"))
    assert "told what happened" not in shown
    assert "Not here yet" not in shown
    assert "Did Ada Moss come?" not in shown  # that was the answer
    assert 'id="decide"' not in text(desk.get(f"/dashboard/appointments/{explained.uid}/"))


def test_a_mark_that_was_settled_cannot_be_taken_back(
    desk: Browser, explained: Appointment, clock: time_machine.Traveller
) -> None:
    lifecycle.settle(at=DUE)
    clock.move_to(DUE + MINUTE)
    assert "They did come" not in text(desk.get("/dashboard/"))


def test_excused_as_a_credit(desk: Browser, explained: Appointment) -> None:
    answer(desk, explained, "excuse", reason="illness", share="all", back="credit")

    assert deposit(explained) == {"held": 0, "refunded": 0, "forfeited": 0, "carried": 2700}
    assert (Credit.objects.get().left, Credit.objects.get().expires_at) == (2700, None)


def test_the_terms_stay_and_the_client_is_told_kindly(desk: Browser, explained: Appointment) -> None:
    answer(desk, explained, "keep_terms", note="Get well soon.")

    facts = mail(explained, "terms_kept").facts
    assert (facts["forfeit"]["amount"], facts["note"]) == (2700, "Get well soon.")
    assert deposit(explained)["held"] == 2700
    line = explained.timeline.get(kind="terms_kept")
    assert (line.user.email, line.facts["note"]) == ("anna@studio-bianchi.example", "Get well soon.")
    assert "told what happened" not in text(desk.get("/dashboard/"))


def test_an_answer_is_given_once(desk: Browser, explained: Appointment) -> None:
    answer(desk, explained, "keep_terms")

    assert answer(desk, explained, "keep_terms").status_code == 409
    assert Message.objects.filter(kind="terms_kept").count() == 1


def test_nobody_decides_and_the_terms_apply_on_time(explained: Appointment) -> None:
    lifecycle.settle(at=DUE - MINUTE)
    assert deposit(explained)["forfeited"] == 0

    lifecycle.settle(at=DUE)

    assert deposit(explained) == {"held": 0, "refunded": 0, "forfeited": 2700, "carried": 0}
    assert Settlement.objects.get().state == "done"


def test_after_the_money_has_moved_an_exception_is_a_refund(
    desk: Browser, explained: Appointment, clock: time_machine.Traveller
) -> None:
    lifecycle.settle(at=DUE)
    clock.move_to(DUE + HOUR)
    assert "The terms have applied: €27.00. You can still excuse it." in text(desk.get("/dashboard/"))

    answer(desk, explained, "excuse", reason="illness", share="all", back="refund")

    assert deposit(explained) == {"held": 0, "refunded": 2700, "forfeited": 0, "carried": 0}


def test_the_client_sees_the_form_open_only_while_money_waits_for_it(
    studio: Provider, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    clock.move_to(TOLD)
    page = tokens.manage_path(appointment)
    assert "<summary>Write a few words</summary>" not in text(Browser().get(page))

    lifecycle.settle(at=DUE)
    clock.move_to(DUE + HOUR)

    shown = text(Browser().get(page))
    assert "It is settled. If there is something to say about it, Studio Bianchi still reads it." in shown
    assert "<summary>Write a few words</summary>" in shown
