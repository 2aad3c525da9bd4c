"""``manage.py verify_invariants``: does the database hold what must be true of it?"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from config import invariants


class Command(BaseCommand):
    help = "Asks the database, by SQL of its own, whether every invariant holds; exit 1 and the rows if not."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for verdict in invariants.verify(connection):
            invariant = verdict.invariant
            if not verdict.count:
                self.stdout.write(f"holds   {invariant.name}: {invariant.what}")
                continue
            broken += 1
            self.stdout.write(f"BROKEN  {invariant.name}: {invariant.what} ({verdict.count} violations)")
            for row in verdict.rows:
                self.stdout.write("        " + ", ".join(f"{name}={value}" for name, value in row.items()))
            if verdict.count > len(verdict.rows):
                self.stdout.write(f"        and {verdict.count - len(verdict.rows)} more")
        if broken:
            raise SystemExit(1)
