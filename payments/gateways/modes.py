"""Test and live are never mixed (F-70): what was paid in one mode is not known to a key of the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connections

from payments.models import Payment


def is_live(key: str) -> bool:
    return key.startswith(("sk_live_", "rk_live_"))


def check(app_configs: Any, databases: list[str] | None = None, **_: Any) -> Iterator[checks.CheckMessage]:
    """``payments.C001``: no payment here was made in the other mode than that of the key."""
    key = settings.STRIPE_SECRET_KEY
    if not key:
        return
    mine, other = ("live", "test") if is_live(key) else ("test", "live")
    for alias in databases or []:
        if Payment._meta.db_table not in connections[alias].introspection.table_names():
            continue
        made = Payment.objects.using(alias).filter(session_id__startswith=f"cs_{other}_")
        if made.exists():
            yield checks.Critical(
                f"STRIPE_SECRET_KEY is a {mine} key, and this database holds payments made in {other} mode.",
                hint="Use a database of its own for each mode, or set the key of the other one.",
                id="payments.C001",
            )
