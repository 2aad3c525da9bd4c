"""The pages of the room Messages, in the order in which they stand."""

from __future__ import annotations

from django.utils.translation import gettext as _

from booking.dashboard.tabs import Tab, standing


def tabs(here: str) -> list[Tab]:
    """For `dashboard/_tabs.html`; ``here`` is the name of the address of the page itself."""
    pages = {
        "desk_messages": _("Sent and waiting"),
        "desk_wording": _("Wording"),
        "desk_reminders": _("Reminders"),
        "desk_channels": _("Channels"),
        "desk_notices": _("What you hear of"),
    }
    return standing(pages, here)
