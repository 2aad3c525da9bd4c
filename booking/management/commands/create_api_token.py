"""``manage.py create_api_token EMAIL``: a bearer token for the API, shown this once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import api_tokens
from booking.api_tokens import SCOPES
from booking.models import Membership, User


class Command(BaseCommand):
    help = "Makes a bearer token of one provider and prints it; it is shown this once and kept as a hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--provider", metavar="SLUG", help="which one, where there are several")
        parser.add_argument(
            "--scope", action="append", choices=SCOPES, help="may be given several times; read by default"
        )

    def handle(
        self, *args: Any, email: str, provider: str | None, scope: list[str] | None, **options: Any
    ) -> None:
        member = self.member(email, provider)
        scopes = [one for one in SCOPES if one in (scope or ["read"])]
        self.refuse_more_than_the_role(member, scopes)
        _row, token = api_tokens.make(member=member, scopes=scopes, at=timezone.now())
        self.stdout.write(token)

    def member(self, email: str, slug: str | None) -> Membership:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"nobody logs in as {email}")
        members = user.memberships.select_related("provider", "user").order_by("provider__slug")
        found = [one for one in members if slug in (None, one.provider.slug)]
        if not found:
            raise CommandError(f"{email} is no member of {slug or 'any provider'}")
        if len(found) > 1:
            slugs = ", ".join(one.provider.slug for one in found)
            raise CommandError(f"{email} is a member of several: name one with --provider ({slugs})")
        return found[0]

    def refuse_more_than_the_role(self, member: Membership, scopes: list[str]) -> None:
        if "refunds" in scopes and not member.may_refund:
            raise CommandError(f"{member.user.email} may not refund at {member.provider.slug}")
        if "write" in scopes and not member.may_act:
            raise CommandError(f"{member.user.email} may only look at {member.provider.slug}")
