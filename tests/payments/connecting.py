"""Providers with accounts of their own, at the fake and in the sandbox."""

from __future__ import annotations

from typing import Any

from booking.models import Provider
from payments import accounts, checkout, webhooks
from payments.gateways import sandbox_accounts
from payments.models import ConnectedAccount, Deposit
from tests.booking import stories
from tests.fakes.stripe_server import StripeServer
from tests.payments.money import DAY, fresh, held, now, payment_of

BACK = "http://testserver/dashboard/money/account/"


def begun(provider: Provider | None = None) -> ConnectedAccount:
    """Made, and its owner was sent to set it up."""
    provider = provider or stories.studio(at=now() - DAY)
    account = accounts.begin(provider=provider, by=stories.owner(provider), at=now())
    accounts.page(account=account, back=f"{BACK}back/", again=BACK, at=now())
    account.refresh_from_db()
    return account


def connected(stripe: StripeServer | None = None, *, provider: Provider | None = None) -> ConnectedAccount:
    """Set up, so that clients pay there."""
    account = begun(provider)
    becomes(account, stripe, "ready")
    account.refresh_from_db()
    return account


def becomes(account: ConnectedAccount, stripe: StripeServer | None, state: str) -> None:
    """``ready``, ``asked`` (restricted) or ``away``, as the gateway tells of it, and applied."""
    named = str(account.account_id)
    if stripe is None:
        body, signature = sandbox_accounts.becomes(account=account, state=state, at=now())
        webhooks.receive(body=body, signature=signature, at=now())
    elif state == "away":
        stripe.deauthorize(named)
    else:
        wanted = () if state == "ready" else ("individual.verification.document",)
        stripe.account_becomes(named, charges_enabled=state == "ready", wanted=wanted)
    webhooks.apply_due(at=now())


def paid_at(stripe: StripeServer, **over: Any) -> Deposit:
    """A deposit that was paid at the fake, on whatever account its provider has."""
    deposit = held(**over)
    checkout.open_session(deposit=deposit, at=now())
    stripe.pay(str(payment_of(deposit).session_id))
    webhooks.apply_due(at=now())
    return fresh(deposit)


def told(account: ConnectedAccount) -> list[str]:
    """What its provider was told of it, in order."""
    rows = account.provider.messages.filter(kind__startswith="account_").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def accounts_of(stripe: StripeServer, address: str) -> set[str]:
    """The accounts that the requests to an address spoke for."""
    return {account for one, account in stripe.memory.spoke_for if one.startswith(address)}
