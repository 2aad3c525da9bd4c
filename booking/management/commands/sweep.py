"""`manage.py sweep`: everything that is due now, once, without Celery."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from booking import sweeping
from booking.elsewhere import looking


class Command(BaseCommand):
    help = "Do everything that is due now and print the counts as one JSON object."

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        counts = sweeping.run(at=at, sweeps=sweeping.SWEEPS + sweeping.APART)
        self.stdout.write(json.dumps(counts | {"calendars_read": looking.look_due(at=at)}))
