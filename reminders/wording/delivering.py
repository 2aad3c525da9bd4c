"""What a provider hears about the house itself: messages, the account that it is paid on, the summary of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Block, Link, Links, Row, Rows, Words
from reminders.wording.shared import Catalogue, Draft

GROUP_NAMES: Mapping[str, Any] = {
    "bookings": gettext_lazy("New appointments"),
    "changes": gettext_lazy("Changes and cancellations"),
    "decisions": gettext_lazy("What waits for you"),
    "money": gettext_lazy("Money"),
    "delivery": gettext_lazy("Messages and channels"),
    "other": gettext_lazy("Everything else"),
}


def daily(case: Case) -> Draft:
    """Everything since the last one, group by group, each with its link."""
    told = list(case.facts.get("told") or [])
    words = ngettext(
        "{count} thing since the last summary", "{count} things since the last summary", len(told)
    )
    blocks: list[Block | None] = [Words(words.format(count=len(told)) + ".")]
    for group, name in GROUP_NAMES.items():
        mine = [one for one in told if one["group"] == group]
        blocks.append(Links([Link(safe.line(one["subject"]), one["url"]) for one in mine], str(name)))
    blocks.append(_open(_("Open today"), ""))
    return Draft(
        subject=_("Your day at {provider}: {news}").format(
            provider=case.provider, news=words.format(count=len(told))
        ),
        heading=_("What happened"),
        preview=told[0]["subject"] if told else words.format(count=0),
        blocks=blocks,
    )


def mail_bounced(case: Case) -> Draft:
    name, complained = safe.typed(case.facts.get("name") or ""), bool(case.facts.get("complained"))
    if complained:
        said = _("{name} marked our mails as unwanted. No more go there, but those about money.")
    else:
        said = _("Mails to {name} come back. No more go there, but those about money.")
    what_to_do = _(
        "Ask for another address, and correct it on the client's page: what is due then goes there."
    )
    return Draft(
        subject=_("Mails do not reach {name}").format(name=name),
        heading=_("Mails do not reach {name}").format(name=name),
        preview=said.format(name=name),
        blocks=[
            Words(said.format(name=name)),
            Rows(
                [
                    Row(_("Address"), safe.typed(case.facts.get("email") or "", longest=254)),
                    Row(_("What the mail server said"), safe.line(case.facts.get("why") or "", longest=300)),
                ]
            ),
            Words(what_to_do),
            _open(_("Open the client"), f"clients/{case.facts.get('client')}/"),
        ],
    )


def channel_failed(case: Case) -> Draft:
    name = safe.line(case.facts.get("name") or "", longest=60)
    return Draft(
        subject=_("The channel {name} does not work").format(name=name),
        heading=_("The channel {name} does not work").format(name=name),
        preview=_("Look at it and test it"),
        blocks=[
            Words(_("What should have gone there goes by e-mail meanwhile, where that is possible.")),
            Rows([Row(_("Answer"), safe.line(case.facts.get("failure") or "", longest=300))]),
            _open(_("Look at it and test it"), "messages/channels/"),
        ],
    )


def channel_used_up(case: Case) -> Draft:
    name = safe.line(case.facts.get("name") or "", longest=60)
    percent, cap = int(case.facts.get("percent") or 100), int(case.facts.get("cap") or 0)
    if percent < 100:
        said = _("{share} of the {cap} messages of this month are used.").format(
            share=f"{percent} %", cap=cap
        )
    else:
        said = _("All {cap} messages of this month are used. What follows goes by e-mail.").format(cap=cap)
    return Draft(
        subject=_("Channel {name}: {share} of this month").format(name=name, share=f"{percent} %"),
        heading=_("The month's limit of {name}").format(name=name),
        preview=said,
        blocks=[Words(said), _open(_("Change the limit"), "messages/channels/")],
    )


def calendar_failed(case: Case) -> Draft:
    name = safe.line(case.facts.get("name") or "", longest=60)
    since = case.instant("since")
    told = [Row(_("Since"), case.clock(since))] if since else []
    return Draft(
        subject=_("The calendar {name} cannot be read").format(name=name),
        heading=_("The calendar {name} cannot be read").format(name=name),
        preview=_("Clients may be offered times at which you are busy."),
        blocks=[
            Words(_("Clients may be offered times at which you are busy.")),
            Rows(told),
            Words(_("What it said before still counts, and it is asked again every hour.")),
            _open(_("See what to do"), "set-up/calendars/"),
        ],
    )


def webhook_off(case: Case) -> Draft:
    host = safe.line(case.facts.get("host") or "", longest=100)
    since = case.instant("since")
    told = [Row(_("Since"), case.clock(since))] if since else []
    return Draft(
        subject=_("The program at {host} is not told any more").format(host=host),
        heading=_("The program at {host} is not told any more").format(host=host),
        preview=_("It did not take what it was told, so its address was switched off."),
        blocks=[
            Words(_("It did not take what it was told, so its address was switched off.")),
            Rows(told),
            Words(_("Once it works again, switch it on; what it missed can be sent again from there.")),
            _open(_("See what it answered"), "set-up/webhooks/"),
        ],
    )


def account_ready(case: Case) -> Draft:
    return Draft(
        subject=_("Clients can pay on your own account"),
        heading=_("Your account is ready"),
        preview=_("What is paid from now on goes straight to you."),
        blocks=[
            Words(_("Stripe has what it needs. What is paid from now on goes straight to your own account.")),
            Words(_("What was paid before stays where it is, and is given back from there.")),
            _open(_("See your account"), "money/account/"),
        ],
    )


def account_stopped(case: Case) -> Draft:
    restricted = _("Stripe does not let your account take payments just now.")
    gone = _("Your account was disconnected at Stripe.")
    said = gone if case.facts.get("gone") else restricted
    return Draft(
        subject=_("Deposits cannot be taken: your account needs you"),
        heading=_("Your account takes no payments"),
        preview=said,
        blocks=[
            Words(said),
            Words(
                _(
                    "Clients who pay a deposit cannot book meanwhile; they are told so kindly, and nothing is lost."
                    " The page says what is missing."
                )
            ),
            _open(_("See what is missing"), "money/account/"),
        ],
    )


def _open(label: str, path: str) -> Links:
    return Links([Link(label, f"{settings.BASE_URL}/dashboard/{path}", main=True)])


SAYS: Catalogue = {
    "daily": daily,
    "mail_bounced": mail_bounced,
    "channel_failed": channel_failed,
    "channel_used_up": channel_used_up,
    "calendar_failed": calendar_failed,
    "webhook_off": webhook_off,
    "account_ready": account_ready,
    "account_stopped": account_stopped,
}
