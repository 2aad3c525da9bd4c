"""What every part of `Stripe` does the same way: speak for an account, and turn Stripe's noes into ours."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any


class Calling:
    """The base of the parts of `Stripe`. ``_account`` is the connected account that it speaks for, empty for the
    installation's own."""

    _api: Any
    _account: str
    _environment: str

    def _on_account(self, key: str = "") -> dict[str, str]:
        """The account, and the key that makes repeating harmless."""
        account = {"stripe_account": self._account} if self._account else {}
        return account | ({"idempotency_key": key} if key else {})

    def _asking(self) -> AbstractContextManager[None]:
        """Stripe's noes become ours in here."""
        raise NotImplementedError
