"""Accounts of providers at Stripe (Connect): made, set up on Stripe's own pages, and read into our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.gateways.calling import Calling
from payments.models import ConnectedAccount

MANY = 100
# The provider has an account of its own in full: Stripe deals with it about fees, losses and papers.
CONTROLLER = {
    "fees": {"payer": "account"},
    "losses": {"payments": "stripe"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "full"},
}


@dataclass(frozen=True)
class AccountResult:
    """An account at the gateway. ``name`` is what its owner calls it there, ``wanted`` names what is still asked
    for, ``restriction`` says in the gateway's word why it takes no payments, where it takes none."""

    id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    restriction: str = ""
    wanted: tuple[str, ...] = ()
    name: str = ""
    wanted_by: datetime | None = None


class Connected(Calling):
    """What `Stripe` does about connected accounts. These calls are the installation's own."""

    def create_account(self, *, account: ConnectedAccount, key: str) -> str:
        # The same words each time: a key stands for one request, and the rest is asked on Stripe's pages.
        asked: Any = {
            "controller": CONTROLLER,
            "metadata": {"account": str(account.uid), "env": self._environment},
        }
        with self._asking():
            made = self._api.accounts.create(asked, {"idempotency_key": key})
        return str(made.to_dict()["id"])

    def made_account(self, *, account: ConnectedAccount) -> str:
        """The id of an account that was asked for and not answered, by what it says of itself; else empty."""
        asked: Any = {"limit": MANY, "created": {"gte": int(account.created_at.timestamp())}}
        with self._asking():
            for one in self._api.accounts.list(asked).auto_paging_iter():
                found = one.to_dict()
                if (found.get("metadata") or {}).get("account") == str(account.uid):
                    return str(found["id"])
        return ""

    def account_page(self, *, account: ConnectedAccount, refresh_url: str, return_url: str) -> str:
        asked: Any = {
            "account": account.account_id,
            "type": "account_onboarding",
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
        with self._asking():
            return str(self._api.account_links.create(asked).to_dict()["url"])

    def find_account(self, account_id: str) -> AccountResult:
        with self._asking():
            return self.account_in(self._api.accounts.retrieve(account_id).to_dict())

    def account_in(self, thing: dict[str, Any]) -> AccountResult:
        asked = thing.get("requirements") or {}
        charges = thing.get("charges_enabled") is True
        named = [*(asked.get("past_due") or []), *(asked.get("currently_due") or [])]
        return AccountResult(
            id=str(thing.get("id")),
            charges_enabled=charges,
            payouts_enabled=thing.get("payouts_enabled") is True,
            details_submitted=thing.get("details_submitted") is True,
            restriction="" if charges else str(asked.get("disabled_reason") or ""),
            name=_name(thing),
            wanted=tuple(dict.fromkeys(str(one) for one in named)),
            wanted_by=_instant(asked.get("current_deadline")),
        )


def _name(thing: dict[str, Any]) -> str:
    """As clients of it see it, else as its owner does."""
    profile, settings = thing.get("business_profile") or {}, thing.get("settings") or {}
    shown = settings.get("dashboard") or {}
    return str(profile.get("name") or shown.get("display_name") or "")


def _instant(said: Any) -> datetime | None:
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int) and said > 0 else None
