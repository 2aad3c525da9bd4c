"""Who sits at the desks of the tests, and what happened there before."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client as Browser

from booking.models import Appointment, Membership, Provider, User
from tests.booking import stories
from tests.booking.stories import HOUR, MINUTE, MONDAY


def member(provider: Provider, role: str, email: str = "") -> User:
    user = User.objects.create_user(email or f"{role}@example.org", "a long password 1")
    Membership.objects.create(provider=provider, user=user, role=role)
    return user


def owner(provider: Provider) -> User:
    return User.objects.get(memberships__provider=provider, memberships__role="owner")


def standing_as(provider: Provider, role: str) -> None:
    """Who was the owner is something else from now on, and somebody else owns it all."""
    boss = owner(provider)
    member(provider, "owner", "the-new-owner@example.org")
    Membership.objects.filter(provider=provider, user=boss).update(role=role)


def browser(user: User, *, second_factor: bool = True) -> Browser:
    """Logged in, and with a second factor shown that stays fresh however far a test's clock goes."""
    found = Browser()
    found.force_login(user)
    if second_factor:
        show_factor(found, user)
    return found


def show_factor(found: Browser, user: User, *, at: float = 4_102_444_800) -> None:
    if not Authenticator.objects.filter(user=user, type="totp").exists():
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    session = found.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": at, "type": "totp"}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def missed(provider: Provider, **over: Any) -> Appointment:
    """Confirmed for Monday, and marked as missed at the end of grace."""
    from booking import lifecycle

    appointment = stories.confirmed(provider, **over)
    at = appointment.starts_at + 20 * MINUTE
    lifecycle.mark_no_show(appointment=appointment, by=stories.owner(provider), at=at)
    return stories.fresh(appointment)


__all__ = [
    "HOUR",
    "MINUTE",
    "MONDAY",
    "browser",
    "member",
    "missed",
    "owner",
    "show_factor",
    "standing_as",
    "text",
]
