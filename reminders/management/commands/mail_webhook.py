"""The address at which the sender of our mails reports what came back."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Prints the address to give to the sender of EMAIL_URL for its reports of bounces and complaints."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.MAIL_SENDER:
            raise CommandError("EMAIL_URL is no sender that reports: by SMTP a refusal is seen at once")
        scheme, _mark, rest = settings.BASE_URL.partition("://")
        secret = settings.ANYMAIL["WEBHOOK_SECRET"]
        self.stdout.write(f"{scheme}://{secret}@{rest}/webhooks/mail/{settings.MAIL_SENDER}/")
