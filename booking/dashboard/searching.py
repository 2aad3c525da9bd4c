"""What is typed into the search of a list: first the clients whom it means, then what is theirs.

One provider's clients are few beside all that was ever booked: looked through first, they lead to the rest by
index. Where it means more than ``FEW``, nearly every row will do, and the list is walked until a page is full."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from booking.dashboard.desk import Desk
from booking.models import Client

LONGEST = 100
FEW = 100


def clients(desk: Desk, said: str) -> QuerySet[Client]:
    """By name or address."""
    return desk.clients.filter(Q(name__icontains=said) | Q(email__icontains=said))


def theirs(desk: Desk, said: str, *paths: str) -> Q:
    """What is of the clients that are meant, by any of the paths that lead to one."""
    meant = clients(desk, said)
    few = list(meant.values_list("pk", flat=True)[: FEW + 1])
    found = Q()
    for path in paths:
        found |= Q(**{f"{path}__in": few if len(few) <= FEW else meant})
    return found
