"""Bearer tokens: one provider each, with scopes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from booking.models import ApiToken, Membership, Provider, Role, User

READ, WRITE, REFUNDS = "read", "write", "refunds"
SCOPES = (READ, WRITE, REFUNDS)


@dataclass(frozen=True)
class Access:
    """What a token opens: one provider, with the scopes that its user's role still allows today. ``owner``: that
    of an owner's, or of a superuser's."""

    pk: int
    provider: Provider
    user: User
    scopes: frozenset[str]
    owner: bool = False


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Bearer(BaseAuthentication):
    """``Authorization: Bearer …``. A token of a user who left the provider opens nothing."""

    def authenticate(self, request: Request) -> tuple[User, Access] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        access = access_of(token.strip())
        if access is None:
            raise AuthenticationFailed(_("This token is not valid (any more)."))
        return access.user, access

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def access_of(token: str) -> Access | None:
    """What the token opens now; None where it opens nothing."""
    found = (
        ApiToken.objects.select_related("provider", "user")
        .filter(token_hash=hash_of(token), revoked_at=None, user__is_active=True)
        .first()
    )
    if found is None:
        return None
    member = Membership.objects.filter(provider=found.provider, user=found.user).first()
    scopes = _allowed(member, found.user) & set(found.scopes)
    if not scopes:
        return None
    owner = found.user.is_superuser or (member is not None and member.role == Role.OWNER)
    return Access(found.pk, found.provider, found.user, frozenset(scopes | {READ}), owner)


def _allowed(member: Membership | None, user: User) -> set[str]:
    """The scopes that a role can have: it may have been narrowed since the token was made."""
    if user.is_superuser:
        return set(SCOPES)
    if member is None:
        return set()
    allowed = {READ}
    if member.may_act:
        allowed.add(WRITE)
    if member.may_refund:
        allowed.add(REFUNDS)
    return allowed


class HasScope(BasePermission):
    """Reading needs any scope; for the rest the view names the one, ``write`` unless it says otherwise."""

    message = _("The token lacks the scope for this.")
    code = "scope_missing"

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, Access):
            return False
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return True
        return getattr(view, "scope", WRITE) in request.auth.scopes
