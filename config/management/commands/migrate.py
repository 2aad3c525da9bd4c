"""``migrate``, which may run while guards are missing: it is what makes them again. It goes before every
start, so it also refuses a database whose payments were made in Stripe's other mode."""

from __future__ import annotations

from typing import Any

from django.core.management.base import SystemCheckError
from django.core.management.commands import migrate


class Command(migrate.Command):
    def check(self, *args: Any, **options: Any) -> None:
        from payments.gateways import modes

        databases = options.pop("databases", None)  # a release with a new guard could never be installed else
        super().check(*args, **options)
        if mixed := list(modes.check(None, databases)):
            raise SystemCheckError("\n".join(str(one) for one in mixed))
