"""A provider's own account at the gateway: what it says of itself, and who hears of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from booking.models import Provider
from config import as_json
from payments import accounts
from payments.gateways import AccountResult
from payments.models import ConnectedAccount
from reminders import plan


@transaction.atomic
def account_seen(
    *, account: ConnectedAccount, result: AccountResult | None, asked_at: datetime, at: datetime
) -> None:
    """An account as it was at the gateway when it was asked (``result`` is None where it let us in no more). Its
    provider hears when clients can pay there, and when they cannot any more, once each time."""
    provider = Provider.objects.locked().get(pk=account.provider_id)
    change = accounts.record(account=account, result=result, asked_at=asked_at, at=at)
    if not (change.opened or change.stopped):
        return
    plan.announce(
        provider=provider,
        kind="account_stopped" if change.stopped else "account_ready",
        about=f"account:{account.uid}:{as_json.instant(at)}",
        facts={"gone": result is None},
        at=at,
    )
