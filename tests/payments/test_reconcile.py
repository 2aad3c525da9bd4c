"""Reconcile finds every kind of difference, tells it in a sentence, mends what is safe, keeps the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking.actors import SYSTEM
from payments import charges, checkout, ledger, reconcile, refunds, webhooks
from payments.models import ConnectedAccount, Difference, Dispute, Payment, Refund, Round, StripeEvent
from payments.reconcile.words import SENTENCES
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.connecting import begun, connected, paid_at
from tests.payments.money import DAY, DEPOSIT, HOUR, MINUTE, buckets, held, now, paid, payment_of, status
from tests.payments.test_refunds import by_stripe

pytestmark = pytest.mark.django_db


def found(**asked: Any) -> list[str]:
    """The kinds of what differs, the sums of the day left out: they follow from the rest."""
    kinds = [one.kind for one in reconcile.differences(at=now() + MINUTE, **asked)]
    return [kind for kind in kinds if kind != "day_sum"]


def run(**asked: Any) -> reconcile.Outcome:
    return reconcile.run(at=now() + MINUTE, apply=webhooks.apply, **asked)


class Story:
    """A deposit paid at Stripe, 10.00 of it given back, and one that is open there; nothing differs yet."""

    def __init__(self, stripe: StripeServer) -> None:
        self.stripe = stripe
        self.deposit = by_stripe(stripe)
        [self.refund] = refunds.give_back(
            deposit=self.deposit, amount=1000, reason="staff", by=SYSTEM, at=now()
        )
        refunds.send_due(at=now())
        self.refund.refresh_from_db()
        self.payment = payment_of(self.deposit)
        appointment = self.deposit.appointment
        later = appointment.starts_at + 2 * HOUR
        self.open = held(provider=appointment.provider, start=later, email="eve@example.com")
        checkout.open_session(deposit=self.open, at=now())
        self.waiting = payment_of(self.open)
        stripe.webhooks, self.door = None, stripe.webhooks  # from here on every message is lost

    @property
    def session(self) -> dict[str, Any]:
        return self.stripe.memory.sessions[str(self.payment.session_id)]

    @property
    def page(self) -> dict[str, Any]:
        return self.stripe.memory.sessions[str(self.waiting.session_id)]

    @property
    def given(self) -> dict[str, Any]:
        return self.stripe.memory.refunds[str(self.refund.gateway_id)]

    @property
    def dispute(self) -> Dispute:
        return self.payment.disputes.get()

    def unheard(self) -> None:
        """The gateway does not even know that its messages were lost."""
        self.stripe.memory.undelivered.clear()


@pytest.fixture
def story(stripe: StripeServer) -> Story:
    return Story(stripe)


def lose_payment(story: Story) -> None:
    story.stripe.pay(str(story.waiting.session_id))


def end_page(story: Story) -> None:
    story.stripe.expire(str(story.waiting.session_id))


def close_here(story: Story) -> None:
    Payment.objects.filter(pk=story.waiting.pk).update(state="closed")


def forget_page(story: Story) -> None:
    story.stripe.forget(str(story.payment.session_id))


def unpay_there(story: Story) -> None:
    story.session["payment_status"] = "unpaid"


def other_amount(story: Story) -> None:
    story.session["amount_total"] = 2600


def page_of_nobody(story: Story) -> None:
    uid = "8e4a1b60-6a0f-4a44-a5cc-0d3f1c6a0001"
    metadata = story.page["metadata"] | {"payment": uid}
    story.stripe.memory.sessions["cs_lost"] = story.page | {"id": "cs_lost", "metadata": metadata}


def payment_of_nobody(story: Story) -> None:
    uid = "8e4a1b60-6a0f-4a44-a5cc-0d3f1c6a0002"
    charge = story.stripe.memory.charges[str(story.payment.intent_id)]
    metadata = charge["metadata"] | {"payment": uid}
    story.stripe.memory.charges["pi_lost"] = charge | {"metadata": metadata}


def refund_there(story: Story) -> None:
    story.stripe.refund_by_hand(str(story.payment.intent_id), 500)


def forget_refund(story: Story) -> None:
    story.stripe.forget(str(story.refund.gateway_id))


def other_refund(story: Story) -> None:
    story.given["amount"] = 900


def fail_refund(story: Story) -> None:
    story.given["status"] = "failed"


def refund_left_lying(story: Story) -> None:
    [refund] = refunds.give_back(deposit=story.deposit, amount=100, reason="staff", by=SYSTEM, at=now())
    Refund.objects.filter(pk=refund.pk).update(attempts=9, due_at=now() - DAY)


def lose_message(story: Story) -> None:
    story.stripe.send("something.happened", {"object": "something", "id": "s_1"})


def break_message(story: Story) -> None:
    at = now()
    StripeEvent.objects.create(
        event_id="evt_odd", kind="odd", body={}, received_at=at, due_at=at, applied_at=at, failure="odd"
    )


def too_much_in_books(story: Story) -> None:
    ledger.post(
        deposit=story.deposit, source="outside", target="held", amount=1, reason="?", by=SYSTEM, at=now()
    )


def too_much_of_a_charge(story: Story) -> None:
    appointment = story.deposit.appointment
    charge = charges.owe(appointment=appointment, kind="balance", amount=500, by=SYSTEM, at=now())
    ledger.post(charge=charge, source="outside", target="applied", amount=1, reason="?", by=SYSTEM, at=now())


def dispute_there(story: Story) -> None:
    story.stripe.dispute(str(story.payment.intent_id))


def dispute_goes_on(story: Story) -> None:
    dispute_heard(story)
    story.stripe.memory.disputes[story.dispute.gateway_id]["status"] = "under_review"


def forget_dispute(story: Story) -> None:
    dispute_heard(story)
    story.stripe.memory.disputes.clear()


def dispute_heard(story: Story) -> None:
    """The bank asks, and its message has come."""
    story.stripe.webhooks = story.door
    story.stripe.dispute(str(story.payment.intent_id), status="warning_needs_response")
    webhooks.apply_due(at=now())
    story.stripe.webhooks = None


def miscount_refunds(story: Story) -> None:
    Payment.objects.filter(pk=story.payment.pk).update(refunded=999)


# What goes wrong, what is found, and whether it is mended.
WAYS: list[tuple[Callable[[Story], None], str, bool]] = [
    (lose_payment, "payment_lost", True),
    (end_page, "payment_over", True),
    (close_here, "payment_open_there", True),
    (forget_page, "payment_missing", False),
    (unpay_there, "payment_unpaid_there", False),
    (other_amount, "payment_amount", False),
    (page_of_nobody, "session_unknown", True),
    (payment_of_nobody, "intent_unknown", False),
    (refund_there, "refund_unknown", True),
    (forget_refund, "refund_missing", False),
    (other_refund, "refund_amount", False),
    (fail_refund, "refund_state", True),
    (refund_left_lying, "refund_waits", False),
    (lose_message, "event_undelivered", True),
    (break_message, "event_failed", False),
    (too_much_in_books, "books_deposit", False),
    (too_much_of_a_charge, "books_charge", False),
    (miscount_refunds, "books_refunds", False),
    (dispute_there, "dispute_unknown", True),
    (dispute_goes_on, "dispute_state", True),
    (forget_dispute, "dispute_missing", False),
]
IDS = [kind for _way, kind, _mended in WAYS]


def test_a_story_that_went_well_has_no_differences(story: Story) -> None:
    assert found() == []
    assert run() == reconcile.Outcome()
    assert not Difference.objects.exists()


@pytest.mark.parametrize("way,kind,mended", WAYS, ids=IDS)
def test_each_kind_is_found_told_and_mended_where_that_is_safe(
    story: Story, way: Callable[[Story], None], kind: str, mended: bool
) -> None:
    way(story)
    if kind != "event_undelivered":
        story.unheard()
    assert found() == [kind]
    outcome = run()
    rows = Difference.objects.exclude(kind="day_sum")
    assert [(row.kind, row.state) for row in rows] == [(kind, "mended" if mended else "open")]
    assert [one.kind for one in (outcome.mended if mended else outcome.left) if one.kind != "day_sum"] == [
        kind
    ]
    assert all(reconcile.explain(row.kind, row.facts).endswith((".", "?", "odd")) for row in rows)
    assert found() == ([] if mended else [kind])


def test_every_kind_that_has_a_sentence_is_found_somewhere() -> None:
    elsewhere = {"day_sum", "list_cut", *(kind for _way, kind, _mended in OF_ACCOUNTS)}
    assert set(IDS) | elsewhere == set(SENTENCES)


def test_a_payment_whose_message_was_lost_confirms_as_if_it_had_come(story: Story) -> None:
    lose_payment(story)
    run()
    assert status(story.open) == "confirmed"
    assert buckets(story.open) == {"held": DEPOSIT}
    assert story.open.appointment.messages.filter(kind="confirmed", to="client").count() == 1


def test_a_lost_message_that_is_fetched_is_applied_once(story: Story) -> None:
    lose_payment(story)
    run()
    assert buckets(story.open) == {"held": DEPOSIT}
    assert StripeEvent.objects.filter(applied_at=None).count() == 0


def test_an_open_page_of_a_closed_payment_cannot_be_paid_any_more(story: Story) -> None:
    close_here(story)
    run()
    assert story.page["status"] == "expired"


def test_a_refund_that_failed_there_puts_the_money_back_here(story: Story) -> None:
    fail_refund(story)
    run()
    assert buckets(story.deposit) == {"held": DEPOSIT}


def test_the_sum_of_a_day_differs_where_something_was_overlooked(story: Story) -> None:
    payment_of_nobody(story)
    story.unheard()
    [day] = [one for one in reconcile.differences(at=now() + MINUTE) if one.kind == "day_sum"]
    assert "took in €54.00 and gave back €10.00; the books say €27.00 and €10.00" in str(day)


def test_another_installation_on_the_same_account_is_none_of_our_business(story: Story) -> None:
    page_of_nobody(story)
    payment_of_nobody(story)
    for thing in (story.stripe.memory.sessions["cs_lost"], story.stripe.memory.charges["pi_lost"]):
        thing["metadata"]["env"] = "https://somebody.example"
    assert found() == []


def test_what_happened_a_moment_ago_may_still_be_under_way(story: Story) -> None:
    lose_payment(story)
    assert found(settled=10 * MINUTE) == []
    assert found(settled=timedelta(0)) != []


def test_the_sandbox_has_nobody_to_compare_with() -> None:
    deposit = paid()
    refunds.give_back(deposit=deposit, amount=1000, reason="staff", by=SYSTEM, at=now())
    assert found() == []
    assert reconcile.run_due(at=now(), apply=webhooks.apply) is None
    assert not Round.objects.exists()


# --- Accounts of providers ---


def cut_off(stripe: StripeServer, account: ConnectedAccount) -> None:
    stripe.memory.away.add(str(account.account_id))


def restrict(stripe: StripeServer, account: ConnectedAccount) -> None:
    stripe.memory.accounts[str(account.account_id)]["charges_enabled"] = False


OF_ACCOUNTS: list[tuple[Callable[[StripeServer, ConnectedAccount], None], str, str]] = [
    (cut_off, "account_away", "gone"),
    (restrict, "account_state", "restricted"),
]


@pytest.mark.parametrize("way,kind,becomes", OF_ACCOUNTS, ids=[kind for _way, kind, _becomes in OF_ACCOUNTS])
def test_an_account_that_is_another_there_is_found_and_looked_at(
    stripe: StripeServer, way: Callable[[StripeServer, ConnectedAccount], None], kind: str, becomes: str
) -> None:
    account = connected(stripe)
    assert found() == []
    way(stripe, account)
    assert kind in found()
    run()
    row = Difference.objects.get(kind=kind)
    assert (row.state, row.provider) == ("mended", account.provider)
    account.refresh_from_db()
    assert account.state == becomes
    assert found() == []


def test_an_account_that_cannot_be_listed_is_told_and_holds_nobody_up(story: Story) -> None:
    story.stripe.webhooks = story.door
    account = connected(story.stripe, provider=story.deposit.appointment.provider)
    story.stripe.webhooks = None
    lose_payment(story)
    story.stripe.fail(f"GET /v1/accounts/{account.account_id}", 503, times=3)
    outcome = run()
    assert [one.kind for one in outcome.left] == ["account_away"]
    assert status(story.open) == "confirmed"


def test_what_differs_on_an_account_is_told_to_its_owner_and_names_it(
    stripe: StripeServer, settings: Any
) -> None:
    provider = stories.studio(at=now() - DAY)
    first = payment_of(paid_at(stripe, provider=provider))
    account = connected(stripe, provider=provider)
    mine = str(account.account_id)
    stripe.memory.accounts[mine]["settings"] = {"dashboard": {"display_name": "Studio Bianchi"}}
    stripe.account_becomes(mine, charges_enabled=True)
    webhooks.apply_due(at=now())
    second = payment_of(paid_at(stripe, provider=provider, start=first.appointment.starts_at + 2 * HOUR))
    sums = (
        f"the installation's own account: €27.00 in, €0.00 back at Stripe; €27.00 in, €0.00 back here.\n"
        f"{mine} (Studio Bianchi): €27.00 in, €0.00 back at Stripe; €27.00 in, €0.00 back here.\n"
    )
    assert command(sums=True) == f"{sums}no differences\n"

    stripe.memory.charges[str(second.intent_id)]["amount"] = 2600
    outcome = run()
    [found] = outcome.left
    assert (found.kind, found.account, found.provider) == ("day_sum", mine, provider)
    assert mine in str(found)
    [row] = Difference.objects.filter(provider=provider)
    assert row.facts["account"] == mine
    assert {name: (one.in_there, one.in_here) for (name, _cur), one in outcome.totals.items()} == {
        "": (2700, 2700),
        mine: (2600, 2700),
    }


def test_a_list_that_is_too_long_to_be_read_is_said(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.reconcile.there.MOST", 1)
    assert "list_cut" in [one.kind for one in run().left]


def test_what_an_account_says_of_a_payment_on_another_is_not_taken_for_it(story: Story) -> None:
    account = begun(story.deposit.appointment.provider)
    page_of_nobody(story)
    theirs = story.stripe.memory.sessions["cs_lost"]
    theirs["metadata"] = theirs["metadata"] | {"payment": str(story.waiting.uid)}
    theirs["payment_status"] = "paid"
    story.stripe.memory.on["cs_lost"] = str(account.account_id)
    run()
    assert status(story.open) == "held"
    assert Difference.objects.get(kind="session_unknown").state == "open"


# --- Rows ---


def test_a_difference_is_one_row_until_it_is_gone(story: Story) -> None:
    unpay_there(story)
    run()
    run()
    row = Difference.objects.get(kind="payment_unpaid_there")
    assert (row.state, row.payment, row.provider) == ("open", story.payment, story.open.appointment.provider)
    story.session["payment_status"] = "paid"
    run()
    row.refresh_from_db()
    assert row.state == "mended"


def test_one_outside_the_window_stays_as_it_was(story: Story) -> None:
    unpay_there(story)
    run()
    Difference.objects.update(about_at=now() - 9 * DAY)
    Payment.objects.filter(pk=story.payment.pk).update(created_at=now() - 9 * DAY)
    run(since=now() - 3 * DAY)
    assert Difference.objects.get(kind="payment_unpaid_there").state == "open"


def test_one_that_was_accepted_stays_so_until_it_differs_in_another_way(story: Story) -> None:
    other_amount(story)
    run()
    row = Difference.objects.get(kind="payment_amount")
    reconcile.accept(difference=row, note="Agreed by phone", by=SYSTEM, at=now())
    run()
    row.refresh_from_db()
    assert (row.state, row.note) == ("accepted", "Agreed by phone")
    story.session["amount_total"] = 2500
    run()
    row.refresh_from_db()
    assert (row.state, row.note) == ("open", "")


def test_nothing_is_accepted_without_a_reason(story: Story) -> None:
    other_amount(story)
    run()
    row = Difference.objects.get(kind="payment_amount")
    with pytest.raises(reconcile.keeping.NoteNeeded):
        reconcile.accept(difference=row, note="  ", by=SYSTEM, at=now())


# --- The hour ---


def test_an_hour_has_one_round_and_the_next_looks_again(story: Story) -> None:
    lose_payment(story)
    at = now() + HOUR
    assert reconcile.run_due(at=at, apply=webhooks.apply) is not None
    assert reconcile.run_due(at=at, apply=webhooks.apply) is None
    assert status(story.open) == "confirmed"
    assert reconcile.run_due(at=at + HOUR, apply=webhooks.apply) == reconcile.Outcome()
    assert Round.objects.filter(finished_at__isnull=False).count() == 2


def test_the_first_round_of_a_day_looks_back_over_weeks_the_others_over_days(story: Story) -> None:
    at = (now() + DAY).replace(hour=10)
    for hours in (0, 1):
        reconcile.run_due(at=at + hours * HOUR, apply=webhooks.apply)
    later, first = Round.objects.all()
    assert (first.started_at - first.since, later.started_at - later.since) == (40 * DAY, 3 * DAY)


def test_a_round_that_the_gateway_cut_short_says_so_and_closes_nothing(story: Story) -> None:
    unpay_there(story)
    run()
    story.stripe.fail("GET /v1/refunds", 503)
    assert reconcile.run_due(at=now() + HOUR, apply=webhooks.apply) is None
    assert Round.objects.get().failure
    assert Difference.objects.get(kind="payment_unpaid_there").state == "open"


def test_a_round_asks_by_lists_and_not_once_per_payment(story: Story) -> None:
    story.stripe.memory.requests.clear()
    found(since=now() - DAY)
    assert sorted(address for address, *_rest in story.stripe.memory.requests) == [
        "GET /v1/checkout/sessions",
        "GET /v1/disputes",
        "GET /v1/events",
        "GET /v1/payment_intents",
        "GET /v1/refunds",
    ]


# --- The command ---


def command(**options: Any) -> str:
    out = StringIO()
    call_command("reconcile", stdout=out, **options)
    return out.getvalue()


def test_the_command_is_content_where_nothing_differs() -> None:
    paid()
    assert command() == "no differences\n"


def test_the_command_prints_each_difference_and_fails_and_is_content_the_next_time(story: Story) -> None:
    lose_payment(story)
    story.unheard()
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("reconcile", stdout=out)
    assert failure.value.returncode == 1
    [line] = [one for one in out.getvalue().splitlines() if "day 20" not in one]
    assert line == (
        f"payment {story.waiting.uid}: Stripe was paid €27.00, and here the payment is still open: the message"
        " never arrived. Mended."
    )
    assert command() == "no differences\n"


def test_the_command_may_look_without_mending(story: Story) -> None:
    lose_payment(story)
    with pytest.raises(CommandError):
        command(look=True)
    assert status(story.open) == "held"


def test_the_command_looks_back_as_far_as_it_is_told(story: Story) -> None:
    forget_page(story)
    Payment.objects.filter(pk=story.payment.pk).update(created_at=now() - 3 * DAY)
    assert command(days=2) == "no differences\n"


def test_a_gateway_that_is_away_is_no_difference(story: Story) -> None:
    story.stripe.fail("GET /v1/checkout/sessions", 503)
    with pytest.raises(CommandError) as failure:
        command()
    assert failure.value.returncode == 2
