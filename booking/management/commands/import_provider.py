"""``manage.py import_provider FILE``: a provider's whole set-up from one JSON file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import transfer


class Command(BaseCommand):
    help = (
        "Makes a provider from a file, or brings the one with the same slug up to it (docs/provider-file.md)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the provider's JSON file, or - for standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as wrong:
            raise CommandError(f"{file} cannot be read: {wrong.strerror}") from None
        try:
            provider = transfer.load(file=transfer.read(content), at=timezone.now())
        except transfer.FileRefused as refused:
            raise CommandError(f"nothing was imported from {file}\n{refused.detail}") from None
        self.stdout.write(f"{provider.slug}: {provider.name} is as the file says")
        for member in provider.memberships.select_related("user"):
            if not member.user.has_usable_password():
                self.stdout.write(
                    f"{member.user.email} cannot log in yet: manage.py set_password {member.user.email}"
                )
