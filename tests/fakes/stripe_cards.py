"""The fake Stripe's cards on file: kept with a payment or on a page of their own, charged later without
their owner.

stripe.give_card(session)                        # on a page of mode setup
stripe.cards_are = "authentication_required"     # or "card_declined": what the next charges meet"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.fakes.stripe_http import Problem

Json = dict[str, Any]


class Keeping:
    """What `StripeServer` can do about cards on file."""

    memory: Any
    url: str
    livemode: bool
    _account: str
    cards_are = "good"
    _id: Callable[[str], str]
    send: Callable[..., Json]

    def give_card(self, session: str) -> Json:
        """The client gives a card on a page where nothing is paid."""
        with self.on_the_account_of(session):  # type: ignore[attr-defined]
            found = self.memory.sessions[session]
            found |= {"status": "complete", "url": None, "setup_intent": self._id("seti")}
            self.keep_card(found)
        return self.send("checkout.session.completed", found)

    def keep_card(self, session: Json) -> None:
        """The card of a session is kept, with a customer of its own."""
        session["customer"] = self._id("cus")
        self.memory.methods[self._id("pm")] = {
            "customer": session["customer"],
            "session": session["id"],
            "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031},
        }

    def expanded(self, session: Json) -> Json:
        """The session with what its card is, as asked for by ``expand``."""
        intent = "payment_intent" if session.get("payment_intent") else "setup_intent"
        methods = {name: one for name, one in self.memory.methods.items() if one["session"] == session["id"]}
        method = next(({"id": name, **one} for name, one in methods.items()), None)
        return session | {intent: {"id": session.get(intent), "payment_method": method}}

    def setup_session(self, params: Json) -> Json:
        made = self._id("cs_test")
        self.memory.sessions[made] = {
            "id": made,
            "object": "checkout.session",
            "mode": "setup",
            "metadata": params.get("metadata", {}),
            "payment_intent": None,
            "setup_intent": None,
            "customer": None,
            "payment_status": "no_payment_required",
            "status": "open",
            "created": int(time.time()),
            "livemode": self.livemode,
            "success_url": params["success_url"],
            "cancel_url": params["cancel_url"],
            "url": f"{self.url}/c/pay/{made}",
        }
        return self.memory.sessions[made]

    def charge_card(self, params: Json) -> Json:
        """A payment intent that is confirmed at once and without its owner."""
        self.must_take_charges()  # type: ignore[attr-defined]
        name = str(params["payment_method"])
        method = self.memory.methods.get(name) if self.memory.on.get(name, "") == self._account else None
        if method is None or method["customer"] != params["customer"] or params.get("off_session") != "true":
            raise Problem(400, "resource_missing")
        if self.cards_are != "good":
            raise Problem(402, self.cards_are, "card_error")
        made = self._id("pi")
        self.memory.charges[made] = {
            "amount": int(params["amount"]),
            "currency": params["currency"],
            "metadata": params.get("metadata", {}),
            "customer": params["customer"],
            "created": int(time.time()),
            "fee": self.fee_in(params, int(params["amount"])),  # type: ignore[attr-defined]
            "fee_back": 0,
        }
        return {
            "id": made,
            "object": "payment_intent",
            "status": "succeeded",
            "amount": int(params["amount"]),
        }

    def detach_card(self, method: str) -> Json:
        if method not in self.memory.methods:
            raise Problem(404, "resource_missing")
        self.memory.methods.pop(method)
        return {"id": method, "object": "payment_method", "customer": None}
