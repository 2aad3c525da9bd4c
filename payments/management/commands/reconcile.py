"""``manage.py reconcile``: the ledger against the gateway."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments import reconcile
from payments.gateways import GatewayUnavailable


class Command(BaseCommand):
    help = "Compares the ledger with the payment gateway and prints each difference; exit 1 if there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="only payments made in the last so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now() - timedelta(days=options["days"]) if options["days"] else None
        count = 0
        try:
            for difference in reconcile.differences(since=since):
                self.stdout.write(str(difference))
                count += 1
        except GatewayUnavailable as away:
            raise CommandError(f"the gateway does not answer: {away.reason}", returncode=2) from away
        if count:
            raise CommandError(f"{count} differences", returncode=1)
        self.stdout.write("no differences")
