"""Everything that a provider sets up, on one page, by what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk


@dataclass(frozen=True)
class Place:
    """One page of the set-up: the name of its address, its title, what it is for, and the right it asks."""

    address: str
    title: str | Promise
    words: str | Promise
    may: str = "look"

    @property
    def url(self) -> str:
        return reverse(self.address)


# A new page of the set-up is a line here; "set_up" is its section in the shell.
GROUPS: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    (
        _("What you offer"),
        (
            Place("desk_services", _("Services"), _("What can be booked, for how long and at which price.")),
            Place("desk_profile", _("Profile and places"), _("Who you are, and where you meet.")),
            Place("desk_brand", _("Colour and logo"), _("How your pages, mails and receipts look.")),
        ),
    ),
    (
        _("When you work"),
        (
            Place("desk_hours", _("Weekly hours"), _("When clients can book you, week after week.")),
            Place("desk_days", _("Days that differ"), _("Holidays, trips and days with other hours.")),
            Place(
                "desk_holidays",
                _("Public holidays"),
                _("The holidays of your country, closed by one choice."),
            ),
            Place("desk_limits", _("Limits and travel"), _("How much you take on in a day and in a week.")),
            Place(
                "desk_calendars",
                _("Your other calendars"),
                _("When you are busy elsewhere, clients cannot book you."),
                "act",
            ),
        ),
    ),
    (
        _("Terms"),
        (
            Place("desk_policies", _("Policies"), _("Deposits, and what a late change costs.")),
            Place("desk_rules", _("Rules"), _("Your terms, as clients read them.")),
            Place(
                "desk_legal",
                _("Legal notice and privacy"),
                _("Who is behind your page, and what is kept of clients."),
            ),
        ),
    ),
    (
        _("Messages"),
        (
            Place("desk_wording", _("Wording"), _("What clients read, in your own words.")),
            Place("desk_reminders", _("Reminders"), _("When clients are reminded.")),
            Place("desk_channels", _("Channels"), _("SMS, WhatsApp or Telegram beside e-mail.")),
            Place("desk_notices", _("What you hear of"), _("At once, once a day or only here.")),
        ),
    ),
    (
        _("Money"),
        (
            Place(
                "desk_papers_set_up",
                _("Receipts and tax"),
                _("Your details on receipts, and your tax."),
                "own",
            ),
            Place("desk_money_limits", _("Limits"), _("Above which sum a second member approves a refund.")),
        ),
    ),
    (
        _("Where clients find you"),
        (
            Place(
                "desk_share",
                _("Link, QR and embed code"),
                _("Your booking page on your own site, on paper, in a message."),
            ),
            Place(
                "desk_subscribe", _("Calendar on your devices"), _("Your appointments in your own calendar.")
            ),
        ),
    ),
    (
        _("People"),
        (
            Place(
                "desk_members",
                _("Members"),
                _("Who works here and what they may do; invitations."),
                "own",
            ),
            Place("desk_tokens", _("Access for programs"), _("Tokens of the API.")),
            Place(
                "desk_webhooks",
                _("Tell your programs"),
                _("What happens here, sent to an address of yours: webhooks."),
                "own",
            ),
        ),
    ),
    (
        _("You"),
        (Place("desk_you", _("Name and log-in"), _("Language, e-mail, password, second factor.")),),
    ),
)


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The places that this member may open, by group."""
    groups = [(name, [one for one in places if one.may in desk.rights]) for name, places in GROUPS]
    return page(request, desk, "dashboard/set_up.html", section="set_up", groups=[g for g in groups if g[1]])
