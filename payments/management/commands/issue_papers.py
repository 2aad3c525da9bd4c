"""`manage.py issue_papers`: receipts and credit notes of money that moved before there were papers."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments import papers


class Command(BaseCommand):
    help = "Issue the papers that are missing and print how many as one JSON object."

    def handle(self, *args: Any, **options: Any) -> None:
        issued = 0
        while made := papers.issue_missing(at=timezone.now()):
            issued += made
        self.stdout.write(json.dumps({"papers": issued}))
