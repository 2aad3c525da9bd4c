"""What is owed: asked, paid by link or by hand, waived and excused, each once and to the minor unit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from booking import lifecycle, tokens
from booking.models import Appointment
from config import invariants
from config.refusal import Refusal
from payments import checkout, refunds, webhooks
from payments.gateways import sandbox
from payments.models import Charge, LedgerEntry, Payment, Settlement
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, DEPOSIT, fresh, held, now, paid, payment_of

pytestmark = pytest.mark.django_db
FEE = 6300


def fee(deposit: Any = None, *, at: Any = None) -> Charge:
    """A fee of 63.00 that was settled a moment ago."""
    deposit = deposit or paid()
    at = at or now()
    settlement = Settlement.objects.create(
        appointment=deposit.appointment,
        cause="no_show",
        forfeit=0,
        fee=FEE,
        currency="EUR",
        due_at=at,
        created_at=at,
    )
    lifecycle.settle(at=at)
    return Charge.objects.select_related("appointment__service__provider", "appointment__client").get(
        settlement=settlement
    )


def again(charge: Charge) -> Charge:
    return Charge.objects.select_related("appointment__service__provider", "appointment__client").get(
        pk=charge.pk
    )


def pay(charge: Charge) -> Payment:
    """Through the sandbox's page."""
    checkout.open_session(charge=charge, at=now())
    payment = charge.payments.latest("pk")
    come(payment)
    return payment


def come(payment: Payment) -> None:
    body, signature = sandbox.pay(payment=payment, outcome="paid", at=now())
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=now()), at=now())


def amounts(charge: Charge) -> tuple[str, int, int, int, int]:
    found = again(charge)
    return found.state, found.owed, found.waived, found.applied, found.refunded


def sound() -> None:
    assert [v.invariant.name for v in invariants.verify(connection) if v.count] == []


def by(charge: Charge) -> Any:
    return stories.owner(charge.appointment.provider)


def by_hand(charge: Charge, amount: int, **over: Any) -> Payment:
    said = {"method": "cash", "received_on": date(2026, 11, 20), "by": by(charge), "at": now()} | over
    return lifecycle.paid_by_hand(charge=charge, amount=amount, **said)


def test_a_fee_that_is_paid_through_its_link_is_settled_once_however_often_it_is_told() -> None:
    charge = fee()
    payment = pay(charge)
    come(payment)
    lifecycle.charge_paid(payment=payment, intent_id="pi", amount=FEE, at=now())
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    assert LedgerEntry.objects.filter(charge=charge).count() == 1
    sound()


def test_the_mail_about_a_fee_leads_to_the_page_and_not_past_it() -> None:
    charge = fee()
    assert "fee_owed" in stories.kinds(charge.appointment)


def test_the_page_shows_what_is_owed_and_opening_it_changes_nothing(client: Any) -> None:
    charge = fee()
    before = Payment.objects.count()
    page = client.get(tokens.manage_path(charge.appointment)).content.decode()
    assert f'action="pay/{charge.uid}/"' in page
    assert "€63.00" in page
    assert client.get(f"{tokens.manage_path(charge.appointment)}pay/{charge.uid}/").status_code == 405
    assert Payment.objects.count() == before


def test_the_button_leads_to_the_pay_page(client: Any) -> None:
    charge = fee()
    answer = client.post(f"{tokens.manage_path(charge.appointment)}pay/{charge.uid}/")
    payment = charge.payments.get()
    assert (answer.status_code, answer["Location"]) == (302, payment.url)
    assert (payment.amount, payment.state) == (FEE, "open")


def test_a_charge_of_another_appointment_is_not_there(client: Any) -> None:
    charge = fee()
    later = paid(
        provider=charge.appointment.provider,
        start=charge.appointment.starts_at + DAY,
        email="other@example.com",
    )
    answer = client.post(f"{tokens.manage_path(later.appointment)}pay/{charge.uid}/")
    assert answer.status_code == 404


def test_the_pay_page_opened_twice_is_one_page() -> None:
    charge = fee()
    assert checkout.open_session(charge=charge, at=now()) == checkout.open_session(charge=charge, at=now())
    assert charge.payments.count() == 1


def test_what_is_waived_while_the_page_is_open_ends_the_page_and_nothing_is_owed() -> None:
    charge = fee()
    checkout.open_session(charge=charge, at=now())
    lifecycle.waive_charge(charge=charge, by=by(charge), at=now())
    checkout.close_due(at=now())
    assert charge.payments.get().state == "closed"
    assert amounts(charge) == ("waived", 0, FEE, 0, 0)
    with pytest.raises(checkout.NothingToPay):
        checkout.open_session(charge=again(charge), at=now())
    sound()


def test_money_that_comes_for_what_was_waived_meanwhile_goes_back_whole() -> None:
    charge = fee()
    checkout.open_session(charge=charge, at=now())
    lifecycle.waive_charge(charge=charge, by=by(charge), at=now())
    come(charge.payments.get())
    assert amounts(charge) == ("waived", 0, FEE, 0, FEE)
    assert charge.refunds.get().amount == FEE
    sound()


def test_after_a_part_was_paid_by_hand_the_page_is_over_the_rest() -> None:
    charge = fee()
    checkout.open_session(charge=charge, at=now())
    first = charge.payments.get()
    by_hand(charge, 2300)
    checkout.open_session(charge=again(charge), at=now())
    assert charge.payments.latest("pk").amount == FEE - 2300
    come(charge.payments.latest("pk"))
    come(first)  # the old page was paid too, a moment before it ended
    assert amounts(charge) == ("paid", 0, 0, FEE, FEE)
    sound()


def test_a_paid_fee_that_is_excused_later_goes_back_to_the_card() -> None:
    charge = fee()
    pay(charge)
    lifecycle.excuse(appointment=charge.appointment, reason="illness", note="", by=by(charge), at=now())
    assert amounts(charge) == ("waived", 0, FEE, 0, FEE)
    sound()


def test_an_excuse_of_a_part_takes_what_is_owed_first() -> None:
    charge = fee()
    by_hand(charge, 2300)
    lifecycle.excuse(
        appointment=charge.appointment, reason="illness", note="", by=by(charge), at=now(), amount=5000
    )
    assert amounts(charge) == ("paid", 0, 5000, 1300, 1000)
    sound()


def test_an_excuse_does_not_touch_the_balance() -> None:
    charge = fee()
    balance = lifecycle.ask_balance(appointment=charge.appointment, by=by(charge), at=now())
    lifecycle.excuse(appointment=charge.appointment, reason="illness", note="", by=by(charge), at=now())
    assert amounts(balance)[:2] == ("owed", 9000 - DEPOSIT)


def test_the_balance_is_what_is_left_of_the_price_and_is_asked_once() -> None:
    deposit = paid()
    owner = stories.owner(deposit.appointment.provider)
    first = lifecycle.ask_balance(appointment=deposit.appointment, by=owner, at=now())
    second = lifecycle.ask_balance(appointment=deposit.appointment, by=owner, at=now() + DAY)
    assert first == second
    assert first.amount == 9000 - DEPOSIT
    assert stories.kinds(deposit.appointment).count("balance_due") == 2
    pay(first)
    assert lifecycle.balance_due(deposit.appointment) == 0
    with pytest.raises(Refusal, match="left to pay"):
        lifecycle.ask_balance(appointment=deposit.appointment, by=owner, at=now())
    sound()


def test_a_cancel_gives_the_paid_balance_back_and_asks_it_no_more() -> None:
    deposit = paid()
    owner = stories.owner(deposit.appointment.provider)
    balance = lifecycle.ask_balance(appointment=deposit.appointment, by=owner, at=now())
    by_card = pay(balance)
    stories.cancel(deposit.appointment, at=now())
    assert amounts(balance) == ("waived", 0, 6300, 0, 6300)
    assert by_card.refunds.get().amount == 6300
    sound()


def test_something_else_needs_a_word_of_what_it_is_and_is_owed() -> None:
    deposit = paid()
    owner = stories.owner(deposit.appointment.provider)
    made = lifecycle.charge(
        appointment=deposit.appointment, amount=1500, description="Material", by=owner, at=now()
    )
    assert (made.kind, made.owed) == ("other", 1500)
    sound()


def test_a_payment_by_hand_that_was_a_mistake_is_taken_back_by_an_entry() -> None:
    charge = fee()
    payment = by_hand(charge, FEE, reference="TRX 1")
    lifecycle.undo_by_hand(payment=payment, by=by(charge), at=now())
    assert amounts(charge) == ("owed", FEE, 0, 0, 0)
    moves = charge.entries.order_by("pk").values_list("source", "target", "amount")
    assert list(moves) == [("outside", "applied", FEE), ("applied", "outside", FEE)]
    with pytest.raises(Refusal):
        lifecycle.undo_by_hand(payment=payment, by=by(charge), at=now())
    sound()


def test_more_than_is_owed_is_not_written_down() -> None:
    charge = fee()
    with pytest.raises(Refusal) as refused:
        by_hand(charge, FEE + 1)
    assert "amount" in refused.value.facts["errors"]


def test_a_deposit_paid_by_hand_confirms_and_ends_the_pay_page() -> None:
    deposit = held()
    checkout.open_session(deposit=deposit, at=now())
    owner = stories.owner(deposit.appointment.provider)
    said = {"method": "transfer", "received_on": date(2026, 11, 20), "by": owner, "at": now()}
    payment = lifecycle.paid_by_hand(deposit=deposit, amount=DEPOSIT, **said)
    assert Appointment.objects.get(pk=deposit.appointment_id).status == "confirmed"
    assert (fresh(deposit).held, payment.gateway) == (DEPOSIT, "manual")
    checkout.close_due(at=now())
    assert deposit.payments.exclude(pk=payment.pk).get().state == "closed"
    sound()


def test_what_was_paid_by_hand_is_never_sent_to_a_gateway() -> None:
    charge = fee()
    by_hand(charge, FEE)
    lifecycle.excuse(appointment=charge.appointment, reason="illness", note="", by=by(charge), at=now())
    assert refunds.send_due(at=now() + DAY) == 0
    refund = charge.refunds.get()
    assert refund.state == "staged"
    assert refunds.given_by_hand(refund=refund, at=now())
    assert amounts(charge) == ("waived", 0, FEE, 0, FEE)
    sound()


def test_a_fee_paid_at_stripe_settles_in_any_order_of_its_events(stripe: StripeServer) -> None:
    charge = fee(held())
    checkout.open_session(charge=charge, at=now())
    payment = charge.payments.get()
    paid_event = stripe.pay(str(payment.session_id))
    stripe.deliver(paid_event)
    webhooks.apply_due(at=now() + timedelta(seconds=1))
    assert amounts(charge) == ("paid", 0, 0, FEE, 0)
    assert payment_of(again(charge).appointment.deposits.get()).state != "paid"
    sound()
