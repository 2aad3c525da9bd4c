"""The refund desk, limits and disputes as pages: who sees, who acts, what one press does."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from booking import lifecycle
from booking.models import Appointment, Membership, Provider
from payments import disputes, ledger, refunds, webhooks
from payments.gateways import sandbox_disputes
from payments.models import Dispute, Refund, Repayment
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, show_factor, text
from tests.booking.dashboard.test_lists import times

pytestmark = pytest.mark.django_db

DESK = "/dashboard/money/refunds/"


@pytest.fixture
def paid(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


def path(appointment: Appointment) -> str:
    return f"/dashboard/money/{appointment.deposits.get().uid}/refund/"


def said(**over: Any) -> dict[str, Any]:
    return {"amount": "12.50", "reason": "We ended early", "seen": "0", "step": "send", "key": uuid4()} | over


def refunded(paid: Appointment) -> int:
    return ledger.amounts(paid)["refunded"]


def limited(studio: Provider, email: str = "sam@example.org", limit: int = 1000) -> Browser:
    user = member(studio, "refunds", email)
    Membership.objects.filter(user=user).update(refund_limit=limit)
    return browser(user)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(lambda paid: "ada mo", id="client"),
        pytest.param(lambda paid: "ada@example", id="mail"),
        pytest.param(lambda paid: str(paid.uid), id="reference"),
        pytest.param(lambda paid: paid.deposits.get().payments.get().intent_id, id="payment_intent"),
    ],
)
def test_a_payment_is_found_and_a_refund_begins_there(desk: Browser, paid: Appointment, words: Any) -> None:
    shown = text(desk.get(DESK, {"q": words(paid)}))
    assert path(paid) in shown


def test_a_refund_is_found_by_its_id_at_the_gateway(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid), said())
    Refund.objects.update(gateway_id="re_123", state="done")
    assert "re_123" in text(desk.get(DESK, {"q": "re_123", "state": "done"}))
    assert "re_123" not in text(desk.get(DESK, {"q": "re_999", "state": "done"}))


def test_another_providers_money_is_not_there(desk: Browser, paid: Appointment, studio: Provider) -> None:
    stranger = stories.school()
    theirs = browser(owner(stranger))
    assert "Ada" not in text(theirs.get(DESK, {"q": "ada"}))
    assert theirs.get(path(paid)).status_code == 404


def test_the_button_pressed_twice_is_one_refund_and_the_same_answer(desk: Browser, paid: Appointment) -> None:
    form = said()
    answers = [desk.post(path(paid), form).status_code for _ in range(2)]
    assert (answers, refunded(paid)) == ([302, 302], 1250)


def test_as_a_credit_and_by_hand(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid), said(how="credit"))
    desk.post(path(paid), said(how="hand", seen="1250", reference="cash, Sam"))
    sums = ledger.amounts(paid)
    assert (sums["carried"], sums["refunded"]) == (1250, 1250)
    assert Repayment.objects.get(how="hand").reference == "cash, Sam"


def test_above_the_limit_the_page_says_so_before_and_a_second_member_finishes_it(
    studio: Provider, desk: Browser, paid: Appointment
) -> None:
    sam = limited(studio)
    assert "Ask for a second yes to €12.50" in text(sam.post(path(paid), said(step="look")))
    sam.post(path(paid), said())
    asked = Repayment.objects.get()
    shown = text(sam.get(DESK))
    assert "You asked for this yourself" in shown
    assert sam.post(f"{DESK}asked/{asked.uid}/approve/").status_code == 403
    assert "Yes, give back €12.50" in text(desk.get(DESK))
    assert "Refunds that wait for a second yes" in text(desk.get("/dashboard/"))
    assert desk.post(f"{DESK}asked/{asked.uid}/approve/").status_code == 302
    assert desk.post(f"{DESK}asked/{asked.uid}/approve/").status_code == 409
    assert refunded(paid) == 1250
    assert "asked by sam@example.org, approved by" in text(desk.get(DESK))


@pytest.mark.parametrize("role", ["member", "read_only"])
def test_who_may_not_give_money_back_sees_it_and_is_told_kindly(
    studio: Provider, paid: Appointment, role: str
) -> None:
    looks = browser(member(studio, role))
    assert looks.get(DESK).status_code == 200
    answer = looks.post(path(paid), said())
    assert answer.status_code == 403
    assert "Money is given back by the owner and by members who may." in text(answer)
    assert refunded(paid) == 0


def test_a_refund_that_failed_is_tried_again_from_the_desk(desk: Browser, paid: Appointment) -> None:
    desk.post(path(paid), said())
    failed = Refund.objects.get()
    refunds.record_result(refund=failed, state="failed", failure="expired_or_canceled_card", at=stories.EARLY)
    assert "Try again, or by hand" in text(desk.get(DESK, {"state": "failed"}))
    again = f"{DESK}{failed.uid}/again/"
    desk.post(again, said(how="hand"))
    assert refunded(paid) == 1250
    assert "Try again, or by hand" not in text(desk.get(DESK, {"state": "failed"}))
    assert desk.get(again).status_code == 404


def test_the_owner_sets_limits_and_nobody_else(studio: Provider, desk: Browser) -> None:
    sam = limited(studio)
    membership = Membership.objects.get(user__email="sam@example.org")
    address = "/dashboard/money/limits/"
    assert desk.post(address, {f"limit_{membership.pk}": "80.00"}).status_code == 302
    membership.refresh_from_db()
    assert membership.refund_limit == 8000
    assert sam.post(address, {f"limit_{membership.pk}": ""}).status_code == 403
    assert desk.post(address, {f"limit_{membership.pk}": "much"}).status_code == 400
    desk.post(address, {f"limit_{membership.pk}": ""})
    membership.refresh_from_db()
    assert membership.refund_limit is None


# --- The second factor ---


def test_with_a_second_factor_it_is_asked_for_first(studio: Provider, paid: Appointment) -> None:
    desk = browser(owner(studio))
    show_factor(desk, owner(studio), at=0)
    answer = desk.post(path(paid), said())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert refunded(paid) == 0


@pytest.mark.parametrize("ago,goes", [(11, 1250), (13, 0)], ids=["eleven_hours_ago", "thirteen_hours_ago"])
def test_shown_in_this_session_within_half_a_day_it_is_enough(
    studio: Provider, paid: Appointment, ago: float, goes: int
) -> None:
    desk = browser(owner(studio))
    show_factor(desk, owner(studio), at=time.time() - ago * 60 * 60)
    desk.post(path(paid), said())
    assert refunded(paid) == goes


def test_with_a_password_alone_nothing_moves_and_nothing_typed_is_lost(
    studio: Provider, paid: Appointment
) -> None:
    user = owner(studio)
    desk = browser(user, second_factor=False)
    assert desk.get(path(paid)).status_code == 403
    answer = desk.post(path(paid), said())
    assert (answer.status_code, refunded(paid)) == (403, 0)
    assert "A second factor first" in text(answer)
    show_factor(desk, user)
    assert f'href="{path(paid)}"' in text(desk.get("/dashboard/account/"))
    again = desk.get(path(paid))
    assert (again.context["form"]["amount"].value(), again.context["form"]["reason"].value()) == (
        said()["amount"],
        said()["reason"],
    )
    assert refunded(paid) == 0
    assert 'href="' + path(paid) not in text(desk.get("/dashboard/account/"))


def test_no_act_that_gives_money_back_is_open_to_a_password_alone(studio: Provider) -> None:
    """A door that is added later asks as well."""
    desk = browser(owner(studio), second_factor=False)
    doors = [one for one in get_resolver("payments.dashboard.urls").url_patterns if guarded(one)]
    assert len(doors) == 5
    for door in doors:
        address = "/dashboard/" + str(door.pattern).replace("<uuid:uid>", str(uuid4()))
        answer = desk.post(address)
        assert (str(door.name), answer.status_code) == (str(door.name), 403)
        assert "A second factor first" in text(answer)


def guarded(door: Any) -> bool:
    free = ("desk_refund_decline", "desk_accept_difference")  # a no moves nothing, nor does a note
    return getattr(door.callback, "desk_right", "") == "refund" and door.name not in free


def test_the_demo_asks_only_those_who_have_one_and_says_why(studio: Provider, paid: Appointment) -> None:
    Provider.objects.update(is_demo=True)
    desk = browser(owner(studio), second_factor=False)
    assert "This is the demo, its money is made up" in text(desk.get(path(paid)))
    desk.post(path(paid), said())
    assert refunded(paid) == 1250


# --- Disputes and the record ---


@pytest.fixture
def dispute(paid: Appointment) -> Dispute:
    payment = paid.deposits.get().payments.get()
    at = stories.EARLY
    body, signature = sandbox_disputes.dispute(payment=payment, becomes="needs_response", at=at)
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return Dispute.objects.get()


def address(dispute: Dispute) -> str:
    return f"/dashboard/money/disputes/{dispute.uid}/"


def test_a_dispute_stands_on_today_with_its_last_day(desk: Browser, dispute: Dispute) -> None:
    assert "Needs an answer by" in text(desk.get("/dashboard/"))
    assert address(dispute) in text(desk.get("/dashboard/money/disputes/"))


def test_it_is_filled_in_edited_looked_at_and_sent_once(
    desk: Browser, dispute: Dispute, paid: Appointment
) -> None:
    page = text(desk.get(address(dispute)))
    assert paid.agreement.sha256 in page
    words = {"customer_name": "Ada Moss", "cancellation_rebuttal": "She was there."}
    looked = text(desk.post(address(dispute), words | {"step": "look"}))
    assert "What the bank reads" in looked
    assert "She was there." in looked
    dispute.refresh_from_db()
    assert dispute.staged_at is None
    codes = [desk.post(address(dispute), words | {"step": "send"}).status_code for _ in range(2)]
    assert codes == [302, 409]
    dispute.refresh_from_db()
    assert dispute.evidence["cancellation_rebuttal"] == "She was there."


def test_refunds_are_refused_kindly_meanwhile(desk: Browser, dispute: Dispute, paid: Appointment) -> None:
    assert "This payment is disputed" in text(desk.get(path(paid)))
    deposit = paid.deposits.get()
    deposit.refresh_from_db()
    with pytest.raises(disputes.InDispute):
        lifecycle.give_back(
            whole=deposit, amount=1, reason="x", by=stories.owner(paid.provider), at=stories.EARLY
        )


def test_a_member_reads_a_dispute_and_cannot_answer(studio: Provider, dispute: Dispute) -> None:
    looks = browser(member(studio, "member"))
    assert looks.get(address(dispute)).status_code == 200
    assert looks.post(address(dispute), {"step": "send"}).status_code == 403
    assert browser(owner(stories.school())).get(address(dispute)).status_code == 404


def test_everything_on_record_as_json_and_pdf(desk: Browser, dispute: Dispute, paid: Appointment) -> None:
    base = f"/dashboard/appointments/{paid.uid}/record"
    record = json.loads(desk.get(f"{base}.json").content)
    assert record["agreement"]["sha256"] == paid.agreement.sha256
    assert record["agreement"]["sha256_fits"] is True
    assert record["money"]["disputes"][0]["state"] == "needs_response"
    assert record["appointment"]["id"] == str(paid.uid)
    for address_of in (f"{base}.pdf", f"{address(dispute)}evidence.pdf"):
        answer = desk.get(address_of)
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    assert browser(owner(stories.school())).get(f"{base}.json").status_code == 404


def test_the_sandbox_plays_the_bank_from_its_pay_page(paid: Appointment, settings: Any) -> None:
    payment = paid.deposits.get().payments.get()
    client = Browser()
    address_of = f"/pay/{payment.uid}/"
    assert client.post(address_of, {"outcome": "dispute_won"}).status_code == 400
    client.post(address_of, {"outcome": "disputed"})
    assert ledger.amounts(paid)["disputed"] == 2700
    client.post(address_of, {"outcome": "dispute_won"})
    assert ledger.amounts(paid)["held"] == 2700


def test_the_desk_costs_the_same_however_many_wait_and_were_asked_for(
    desk: Browser, studio: Provider, django_assert_num_queries: Any
) -> None:
    sam, starts = limited(studio), list(times())

    def give_back(first: int, last: int) -> None:
        """Every second one at once, the others above what Sam may give back alone."""
        for number in range(first, last):
            who = lifecycle.ClientDetails(name=f"Client {number}", email=f"client{number}@example.com")
            one = stories.confirmed(studio, start=starts[number], client=who)
            (sam if number % 2 else desk).post(path(one), said())

    give_back(0, 3)
    with CaptureQueriesContext(connection) as queries:
        assert text(desk.get(DESK)).count("Client ") >= 3
    few = len(queries)
    give_back(3, 9)
    assert Repayment.objects.filter(state="asked").count() == 4
    with django_assert_num_queries(few):
        desk.get(DESK)
