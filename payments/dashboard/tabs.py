"""The pages of the room Money, in the order in which they stand."""

from __future__ import annotations

from django.utils.translation import gettext as _

from booking.dashboard.tabs import Tab, standing
from payments import accounts


def tabs(here: str) -> list[Tab]:
    """For `dashboard/_tabs.html`; ``here`` is the name of the address of the page itself."""
    pages = {
        "desk_deposits": _("Deposits"),
        "desk_owed": _("Owed"),
        "desk_settlements": _("Settlements"),
        "desk_refunds": _("Refunds"),
        "desk_disputes": _("Disputes"),
        "desk_money_limits": _("Limits"),
        "desk_statements": _("Statements"),
        "desk_papers": _("Papers"),
        "desk_differences": _("Differences"),
    }
    if accounts.is_on():
        pages["desk_account"] = _("Account")
    return standing(pages, here)
