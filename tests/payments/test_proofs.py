"""What a bookkeeper would ask to see: races, orders, forgeries and histories, small here and at full size in
``make soak`` (the sizes come from the environment)."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import permutations
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test import Client

from booking import lifecycle
from booking.actors import SYSTEM
from booking.lifecycle.judgement import TooMuch
from config import invariants
from payments import checkout, ledger, papers, refunds, webhooks
from payments.models import (
    BUCKETS,
    CHARGE_BUCKETS,
    Charge,
    Deposit,
    LedgerEntry,
    Payment,
    Refund,
    StripeEvent,
)
from payments.papers.invariants import INVARIANTS as PAPER_INVARIANTS
from tests.fakes.stripe_server import StripeServer
from tests.payments import many
from tests.payments.money import DEPOSIT, HOUR, buckets, held, now, paid, payment_of

RACERS = 8
OF_ONE_DEPOSIT = 40


def violations() -> list[str]:
    return [verdict.invariant.name for verdict in invariants.verify(connection) if verdict.count]


def say(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The numbers of a long run, for whoever reads its output."""
    with capsys.disabled():
        print(f"\n  {connection.vendor}: {what}")


# --- Racing refunds ---


@pytest.mark.django_db(transaction=True)
def test_refunds_that_race_for_many_deposits_never_give_back_more_than_was_paid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = many.size("SOAK_REFUNDS", 80)
    first, started, refused = paid().appointment, time.perf_counter(), Counter[str]()
    with ThreadPoolExecutor(RACERS, initializer=connections.close_all) as pool:
        for round_ in range(-(-wanted // OF_ONE_DEPOSIT)):
            deposit = many.paid_in(first, at=now())
            gate, dice = threading.Barrier(RACERS), random.Random(round_)
            amounts = [dice.randint(1, DEPOSIT // 6) for _ in range(OF_ONE_DEPOSIT)]
            lanes = [amounts[lane::RACERS] for lane in range(RACERS)]
            for result in pool.map(lambda lane, d=deposit, g=gate: _give_back(d, lane, g), lanes):
                refused += result
            check_refunds(deposit)
        list(pool.map(lambda _: connections.close_all(), range(RACERS)))
    seconds = time.perf_counter() - started
    assert violations() == []
    assert refused["done"] + refused["TooMuch"] > refused["busy"]
    say(f"{sum(refused.values())} racing refunds, {dict(refused)}, 0 over-refunded, {seconds:.0f} s", capsys)


def _give_back(deposit: Deposit, amounts: list[int], gate: threading.Barrier) -> Counter[str]:
    found = Counter[str]()
    gate.wait(60)
    for amount in amounts:
        try:
            lifecycle.refund(deposit=deposit, amount=amount, reason="a race", by=SYSTEM, at=now())
            found["done"] += 1
        except TooMuch:
            found["TooMuch"] += 1
        except OperationalError:  # somebody else had the row longer than anybody may wait: a clean no
            found["busy"] += 1
    return found


def check_refunds(deposit: Deposit) -> None:
    given = sum(Refund.objects.filter(deposit=deposit).values_list("amount", flat=True))
    fresh = Deposit.objects.get(pk=deposit.pk)
    assert given == fresh.refunded == payment_of(deposit).refunded <= DEPOSIT
    assert fresh.held == DEPOSIT - given


# --- Every order of seven events ---

EVENTS = 7
ORDERS = list(permutations(range(EVENTS)))


def sampled() -> list[tuple[int, ...]]:
    """All orders, or so many of them, spread evenly, from the one in which all comes the wrong way round;
    ``SOAK_SLICE`` is a part of them, as 0/2."""
    part, _slash, parts = (many.os.environ.get("SOAK_SLICE") or "0/1").partition("/")
    step = max(1, len(ORDERS) // many.size("SOAK_ORDERS", 12))
    return ORDERS[::-step][int(part) :: int(parts)]


def seven(stripe: StripeServer, deposit: Deposit) -> list[dict[str, Any]]:
    """What the gateway tells of one payment: declined, then paid with another card, and 5.00 of it given
    back in the gateway's own dashboard."""
    payment = payment_of(deposit)
    session = stripe.memory.sessions[str(payment.session_id)]
    events = [stripe.decline(session["id"]), stripe.pay(session["id"])]
    intent = {"object": "payment_intent", "id": session["payment_intent"], "metadata": session["metadata"]}
    events.append(stripe.send("payment_intent.succeeded", intent))
    events.append(stripe.send("checkout.session.async_payment_succeeded", session))
    events.append(stripe.refund_by_hand(session["payment_intent"], 500))
    refund = events[-1]["data"]["object"]
    events.append(stripe.send("refund.updated", refund))
    charge = {"object": "charge", "id": "ch_1", "payment_intent": session["payment_intent"]}
    events.append(stripe.send("charge.refunded", charge))
    return events


def state_of(deposit: Deposit) -> dict[str, Any]:
    """Everything that the events may have changed."""
    appointment = deposit.appointment
    appointment.refresh_from_db()
    return {
        "status": appointment.status,
        "buckets": buckets(deposit),
        "ledger": sorted(
            LedgerEntry.objects.filter(deposit=deposit).values_list("source", "target", "amount", "reason")
        ),
        "payments": sorted(deposit.payments.values_list("state", "amount", "refunded")),
        "refunds": sorted(deposit.refunds.values_list("state", "amount")),
        "messages": sorted(appointment.messages.values_list("kind", "to")),
        "timeline": sorted(appointment.timeline.values_list("kind", flat=True)),
    }


@pytest.mark.django_db(transaction=True)
def test_every_order_of_seven_events_each_twice_at_once_ends_the_same(
    stripe: StripeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    first, started, states = held().appointment, time.perf_counter(), Counter[str]()
    door, stripe.webhooks = stripe.webhooks, None
    with ThreadPoolExecutor(2) as pool:
        for number, order in enumerate(sampled(), start=1):
            deposit = many.asked(first, number, at=now())
            checkout.open_session(deposit=deposit, at=now())
            events = seven(stripe, deposit)
            gate = threading.Barrier(2)
            list(pool.map(lambda _, e=events, o=order, g=gate: _tell(stripe, e, o, g), range(2)))
            webhooks.apply_due(at=now() + HOUR)
            webhooks.apply_due(at=now() + 3 * HOUR)
            states[json.dumps(state_of(deposit))] += 1
            stripe.memory.requests.clear()
        list(pool.map(lambda _: connections.close_all(), range(2)))
    stripe.webhooks = door
    assert len(states) == 1, "\n".join(f"{times}: {state}" for state, times in states.items())
    assert json.loads(next(iter(states)))["status"] == "confirmed"
    assert not StripeEvent.objects.filter(applied_at=None).exists()
    assert violations() == []
    say(f"{states.total()} orders of {EVENTS}, one state, {time.perf_counter() - started:.0f} s", capsys)


def _tell(
    stripe: StripeServer, events: list[dict[str, Any]], order: tuple[int, ...], gate: threading.Barrier
) -> None:
    """Delivers and applies each event while somebody else does the very same."""
    for number in order:
        body = json.dumps(events[number]).encode()
        gate.wait(60)
        webhooks.apply(event_id=webhooks.receive(body=body, signature=stripe.sign(body), at=now()), at=now())


# --- Forgeries ---

GOOD = {
    "id": "evt_1",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
}
JUNK = (b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"{", b"1e999", b"-", b"{}" * 3, b'"\xed\xa0\x80"', b"NaN")


class Forger:
    """Webhooks that nobody should believe: never two alike, the same for the same seed."""

    def __init__(self, stripe: StripeServer, seed: int) -> None:
        self.stripe, self.dice = stripe, random.Random(seed)

    def make(self) -> tuple[bytes, str]:
        """A body and its signature header."""
        return self.dice.choice(
            [self.unsigned, self.wrongly_signed, self.changed, self.stale, self.nonsense]
        )()

    def body(self) -> bytes:
        return json.dumps(GOOD | {"id": f"evt_{self.dice.getrandbits(64):x}"}).encode()

    def unsigned(self) -> tuple[bytes, str]:
        letters = "t=v1,0123456789abcdef é٣\x7f;\u2028"
        return self.body(), "".join(self.dice.choices(letters, k=self.dice.randrange(90)))

    def wrongly_signed(self) -> tuple[bytes, str]:
        body = self.body()
        good = self.stripe.sign(body)
        ways = [
            self.stripe.sign(body, secret=f"whsec_{self.dice.random()}"),
            good[: self.dice.randrange(len(good) - 1)],
            good.replace("v1=", self.dice.choice(["v0=", "v2=", "V1=", "v1 "])),
            self.stripe.sign(self.body()),
            f"{good.partition(',')[0]}0,{good.partition(',')[2]}",
            f"{good.partition(',')[0]},v1={self.dice.getrandbits(256):064x}",
        ]
        return body, self.dice.choice(ways)

    def changed(self) -> tuple[bytes, str]:
        body = bytearray(self.body())
        signature = self.stripe.sign(bytes(body))
        place = self.dice.randrange(len(body))
        body[place] = (body[place] + self.dice.randrange(1, 255)) % 256
        return bytes(body), signature

    def stale(self) -> tuple[bytes, str]:
        body, away = self.body(), self.dice.choice([-1, 1]) * self.dice.randrange(302, 10**9)
        return body, self.stripe.sign(body, at=now().timestamp() + away)

    def nonsense(self) -> tuple[bytes, str]:
        """Signed with the right secret, and yet no event."""
        event: dict[str, Any] = json.loads(self.body())
        name = self.dice.choice(["id", "type", "data"])
        wrong: list[Any] = [None, 7, [], {}, "", "x" * 300, {"object": []}, {"object": None}, True]
        event[name] = self.dice.choice(
            [one for one in wrong if not (name == "data" and one == {"object": {}})]
        )
        if self.dice.random() < 0.2:
            del event[name]
        body = json.dumps(event).encode()
        if self.dice.random() < 0.4:
            body = self.dice.choice([self.dice.choice(JUNK), body[: self.dice.randrange(len(body))]])
        return body, self.stripe.sign(body)


@pytest.mark.django_db
def test_malformed_and_forged_webhooks_are_all_refused_and_none_is_an_error_of_ours(
    stripe: StripeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted, answers = many.size("SOAK_FORGED", 200), Counter[int]()
    browser, forger = Client(raise_request_exception=False), Forger(stripe, seed=7)
    for _number in range(wanted):
        body, signature = forger.make()
        answers[_post(browser, body, signature)] += 1
    assert set(answers) <= {400, 413}
    assert not StripeEvent.objects.exists()
    body = json.dumps(GOOD).encode()
    assert _post(browser, body, stripe.sign(body)) == 200
    say(f"{wanted} forged or malformed webhooks: {dict(answers)}", capsys)


def _post(browser: Client, body: bytes, signature: str) -> int:
    headers = {"Stripe-Signature": signature.encode("utf-8", "replace").decode("latin-1")}
    address, kind = "/webhooks/stripe/", "application/json"
    return int(browser.post(address, body, content_type=kind, headers=headers).status_code)


# --- Histories of the ledger ---

MOVES = {
    "deposit": [
        ("held", "applied"),
        ("held", "forfeited"),
        ("held", "carried"),
        ("carried", "held"),
        ("carried", "forfeited"),
        ("applied", "held"),
    ],
    "charge": [],
}
RETURNABLE = {"deposit": ("held", "forfeited", "applied", "carried"), "charge": ("applied",)}


class Account:
    """One deposit or charge in the database, and beside it what it should be by a reckoning of our own. Some
    moves are more than there is: those the database must refuse, and no others."""

    def __init__(self, whole: Deposit | Charge, dice: random.Random) -> None:
        self.whole, self.dice = whole, dice
        self.kind = "deposit" if isinstance(whole, Deposit) else "charge"
        self.names = BUCKETS if isinstance(whole, Deposit) else CHARGE_BUCKETS
        self.should = dict.fromkeys(self.names, 0)
        self.payments: list[tuple[Payment, int]] = []
        self.refunds: list[Refund] = []

    @property
    def one(self) -> dict[str, Any]:
        return {self.kind: self.whole}

    def post(self, source: str, target: str, amount: int) -> None:
        ledger.post(
            **self.one, source=source, target=target, amount=amount, reason="a history", by=SYSTEM, at=now()
        )

    def pay(self) -> None:
        amount = self.dice.randint(1, 10_000)
        payment = many.pay(amount=amount, at=now(), **self.one)
        into = "held" if self.kind == "deposit" else "applied"
        self.should[into] += amount
        self.payments.append((payment, amount))

    def move(self) -> bool:
        if not MOVES[self.kind]:
            return self.give_back()
        source, target = self.dice.choice(MOVES[self.kind])
        amount = self.amount(self.should[source])
        if done := self.tried(lambda: self.post(source, target, amount), amount <= self.should[source]):
            self.should[source] -= amount
            self.should[target] += amount
        return done

    def give_back(self) -> bool:
        place = self.dice.randrange(len(self.payments))
        payment, room = self.payments[place]
        source = self.dice.choice(RETURNABLE[self.kind])
        amount = self.amount(min(room, self.should[source]))
        made: list[Refund] = []

        def act() -> None:
            self.post(source, "refunded", amount)
            facts = {"reason": "staff", "by": "system", "source": source}
            refund = Refund.objects.create(
                **self.one,
                **facts,
                payment=payment,
                amount=amount,
                currency="EUR",
                due_at=now(),
                created_at=now(),
            )
            refunds.record_result(refund=refund, state="done", gateway_id=f"re_{refund.uid.hex}", at=now())
            made.append(refund)

        if done := self.tried(act, amount <= self.should[source] and amount <= room):
            self.should[source] -= amount
            self.should["refunded"] += amount
            self.payments[place] = (payment, room - amount)
            self.refunds += made
        return done

    def fail(self) -> bool:
        if not self.refunds:
            return False
        refund = self.refunds.pop()
        refunds.record_result(refund=refund, state="failed", failure="lost", at=now())
        self.should["refunded"] -= refund.amount
        self.should[refund.source] += refund.amount
        self.payments = [
            (payment, room + refund.amount if payment.pk == refund.payment_id else room)
            for payment, room in self.payments
        ]
        return True

    def amount(self, most: int) -> int:
        return self.dice.randint(1, max(1, int(most * 1.3) + 2))

    def tried(self, act: Any, legal: bool) -> bool:
        """Whether the database took it, which it must do exactly when it is legal."""
        try:
            with transaction.atomic():
                act()
        except IntegrityError:
            assert not legal, "refused what was legal"
            return False
        assert legal, "took what was more than there is"
        return True

    def balances(self) -> bool:
        fresh = type(self.whole).objects.get(pk=self.whole.pk)
        is_now = {name: getattr(fresh, name) for name in self.names}
        return is_now == self.should and fresh.paid == sum(is_now.values())


def account(first: Deposit, dice: random.Random) -> Account:
    if dice.random() < 0.7:
        whole: Deposit | Charge = Deposit.objects.create(
            appointment=first.appointment, current=False, asked=1, currency="EUR", created_at=now()
        )
    else:
        whole = Charge.objects.create(
            appointment=first.appointment,
            kind="other",
            description="A course",
            amount=10**9,
            currency="EUR",
            created_at=now(),
        )
    return Account(whole, dice)


def history(first: Deposit, dice: random.Random) -> Counter[str]:
    """One life of money: paid in one or two parts, then moved, given back, failed, refused."""
    found, one = Counter[str](), account(first, dice)
    one.pay()
    for _step in range(dice.randint(2, 8)):
        act = dice.choices([one.move, one.give_back, one.fail, one.pay], weights=[5, 3, 1, 1])[0]
        found["moved" if act() is not False else "refused"] += 1
    assert one.balances(), one.should
    found["histories"] += 1
    return found


def without_papers() -> AbstractContextManager[Any]:
    """More than half of the time of a history are its receipts and credit notes, which say what the ledger
    says: of very many histories not every one needs them, and the invariants of papers are left to the others."""
    return mock.patch.multiple(papers, receipt=mock.DEFAULT, follow=mock.DEFAULT)


@pytest.mark.django_db
def test_histories_of_the_ledger_balance_and_what_is_not_there_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted, first, found = many.size("SOAK_HISTORIES", 60), paid(), Counter[str]()
    seed, papers_every = many.size("SOAK_SEED", uuid.uuid4().int % 10**6), many.size("SOAK_PAPERS", 1)
    dice, started = random.Random(seed), time.perf_counter()
    for number in range(wanted):
        with nullcontext() if number % papers_every == 0 else without_papers():
            found += history(first, dice)
    assert found["refused"] or wanted < 20
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Asked as at the command line: the questions are about everything, and take as long as they take.
            cursor.execute("SET LOCAL statement_timeout = 0")
        # All of it in one transaction: nobody has told PostgreSQL yet how many rows there are.
        cursor.execute("ANALYZE")
    of_papers = {one.name for one in PAPER_INVARIANTS} if papers_every > 1 else set()
    assert set(violations()) <= of_papers
    seconds = time.perf_counter() - started
    say(f"{dict(found)} (seed {seed}), all balance, {seconds:.0f} s", capsys)
