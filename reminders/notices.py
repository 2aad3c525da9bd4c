"""What a provider hears of, how soon, and by which channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from booking.models import Provider
from reminders.models import Notice, Route

# Groups of kinds, in the order in which a provider chooses and a summary tells them.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "bookings": ("booked", "series_booked", "approval_needed"),
    "changes": ("moved", "mode_changed", "cancelled", "series_cancelled"),
    "decisions": (
        "explained",
        "late_asked",
        "is_client_there",
        "decision_no_show",
        "link_missing",
        "needs_help",
        "refund_asked",
        "proposal_lapsed",
        "proposal_refused",
    ),
    "money": (
        "settled",
        "settlements_ahead",
        "payment_failed",
        "refund_failed",
        "dispute_opened",
        "dispute_closed",
        "account_ready",
        "account_stopped",
    ),
    "delivery": ("mail_bounced", "channel_failed", "channel_used_up", "calendar_failed", "webhook_off"),
    "other": (),
}
OF_KIND = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
# These lose their worth within minutes or hours, so they come at once and at least by e-mail.
URGENT = frozenset(
    {"is_client_there", "late_asked", "decision_no_show", "link_missing", "approval_needed", "needs_help"}
)
NEVER_BY_TEXT = frozenset({"daily"})


@dataclass(frozen=True)
class Choice:
    how: str = Notice.How.AT_ONCE
    channels: tuple[str, ...] = ("email",)


def group_of(kind: str) -> str:
    return OF_KIND.get(kind, "other")


def choices(provider: Provider) -> dict[str, Choice]:
    """By group, with what holds where nothing was chosen."""
    rows = {one.group: one for one in provider.notices.all()}
    return {
        group: Choice(rows[group].how, tuple(rows[group].channels) or ("email",))
        if group in rows
        else Choice()
        for group in GROUPS
    }


def choice(provider: Provider, kind: str) -> Choice:
    """How ``kind`` reaches the provider. What is urgent is never held back, nor left to a text alone."""
    if kind == "daily":
        return Choice()
    row = provider.notices.filter(group=group_of(kind)).first()
    chosen = Choice(row.how, tuple(row.channels) or ("email",)) if row else Choice()
    if kind in URGENT:
        return Choice(Notice.How.AT_ONCE, tuple(dict.fromkeys(("email", *chosen.channels))))
    return chosen


def choose(*, provider: Provider, group: str, how: str, channels: list[str]) -> Notice:
    """Keep a choice; channels that are not in use (any more) are left out."""
    known = {"email", *(one.channel for one in routes(provider))}
    row, _new = Notice.objects.update_or_create(
        provider=provider,
        group=group,
        defaults={"how": how, "channels": [one for one in channels if one in known]},
    )
    return row


def routes(provider: Provider) -> list[Route]:
    """The channels by which the provider itself can be reached."""
    return list(Route.objects.in_use().filter(provider=provider, for_provider=True))
