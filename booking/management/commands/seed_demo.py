"""``manage.py seed_demo``: a believable studio with history, for a look around."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import demo
from booking.demo import cast


class Command(BaseCommand):
    help = "Makes a studio with half a year of history and prints its log-ins; safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="also where DEBUG is off, with passwords that everyone knows"
        )

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        if not settings.DEBUG and not force:
            raise CommandError("the demo's passwords are known to everyone: only with DEBUG on, or --force")
        if settings.STRIPE_SECRET_KEY:
            raise CommandError("the demo pays in the sandbox: unset STRIPE_SECRET_KEY first")
        demo.seed(at=timezone.now())
        self.stdout.write(f"Studio Lumen, a demo: {settings.BASE_URL}/{cast.SLUG}/")
        for login in demo.LOGINS:
            self.stdout.write(f"  {login.who:<12} {login.email:<32} {cast.PASSWORD}")
