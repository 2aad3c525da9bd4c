"""``migrate``, which may run while guards are missing: it is what makes them again."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate


class Command(migrate.Command):
    def check(self, *args: Any, **options: Any) -> None:
        options.pop("databases", None)  # a release with a new guard could never be installed otherwise
        super().check(*args, **options)
