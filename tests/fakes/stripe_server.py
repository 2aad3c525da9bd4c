"""A small Stripe of our own, with a memory: sessions, refunds, events, idempotency keys, signed webhooks,
and bad days on request.

    with StripeServer(webhooks=lambda body, signature: ...) as stripe:
        settings.STRIPE_API_BASE = stripe.url
        stripe.pay(session_id)              # the client pays on the pay page
        stripe.fail("POST /v1/refunds")     # the next one is answered with a 500
        stripe.drop("POST /v1/refunds")     # done, but the reply is lost
        stripe.delay("POST /v1/refunds", 2)

As a process: ``python -m tests.fakes.stripe_server PORT SECRET [WEBHOOK_URL]``; there
``POST /control/<act>`` with a JSON object of its arguments does the same."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from tests.fakes import stripe_cards, stripe_http, stripe_lists
from tests.fakes.stripe_accounts import Connecting
from tests.fakes.stripe_disputes import Disputing
from tests.fakes.stripe_http import Problem

Json = dict[str, Any]
MINUTE = 60


@dataclass
class Fault:
    """What befalls the next request to an address: ``fail`` (not done), ``drop`` (done, reply lost), ``delay``."""

    kind: str
    status: int = 500
    code: str = "api_error"
    seconds: float = 0


@dataclass
class Memory:
    sessions: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)  # by payment intent
    disputes: dict[str, Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    methods: dict[str, Json] = field(default_factory=dict)  # cards on file
    accounts: dict[str, Json] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # accounts that were disconnected
    on: dict[str, str] = field(default_factory=dict)  # on which account a thing is
    spoke_for: list[tuple[str, str]] = field(default_factory=list)  # address and account of each request
    keys: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    undelivered: set[str] = field(default_factory=set)  # events that nobody took
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, Json, str]] = field(default_factory=list)


class StripeServer(Connecting, Disputing, stripe_cards.Keeping):
    """The fake itself. ``refunds_are`` says what a new refund is: ``succeeded`` or ``pending``."""

    def __init__(
        self,
        *,
        secret: str = "whsec_test",
        webhooks: Callable[[bytes, str], None] | str | None = None,
        port: int = 0,
        refunds_are: str = "succeeded",
        livemode: bool = False,
    ) -> None:
        self.secret, self.webhooks, self.livemode = secret, webhooks, livemode
        self.refunds_are = refunds_are
        self.memory = Memory()
        self.on_request: Callable[[str], None] | None = None
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), stripe_http.Handler)
        self._server.daemon_threads = True
        self._server.stripe = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StripeServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- What a test does to it ---

    def pay(self, session: str) -> Json:
        """The client pays. Works on a session that has ended too: such payments were under way."""
        with self.on_the_account_of(session):
            found = self.memory.sessions[session]
            intent = found["payment_intent"] or self._id("pi")
            found |= {"payment_intent": intent, "payment_status": "paid", "status": "complete", "url": None}
            charge = {
                "amount": found["amount_total"],
                "currency": found["currency"],
                "metadata": found["metadata"],
                "created": int(time.time()),
                "fee": found["fee"],
                "fee_back": 0,
            }
            self.memory.charges[intent] = charge
            if found.get("keeps"):
                self.keep_card(found)
        return self.send("checkout.session.completed", found)

    def decline(self, session: str) -> Json:
        """The client's card is declined; the session stays open."""
        found = self.memory.sessions[session]
        with self.on_the_account_of(session):
            made = self._id("pi")
        intent = {"id": made, "object": "payment_intent", "metadata": found["metadata"]}
        return self.send("payment_intent.payment_failed", intent)

    def expire(self, session: str) -> Json:
        """The session's time is over."""
        found = self.memory.sessions[session]
        found |= {"status": "expired", "url": None}
        return self.send("checkout.session.expired", found)

    def settle_refund(self, refund: str, status: str, reason: str = "") -> Json:
        """A refund that was pending, or done, becomes something else days later."""
        found = self.memory.refunds[refund]
        found |= {"status": status, "failure_reason": reason or None}
        return self.send("refund.failed" if status == "failed" else "refund.updated", found)

    def refund_by_hand(self, intent: str, amount: int) -> Json:
        """Somebody refunds in Stripe's own dashboard."""
        with self.on_the_account_of(intent):
            return self.send("refund.created", self._refund({"payment_intent": intent, "amount": amount}))

    def fail(self, address: str, status: int = 500, code: str = "api_error", times: int = 1) -> None:
        self.memory.faults[address] += [Fault("fail", status, code)] * times

    def drop(self, address: str, times: int = 1) -> None:
        self.memory.faults[address] += [Fault("drop")] * times

    def delay(self, address: str, seconds: float) -> None:
        self.memory.faults[address].append(Fault("delay", seconds=seconds))

    def forget(self, thing: str) -> None:
        """A session or refund that Stripe cannot find any more; ``keys``: a day has gone by."""
        if thing == "keys":
            self.memory.keys.clear()
        self.memory.sessions.pop(thing, None)
        self.memory.refunds.pop(thing, None)

    def send(self, kind: str, thing: Json, **over: Any) -> Json:
        """Makes an event of the thing as it is now and sends it, signed; returns the event."""
        event = {
            "id": self._id("evt"),
            "object": "event",
            "type": kind,
            "livemode": self.livemode,
            "created": int(time.time()),
            "data": {"object": json.loads(json.dumps(thing))},
        } | over
        if account := self.memory.on.get(str(thing.get("id")), ""):
            event.setdefault("account", account)
        self.memory.on[event["id"]] = str(event.get("account") or "")
        self.memory.events[event["id"]] = event
        self.memory.undelivered.add(event["id"])
        self.deliver(event)
        return event

    def deliver(self, event: Json) -> None:
        """Sends an event (again)."""
        body = json.dumps(event).encode()
        signature = self.sign(body)
        if self.webhooks:
            self.memory.undelivered.discard(event["id"])
        if isinstance(self.webhooks, str):
            headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
            request = urllib.request.Request(self.webhooks, body, headers)
            urllib.request.urlopen(request, timeout=10).close()
        elif self.webhooks:
            self.webhooks(body, signature)

    def sign(self, body: bytes, *, at: float | None = None, secret: str | None = None) -> str:
        seconds = int(time.time() if at is None else at)
        mac = hmac.new((secret or self.secret).encode(), f"{seconds}.".encode() + body, hashlib.sha256)
        return f"t={seconds},v1={mac.hexdigest()}"

    def asked(self, address: str) -> list[tuple[str, Json, str]]:
        """The requests to an address so far: address, parameters, idempotency key."""
        return [one for one in self.memory.requests if one[0] == address]

    # --- What it answers ---

    def answer(self, method: str, path: str, params: Json, key: str, account: str = "") -> tuple[int, Json]:
        address = f"{method} {path}"
        if self.on_request:
            self.on_request(address)
        with self._lock:
            self.memory.requests.append((address, params, key))
            self.memory.spoke_for.append((address, account))
            fault = self.memory.faults[address].pop(0) if self.memory.faults[address] else None
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault and fault.kind == "fail":
            kind = "card_error" if fault.status == 402 else "api_error"
            return fault.status, Problem(fault.status, fault.code, kind).body
        status, body = self._once(method, path, params, key, account)
        if fault and fault.kind == "drop":
            raise ConnectionAbortedError
        return status, body

    def _once(self, method: str, path: str, params: Json, key: str, account: str) -> tuple[int, Json]:
        with self._lock:
            self._account = account
            try:
                return self._keyed(method, path, params, f"{account} {key}" if key else "")
            finally:
                self._account = ""

    def _keyed(self, method: str, path: str, params: Json, key: str) -> tuple[int, Json]:
        shape = hashlib.sha256(json.dumps([path, params], sort_keys=True, default=str).encode()).hexdigest()
        if key and key in self.memory.keys:
            known, status, body = self.memory.keys[key]
            if known != shape:
                wrong = "Keys for idempotent requests can only be used with the same parameters"
                return 400, Problem(400, "idempotency_key_in_use", "idempotency_error", wrong).body
            return status, body
        try:
            self.must_let_in(self._account)
            done = self._do(method, path.strip("/").split("/"), params)
            status, body = 200, json.loads(json.dumps(done))
        except Problem as problem:
            status, body = problem.status, problem.body
        if key:
            self.memory.keys[key] = (shape, status, body)
        return status, body

    def _do(self, method: str, path: list[str], params: Json) -> Json:  # noqa: C901, one line each
        match method, path:
            case "POST", ["v1", "accounts"]:
                return self._new_account(params)
            case "GET", ["v1", "accounts", account]:
                return self._found_account(account)
            case "POST", ["v1", "account_links"]:
                return self._account_link(params)
            case "POST", ["v1", "checkout", "sessions"]:
                return self._session(params)
            case "GET", ["v1", "checkout", "sessions", session]:
                found = self._known(self.memory.sessions, session)
                return self.expanded(found) if params.get("expand") else found
            case "POST", ["v1", "payment_intents"]:
                return self.charge_card(params)
            case "GET", ["v1", "payment_intents", intent]:
                return stripe_lists.intents({intent: self._known(self.memory.charges, intent)})[0]
            case "POST", ["v1", "payment_methods", method, "detach"]:
                return self.detach_card(method)
            case "POST", ["v1", "checkout", "sessions", session, "expire"]:
                return self._expire(self._known(self.memory.sessions, session))
            case "POST", ["v1", "refunds"]:
                return self._refund(params)
            case "GET", ["v1", "refunds", refund]:
                return self._known(self.memory.refunds, refund)
            case "GET", ["v1", "disputes", dispute]:
                return self._known(self.memory.disputes, dispute)
            case "POST", ["v1", "disputes", dispute]:
                return self._answered(dispute, params)
            case "POST", ["v1", "files"]:
                return self._file(params)
            case "GET", ["v1", *kind] if things := self._listed("/".join(kind), params):
                return stripe_lists.listed(things[0], params, "/" + "/".join(path))
        raise Problem(404, "unknown_address")

    def _listed(self, kind: str, params: Json) -> list[list[Json]]:
        """The things of a list, oldest first, in a list of one; none where there is no such list."""
        memory = self.memory
        of, delivered = params.get("payment_intent"), params.get("delivery_success")
        lists = {
            "checkout/sessions": lambda: list(memory.sessions.values()),
            "payment_intents": lambda: stripe_lists.intents(memory.charges),
            "refunds": lambda: [
                one for one in memory.refunds.values() if of in (None, one.get("payment_intent"))
            ],
            "events": lambda: [
                one
                for one in memory.events.values()
                if delivered != "false" or one["id"] in memory.undelivered
            ],
            "disputes": lambda: [
                one for one in memory.disputes.values() if of in (None, one.get("payment_intent"))
            ],
        }
        if kind == "accounts":
            return [list(memory.accounts.values())]
        if kind not in lists:
            return []
        return [[one for one in lists[kind]() if memory.on.get(one["id"], "") == self._account]]

    def _session(self, params: Json) -> Json:
        ahead = int(params["expires_at"]) - time.time()
        if not 30 * MINUTE <= ahead <= 24 * 60 * MINUTE:
            raise Problem(
                400, "parameter_invalid", message="expires_at must be between 30 minutes and 24 hours"
            )
        if params["mode"] == "setup":
            return self.setup_session(params)
        self.must_take_charges()
        price = params["line_items"]["0"]["price_data"]
        if int(price["unit_amount"]) < 50:
            raise Problem(400, "amount_too_small")
        made = self._id("cs_test")
        self.memory.sessions[made] = {
            "id": made,
            "object": "checkout.session",
            "amount_total": int(price["unit_amount"]),
            "currency": price["currency"],
            "client_reference_id": params.get("client_reference_id"),
            "customer_email": params.get("customer_email"),
            "expires_at": int(params["expires_at"]),
            "created": int(time.time()),
            "livemode": self.livemode,
            "metadata": params.get("metadata", {}),
            "mode": params["mode"],
            "keeps": "setup_future_usage" in params.get("payment_intent_data", {}),
            "fee": self.fee_in(params.get("payment_intent_data", {}), int(price["unit_amount"])),
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "cancel_url": params["cancel_url"],
            "url": f"{self.url}/c/pay/{made}",
        }
        return self.memory.sessions[made]

    def _expire(self, session: Json) -> Json:
        if session["status"] != "open":
            raise Problem(400, "session_not_open", message="Only open sessions can be expired")
        session |= {"status": "expired", "url": None}
        return session

    def _refund(self, params: Json) -> Json:
        intent = str(params["payment_intent"])
        charge = self._known(self.memory.charges, intent)
        given = sum(
            one["amount"]
            for one in self.memory.refunds.values()
            if one["payment_intent"] == intent and one["status"] not in ("failed", "canceled")
        )
        amount = int(params.get("amount", charge["amount"] - given))
        if self.open_dispute_of(intent):
            raise Problem(400, "charge_disputed")
        if given == charge["amount"]:
            raise Problem(400, "charge_already_refunded")
        if not 0 < amount <= charge["amount"] - given:
            raise Problem(400, "amount_too_large")
        self.give_fee_back(charge, amount, params)
        made = self._id("re")
        self.memory.refunds[made] = {
            "id": made,
            "object": "refund",
            "amount": amount,
            "currency": charge["currency"],
            "payment_intent": intent,
            "metadata": params.get("metadata", {}),
            "status": self.refunds_are,
            "failure_reason": None,
            "created": int(time.time()),
        }
        return self.memory.refunds[made]

    def _id(self, prefix: str) -> str:
        """A name, of a thing on the account that is spoken for."""
        made = f"{prefix}_{next(self._ids):08d}"
        self.memory.on[made] = self._account
        return made

    def _known(self, things: dict[str, Json], name: str) -> Json:
        if name not in things or self.memory.on.get(name, "") != self._account:
            raise Problem(404, "resource_missing", message=f"No such thing: {name}")
        return things[name]


if __name__ == "__main__":
    given = sys.argv[1:]
    with StripeServer(
        port=int(given[0]), secret=given[1], webhooks=given[2] if given[2:] else None
    ) as running:
        print(running.url, flush=True)
        threading.Event().wait()
