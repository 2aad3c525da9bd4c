"""What a client's bank takes back: the money follows it, nothing is paid twice, the provider answers once (F-61)."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from booking import lifecycle, sweeping
from booking.actors import SYSTEM
from booking.models import Appointment, User
from booking.telling import on_paper
from config import invariants
from payments import checkout, disputes, evidence, gateways, pleading, refunds, settlements, webhooks
from payments.gateways import GatewayRefused, NotAtGateway, sandbox_disputes
from payments.models import Deposit, Dispute, Refund
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, DEPOSIT, MINUTE, buckets, fresh, held, now, paid, payment_of
from tests.payments.test_refunds import by_stripe

pytestmark = pytest.mark.django_db


def opened(stripe: StripeServer, deposit: Deposit, **over: Any) -> Dispute:
    made = stripe.dispute(str(payment_of(deposit).intent_id), **over)
    webhooks.apply_due(at=now())
    return Dispute.objects.get(gateway_id=made["id"])


def becomes(stripe: StripeServer, dispute: Dispute, status: str) -> Dispute:
    stripe.dispute_becomes(dispute.gateway_id, status)
    webhooks.apply_due(at=now())
    dispute.refresh_from_db()
    return dispute


def told(deposit: Deposit, kind: str) -> list[Any]:
    return list(deposit.appointment.messages.filter(kind=kind, to="provider"))


def sound() -> None:
    assert [one for one in invariants.verify(connection) if one.count] == []


# --- The money ---


def test_what_the_bank_takes_lies_in_disputed_and_the_provider_hears_of_it_once(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit)
    assert (dispute.state, dispute.amount, dispute.reason) == (
        "needs_response",
        DEPOSIT,
        "product_not_received",
    )
    assert buckets(deposit) == {"disputed": DEPOSIT}
    [message] = told(deposit, "dispute_opened")
    assert message.facts["disputed"] == {"amount": DEPOSIT, "currency": "EUR"}
    assert message.facts["due_by"]
    sound()


def test_money_that_comes_back_lies_where_it_lay(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = becomes(stripe, opened(stripe, deposit), "won")
    assert buckets(deposit) == {"held": DEPOSIT}
    assert (dispute.state, dispute.taken, bool(dispute.closed_at)) == ("won", [], True)
    [message] = told(deposit, "dispute_closed")
    assert message.facts["outcome"] == "won"
    sound()


def test_what_was_held_is_part_of_the_price_where_the_appointment_was_kept_meanwhile(
    stripe: StripeServer,
) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit)
    after = deposit.appointment.ends_at + 2 * DAY
    lifecycle.complete(appointment=deposit.appointment, by=SYSTEM, at=after)
    becomes(stripe, dispute, "won")
    assert buckets(deposit) == {"applied": DEPOSIT}


def test_what_is_lost_stays_in_disputed(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    becomes(stripe, opened(stripe, deposit), "lost")
    assert buckets(deposit) == {"disputed": DEPOSIT}
    assert told(deposit, "dispute_closed")[0].facts["outcome"] == "lost"


def test_an_inquiry_moves_nothing_and_may_still_become_a_dispute(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit, status="warning_needs_response")
    assert (dispute.state, buckets(deposit)) == ("warning", {"held": DEPOSIT})
    assert [one.facts["asks_only"] for one in told(deposit, "dispute_opened")] == [True]
    becomes(stripe, dispute, "needs_response")
    assert buckets(deposit) == {"disputed": DEPOSIT}
    assert [one.facts["asks_only"] for one in told(deposit, "dispute_opened")] == [True, False]


def test_an_inquiry_that_comes_to_nothing_is_closed(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = becomes(stripe, opened(stripe, deposit, status="warning_needs_response"), "warning_closed")
    assert (dispute.state, buckets(deposit)) == ("closed", {"held": DEPOSIT})


def test_a_part_that_is_disputed_leaves_the_rest(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    opened(stripe, deposit, amount=1000)
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "disputed": 1000}


def test_a_dispute_of_a_payment_that_is_not_ours_is_passed_over(stripe: StripeServer) -> None:
    thing = {"id": "dp_x", "object": "dispute", "payment_intent": "pi_of_another", "amount": 5}
    stripe.send("charge.dispute.created", thing)
    assert webhooks.apply_due(at=now()) == 1
    assert not Dispute.objects.exists()


def test_a_dispute_that_is_told_before_its_payment_waits_for_it(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    door, stripe.webhooks = stripe.webhooks, None
    paid_by = stripe.pay(str(payment_of(deposit).session_id))
    stripe.webhooks = door
    stripe.dispute(paid_by["data"]["object"]["payment_intent"])
    webhooks.apply_due(at=now())
    assert buckets(deposit) == {}
    stripe.deliver(paid_by)
    webhooks.apply_due(at=now() + MINUTE)
    webhooks.apply_due(at=now() + 2 * MINUTE)
    assert buckets(deposit) == {"disputed": DEPOSIT}


ENDS = {"won": {"held": DEPOSIT}, "lost": {"disputed": DEPOSIT}}


@pytest.mark.parametrize("end", ENDS)
def test_events_in_any_order_and_twice_come_to_one_end(stripe: StripeServer, end: str) -> None:
    deposit = by_stripe(stripe)
    stripe.webhooks = None
    made = stripe.dispute(str(payment_of(deposit).intent_id))
    stripe.dispute_becomes(made["id"], "under_review")
    stripe.dispute_becomes(made["id"], end)
    events = [one for one in stripe.memory.events.values() if one["type"].startswith("charge.dispute")]
    for n, order in enumerate(itertools.islice(itertools.permutations(events), 0, None, 7)):
        for event in [*order, *order]:
            anew = event | {"id": f"{event['id']}_{n}"}
            body = __import__("json").dumps(anew).encode()
            webhooks.receive(body=body, signature=stripe.sign(body), at=now())
        webhooks.apply_due(at=now())
        assert buckets(deposit) == ENDS[end]
    assert len(told(deposit, "dispute_opened")) <= 1
    assert len(told(deposit, "dispute_closed")) == 1
    sound()


def test_an_answer_of_the_gateway_that_is_older_than_what_is_known_changes_nothing(
    stripe: StripeServer,
) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit)
    old = gateways.of(dispute.payment).find_dispute(dispute.gateway_id)
    becomes(stripe, dispute, "won")
    lifecycle.dispute_seen(payment=dispute.payment, result=old, at=now())
    dispute.refresh_from_db()
    assert (dispute.state, buckets(deposit)) == ("won", {"held": DEPOSIT})


# --- Refunds, settlements, credits ---


def test_nothing_is_refunded_while_the_bank_has_it(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    opened(stripe, deposit, amount=1000)
    with pytest.raises(disputes.InDispute):
        lifecycle.refund(deposit=deposit, amount=500, reason="x", by=SYSTEM, at=now())
    assert not Refund.objects.exists()


def test_without_the_block_the_same_refund_goes_out(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = by_stripe(stripe)
    opened(stripe, deposit, amount=1000)
    monkeypatch.setattr(disputes, "must_not_be_over", lambda whole: None)
    assert lifecycle.refund(deposit=deposit, amount=500, reason="x", by=SYSTEM, at=now())


def test_a_refund_that_was_staged_waits_for_the_end(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = lifecycle.refund(deposit=deposit, amount=1000, reason="x", by=SYSTEM, at=now())
    dispute = opened(stripe, deposit)
    assert refunds.send_due(at=now()) == 0
    assert (buckets(deposit), dispute.short) == ({"refunded": 1000, "disputed": DEPOSIT - 1000}, 1000)
    becomes(stripe, dispute, "won")
    assert refunds.send_due(at=now()) == 1
    refund.refresh_from_db()
    assert (refund.state, buckets(deposit)) == ("done", {"refunded": 1000, "held": DEPOSIT - 1000})
    sound()


def test_where_the_dispute_is_lost_what_waited_is_not_sent(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    [refund] = lifecycle.refund(deposit=deposit, amount=1000, reason="x", by=SYSTEM, at=now())
    becomes(stripe, opened(stripe, deposit), "lost")
    assert refunds.send_due(at=now()) == 0
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", "dispute_lost")
    assert buckets(deposit) == {"disputed": DEPOSIT}
    assert not stripe.asked("POST /v1/refunds")
    sound()


def test_a_refund_that_meets_a_dispute_we_have_not_heard_of_waits(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    stripe.webhooks = None
    stripe.dispute(str(payment_of(deposit).intent_id))
    [refund] = refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now())
    assert refunds.send_due(at=now(), failed=lifecycle.refund_failed) == 0
    refund.refresh_from_db()
    assert refund.state == "staged"


def test_a_settlement_waits_for_the_bank_and_goes_on_when_it_is_won(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit)
    settlements.plan(
        appointment=deposit.appointment,
        deposit=deposit,
        forfeit=DEPOSIT,
        fee=0,
        cause="cancel",
        lapse=None,
        due_at=now(),
        at=now(),
    )
    assert lifecycle.settle(at=now() + DAY) == 0
    becomes(stripe, dispute, "won")
    assert lifecycle.settle(at=now() + DAY) == 1
    assert buckets(deposit) == {"forfeited": DEPOSIT}


def test_a_settlement_of_what_is_lost_takes_nothing(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    settlements.plan(
        appointment=deposit.appointment,
        deposit=deposit,
        forfeit=DEPOSIT,
        fee=0,
        cause="cancel",
        lapse=None,
        due_at=now(),
        at=now(),
    )
    becomes(stripe, opened(stripe, deposit), "lost")
    lifecycle.settle(at=now() + DAY)
    assert buckets(deposit) == {"disputed": DEPOSIT}


def test_an_excuse_while_the_bank_has_the_money_waives_and_gives_nothing_back() -> None:
    studio = stories.studio()
    appointment = stories.confirmed(studio)
    payment = appointment.deposits.get().payments.get()
    payment.intent_id = payment.intent_id or "pi_x"
    done = stories.cancel(appointment, at=stories.MONDAY - stories.HOUR)
    open_in_sandbox(appointment, at=stories.MONDAY)
    lifecycle.excuse(
        appointment=done.appointment, reason="illness", note="", by=stories.owner(studio), at=stories.MONDAY
    )
    assert buckets(appointment.deposits.get()) == {"disputed": DEPOSIT}
    assert not appointment.settlements.filter(state="waiting").exists()
    assert not Refund.objects.exists()


def open_in_sandbox(appointment: Appointment, *, at: Any) -> Dispute:
    payment = appointment.deposits.get().payments.get()
    body, signature = sandbox_disputes.dispute(payment=payment, becomes="needs_response", at=at)
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return Dispute.objects.get()


def test_a_credit_of_disputed_money_cannot_be_used_and_is_one_again_when_it_is_won(
    stripe: StripeServer,
) -> None:
    deposit = by_stripe(stripe)
    at = deposit.appointment.starts_at - 5 * DAY
    stories.cancel(deposit.appointment, at=now() + 2 * stories.HOUR)
    credit = deposit.carried_as.get()
    assert credit.left == DEPOSIT
    dispute = opened(stripe, deposit)
    credit.refresh_from_db()
    assert (credit.left, buckets(deposit)) == (0, {"disputed": DEPOSIT})
    becomes(stripe, dispute, "won")
    again = deposit.carried_as.latest("pk")
    assert (again.left, again.expires_at, buckets(deposit)) == (
        DEPOSIT,
        credit.expires_at,
        {"carried": DEPOSIT},
    )
    assert at
    sound()


# --- The answer ---


def answer(dispute: Dispute, **texts: str) -> Dispute:
    user = User.objects.get(memberships__role="owner")
    return lifecycle.answer_dispute(
        dispute=dispute,
        evidence=texts or {"customer_name": "Ada Moss"},
        by=stories.Actor("provider", user),
        at=now(),
    )


def send(at: Any = None) -> int:
    return disputes.send_due(
        at=at or now(), paper=lambda one, brief: on_paper.answer(one, at=now(), brief=brief)
    )


def test_the_record_fills_the_fields_and_the_paper_and_both_reach_stripe(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    dispute = opened(stripe, deposit)
    told = pleading.fields(evidence.record(appointment=deposit.appointment, at=now()))
    answer(dispute, **told)
    assert send() == 1
    there = stripe.memory.disputes[dispute.gateway_id]
    agreement = deposit.appointment.agreement
    assert there["status"] == "under_review"
    assert agreement.text in there["evidence"]["cancellation_policy_disclosure"].replace("\r\n", "\n")
    assert agreement.sha256 in there["evidence"]["cancellation_policy_disclosure"]
    assert there["evidence"]["customer_name"] == "Ada Moss"
    assert there["evidence"]["customer_purchase_ip"] == "203.0.113.7"
    assert stripe.memory.files[there["evidence"]["service_documentation"]].startswith(b"%PDF")
    dispute.refresh_from_db()
    assert dispute.submitted_at


def test_it_is_sent_once_however_often_it_is_asked_for(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    answer(dispute)
    with pytest.raises(disputes.CannotAnswer):
        answer(dispute)
    assert [send(), send()] == [1, 0]
    assert stripe.memory.disputes[dispute.gateway_id]["evidence_details"]["submission_count"] == 1


def test_a_reply_that_was_lost_is_looked_up_and_not_sent_again(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    answer(dispute)
    stripe.drop(f"POST /v1/disputes/{dispute.gateway_id}")
    assert send() == 0
    assert send(now() + MINUTE) == 1
    assert stripe.memory.disputes[dispute.gateway_id]["evidence_details"]["submission_count"] == 1
    assert len(stripe.asked(f"POST /v1/disputes/{dispute.gateway_id}")) == 1


def test_an_answer_that_is_refused_can_be_mended_and_sent(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    answer(dispute)
    stripe.fail(f"POST /v1/disputes/{dispute.gateway_id}", 400, "parameter_invalid")
    assert send() == 0
    dispute.refresh_from_db()
    assert (dispute.staged_at, dispute.failure[:17]) == (None, "parameter_invalid")
    answer(dispute, customer_name="Ada")
    assert send(now() + timedelta(seconds=1)) == 1


@pytest.mark.once
@pytest.mark.parametrize("messages,tries", [(0, 1), (60, 2)], ids=["few_messages", "many"])
def test_a_record_of_many_pages_goes_as_short_as_the_scheme_takes_it(
    stripe: StripeServer, messages: int, tries: int
) -> None:
    deposit = by_stripe(stripe)
    written_to(deposit, messages)
    dispute = opened(stripe, deposit)
    answer(dispute, uncategorized_text="Our own words.")
    assert send() == 1
    there = stripe.memory.disputes[dispute.gateway_id]
    assert there["evidence"]["uncategorized_text"] == "Our own words."
    assert there["evidence"]["service_documentation"] in stripe.memory.files
    assert there["evidence_details"]["submission_count"] == 1
    assert len(stripe.asked(f"POST /v1/disputes/{dispute.gateway_id}")) == tries


@pytest.mark.parametrize(
    "letters,sent", [(100, 1), (9_000, 0)], ids=["without_the_paper", "back_to_its_writer"]
)
def test_texts_that_leave_no_room_for_the_paper_go_alone_and_longer_ones_come_back(
    stripe: StripeServer, letters: int, sent: int
) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    stripe.most_pages = 2
    answer(dispute, uncategorized_text="x" * letters)
    assert send() == sent
    evidence = stripe.memory.disputes[dispute.gateway_id]["evidence"]
    assert evidence == ({"uncategorized_text": "x" * letters} if sent else {})
    dispute.refresh_from_db()
    assert bool(dispute.staged_at) is bool(sent)
    assert dispute.failure.startswith(disputes.TOO_MANY_PAGES) is not bool(sent)


def written_to(deposit: Deposit, times: int) -> None:
    """So many mails of a page each, which stand in the record."""
    one = deposit.appointment.messages.filter(to="client").first()
    assert one
    for n in range(times):
        one.pk, one.uid, one.about = None, uuid.uuid4(), f"again:{n}"
        one.state, one.sent_at, one.subject, one.text = "sent", now(), f"Mail {n}", "Long words.\n" * 100
        one.save()


def test_after_the_time_to_answer_nothing_is_sent(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe), due_in=1)
    Dispute.objects.filter(pk=dispute.pk).update(due_by=now() - MINUTE)
    with pytest.raises(disputes.CannotAnswer):
        answer(dispute)


def test_an_answer_given_in_stripes_own_dashboard_is_known_here(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    becomes(stripe, dispute, "under_review")
    assert dispute.submitted_at
    with pytest.raises(disputes.CannotAnswer):
        answer(dispute)


def test_the_sweep_sends_it(stripe: StripeServer) -> None:
    dispute = opened(stripe, by_stripe(stripe))
    answer(dispute)
    assert sweeping.run(at=now())["evidence_sent"] == 1


def test_the_fields_are_cut_to_what_is_taken_and_the_cut_is_marked() -> None:
    cut = pleading.within({"customer_name": "x" * 30_000, "uncategorized_text": "y"})
    assert (len(cut["customer_name"]), cut["customer_name"][-1]) == (20_000, "…")
    assert cut["uncategorized_text"] == "y"
    assert sum(map(len, pleading.within({str(n): "x" * 20_000 for n in range(11)}).values())) <= 150_000


# --- Both gateways ---


@pytest.fixture(params=["sandbox", "stripe"])
def at_either(request: pytest.FixtureRequest) -> tuple[Deposit, Any]:
    """A paid deposit, and how its bank speaks."""
    if request.param == "sandbox":
        deposit = paid()

        def bank(what: str) -> None:
            payment = payment_of(deposit)
            body, signature = sandbox_disputes.dispute(payment=payment, becomes=what, at=now())
            webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=now()), at=now())

        return deposit, bank
    server: StripeServer = request.getfixturevalue("stripe")
    deposit = by_stripe(server)

    def stripes_bank(what: str) -> None:
        intent = str(payment_of(deposit).intent_id)
        if what == "needs_response":
            server.dispute(intent)
        else:
            server.dispute_becomes(next(iter(server.memory.disputes)), what)
        webhooks.apply_due(at=now())

    return deposit, stripes_bank


@pytest.mark.parametrize("end", ENDS)
def test_open_answered_and_over_at_either_gateway(at_either: tuple[Deposit, Any], end: str) -> None:
    deposit, bank = at_either
    bank("needs_response")
    dispute = Dispute.objects.get()
    gateway = gateways.of(dispute.payment)
    there = gateway.find_dispute(dispute.gateway_id)
    assert (there.state, there.amount, there.currency, there.withdrawn) == (
        "needs_response",
        DEPOSIT,
        "EUR",
        True,
    )
    assert gateway.disputes_of(str(payment_of(deposit).intent_id)) == [there]
    answer(dispute)
    assert send() == 1
    assert gateway.find_dispute(dispute.gateway_id).answered
    with pytest.raises(GatewayRefused):
        gateway.answer_dispute(dispute_id=dispute.gateway_id, evidence={}, paper_id="", key="another")
    bank(end)
    assert buckets(fresh(deposit)) == ENDS[end]


def test_an_unknown_dispute_is_not_at_the_gateway(at_either: tuple[Deposit, Any]) -> None:
    with pytest.raises(NotAtGateway):
        gateways.of(payment_of(at_either[0])).find_dispute("dp_of_nobody")
