"""Clients who are probably one person that booked under two addresses."""

from __future__ import annotations

from django.db.models import Q

from booking.models import Client

MOST = 5


def likely(*, client: Client) -> list[tuple[Client, list[str]]]:
    """Others of the same provider with the same name, number or mailbox, each with what they have in common
    (``name``, ``phone``, ``mailbox``); those with more of it first. Asks once. It is a
    guess: two people may share a number."""
    if client.erased_at:
        return []
    box, domain = _mailbox(client.email)
    same = Q(name__iexact=client.name) | Q(email__iexact=f"{box}@{domain}")
    same |= Q(email__istartswith=f"{box}+", email__iendswith=f"@{domain}")
    if client.phone:
        same |= Q(phone=client.phone)
    others = Client.objects.filter(same, provider=client.provider_id, erased_at=None).exclude(pk=client.pk)
    found = [(one, in_common(client, one)) for one in others.order_by("name", "pk")[: 4 * MOST]]
    return sorted(found, key=lambda pair: -len(pair[1]))[:MOST]


def in_common(one: Client, other: Client) -> list[str]:
    found = []
    if one.name.casefold() == other.name.casefold():
        found.append("name")
    if one.phone and one.phone == other.phone:
        found.append("phone")
    if _mailbox(one.email) == _mailbox(other.email):
        found.append("mailbox")
    return found


def _mailbox(email: str) -> tuple[str, str]:
    """Where mail arrives: what stands behind a plus sorts it, and leads nowhere else."""
    local, _at, domain = email.lower().rpartition("@")
    return local.partition("+")[0], domain
