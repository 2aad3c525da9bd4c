"""Accounts of providers in the sandbox: what it remembers of one is in ``ConnectedAccount.sandbox_state``. No
bank knows of them, and what is paid on one is paid nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from payments.gateways import signing
from payments.gateways.base import AccountGone, GatewayRefused
from payments.gateways.connected import AccountResult
from payments.models import ConnectedAccount, Payment

ACCOUNT = "acct_sandbox_"
READY, ASKED, AWAY = "ready", "asked", "away"
STATES = (READY, ASKED, AWAY)
AT_FIRST = ("business_profile.url", "external_account", "tos_acceptance.date")
LATER = ("individual.verification.document",)


class SandboxAccounts:
    def create_account(self, *, account: ConnectedAccount, key: str) -> str:
        return f"{ACCOUNT}{account.uid.hex}"

    def made_account(self, *, account: ConnectedAccount) -> str:
        return ""

    def account_page(self, *, account: ConnectedAccount, refresh_url: str, return_url: str) -> str:
        return settings.BASE_URL + reverse("set_up_account", args=[account.uid])

    def find_account(self, account_id: str) -> AccountResult:
        account = ConnectedAccount.objects.filter(account_id=account_id, gateway="sandbox").first()
        if account is None or account.sandbox_state == AWAY:
            raise AccountGone("account")
        ready, asked = account.sandbox_state == READY, account.sandbox_state == ASKED
        return AccountResult(
            id=account_id,
            charges_enabled=ready,
            payouts_enabled=ready,
            details_submitted=ready or asked,
            restriction="" if ready else "requirements.past_due",
            name=account.provider.name if ready else "",
            wanted=() if ready else LATER if asked else AT_FIRST,
        )


def must_take(payment: Payment) -> None:
    """As at Stripe, nothing is paid on an account that may not."""
    if not payment.account:
        return
    try:
        takes = SandboxAccounts().find_account(payment.account).charges_enabled
    except AccountGone:
        takes = False
    if not takes:
        raise GatewayRefused("account_closed", payment.account)


def becomes(*, account: ConnectedAccount, state: str, at: datetime) -> tuple[bytes, str]:
    """What its owner, or the sandbox's compliance desk, did: the signed webhook about it, body and signature."""
    ConnectedAccount.objects.filter(pk=account.pk).update(sandbox_state=state)
    thing: dict[str, Any] = {"id": account.account_id, "object": "account"}
    kind = "account.updated"
    if state == AWAY:
        kind, thing = "account.application.deauthorized", {"id": "ca_sandbox", "object": "application"}
    return signing.sandbox_event(kind, thing, account=str(account.account_id), at=at)
