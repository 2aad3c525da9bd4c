"""Each movement of a statement says on whose account the money is, and the sums by account are the gateway's."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from booking.actors import SYSTEM
from booking.models import Provider
from payments import byhand, credits, refunds, webhooks
from payments.models import Refund
from payments.papers import reading, statements, ways
from payments.papers.statements import Statement
from payments.papers.ways import Flow
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.connecting import connected, paid_at
from tests.payments.money import DAY, DEPOSIT, HOUR, buckets, fresh, held, now, paid, payment_of
from tests.payments.papers.test_statements import ALL_TIME

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe(settings: Any, stripe: StripeServer) -> StripeServer:
    settings.STRIPE_CONNECT_FEE = 150  # 41 cents of 27.00
    return stripe


def walked(provider: Provider) -> Statement:
    statement = statements.of(provider=provider, period=ALL_TIME)
    for _line in statement.movements():
        pass
    return statement


def lines(provider: Provider) -> list[dict[str, str]]:
    statement = statements.of(provider=provider, period=ALL_TIME)
    return list(csv.DictReader(io.StringIO(b"".join(reading.csv(statement)).decode())))


def test_first_on_the_installations_account_then_on_its_own_each_with_its_ids(stripe: StripeServer) -> None:
    provider = stories.studio(at=now() - DAY)
    first = payment_of(paid_at(stripe, provider=provider))
    account = connected(stripe, provider=provider)
    stripe.memory.accounts[account.account_id]["business_profile"] = {"name": "Studio Bianchi Roma"}
    stripe.account_becomes(str(account.account_id), charges_enabled=True)
    webhooks.apply_due(at=now())
    deposit = paid_at(stripe, provider=provider, start=first.appointment.starts_at + 2 * HOUR)
    [refund] = refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now())
    refunds.send_due(at=now())
    dispute = stripe.dispute(str(payment_of(deposit).intent_id), amount=500)
    webhooks.apply_due(at=now())
    refund.refresh_from_db()

    mine = str(account.account_id)
    flows = walked(provider).flows
    assert flows == {
        ("card", ""): Flow(paid=DEPOSIT),
        ("card", mine): Flow(paid=DEPOSIT, given_back=1000, disputed=500, fee=sum(stripe.fees.values())),
    }
    assert flows["card", mine].stays == DEPOSIT - 1000 - 500 - 26
    told = [
        [one[name] for name in ("what", "account", "account_name", "reference", "platform_fee")]
        for one in lines(provider)
        if one["method"]
    ]
    assert told == [
        ["paid", "installation", "", first.intent_id, ""],
        ["paid", mine, "Studio Bianchi Roma", payment_of(deposit).intent_id, "0.41"],
        ["given_back", mine, "Studio Bianchi Roma", refund.gateway_id, "-0.15"],
        ["disputed", mine, "Studio Bianchi Roma", dispute["id"], ""],
    ]
    assert [row[:2] for row in ways.rows(walked(provider))] == [
        ("Card, on the account of this installation", "€27.00"),
        (f"Card, on Studio Bianchi Roma (acct_…{mine[-6:]})", "€27.00"),
        ("Together", "€54.00"),
    ]


def test_what_was_paid_and_taken_back_by_hand_is_on_no_account() -> None:
    deposit = held()
    provider, at = deposit.appointment.provider, now()
    facts = {"received_on": timezone.localdate(), "by": stories.owner(provider)}
    for method, reference in (("cash", ""), ("transfer", "Invoice 7")):
        byhand.write_down(whole=deposit, amount=100, method=method, reference=reference, at=at, **facts)
    mistake = byhand.write_down(whole=deposit, amount=70, method="cash", reference="", at=at, **facts)
    byhand.take_back(payment=mistake, by=stories.owner(provider), at=at + HOUR)
    assert walked(provider).flows == {("cash", ""): Flow(paid=100), ("transfer", ""): Flow(paid=100)}
    found = {(one["method"], one["account"], one["reference"]) for one in lines(provider) if one["method"]}
    assert found == {("cash", "", ""), ("transfer", "", "Invoice 7")}


def test_a_refund_that_fails_is_back_on_the_account_with_its_fee(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    [refund] = refunds.give_back(deposit=deposit, amount=1350, reason="staff", by=SYSTEM, at=now())
    refunds.record_result(refund=refund, state=Refund.State.DONE, at=now() + HOUR)
    refunds.record_result(refund=refund, state=Refund.State.FAILED, at=now() + DAY)
    assert walked(account.provider).flows == {("card", account.account_id): Flow(paid=DEPOSIT, fee=41)}


def test_what_was_handed_over_of_a_card_payment_has_not_left_its_account(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now(), by_hand=True)
    assert walked(account.provider).flows == {
        ("card", account.account_id): Flow(paid=DEPOSIT, fee=41),
        ("other", ""): Flow(given_back=1000),
    }


def test_two_refunds_of_one_amount_at_one_instant_are_two(stripe: StripeServer) -> None:
    deposit, at = paid_at(stripe), now()
    for _turn in range(2):
        refunds.give_back(deposit=deposit, amount=500, reason="staff", by=SYSTEM, at=at)
    assert walked(deposit.appointment.provider).flows == {("card", ""): Flow(paid=DEPOSIT, given_back=1000)}


def test_a_credit_moves_nothing_between_accounts_and_its_dispute_is_on_the_first() -> None:
    deposit = paid()
    provider, at = deposit.appointment.provider, now()
    credits.start(
        deposit=deposit, amount=DEPOSIT, source_bucket="held", unused="refund", by=SYSTEM, at=at,
        expires_at=None, original_start_at=deposit.appointment.starts_at, moves_used=0, smallest_notice=None,
    )  # fmt: skip
    assert buckets(fresh(deposit)) == {"carried": DEPOSIT}
    statement = walked(provider)
    assert statement.flows == {("card", ""): Flow(paid=DEPOSIT)}
    assert Decimal(lines(provider)[-1]["paid_ahead"]) == Decimal("27.00")
