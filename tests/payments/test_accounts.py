"""Accounts of providers: made once, followed in any order, never mixed; fees to the minor unit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from booking import free_starts, lifecycle
from booking.actors import SYSTEM
from booking.models import Appointment, Service
from payments import accounts, cards, charges, checkout, gateways, refunds, webhooks
from payments.accounts import DepositsClosed
from payments.gateways import GatewayUnavailable, NotAtGateway
from payments.models import ConnectedAccount, Deposit, Dispute, Payment, Refund, SavedCard, StripeEvent
from policies.rules import money
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.connecting import accounts_of, becomes, begun, connected, paid_at, told
from tests.payments.money import (
    DAY,
    DEPOSIT,
    HOUR,
    buckets,
    fresh,
    held,
    now,
    pay_at_gateway,
    payment_of,
    status,
)

pytestmark = pytest.mark.django_db

FEE = 150  # basis points: 41 cents of 27.00


@pytest.fixture
def fee(settings: Any) -> None:
    settings.STRIPE_CONNECT_FEE = FEE


def given_back(deposit: Deposit, amount: int) -> Refund:
    [refund] = refunds.give_back(deposit=deposit, amount=amount, reason="staff", by=SYSTEM, at=now())
    refunds.send_due(at=now())
    refund.refresh_from_db()
    return refund


# --- How one comes about ---


def test_the_account_is_the_providers_own_in_full(stripe: StripeServer) -> None:
    account = begun()
    [made] = stripe.memory.accounts.values()
    assert made["controller"] == {
        "fees": {"payer": "account"},
        "losses": {"payments": "stripe"},
        "requirement_collection": "stripe",
        "stripe_dashboard": {"type": "full"},
    }
    assert (made["id"], made["metadata"]["account"]) == (account.account_id, str(account.uid))
    assert account.state == "unfinished"


@pytest.mark.parametrize("step", ["fail", "drop"], ids=["not_done", "done_and_reply_lost"])
def test_killed_between_the_steps_it_is_one_account(stripe: StripeServer, step: str) -> None:
    getattr(stripe, step)("POST /v1/accounts")
    with pytest.raises(GatewayUnavailable):
        begun()
    stripe.drop("POST /v1/account_links")
    provider = ConnectedAccount.objects.get().provider
    with pytest.raises(GatewayUnavailable):
        begun(provider)
    account = begun(provider)
    assert list(stripe.memory.accounts) == [account.account_id]
    assert {key for _address, _asked, key in stripe.asked("POST /v1/accounts")} == {f"account:{account.uid}"}


def test_asked_for_again_after_the_key_is_forgotten_it_is_looked_up(stripe: StripeServer) -> None:
    stripe.drop("POST /v1/accounts")
    with pytest.raises(GatewayUnavailable):
        begun()
    stripe.forget("keys")
    row = ConnectedAccount.objects.get()
    ConnectedAccount.objects.update(created_at=row.created_at - DAY)
    account = begun(row.provider)
    assert list(stripe.memory.accounts) == [account.account_id]


def test_until_it_is_enabled_clients_pay_as_before(stripe: StripeServer) -> None:
    account = begun()
    assert payment_of(held(provider=account.provider)).account == ""
    becomes(account, stripe, "asked")
    assert payment_of(held(provider=account.provider, start=_later(1))).account == ""
    assert told(account) == []


def test_where_it_is_not_offered_nothing_is_begun(settings: Any) -> None:
    settings.STRIPE_CONNECT = False
    with pytest.raises(accounts.NotOffered):
        begun()
    assert not ConnectedAccount.objects.exists()


def _later(hours: int) -> Any:
    start = now().replace(hour=9, minute=0, second=0, microsecond=0) + 14 * DAY
    return start - start.weekday() * DAY + hours * HOUR


# --- Payments ---


def test_everything_of_a_payment_goes_to_its_account(stripe: StripeServer, fee: None) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    payment = payment_of(deposit)
    assert (payment.account, payment.platform_fee, payment.state) == (account.account_id, 41, "paid")
    refund = given_back(deposit, 1000)
    stripe.dispute(str(payment.intent_id), amount=500)
    webhooks.apply_due(at=now())
    assert (refund.state, buckets(deposit)) == ("done", {"held": 1200, "refunded": 1000, "disputed": 500})
    for address in ("POST /v1/checkout", "GET /v1/checkout", "POST /v1/refunds", "GET /v1/disputes"):
        assert accounts_of(stripe, address) == {account.account_id}, address
    assert accounts_of(stripe, "POST /v1/account") == {""}
    call_command("verify_invariants", stdout=StringIO())


def test_a_session_that_lapses_is_ended_on_its_account(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = held(provider=account.provider)
    checkout.open_session(deposit=deposit, at=now())
    checkout.ask_to_close(deposit=deposit, at=now())
    assert checkout.close_due(at=now()) == 1
    assert stripe.memory.sessions[str(payment_of(deposit).session_id)]["status"] == "expired"


def test_without_a_fee_none_is_spoken_of(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    given_back(deposit, 1000)
    [(_address, session, _key)] = stripe.asked("POST /v1/checkout/sessions")
    [(_address, refund, _key)] = stripe.asked("POST /v1/refunds")
    assert "application_fee_amount" not in session["payment_intent_data"]
    assert "refund_application_fee" not in refund
    assert stripe.fees == {}


def test_the_installation_pays_itself_no_fee(stripe: StripeServer, fee: None) -> None:
    payment = payment_of(paid_at(stripe))
    assert (payment.account, payment.platform_fee) == ("", 0)


def test_a_fee_goes_back_in_proportion_and_all_of_it_with_the_last_part(
    stripe: StripeServer, fee: None
) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    assert list(stripe.fees.values()) == [41]
    given_back(deposit, 1350)
    assert list(stripe.fees.values()) == [21]
    given_back(deposit, 1350)
    assert list(stripe.fees.values()) == [0]


def test_the_fee_of_a_provider_goes_before_that_of_the_settings(stripe: StripeServer, fee: None) -> None:
    account = connected(stripe)
    accounts.set_fee(provider=account.provider, basis_points=1000)
    assert payment_of(held(provider=account.provider)).platform_fee == 270
    accounts.set_fee(provider=account.provider, basis_points=0)
    assert payment_of(held(provider=account.provider, start=_later(1))).platform_fee == 0
    accounts.set_fee(provider=account.provider, basis_points=None)
    assert payment_of(held(provider=account.provider, start=_later(2))).platform_fee == 41


@pytest.mark.pure
@given(
    amount=st.integers(1, 10**11),
    points=st.integers(0, 10_000),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "ISK"]),
)
def test_a_fee_is_exact_to_the_step_and_never_over_the_amount(
    amount: int, points: int, currency: str
) -> None:
    step = money.step(currency)
    amount *= step
    fee = money.share(amount, points, currency)
    assert 0 <= fee <= amount
    assert fee % step == 0
    off = 20_000 * fee - 2 * amount * points  # twice the error, in hundredths of a percent
    assert -10_000 * step < off <= 10_000 * step
    assert (fee == 0) is (2 * amount * points < 10_000 * step)


def test_the_account_and_the_fee_of_a_payment_never_change(stripe: StripeServer, fee: None) -> None:
    account = connected(stripe)
    payment = payment_of(held(provider=account.provider))
    for change in ({"account": ""}, {"platform_fee": 40}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**change)


def test_two_providers_are_paid_each_on_its_own(stripe: StripeServer) -> None:
    one, other = connected(stripe), connected(stripe, provider=stories.school(at=now() - DAY))
    mine, theirs = paid_at(stripe, provider=one.provider), _school_paid(stripe, other)
    assert (payment_of(mine).account, payment_of(theirs).account) == (one.account_id, other.account_id)
    given_back(mine, 1000)
    assert buckets(theirs) == {"held": theirs.asked}
    # Asked for on another account, it is not there.
    with pytest.raises(NotAtGateway):
        gateways.named("stripe", account=str(other.account_id)).find_session(str(payment_of(mine).session_id))


def _school_paid(stripe: StripeServer, account: ConnectedAccount) -> Deposit:
    service = Service.objects.filter(provider=account.provider, approval=False).exclude(price=0).first()
    assert service
    start = free_starts.offers(service=service, near=now() + 7 * DAY, at=now())[0]
    return paid_at(stripe, provider=account.provider, slug=service.slug, start=start, mode=service.modes[0])


# --- Cards on file ---


def kept_card(stripe: StripeServer, account: ConnectedAccount) -> SavedCard:
    deposit = held(provider=account.provider)
    cards.agree(appointment=deposit.appointment, text="Up to 90.00", language="en", most=9000, at=now())
    checkout.open_session(deposit=deposit, at=now())
    stripe.pay(str(payment_of(deposit).session_id))
    webhooks.apply_due(at=now())
    return SavedCard.objects.select_related("appointment__service__provider").get()


def test_a_card_is_kept_and_charged_on_the_account_with_its_fee(stripe: StripeServer, fee: None) -> None:
    account = connected(stripe)
    card = kept_card(stripe, account)
    assert (card.account, bool(card.method_id)) == (account.account_id, True)
    charge = charges.owe(appointment=card.appointment, kind="balance", amount=1000, by=SYSTEM, at=now())
    staged = cards.stage(charge=charge, at=now())
    assert staged
    assert (staged.account, staged.platform_fee) == (account.account_id, 15)
    assert lifecycle.charge_cards(at=now()) == 1
    staged.refresh_from_db()
    assert (staged.state, stripe.fees[str(staged.intent_id)]) == ("paid", 15)


def test_a_card_on_an_account_that_takes_nothing_is_not_charged_and_the_link_is_sent(
    stripe: StripeServer,
) -> None:
    account = connected(stripe)
    card = kept_card(stripe, account)
    becomes(account, stripe, "asked")
    charge = charges.owe(appointment=card.appointment, kind="balance", amount=1000, by=SYSTEM, at=now())
    assert cards.stage(charge=charge, at=now()) is None


# --- What it may do now ---


def test_restricted_it_takes_no_deposit_and_no_time_is_held(stripe: StripeServer) -> None:
    account = connected(stripe)
    becomes(account, stripe, "asked")
    account.refresh_from_db()
    assert (account.state, account.wanted) == ("restricted", ["individual.verification.document"])
    with pytest.raises(DepositsClosed) as refused:
        held(provider=account.provider)
    assert "Studio Bianchi cannot take deposits just now" in str(refused.value.detail)
    assert not Appointment.objects.exists()
    assert told(account) == ["account_ready", "account_stopped"]


def test_restricted_and_ready_again_the_provider_hears_each_once(stripe: StripeServer) -> None:
    account = connected(stripe)
    for state in ("asked", "asked", "ready", "ready"):
        becomes(account, stripe, state)
    assert told(account) == ["account_ready", "account_stopped", "account_ready"]
    assert payment_of(held(provider=account.provider)).account == account.account_id


def test_what_was_held_before_waits_with_a_kind_word(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = held(provider=account.provider)
    becomes(account, stripe, "asked")
    with pytest.raises(DepositsClosed):
        checkout.open_session(deposit=deposit, at=now())
    becomes(account, stripe, "ready")
    assert checkout.open_session(deposit=deposit, at=now())


def test_a_request_is_not_approved_into_a_deposit_that_nobody_can_pay(stripe: StripeServer) -> None:
    account = connected(stripe)
    service = Service.objects.get(provider=account.provider, slug="session")
    Service.objects.filter(pk=service.pk).update(approval=True)
    asked = stories.book(account.provider, at=now(), start=_later(0))
    becomes(account, stripe, "asked")
    with pytest.raises(lifecycle.NotAllowed) as no:
        lifecycle.approve(appointment=asked, by=stories.owner(account.provider), at=now())
    assert no.value.code == "deposits_closed"
    assert stories.fresh(asked).status == "requested"


def closed_there(stripe: StripeServer, account: ConnectedAccount) -> None:
    stripe.memory.accounts[str(account.account_id)]["charges_enabled"] = False


def cut_off_there(stripe: StripeServer, account: ConnectedAccount) -> None:
    stripe.memory.away.add(str(account.account_id))


@pytest.mark.parametrize("way, state", [(closed_there, "restricted"), (cut_off_there, "gone")])
def test_one_that_stripe_closes_before_telling_us_is_looked_at(
    stripe: StripeServer, way: Callable[[StripeServer, ConnectedAccount], None], state: str
) -> None:
    account = connected(stripe)
    deposit = held(provider=account.provider)
    way(stripe, account)
    with pytest.raises(DepositsClosed):
        checkout.open_session(deposit=deposit, at=now())
    webhooks.apply_due(at=now())
    account.refresh_from_db()
    assert account.state == state


def events(stripe: StripeServer, account: ConnectedAccount) -> Iterator[dict[str, Any]]:
    """What Stripe says of an account over its life: enabled, restricted, enabled without payouts."""
    named, stripe.webhooks = str(account.account_id), None
    yield stripe.account_becomes(named, charges_enabled=True)
    yield stripe.account_becomes(named, charges_enabled=False, wanted=("external_account",))
    yield stripe.account_becomes(named, charges_enabled=True, payouts_enabled=False)


def test_its_messages_in_any_order_and_twice_end_in_what_it_is_now(stripe: StripeServer) -> None:
    account, door = begun(), stripe.webhooks
    told_of = list(events(stripe, account))
    stripe.webhooks = door
    for turn, order in enumerate(itertools.permutations(told_of)):
        for event in [*order, *order]:
            stripe.deliver(event | {"id": f"{event['id']}:{turn}"})
        webhooks.apply_due(at=now())
        account.refresh_from_db()
        assert (account.state, account.payouts_enabled, account.wanted) == ("ready", False, [])
    assert told(account) == ["account_ready"]


def test_an_answer_that_was_asked_for_earlier_does_not_undo_a_later_one(stripe: StripeServer) -> None:
    account = connected(stripe)
    late = accounts.ask(account=account)
    becomes(account, stripe, "asked")
    accounts.record(account=account, result=late, asked_at=now() - HOUR, at=now())
    account.refresh_from_db()
    assert account.state == "restricted"


def test_disconnected_at_stripe_nothing_is_paid_elsewhere_without_a_word(stripe: StripeServer) -> None:
    account = connected(stripe)
    deposit = paid_at(stripe, provider=account.provider)
    becomes(account, stripe, "away")
    account.refresh_from_db()
    assert (account.state, told(account)[-1]) == ("gone", "account_stopped")
    with pytest.raises(DepositsClosed):
        held(provider=account.provider, start=_later(1))
    # What was paid there cannot be given back by us: it is said, and the money stays in the books.
    refund = given_back(deposit, 1000)
    assert (refund.state, refund.failure) == ("failed", "account_disconnected")
    assert buckets(deposit) == {"held": DEPOSIT}


def test_one_that_only_says_that_it_was_disconnected_is_asked(stripe: StripeServer) -> None:
    account = connected(stripe)
    application = {"id": "ca_of_the_tests", "object": "application"}
    stripe.send("account.application.deauthorized", application, account=str(account.account_id))
    webhooks.apply_due(at=now())
    account.refresh_from_db()
    assert account.state == "ready"


def test_after_one_was_disconnected_another_is_made(stripe: StripeServer) -> None:
    first = connected(stripe)
    becomes(first, stripe, "away")
    second = connected(stripe, provider=first.provider)
    assert second.account_id != first.account_id
    assert payment_of(held(provider=first.provider)).account == second.account_id
    first.refresh_from_db()
    assert first.state == "left"


def test_left_new_payments_are_the_installations_and_old_ones_stay(stripe: StripeServer) -> None:
    account = connected(stripe)
    old = paid_at(stripe, provider=account.provider)
    waiting = held(provider=account.provider, start=_later(1))
    accounts.leave(provider=account.provider, by=stories.owner(account.provider), at=now())
    new = paid_at(stripe, provider=account.provider, start=_later(2))
    checkout.open_session(deposit=waiting, at=now())  # nobody was sent to pay it yet: it goes along
    assert [payment_of(one).account for one in (old, waiting, new)] == [account.account_id, "", ""]
    assert given_back(old, 500).state == "done"
    assert accounts_of(stripe, "POST /v1/refunds") == {account.account_id}


def test_left_and_taken_up_again_it_is_the_same_account(stripe: StripeServer) -> None:
    account = connected(stripe)
    accounts.leave(provider=account.provider, by=stories.owner(account.provider), at=now())
    again = connected(stripe, provider=account.provider)
    assert again == account
    assert list(stripe.memory.accounts) == [account.account_id]


# --- Who may speak of what ---


def forged(stripe: StripeServer, kind: str, thing: dict[str, Any], account: str) -> StripeEvent:
    """A message that Stripe signs, of an account that is not that of the payment it names."""
    event = stripe.send(kind, thing, account=account)
    webhooks.apply_due(at=now())
    return StripeEvent.objects.get(event_id=event["id"])


Way = Callable[[StripeServer, Payment], tuple[str, dict[str, Any]]]


def _session(stripe: StripeServer, payment: Payment) -> tuple[str, dict[str, Any]]:
    page = stripe.memory.sessions[str(payment.session_id)]
    return "checkout.session.completed", page | {"id": "cs_theirs", "payment_status": "paid"}


def _refund(stripe: StripeServer, payment: Payment) -> tuple[str, dict[str, Any]]:
    thing = {"id": "re_theirs", "object": "refund", "amount": 500, "currency": "eur", "status": "succeeded"}
    return "refund.created", thing | {"payment_intent": payment.intent_id, "metadata": {}}


def _dispute(stripe: StripeServer, payment: Payment) -> tuple[str, dict[str, Any]]:
    thing = {"id": "dp_theirs", "object": "dispute", "amount": 500, "currency": "eur", "status": "lost"}
    return "charge.dispute.created", thing | {"payment_intent": payment.intent_id}


def _charge(stripe: StripeServer, payment: Payment) -> tuple[str, dict[str, Any]]:
    return "charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": payment.intent_id}


@pytest.mark.parametrize(
    "way", [_session, _refund, _dispute, _charge], ids=["session", "refund", "dispute", "charge"]
)
@pytest.mark.parametrize("whose", ["", "acct_of_another"], ids=["as_the_installation", "as_another_account"])
def test_what_another_account_says_of_a_payment_is_noted_and_not_done(
    stripe: StripeServer, way: Way, whose: str
) -> None:
    account = connected(stripe)
    paid, open_one = (
        paid_at(stripe, provider=account.provider),
        held(provider=account.provider, start=_later(1)),
    )
    checkout.open_session(deposit=open_one, at=now())
    kind, thing = way(stripe, payment_of(open_one if way is _session else paid))
    event = forged(stripe, kind, thing, whose)
    assert event.applied_at
    assert f"account {whose or '(ours)'} spoke of" in event.failure
    assert (status(open_one), buckets(paid)) == ("held", {"held": DEPOSIT})
    assert not Refund.objects.exists()
    assert not Dispute.objects.exists()


def test_an_account_does_not_speak_for_another(stripe: StripeServer) -> None:
    account = connected(stripe)
    stripe.memory.accounts[str(account.account_id)]["charges_enabled"] = False
    event = forged(
        stripe, "account.updated", {"id": account.account_id, "object": "account"}, "acct_of_another"
    )
    account.refresh_from_db()
    assert (account.state, "spoke of account" in event.failure) == ("ready", True)


def test_an_account_of_nobody_here_is_none_of_our_business(stripe: StripeServer) -> None:
    event = forged(stripe, "account.updated", {"id": "acct_x", "object": "account"}, "acct_x")
    assert (bool(event.applied_at), event.failure) == (True, "")


# --- The sandbox ---


def test_the_sandbox_plays_it_from_the_first_page_to_the_last(fee: None) -> None:
    account = connected()
    deposit = held(provider=account.provider)
    pay_at_gateway(deposit, at=now())
    payment = payment_of(deposit)
    assert (payment.account, payment.platform_fee, payment.state) == (account.account_id, 41, "paid")
    assert given_back(fresh(deposit), 1000).state == "done"
    becomes(account, None, "asked")
    with pytest.raises(DepositsClosed):
        held(provider=account.provider, start=_later(1))
    becomes(account, None, "away")
    account.refresh_from_db()
    assert account.state == "gone"


def test_with_real_keys_an_account_of_the_sandbox_is_nobodys(stripe: StripeServer, settings: Any) -> None:
    key, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, ""
    account = connected()
    settings.STRIPE_SECRET_KEY = key
    assert accounts.of(provider=account.provider) is None
    assert payment_of(held(provider=account.provider)).account == ""


def test_no_payment_is_written_on_the_account_of_another_provider(stripe: StripeServer) -> None:
    other = connected(stripe, provider=stories.school(at=now() - DAY))
    deposit = held()
    refused: AbstractContextManager[Any] = pytest.raises(IntegrityError, match="payment_on_own_account")
    with refused, transaction.atomic():
        Payment.objects.create(
            deposit=deposit,
            gateway="stripe",
            account=other.account_id,
            amount=DEPOSIT,
            currency="EUR",
            created_at=now(),
        )
