"""``manage.py set_password EMAIL``: a new password, read from standard input."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from booking.models import User


class Command(BaseCommand):
    help = "Sets the password of a log-in; the new one is read from standard input, one line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"nobody logs in as {email}")
        password = getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        try:
            validate_password(password, user)
        except ValidationError as wrong:
            raise CommandError("the password was not set\n" + "\n".join(wrong.messages)) from None
        user.set_password(password)
        user.save(update_fields=["password"])
        self.stdout.write(f"{user.email} can log in with the new password")
