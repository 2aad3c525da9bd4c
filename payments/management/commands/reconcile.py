"""``manage.py reconcile``: the books against the gateway."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.formats import money
from payments import reconcile, webhooks
from payments.gateways import GatewayUnavailable
from payments.models import ConnectedAccount


class Command(BaseCommand):
    help = (
        "Compares the books with the payment gateway, prints each difference and mends what may safely be mended;"
        " exit 1 if there were any, 2 if the gateway does not answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="only what was made in the last so many days")
        parser.add_argument("--look", action="store_true", help="mend nothing")
        words = "print first what came in and went back, by account and currency"
        parser.add_argument("--sums", action="store_true", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        since = at - timedelta(days=options["days"]) if options["days"] else None
        apply = None if options["look"] else webhooks.apply
        try:
            outcome = reconcile.run(at=at, since=since, apply=apply)
        except GatewayUnavailable as away:
            raise CommandError(f"the gateway does not answer: {away.reason}", returncode=2) from away
        for line in self.sums(outcome) if options["sums"] else ():
            self.stdout.write(line)
        for found in outcome.mended:
            self.stdout.write(f"{found} Mended.")
        for found in outcome.left:
            self.stdout.write(str(found))
        if count := len(outcome.mended) + len(outcome.left):
            words = f"{count} differences, {len(outcome.mended)} of them mended"
            raise CommandError(words, returncode=1)
        self.stdout.write("no differences")

    def sums(self, outcome: reconcile.Outcome) -> Iterator[str]:
        """What came in and went back, by account, there and here."""
        rows = ConnectedAccount.objects.exclude(account_id=None).select_related("provider")
        named = {one.account_id: f"{one.account_id} ({one.name or one.provider.slug})" for one in rows}
        for (account, currency), sums in sorted(outcome.totals.items()):
            on = named.get(account, "the installation's own account")
            there = f"{money(sums.in_there, currency)} in, {money(sums.out_there, currency)} back"
            here = f"{money(sums.in_here, currency)} in, {money(sums.out_here, currency)} back"
            yield f"{on}: {there} at Stripe; {here} here."
