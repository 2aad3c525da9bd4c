"""`manage.py erase_client UID…`: after an older backup was restored, erase again who was erased since."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from booking import lifecycle
from booking.actors import SYSTEM
from booking.models import Client
from config.refusal import Refusal


class Command(BaseCommand):
    help = "Erase clients by their ids, for good. The log names those erased before: 'client erased: ID'."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", nargs="+", type=UUID)

    def handle(self, *args: Any, uid: list[UUID], **options: Any) -> None:
        left = [one for one in uid if not self._erase(one)]
        if left:
            raise CommandError(f"not erased: {', '.join(map(str, left))}")

    def _erase(self, uid: UUID) -> bool:
        client = Client.objects.filter(uid=uid).first()
        if client is None:
            self.stderr.write(f"{uid}: there is no such client")
            return False
        try:
            lifecycle.erase(client=client, by=SYSTEM, at=timezone.now())
        except Refusal as no:
            self.stderr.write(f"{uid}: {no}")
            return False
        self.stdout.write(f"{uid}: erased")
        return True
