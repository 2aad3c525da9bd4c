"""Accounts of providers: what we think that they may do against what the gateway says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from payments import accounts, hints
from payments.gateways import AccountResult, GatewayRefused, GatewayUnavailable
from payments.models import ConnectedAccount
from payments.reconcile.found import Found

STRIPE = "stripe"


def of_accounts() -> Iterator[Found]:
    """Every account whose state differs, and every one that let us in and does not any more."""
    rows = ConnectedAccount.objects.filter(gateway=STRIPE, account_id__isnull=False)
    for account in rows.select_related("provider").order_by("pk"):
        try:
            result = accounts.ask(account=account)
        except (GatewayUnavailable, GatewayRefused) as no:
            yield _of(account, "account_away", reason=_reason(no))
            continue
        if result is None and account.gone_at is None:
            yield _of(account, "account_away", reason="disconnected")
        elif result and (account.gone_at or _may(result) != _may(account)):
            here = "disconnected" if account.gone_at else _words(account)
            yield _of(account, "account_state", there=_words(result), here=here)


def can_be_asked() -> list[str]:
    """The installation's own account, and those of providers, also after they left: what was paid there may
    still be refunded and disputed."""
    rows = ConnectedAccount.objects.filter(gateway=STRIPE, account_id__isnull=False, gone_at=None)
    return ["", *(str(one) for one in rows.order_by("pk").values_list("account_id", flat=True))]


def away(account: str, no: GatewayUnavailable | GatewayRefused) -> Found:
    """One whose things could not be listed."""
    return Found("account_away", f"account {account}", {"id": account, "reason": _reason(no)})


def _reason(no: GatewayUnavailable | GatewayRefused) -> str:
    return no.reason if isinstance(no, GatewayUnavailable) else str(no)


def _may(one: AccountResult | ConnectedAccount) -> tuple[bool, bool, bool]:
    return one.charges_enabled, one.payouts_enabled, one.details_submitted


def _words(one: AccountResult | ConnectedAccount) -> str:
    charges, payouts, submitted = _may(one)
    if charges:
        return "ready" if payouts else "ready, without payouts"
    return "restricted" if submitted else "unfinished"


def _of(account: ConnectedAccount, kind: str, **facts: str) -> Found:
    named = str(account.account_id)
    look = partial(hints.look, {"id": named, "object": "account"}, account=named)
    facts = {"id": named} | facts
    return Found(kind, f"account {named}", facts, None, None, look, provider=account.provider)
