"""Asking somebody to help, by mail: one link, used once, that ends after a week."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from booking.models import Invitation, Membership, Provider, User
from booking.tokens import hash_of
from config.refusal import Refusal

log = logging.getLogger(__name__)
LIVES = timedelta(days=7)
BYTES = 24
MOST_OPEN = 50


class AlreadyMember(Refusal):
    """Whoever is in needs no invitation."""

    code = "already_member"


class TooManyOpen(Refusal):
    """Nobody sends mails to strangers through us."""

    code = "too_many"


class Ended(Refusal):
    """The link was used, withdrawn, replaced or left lying for too long."""

    code = "invitation_ended"


def invite(*, provider: Provider, email: str, role: str, by: User, at: datetime) -> Invitation:
    """Staged, mailed, settled. Invited again, an address gets a new link, and the one before ends."""
    email = email.strip().lower()
    token = secrets.token_urlsafe(BYTES)
    with transaction.atomic():
        Provider.objects.locked().get(pk=provider.pk)
        if Membership.objects.filter(provider=provider, user__email=email).exists():
            raise AlreadyMember(_("%(email)s is a member already.") % {"email": email})
        mine = Invitation.objects.filter(provider=provider).open()
        if mine.exclude(email=email).filter(expires_at__gt=at).count() >= MOST_OPEN:
            raise TooManyOpen(_("That many invitations wait already. Withdraw some first."))
        fresh = {
            "role": role,
            "invited_by": by,
            "created_at": at,
            "expires_at": at + LIVES,
            "token_hash": hash_of(token),
            "mailed_at": None,
        }
        found, _made = mine.update_or_create(provider=provider, email=email, defaults=fresh)
    if _mail(found, token):
        Invitation.objects.filter(pk=found.pk, token_hash=found.token_hash).update(mailed_at=at)
        found.mailed_at = at
    return found


def withdraw(*, invitation: Invitation, at: datetime) -> None:
    """Its link ends now."""
    Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=at)


def find(token: str, *, at: datetime) -> Invitation:
    """The invitation of a link that still lives. Raises ``Ended``."""
    open_ones = Invitation.objects.open().select_related("provider", "invited_by")
    found = open_ones.filter(token_hash=hash_of(token), expires_at__gt=at).first()
    if found is None:
        raise Ended(_("This invitation was used, withdrawn, or is too old. Ask for a new one."))
    return found


@transaction.atomic
def accept(*, token: str, user: User, at: datetime) -> Membership:
    """The user takes the place, once."""
    invitation = find(token, at=at)
    Provider.objects.locked().get(pk=invitation.provider_id)
    taken = Invitation.objects.open().filter(pk=invitation.pk, token_hash=invitation.token_hash)
    if not taken.update(accepted_at=at, accepted_by=user):
        raise Ended(_("This invitation was used, withdrawn, or is too old. Ask for a new one."))
    found, _made = Membership.objects.get_or_create(
        provider=invitation.provider, user=user, defaults={"role": invitation.role}
    )
    return found


def url(token: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}/dashboard/invitation/{token}/"


def _mail(invitation: Invitation, token: str) -> bool:
    """In the provider's language: of whoever is invited we know none. False where the mail server took nothing."""
    with translation.override(invitation.provider.language):
        facts = {
            "who": str(invitation.invited_by or invitation.provider.name),
            "provider": invitation.provider.name,
            "url": url(token),
        }
        subject = _("%(who)s invites you to work for %(provider)s") % facts
        text = _(
            "Hello,\n\n%(who)s would like you to help with the appointments of %(provider)s.\n\n"
            "With this link you say yes:\n%(url)s\n\n"
            "It works once, within a week. If you do not know them, do nothing.\n\nKept\n"
        )
        mail = EmailMessage(
            " ".join(subject.split()),
            text % facts,
            to=[invitation.email],
            headers={"X-Kept-Kind": "member_invitation"},
        )
    try:
        mail.send()
    except OSError as away:
        log.error("an invitation was not sent: %s", away)
        return False
    return True
