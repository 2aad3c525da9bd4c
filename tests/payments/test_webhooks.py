"""The webhook door: what is let in, and what an event does, in any order and any number of times."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client

from booking import lifecycle
from booking.actors import SYSTEM
from payments import checkout, gateways, hints, refunds, webhooks
from payments.models import Deposit, LedgerEntry, Payment, Refund, StripeEvent
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import (
    DAY,
    DEPOSIT,
    MINUTE,
    buckets,
    fresh,
    held,
    now,
    payment_of,
    status,
    waiting_events,
)

pytestmark = pytest.mark.django_db

EVENT = {
    "id": "evt_1",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
}


@pytest.fixture
def post(client: Client, stripe: StripeServer) -> Callable[..., Any]:
    """Posts a body to the door, signed as Stripe does unless told otherwise."""

    def post(body: bytes, signature: str | None = None) -> Any:
        given = stripe.sign(body) if signature is None else signature
        return client.post(
            "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": given}
        )

    return post


def opened(at: datetime | None = None) -> Deposit:
    deposit = held(at=at or now())
    checkout.open_session(deposit=deposit, at=at or now())
    return deposit


def session_of(deposit: Deposit) -> str:
    return str(payment_of(deposit).session_id)


# --- The door ---


def test_a_signed_event_is_kept_and_answered_at_once(post: Callable[..., Any], kicks: list[str]) -> None:
    answer = post(json.dumps(EVENT).encode())
    assert answer.status_code == 200
    [event] = StripeEvent.objects.all()
    assert (event.event_id, event.kind, event.body, event.applied_at) == ("evt_1", EVENT["type"], EVENT, None)


def test_the_same_event_twice_is_kept_once(post: Callable[..., Any]) -> None:
    body = json.dumps(EVENT).encode()
    assert [post(body).status_code, post(body).status_code] == [200, 200]
    assert StripeEvent.objects.count() == 1


def nested(depth: int) -> bytes:
    return b'{"id":"evt_1","type":"t","data":{"object":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}}"


UNSIGNED = {
    "no_signature": "",
    "nonsense": "nonsense",
    "no_time": "v1=abc",
    "no_mac": "t=1",
    "time_is_no_number": "t=abc,v1=abc",
    "time_is_other_digits": "t=١٢٣,v1=abc",
    "time_is_huge": f"t={'9' * 400},v1=abc",
    "two_times": "t=1,t=2,v1=abc",
    "mac_is_not_ascii": "t=1,v1=é",
    "old_scheme": "t=1,v0=abc",
    "empty_parts": ",,,=,=",
}


@pytest.mark.parametrize("signature", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_what_is_not_signed_is_a_400_and_not_kept(post: Callable[..., Any], signature: str) -> None:
    answer = post(json.dumps(EVENT).encode(), signature)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_event"
    assert not StripeEvent.objects.exists()


def test_a_form_is_no_event(client: Client, stripe: StripeServer) -> None:
    answer = client.post("/webhooks/stripe/", {"id": "evt_1"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_event"


BODIES = {
    "empty": b"",
    "no_json": b"{",
    "no_object": b"[]",
    "text": b'"evt_1"',
    "null": b"null",
    "number": b"1",
    "no_utf8": b"\xff\xfe",
    "no_id": b'{"type":"t","data":{"object":{}}}',
    "id_is_a_list": b'{"id":["a"],"type":"t","data":{"object":{}}}',
    "id_is_empty": b'{"id":"","type":"t","data":{"object":{}}}',
    "id_is_too_long": b'{"id":"' + b"a" * 256 + b'","type":"t","data":{"object":{}}}',
    "id_is_a_number": b'{"id":7,"type":"t","data":{"object":{}}}',
    "no_data": b'{"id":"evt_1","type":"t"}',
    "object_is_a_list": b'{"id":"evt_1","type":"t","data":{"object":[]}}',
    "nan": b'{"id":"evt_1","type":"t","data":{"object":{"a":NaN}}}',
    "infinity": b'{"id":"evt_1","type":"t","data":{"object":{"a":1e999}}}',
    "too_deep": nested(60_000),
    "number_with_too_many_digits": b'{"id":"evt_1","type":"t","data":{"object":{"a":' + b"9" * 5000 + b"}}}",
    "too_large": b'{"id":"evt_1","type":"t","data":{"object":{"a":"' + b"a" * 530_000 + b'"}}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_signed_body_that_makes_no_sense_is_a_4xx_and_not_kept(
    post: Callable[..., Any], body: bytes
) -> None:
    assert post(body).status_code in (400, 413)
    assert not StripeEvent.objects.exists()


def test_a_body_that_was_changed_after_signing_is_refused(
    post: Callable[..., Any], stripe: StripeServer
) -> None:
    body = json.dumps(EVENT).encode()
    assert post(body + b" ", stripe.sign(body)).status_code == 400


def test_another_secret_is_refused(post: Callable[..., Any], stripe: StripeServer) -> None:
    body = json.dumps(EVENT).encode()
    assert post(body, stripe.sign(body, secret="whsec_of_somebody")).status_code == 400


def test_one_good_signature_among_others_is_enough(post: Callable[..., Any], stripe: StripeServer) -> None:
    body = json.dumps(EVENT).encode()
    assert post(body, stripe.sign(body) + ",v1=abc,v0=abc").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [(-301, False), (-300, True), (0, True), (300, True), (301, False)],
    ids=["too_old", "oldest", "now", "ahead", "too_far_ahead"],
)
def test_a_signature_holds_for_five_minutes(stripe: StripeServer, seconds: int, kept: bool) -> None:
    body = json.dumps(EVENT).encode()
    at = now().replace(microsecond=0)
    signature = stripe.sign(body, at=at.timestamp() + seconds)
    if kept:
        assert webhooks.receive(body=body, signature=signature, at=at) == "evt_1"
    else:
        with pytest.raises(gateways.BadEvent):
            webhooks.receive(body=body, signature=signature, at=at)


def test_nuls_and_halves_of_characters_do_not_poison_the_table(post: Callable[..., Any]) -> None:
    body = b'{"id":"evt_1","type":"t","data":{"object":{"a\\u0000":"x\\u0000y\\ud800"}}}'
    assert post(body).status_code == 200
    assert StripeEvent.objects.get().body["data"]["object"] == {"a": "xy?"}


@pytest.mark.parametrize("live", ["false", 0, None])
def test_an_event_of_no_mode_is_refused(post: Callable[..., Any], live: object) -> None:
    assert post(json.dumps(EVENT | {"livemode": live}).encode()).status_code == 400
    assert not StripeEvent.objects.exists()


def test_an_event_of_the_other_mode_is_taken_off_the_senders_hands_and_ignored_with_an_alert(
    post: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts: list[str] = []
    monkeypatch.setattr(
        "payments.gateways.stripe.log.error", lambda words, *facts: alerts.append(words % facts)
    )
    assert post(json.dumps(EVENT | {"livemode": True}).encode()).status_code == 200
    assert not StripeEvent.objects.exists()
    assert alerts == ["event evt_1 is of another mode (test or live) than the key"]


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_two_secrets_hold_while_one_takes_the_others_place(
    stripe: StripeServer, settings: Any, secret: str
) -> None:
    settings.STRIPE_WEBHOOK_SECRET = "whsec_old, whsec_new"
    body, at = json.dumps(EVENT).encode(), now()
    signature = stripe.sign(body, at=at.timestamp(), secret=secret)
    assert webhooks.receive(body=body, signature=signature, at=at) == "evt_1"
    with pytest.raises(gateways.BadEvent):
        webhooks.receive(
            body=body, signature=stripe.sign(body, at=at.timestamp(), secret="whsec_third"), at=at
        )


def test_a_live_key_takes_live_events_only(post: Callable[..., Any], settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "rk_live_of_the_tests"
    assert post(json.dumps(EVENT).encode()).status_code == 200
    assert not StripeEvent.objects.exists()
    assert post(json.dumps(EVENT | {"livemode": True}).encode()).status_code == 200
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_the_door_takes_posts_only(client: Client, stripe: StripeServer, method: str) -> None:
    assert getattr(client, method)("/webhooks/stripe/").status_code == 405


# --- What follows ---


def test_a_paid_session_confirms_once_however_often_it_is_told(stripe: StripeServer) -> None:
    deposit = opened()
    event = stripe.pay(session_of(deposit))
    stripe.deliver(event)
    stripe.send("checkout.session.completed", stripe.memory.sessions[session_of(deposit)])
    stripe.send(
        "payment_intent.succeeded",
        {"id": "pi", "object": "payment_intent", "metadata": event["data"]["object"]["metadata"]},
    )
    assert webhooks.apply_due(at=now()) == 3
    assert webhooks.apply_due(at=now()) == 0
    assert status(deposit) == "confirmed"
    assert buckets(deposit) == {"held": DEPOSIT}
    assert LedgerEntry.objects.count() == 1


def test_the_present_state_decides_not_the_event(stripe: StripeServer) -> None:
    deposit = opened()
    session = stripe.memory.sessions[session_of(deposit)]
    stripe.send("checkout.session.completed", session | {"payment_status": "paid", "payment_intent": "pi_x"})
    assert webhooks.apply_due(at=now()) == 1
    assert status(deposit) == "held"
    assert buckets(deposit) == {}


def test_where_the_gateway_cannot_find_it_the_signed_event_counts(stripe: StripeServer) -> None:
    deposit = opened()
    event = stripe.pay(session_of(deposit))
    stripe.forget(event["data"]["object"]["id"])
    assert webhooks.apply_due(at=now()) == 1
    assert status(deposit) == "confirmed"


def test_an_event_before_our_own_row_knows_its_session_is_no_stranger(stripe: StripeServer) -> None:
    deposit = opened()
    session = session_of(deposit)
    Payment.objects.filter(deposit=deposit).update(session_id=None, state="staged")
    stripe.pay(session)
    webhooks.apply_due(at=now())
    assert status(deposit) == "confirmed"


@pytest.mark.parametrize("status_code", [500, 503, 429])
def test_a_gateway_that_is_away_makes_the_event_wait(stripe: StripeServer, status_code: int) -> None:
    deposit = opened()
    stripe.pay(session_of(deposit))
    at = now()
    stripe.fail(f"GET /v1/checkout/sessions/{session_of(deposit)}", status_code)
    assert webhooks.apply_due(at=at) == 0
    assert status(deposit) == "held"
    assert webhooks.apply_due(at=at + timedelta(seconds=9)) == 0
    assert webhooks.apply_due(at=at + timedelta(seconds=10)) == 1
    assert status(deposit) == "confirmed"


@pytest.mark.parametrize(
    "wrong",
    [{"amount_total": 1}, {"currency": "usd"}, {"metadata": {"payment": "{other}"}}],
    ids=["amount", "currency", "payment"],
)
def test_a_session_that_is_not_what_we_asked_for_confirms_nothing(
    stripe: StripeServer, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    deposit = opened()
    known = stripe.memory.sessions[session_of(deposit)]
    other = opened_twin(deposit) if "metadata" in wrong else None
    known |= wrong if other is None else {"metadata": {"payment": str(payment_of(other).uid)}}
    stripe.pay(session_of(deposit))
    assert webhooks.apply_due(at=now()) == 1
    assert status(deposit) == "held"
    assert buckets(deposit) == {}
    assert StripeEvent.objects.get().failure
    assert "is not what it should be" in caplog.text


def opened_twin(deposit: Deposit) -> Deposit:
    twin = held(
        provider=deposit.appointment.provider,
        start=deposit.appointment.starts_at + timedelta(hours=2),
        email="eve@example.com",
    )
    checkout.open_session(deposit=twin, at=now())
    return twin


def test_an_amount_that_is_left_unsaid_is_no_wrong_amount(stripe: StripeServer) -> None:
    deposit = opened()
    event = stripe.pay(session_of(deposit))
    for unsaid in ("amount_total", "currency"):
        del stripe.memory.sessions[event["data"]["object"]["id"]][unsaid]
    webhooks.apply_due(at=now())
    assert status(deposit) == "confirmed"


@pytest.mark.parametrize(
    "thing",
    [
        {"object": "checkout.session", "id": "cs_of_somebody"},
        {"object": "checkout.session", "id": None, "metadata": []},
        {"object": "checkout.session", "metadata": {"payment": "no uid"}},
        {"object": "refund", "id": 7, "metadata": {"refund": 8}},
        {"object": "charge"},
        {"object": "payment_intent", "metadata": None},
        {"object": {"a": 1}},
        {},
    ],
)
def test_what_is_not_ours_is_passed_over(stripe: StripeServer, thing: dict[str, Any]) -> None:
    stripe.send("something.happened", thing)
    assert webhooks.apply_due(at=now()) == 1
    assert StripeEvent.objects.get().failure == ""


def test_an_ended_session_closes_its_payment(stripe: StripeServer) -> None:
    deposit = opened()
    stripe.expire(session_of(deposit))
    webhooks.apply_due(at=now())
    assert payment_of(deposit).state == "closed"


def test_a_declined_card_is_told_once_and_the_hold_goes_on(stripe: StripeServer) -> None:
    deposit = opened()
    for _try in range(3):
        stripe.decline(session_of(deposit))
    assert webhooks.apply_due(at=now()) == 3
    assert status(deposit) == "held"
    assert payment_of(deposit).failed_at is not None
    assert deposit.appointment.messages.filter(kind="payment_failed").count() == 1


def test_a_card_declined_before_it_was_paid_with_another_does_not_undo_the_payment(
    stripe: StripeServer,
) -> None:
    deposit = opened()
    stripe.webhooks, kept = None, stripe.webhooks
    declined, paid = stripe.decline(session_of(deposit)), stripe.pay(session_of(deposit))
    stripe.webhooks = kept
    for event in (paid, declined):
        stripe.deliver(event)
    webhooks.apply_due(at=now())
    assert status(deposit) == "confirmed"
    assert not deposit.appointment.messages.filter(kind="payment_failed").exists()


def test_a_row_that_breaks_holds_no_other_up(stripe: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened()
    second = opened_twin(first)
    stripe.pay(session_of(first))
    stripe.pay(session_of(second))
    paid = lifecycle.deposit_paid

    def breaks(*, payment: Payment, **facts: Any) -> None:
        if payment.deposit_id == first.pk:
            raise ZeroDivisionError
        paid(payment=payment, **facts)

    at = now()
    with monkeypatch.context() as broken:
        broken.setattr(lifecycle, "deposit_paid", breaks)
        assert webhooks.apply_due(at=at) == 1
    assert (status(first), status(second)) == ("held", "confirmed")
    assert webhooks.apply_due(at=at + MINUTE) == 1
    assert status(first) == "confirmed"


def test_what_breaks_half_way_leaves_nothing_behind(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = opened()
    stripe.pay(session_of(deposit))

    def breaks(**_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("booking.lifecycle.paying.record", breaks)
        assert webhooks.apply_due(at=now()) == 0
    assert buckets(deposit) == {}
    assert waiting_events() == 1


def test_a_worker_that_died_over_an_event_leaves_it_to_the_next(stripe: StripeServer) -> None:
    deposit = opened()
    event = stripe.pay(session_of(deposit))
    at = now()
    assert webhooks._claim(event["id"], at=at)  # and dies
    assert webhooks.apply_due(at=at + timedelta(seconds=59)) == 0
    assert webhooks.apply_due(at=at + MINUTE) == 1
    assert status(deposit) == "confirmed"


def test_a_hint_of_our_own_is_applied_like_a_webhook(stripe: StripeServer) -> None:
    deposit = opened()
    stripe.webhooks = None
    stripe.pay(session_of(deposit))
    hints.look_at(payment=payment_of(deposit), session_id=session_of(deposit), at=now())
    webhooks.apply_due(at=now())
    assert status(deposit) == "confirmed"


# --- Refunds ---


def refunded(stripe: StripeServer) -> tuple[Deposit, Refund]:
    """Paid, 10.00 given back and sent; the events of both have come."""
    deposit = opened()
    stripe.pay(session_of(deposit))
    webhooks.apply_due(at=now())
    [refund] = refunds.give_back(deposit=fresh(deposit), amount=1000, reason="staff", by=SYSTEM, at=now())
    refunds.send_due(at=now())
    refund.refresh_from_db()
    return deposit, refund


def test_a_refund_that_fails_at_the_bank_days_later_puts_the_money_back_and_tells_the_provider(
    stripe: StripeServer,
) -> None:
    deposit, refund = refunded(stripe)
    stripe.settle_refund(str(refund.gateway_id), "failed", "lost_or_stolen_card")
    webhooks.apply_due(at=now() + 3 * MINUTE)
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", "lost_or_stolen_card")
    assert buckets(deposit) == {"held": DEPOSIT}
    [message] = deposit.appointment.messages.filter(kind="refund_failed", to="provider")
    assert (message.to, message.facts["failure"]) == ("provider", "lost_or_stolen_card")


@pytest.mark.parametrize("kind", ["refund.updated", "charge.refunded"])
def test_a_pending_refund_is_done_when_the_bank_says_so(stripe: StripeServer, kind: str) -> None:
    stripe.refunds_are = "pending"
    deposit, refund = refunded(stripe)
    assert refund.state == "pending"
    known = stripe.memory.refunds[str(refund.gateway_id)]
    known["status"] = "succeeded"
    charge = {"object": "charge", "id": "ch_1", "payment_intent": known["payment_intent"]}
    stripe.send(kind, charge if kind.startswith("charge") else known)
    webhooks.apply_due(at=now())
    refund.refresh_from_db()
    assert refund.state == "done"
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}


def test_the_webhook_of_a_refund_that_comes_before_its_answer_is_no_second_refund(
    stripe: StripeServer,
) -> None:
    deposit = opened()
    stripe.pay(session_of(deposit))
    webhooks.apply_due(at=now())
    [refund] = refunds.give_back(deposit=fresh(deposit), amount=1000, reason="staff", by=SYSTEM, at=now())
    stripe.drop("POST /v1/refunds")
    refunds.send_due(at=now())
    [made] = stripe.memory.refunds.values()
    stripe.send("refund.created", made)
    webhooks.apply_due(at=now())
    refund.refresh_from_db()
    assert (refund.state, refund.gateway_id) == ("done", made["id"])
    assert refunds.send_due(at=now() + DAY) == 0
    assert buckets(deposit) == {"held": DEPOSIT - 1000, "refunded": 1000}


def of_the_refund(stripe: StripeServer, session: dict[str, Any]) -> dict[str, Any]:
    return stripe.refund_by_hand(session["payment_intent"], 500)


def of_the_charge(stripe: StripeServer, session: dict[str, Any]) -> dict[str, Any]:
    of_the_refund(stripe, session)
    charge = {"object": "charge", "id": "ch_1", "payment_intent": session["payment_intent"]}
    return stripe.send("charge.refunded", charge)


@pytest.mark.parametrize("tell", [of_the_refund, of_the_charge])
def test_a_refund_elsewhere_that_is_told_before_its_payment_is_not_lost(
    stripe: StripeServer, tell: Callable[..., dict[str, Any]]
) -> None:
    deposit = opened()
    door, stripe.webhooks = stripe.webhooks, None
    stripe.pay(session_of(deposit))
    told = tell(stripe, stripe.memory.sessions[session_of(deposit)])
    stripe.webhooks = door
    stripe.deliver(told)
    assert webhooks.apply_due(at=now()) == 0
    assert buckets(deposit) == {}
    # The event of the payment itself was lost: what was told of its refund is hint enough.
    assert webhooks.apply_due(at=now() + MINUTE) == 2
    assert buckets(deposit) == {"held": DEPOSIT - 500, "refunded": 500}
    assert waiting_events() == 0


ORDERS = list(permutations(range(4)))


@pytest.mark.parametrize("order", ORDERS, ids=["".join(map(str, order)) for order in ORDERS])
def test_every_order_of_four_events_each_twice_ends_the_same(
    stripe: StripeServer, order: tuple[int, ...]
) -> None:
    deposit = opened()
    door, stripe.webhooks = stripe.webhooks, None
    session = stripe.memory.sessions[session_of(deposit)]
    intent = {"object": "payment_intent", "id": "pi", "metadata": session["metadata"]}
    events = [
        stripe.decline(session["id"]),
        stripe.pay(session["id"]),
        stripe.send("payment_intent.succeeded", intent),
        stripe.send("checkout.session.async_payment_succeeded", session),
    ]
    stripe.webhooks = door
    for number in order:
        stripe.deliver(events[number])
        stripe.deliver(events[number])
        webhooks.apply_due(at=now())
    assert status(deposit) == "confirmed"
    assert buckets(deposit) == {"held": DEPOSIT}
    assert LedgerEntry.objects.count() == 1
    assert deposit.appointment.messages.filter(kind="confirmed").count() == 1
