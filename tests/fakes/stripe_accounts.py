"""The fake Stripe's connected accounts. What is made with the header ``Stripe-Account`` is on that account, and
found on no other.

made = stripe.memory.accounts[...]               # as our product asked for it
stripe.account_becomes(account, charges_enabled=True)
stripe.deauthorize(account)                      # its owner disconnects it
stripe.fees                                      # what the platform kept, by payment intent"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.stripe_http import Problem

Json = dict[str, Any]
AT_FIRST = ["business_profile.url", "external_account", "tos_acceptance.date"]


class Connecting:
    """What `StripeServer` can do about accounts. ``_account`` is the one that the request in hand speaks for."""

    memory: Any
    url: str
    livemode: bool
    send: Callable[..., Json]
    _id: Callable[[str], str]
    _lock: threading.RLock
    _account = ""

    # --- What a test does to it ---

    def account_becomes(
        self,
        account: str,
        *,
        charges_enabled: bool,
        payouts_enabled: bool | None = None,
        wanted: tuple[str, ...] = (),
    ) -> Json:
        """Its owner gave what was asked for, or Stripe asks for more. Sends ``account.updated``."""
        found: Json = self.memory.accounts[account]
        found |= {
            "charges_enabled": charges_enabled,
            "payouts_enabled": charges_enabled if payouts_enabled is None else payouts_enabled,
            "details_submitted": True,
        }
        found["requirements"] = {
            "currently_due": list(wanted),
            "past_due": [],
            "current_deadline": None,
            "disabled_reason": None if charges_enabled else "requirements.past_due",
        }
        return self.send("account.updated", found, account=account)

    def deauthorize(self, account: str) -> Json:
        """Its owner disconnects it: we may do nothing there any more."""
        self.memory.away.add(account)
        application = {"id": "ca_of_the_tests", "object": "application"}
        return self.send("account.application.deauthorized", application, account=account)

    @property
    def fees(self) -> dict[str, int]:
        """What the platform kept of each payment, what it gave back taken off."""
        return {
            name: one["fee"] - one["fee_back"] for name, one in self.memory.charges.items() if one.get("fee")
        }

    @contextmanager
    def on_the_account_of(self, thing: str) -> Iterator[None]:
        """What is made in here is on the account that a thing is on."""
        with self._lock:
            before, self._account = self._account, self.memory.on.get(thing, "")
            try:
                yield
            finally:
                self._account = before

    # --- What it answers ---

    def must_let_in(self, account: str) -> None:
        if account and (account in self.memory.away or account not in self.memory.accounts):
            raise Problem(403, "account_invalid", message=f"No access to account {account}")

    def must_take_charges(self) -> None:
        if self._account and not self.memory.accounts[self._account]["charges_enabled"]:
            raise Problem(400, "account_cannot_charge", message="Your account cannot currently make charges.")

    def _new_account(self, params: Json) -> Json:
        made = self._id("acct")
        self.memory.accounts[made] = {
            "id": made,
            "object": "account",
            "controller": params["controller"],
            "metadata": params.get("metadata", {}),
            "charges_enabled": False,
            "payouts_enabled": False,
            "details_submitted": False,
            "requirements": {
                "currently_due": AT_FIRST,
                "past_due": [],
                "disabled_reason": "requirements.past_due",
            },
            "created": int(time.time()),
        }
        return self.memory.accounts[made]

    def _found_account(self, account: str) -> Json:
        self.must_let_in(account)
        return self.memory.accounts[account]

    def _account_link(self, params: Json) -> Json:
        self.must_let_in(params["account"])
        if params["type"] != "account_onboarding" or not (params["refresh_url"] and params["return_url"]):
            raise Problem(400, "parameter_invalid")
        return {"object": "account_link", "url": f"{self.url}/setup/{params['account']}/{self._id('link')}"}

    def fee_in(self, params: Json, amount: int) -> int:
        """The application fee of a payment: only on a connected account, more than nothing and no more than all."""
        said = params.get("application_fee_amount")
        if said is None:
            return 0
        if not self._account or not 0 < int(said) <= amount:
            raise Problem(400, "application_fee_invalid")
        return int(said)

    def give_fee_back(self, charge: Json, amount: int, params: Json) -> None:
        """In proportion to what is refunded; all of it with the last part."""
        if params.get("refund_application_fee") != "true":
            return
        if not charge.get("fee"):
            raise Problem(400, "no_application_fee")
        charge["back"] = charge.get("back", 0) + amount
        charge["fee_back"] = charge["fee"] * charge["back"] // charge["amount"]
