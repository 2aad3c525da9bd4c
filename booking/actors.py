"""Who did it: the client, someone of the provider's (with the user), or the system by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from booking.models import User


@dataclass(frozen=True)
class Actor:
    """``kind`` is ``client``, ``provider`` or ``system``, as the timeline and the ledger write it."""

    kind: str
    user: User | None = None


CLIENT = Actor("client")
SYSTEM = Actor("system")


def provider(user: User | None = None) -> Actor:
    return Actor("provider", user)
