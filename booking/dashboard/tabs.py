"""The pages of the room Clients, in the order in which they stand."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

Tab = tuple[str, str, bool]


def tabs(here: str) -> list[Tab]:
    """For `dashboard/_tabs.html`; ``here`` is the name of the address of the page itself."""
    pages = {
        "desk_clients": _("All clients"),
        "desk_wishes": _("Hours and wishes"),
        "desk_cost_offer": _("When it costs too much"),
        "desk_clients_import": _("Bring clients along"),
    }
    return standing(pages, here)


def standing(pages: dict[str, str], here: str) -> list[Tab]:
    """Of any room: the addresses of its pages by name, with their titles, in order."""
    return [(reverse(page), name, page == here) for page, name in pages.items()]
