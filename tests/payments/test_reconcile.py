"""Reconcile finds what is different here and there, and says nothing where nothing is."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking.actors import SYSTEM
from payments import checkout, ledger, reconcile, refunds, webhooks
from payments.models import Deposit, Payment, Refund
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, fresh, held, now, paid, payment_of
from tests.payments.test_refunds import by_stripe

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    return [str(one) for one in reconcile.differences()]


def refunded(stripe: StripeServer, amount: int = 1000) -> tuple[Deposit, Refund]:
    deposit = by_stripe(stripe)
    [refund] = refunds.give_back(deposit=deposit, amount=amount, reason="staff", by=SYSTEM, at=now())
    refunds.send_due(at=now())
    refund.refresh_from_db()
    return deposit, refund


def test_a_story_that_went_well_has_no_differences(stripe: StripeServer) -> None:
    refunded(stripe)
    assert found() == []


def test_the_sandbox_agrees_with_itself() -> None:
    deposit = paid()
    refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now())
    assert found() == []
    refunds.send_due(at=now())
    assert found() == []


def test_a_payment_whose_webhook_was_lost_is_found(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    stripe.webhooks = None
    stripe.pay(str(payment_of(deposit).session_id))
    assert found() == [f"payment {payment_of(deposit).uid}: paid there (2700 EUR), open here"]


def test_a_payment_that_stripe_knows_nothing_of_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    session = str(payment_of(deposit).session_id)
    stripe.forget(session)
    assert found() == [f"payment {payment_of(deposit).uid}: session {session} is not at the gateway"]


def test_a_payment_that_was_not_paid_there_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    payment = payment_of(deposit)
    stripe.memory.sessions[str(payment.session_id)]["payment_status"] = "unpaid"
    assert found() == [f"payment {payment.uid}: pending there, paid here"]


def test_another_amount_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    payment = payment_of(deposit)
    stripe.memory.sessions[str(payment.session_id)]["amount_total"] = 2600
    assert found() == [f"payment {payment.uid}: 2600 EUR there, 2700 EUR here"]


def test_a_refund_made_in_stripes_own_dashboard_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    payment = payment_of(deposit)
    made = stripe.refund_by_hand(str(payment.intent_id), 500)["data"]["object"]
    webhooks.apply_due(at=now())
    text = f"refund {made['id']} of 500 EUR is at the gateway only"
    assert found() == [f"payment {payment.uid}: {text}"]


def test_a_refund_that_stripe_knows_nothing_of_is_found(stripe: StripeServer) -> None:
    _deposit, refund = refunded(stripe)
    stripe.forget(str(refund.gateway_id))
    assert found() == [f"refund {refund.uid}: done here, not at the gateway"]


def test_a_refund_that_failed_there_is_found(stripe: StripeServer) -> None:
    _deposit, refund = refunded(stripe)
    stripe.memory.refunds[str(refund.gateway_id)]["status"] = "failed"
    assert found() == [f"refund {refund.uid}: failed there, done here"]


def test_a_refund_of_another_amount_is_found(stripe: StripeServer) -> None:
    _deposit, refund = refunded(stripe)
    stripe.memory.refunds[str(refund.gateway_id)]["amount"] = 900
    assert found() == [f"refund {refund.uid}: 900 there, 1000 here"]


def test_a_deposit_that_took_in_more_than_was_paid_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    ledger.post(deposit=deposit, source="outside", target="held", amount=100, reason="?", by=SYSTEM, at=now())
    assert found() == [f"deposit {deposit.uid}: 2800 in the ledger, 2700 came in"]


def test_a_count_of_refunds_that_is_wrong_is_found(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    Payment.objects.filter(deposit=deposit).update(refunded=1)
    assert found() == [f"payment {payment_of(deposit).uid}: 1 counted as refunded, 0 in refunds"]


def run(**options: Any) -> str:
    out = StringIO()
    call_command("reconcile", stdout=out, **options)
    return out.getvalue()


def test_the_command_is_content_where_nothing_differs() -> None:
    paid()
    assert run() == "no differences\n"


def test_the_command_prints_each_difference_and_fails(stripe: StripeServer) -> None:
    deposit, refund = refunded(stripe)
    stripe.forget(str(refund.gateway_id))
    stripe.refund_by_hand(str(payment_of(fresh(deposit)).intent_id), 100)
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("reconcile", stdout=out)
    assert failure.value.returncode == 1
    assert len(out.getvalue().splitlines()) == 2


def test_the_command_looks_back_as_far_as_it_is_told(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    stripe.forget(str(payment_of(deposit).session_id))
    Payment.objects.filter(deposit=deposit).update(created_at=now() - 3 * DAY)
    assert run(days=2) == "no differences\n"


def test_a_gateway_that_is_away_is_no_difference(stripe: StripeServer) -> None:
    deposit = by_stripe(stripe)
    stripe.fail(f"GET /v1/checkout/sessions/{payment_of(deposit).session_id}", 503)
    with pytest.raises(CommandError) as failure:
        run()
    assert failure.value.returncode == 2
