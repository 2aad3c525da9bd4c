"""Bearer tokens: made, shown once, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import ApiToken, Membership
from booking.tokens import hash_of
from config.refusal import Refusal

SCOPES = ("read", "write", "refunds")
BYTES = 32


class MoreThanTheRole(Refusal):
    """A token may do no more than its member."""

    code = "more_than_the_role"
    status = 400


def allowed(member: Membership) -> list[str]:
    """The scopes that this member's role can have."""
    may = {"read": True, "write": member.may_act, "refunds": member.may_refund}
    return [one for one in SCOPES if may[one]]


def make(*, member: Membership, scopes: Iterable[str], name: str = "", at: datetime) -> tuple[ApiToken, str]:
    """The row and the token itself, of which nothing but the SHA-256 is kept."""
    asked = [one for one in SCOPES if one in set(scopes)]
    for one in asked:
        if one not in allowed(member):
            raise MoreThanTheRole(_("Your role has no right to “%(scope)s”.") % {"scope": one})
    token = f"kept_{secrets.token_urlsafe(BYTES)}"
    row = ApiToken.objects.create(
        provider=member.provider,
        user=member.user,
        name=name,
        token_hash=hash_of(token),
        scopes=asked,
        created_at=at,
    )
    return row, token


def revoke(*, token: ApiToken, at: datetime) -> None:
    """From the next request on it opens nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
