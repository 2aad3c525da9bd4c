"""One difference, as it was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from booking.models import Provider
from config import as_json
from payments.models import Payment
from payments.reconcile.words import explain

# Does something at the gateway, or stores a hint and returns its id for the webhooks' door to apply.
Mend = Callable[[datetime], str]


@dataclass(frozen=True)
class Found:
    """``kind`` says what differs (see words.py), ``thing`` what it is about (``payment`` or ``refund`` with
    our uid, or the gateway's own id), ``facts`` the two sides. ``mend`` is what may safely be done."""

    kind: str
    thing: str
    facts: dict[str, Any] = field(default_factory=dict)
    payment: Payment | None = None
    about_at: datetime | None = None
    mend: Mend | None = field(default=None, compare=False)
    provider: Provider | None = None  # where no payment says whose it is
    account: str = ""  # the connected one that it was found on

    def __str__(self) -> str:
        on = f" on {self.account}" if self.account and self.account not in self.thing else ""
        return f"{self.thing}{on}: {explain(self.kind, self.facts)}"

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.thing


def about(payment: Payment, kind: str, *, mend: Mend | None = None, **facts: Any) -> Found:
    """A difference of one payment."""
    return Found(kind, f"payment {payment.uid}", facts, payment, payment.created_at, mend)


def money(amount: int | None, currency: str) -> dict[str, Any]:
    return as_json.money(amount or 0, currency.upper())


def made_at(thing: dict[str, Any]) -> datetime | None:
    """When the gateway made a thing."""
    seconds = thing.get("created")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
