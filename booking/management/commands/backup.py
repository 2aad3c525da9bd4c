"""``manage.py backup FILE``: the whole installation as one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import backup


class Command(BaseCommand):
    help = "Saves everything in the database as one file that restore takes, on either database. Not .env."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = backup.save(path=file, at=timezone.now())
        except OSError as wrong:
            raise CommandError(f"{file} cannot be written: {wrong.strerror}") from None
        count = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{file}: {count} rows of {len(manifest['tables'])} tables")
        self.stdout.write("The secrets in .env are not in it: keep them apart.")
