"""Who works for a provider: roles, limits, leaving. There is always an owner."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import ApiToken, Membership, Provider, Role
from config.refusal import Refusal


class LastOwner(Refusal):
    """Somebody has to be able to set things up."""

    code = "last_owner"


@transaction.atomic
def change(*, member: Membership, role: str, refund_limit: int | None) -> Membership:
    """Another role, or another sum that may be refunded alone (minor units; none: no limit). What a token of
    theirs may not do any more, it cannot from this moment on: its scopes are held against the role each time."""
    found = _locked(member)
    if role != Role.OWNER:
        _keep_an_owner(found)
    found.role, found.refund_limit = role, refund_limit
    found.save(update_fields=["role", "refund_limit"])
    return found


@transaction.atomic
def remove(*, member: Membership, at: datetime) -> None:
    """Access ends at once: pages and the calendar's address ask for the membership each time, tokens are revoked."""
    found = _locked(member)
    _keep_an_owner(found)
    tokens = ApiToken.objects.filter(provider=found.provider, user=found.user, revoked_at=None)
    tokens.update(revoked_at=at)
    found.delete()


def _locked(member: Membership) -> Membership:
    """As it is now, with everybody else who changes members of this provider waiting."""
    Provider.objects.locked().get(pk=member.provider_id)
    return Membership.objects.select_related("provider", "user").get(pk=member.pk)


def _keep_an_owner(leaves: Membership) -> None:
    if leaves.role != Role.OWNER:
        return
    others = Membership.objects.filter(provider=leaves.provider, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=leaves.pk).exists():
        raise LastOwner(_("There must be an owner. Make somebody else one first."))
