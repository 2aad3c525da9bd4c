"""What a user has beside the password, and when it was last shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.urls import reverse

LASTS = 12 * 60 * 60
WAY_ON = "way_on"  # in the session: where somebody was sent from to set one up


@dataclass(frozen=True)
class Factors:
    """All of a user's: passkeys and keys, whether an app makes codes, and how many recovery codes are left."""

    keys: tuple[Any, ...]
    app: bool
    codes_left: int

    def __bool__(self) -> bool:
        return bool(self.keys) or self.app


def is_set_up(user: Any) -> bool:
    return bool(is_mfa_enabled(user))


def shown(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session within the last half day."""
    records = get_authentication_records(request, request.user)
    at = [float(one["at"]) for one in records if one.get("method") == "mfa"]
    return bool(at) and time.time() - max(at) < LASTS


def where_to_show(user: Any) -> str:
    """The page that asks for it: a code where there is an app, else the passkey."""
    by_app = is_mfa_enabled(user, [Authenticator.Type.TOTP])
    return reverse("mfa_reauthenticate" if by_app else "mfa_reauthenticate_webauthn")


def of(user: Any) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = [one for one in rows if one.type == Authenticator.Type.RECOVERY_CODES]
    return Factors(
        keys=tuple(one for one in rows if one.type == Authenticator.Type.WEBAUTHN),
        app=any(one.type == Authenticator.Type.TOTP for one in rows),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else 0,
    )


def waiting_address(user: Any) -> str:
    """The address that a user wants to change to and has not confirmed yet."""
    found = EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).first()
    return found.email if found else ""


def log_ins(user: Any) -> int:
    """On how many devices this user is logged in."""
    return len(UserSession.objects.purge_and_list(user))
