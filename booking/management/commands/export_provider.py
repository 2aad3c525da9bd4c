"""``manage.py export_provider SLUG``: the provider's file on standard output."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking import transfer
from booking.models import Provider


class Command(BaseCommand):
    help = "Writes a provider's set-up as the JSON file that import_provider takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        provider = Provider.objects.filter(slug=slug).first()
        if provider is None:
            raise CommandError(f'there is no provider with the slug "{slug}"')
        self.stdout.write(transfer.dumps(transfer.dump(provider=provider)), ending="")
