"""One contract for both gateways: what is true of the sandbox is true of Stripe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from booking.actors import SYSTEM
from payments import checkout, gateways, refunds
from payments.gateways import (
    GatewayRefused,
    GatewayUnavailable,
    KeyUsedOtherwise,
    NotAtGateway,
    sandbox,
)
from payments.models import Deposit, Payment, Refund
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DEPOSIT, held, now, payment_of

pytestmark = pytest.mark.django_db


@dataclass
class Both:
    """A gateway and how its client pays."""

    gateway: gateways.Gateway
    pay: Callable[[Payment], Any]


@pytest.fixture(params=["sandbox", "stripe"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "sandbox":
        return Both(gateways.current(), lambda p: sandbox.pay(payment=p, outcome="paid", at=now()))
    server: StripeServer = request.getfixturevalue("stripe")
    return Both(gateways.current(), lambda p: server.pay(p.session_id))


def session_of(both: Both, payment: Payment, **over: Any) -> gateways.Session:
    asked: dict[str, Any] = {
        "payment": payment,
        "success_url": "http://testserver/a/x/",
        "cancel_url": "http://testserver/a/x/",
        "expires_at": payment.created_at + timedelta(minutes=45),
        "description": "Deposit",
        "key": f"session:{payment.uid}",
    }
    made = both.gateway.create_session(**asked | over)
    Payment.objects.filter(pk=payment.pk).update(session_id=made.id)
    payment.refresh_from_db()
    return made


def paid_session(both: Both) -> tuple[Deposit, gateways.Session]:
    deposit = held()
    payment = payment_of(deposit)
    session_of(both, payment)
    both.pay(payment)
    session = both.gateway.find_session(str(payment.session_id))
    checkout.record_paid(payment=payment, intent_id=session.intent_id, amount=session.amount, at=now())
    return deposit, session


def staged(deposit: Deposit, amount: int) -> Refund:
    [refund] = refunds.give_back(deposit=deposit, amount=amount, reason="staff", by=SYSTEM, at=now())
    Refund.objects.filter(pk=refund.pk).update(attempts=1)
    return refund


def send(both: Both, refund: Refund, session: gateways.Session, **over: Any) -> gateways.RefundResult:
    asked: dict[str, Any] = {
        "intent_id": session.intent_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "key": f"refund:{refund.uid}",
        "metadata": {"refund": str(refund.uid)},
    }
    return both.gateway.refund(**asked | over)


def test_a_session_is_open_and_has_a_pay_page_and_the_amount(both: Both) -> None:
    payment = payment_of(held())
    session = session_of(both, payment)
    assert session.state == "open"
    assert session.url.startswith("http://")
    assert (session.amount, session.currency, session.payment) == (DEPOSIT, "EUR", str(payment.uid))


def test_the_same_key_makes_the_same_session(both: Both) -> None:
    payment = payment_of(held())
    assert session_of(both, payment).id == session_of(both, payment).id


def test_a_session_that_was_paid_says_so_and_names_the_payment(both: Both) -> None:
    _deposit, session = paid_session(both)
    assert session.state == "paid"
    assert session.intent_id


def test_the_payment_behind_an_intent_is_known_by_what_it_says_of_itself(both: Both) -> None:
    deposit, session = paid_session(both)
    assert both.gateway.payment_behind(session.intent_id) == str(payment_of(deposit).uid)
    assert both.gateway.payment_behind("pi_of_nobody") == ""


def test_an_ended_session_is_expired_and_ending_it_again_changes_nothing(both: Both) -> None:
    payment = payment_of(held())
    session = session_of(both, payment)
    assert both.gateway.expire_session(session.id).state == "expired"
    assert both.gateway.expire_session(session.id).state == "expired"


def test_a_paid_session_cannot_be_ended_and_stays_paid(both: Both) -> None:
    _deposit, session = paid_session(both)
    assert both.gateway.expire_session(session.id).state == "paid"


def test_money_that_was_under_way_can_still_come_after_the_end(both: Both) -> None:
    payment = payment_of(held())
    session = session_of(both, payment)
    both.gateway.expire_session(session.id)
    both.pay(payment)
    assert both.gateway.find_session(session.id).state == "paid"


def test_an_unknown_session_is_not_at_the_gateway(both: Both) -> None:
    with pytest.raises(NotAtGateway):
        both.gateway.find_session("cs_of_nobody")
    with pytest.raises(NotAtGateway):
        both.gateway.expire_session("cs_of_nobody")


def test_a_refund_is_done_and_can_be_found_by_its_id_and_by_its_payment(both: Both) -> None:
    deposit, session = paid_session(both)
    refund = staged(deposit, 1000)
    result = send(both, refund, session)
    assert (result.state, result.amount, result.refund) == ("done", 1000, str(refund.uid))
    assert both.gateway.find_refund(result.id) == result
    assert both.gateway.refunds_of(session.intent_id) == [result]


def test_the_same_key_refunds_once(both: Both) -> None:
    deposit, session = paid_session(both)
    refund = staged(deposit, 1000)
    assert send(both, refund, session) == send(both, refund, session)
    assert len(both.gateway.refunds_of(session.intent_id)) == 1


def test_the_same_key_with_another_amount_is_refused(both: Both) -> None:
    deposit, session = paid_session(both)
    refund = staged(deposit, 1000)
    send(both, refund, session)
    with pytest.raises(KeyUsedOtherwise):
        send(both, refund, session, amount=1500)


def test_more_than_was_paid_is_refused(both: Both) -> None:
    deposit, session = paid_session(both)
    refund = staged(deposit, 1000)
    with pytest.raises(GatewayRefused):
        send(both, refund, session, amount=DEPOSIT + 1)


def test_a_refund_of_an_unknown_payment_is_refused(both: Both) -> None:
    deposit, session = paid_session(both)
    with pytest.raises(GatewayRefused):
        send(both, staged(deposit, 1000), session, intent_id="pi_of_nobody")


def test_an_unknown_refund_is_not_at_the_gateway(both: Both) -> None:
    with pytest.raises(NotAtGateway):
        both.gateway.find_refund("re_of_nobody")


# --- Stripe alone ---


def asked(stripe: StripeServer) -> dict[str, Any]:
    [(_address, params, _key)] = stripe.asked("POST /v1/checkout/sessions")
    return params


def test_stripe_is_told_who_what_and_where_to(stripe: StripeServer) -> None:
    deposit = held()
    payment = payment_of(deposit)
    checkout.open_session(deposit=deposit, at=now())
    params = asked(stripe)
    metadata = {
        "appointment": str(deposit.appointment.uid),
        "payment": str(payment.uid),
        "env": "http://testserver",
    }
    assert params["mode"] == "payment"
    assert params["client_reference_id"] == str(deposit.appointment.uid)
    assert params["metadata"] == metadata
    assert params["payment_intent_data"]["metadata"] == metadata
    assert params["customer_email"] == "ada@example.com"
    assert params["locale"] == "en"
    assert params["success_url"] == params["cancel_url"] + "?done=paid"  # who comes back paid asks at once
    assert params["success_url"].startswith("http://testserver/a/")
    [price] = params["line_items"].values()
    assert price["price_data"]["unit_amount"] == str(DEPOSIT)
    assert price["price_data"]["currency"] == "eur"


def test_the_pinned_version_and_the_rows_key_go_with_the_request(stripe: StripeServer) -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    [(_address, _params, key)] = stripe.asked("POST /v1/checkout/sessions")
    assert key == f"session:{payment_of(deposit).uid}"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 401, 403, 409])
def test_an_answer_that_leaves_it_open_is_unavailable(stripe: StripeServer, status: int) -> None:
    stripe.fail("GET /v1/checkout/sessions/cs_1", status)
    with pytest.raises(GatewayUnavailable):
        gateways.current().find_session("cs_1")


@pytest.mark.parametrize("status", [400, 402])
def test_a_clear_no_is_a_refusal_of_the_gateway(stripe: StripeServer, status: int) -> None:
    stripe.fail("POST /v1/refunds", status, "charge_disputed")
    with pytest.raises(GatewayRefused) as no:
        gateways.current().refund(intent_id="pi_1", amount=1, currency="EUR", key="k", metadata={})
    assert no.value.code == "charge_disputed"


def test_nobody_there_is_unavailable(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_of_the_tests"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnavailable):
        gateways.current().find_session("cs_1")


def test_every_call_ends_within_ten_seconds() -> None:
    from payments.gateways import stripe as module

    assert module.CONNECT_SECONDS + module.ANSWER_SECONDS <= 10


def test_a_payment_of_stripes_waits_where_the_keys_are_gone() -> None:
    assert gateways.current().name == "sandbox"
    with pytest.raises(GatewayUnavailable):
        gateways.named("stripe")


def test_stripe_lists_everything_page_by_page_from_an_instant_on(stripe: StripeServer) -> None:
    for number in range(230):
        stripe.memory.refunds[f"re_{number:03}"] = {"id": f"re_{number:03}", "created": 1_000 + number}
    since = datetime.fromtimestamp(1_005, UTC)
    found = [one["id"] for one in gateways.current().everything("refund", since=since)]
    assert found == [f"re_{number:03}" for number in range(229, 4, -1)]
    assert len(stripe.asked("GET /v1/refunds")) == 3


def test_stripe_tells_which_events_nobody_took(stripe: StripeServer) -> None:
    took = stripe.send("a.b", {"object": "a"})
    stripe.webhooks = None
    lost = stripe.send("a.b", {"object": "a"})
    found = [one["id"] for one in gateways.current().everything("event", since=None, delivery_success=False)]
    assert (found, took["id"] in found) == ([lost["id"]], False)
