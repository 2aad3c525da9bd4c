"""``manage.py platform_fee``: what the installation keeps of one provider's payments."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.models import Provider
from config.refusal import Refusal
from payments import accounts
from policies.rules.money import BASIS_POINTS


class Command(BaseCommand):
    help = (
        "Sets what this installation keeps of the payments on a provider's own account, in hundredths of a percent"
        " (150 is 1.5 %), from the next payment on; 'default' goes back to STRIPE_CONNECT_FEE."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("basis_points", help=f"0 to {BASIS_POINTS}, or 'default'")

    def handle(self, *args: Any, **options: Any) -> None:
        said = options["basis_points"]
        if said != "default" and not (said.isascii() and said.isdecimal() and int(said) <= BASIS_POINTS):
            raise CommandError(f"{said!r}: say 0 to {BASIS_POINTS} hundredths of a percent, or default")
        provider = Provider.objects.filter(slug=options["slug"]).first()
        if provider is None:
            raise CommandError(f"there is no provider {options['slug']!r}")
        try:
            account = accounts.set_fee(
                provider=provider, basis_points=None if said == "default" else int(said)
            )
        except Refusal as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stdout.write(f"{provider.slug}: {accounts.fee_of(account)} hundredths of a percent")
