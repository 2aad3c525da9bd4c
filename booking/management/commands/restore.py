"""``manage.py restore FILE``: an installation from the file that backup made."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import backup


class Command(BaseCommand):
    help = "Loads a backup into an empty installation that was migrated; all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete what is in the database first")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = backup.restore(path=file, replace=replace)
        except backup.NotRestored as refused:
            raise CommandError(f"nothing was restored: {refused.detail}") from None
        except OSError as wrong:
            raise CommandError(f"{file} cannot be read: {wrong.strerror}") from None
        count = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{count} rows of {manifest['made_at']} are here, and every invariant holds")
