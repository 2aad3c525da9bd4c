"""Messages as the provider reads of them: what kind, to whom, how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Provider
from config.formats import short_moment
from reminders import delivery
from reminders.models import Message

KINDS: dict[str, str | Promise] = {
    "confirmed": gettext_lazy("Confirmation"),
    "requested": gettext_lazy("Request passed on"),
    "confirm_booking": gettext_lazy("Asks for a yes by mail"),
    "pay_link": gettext_lazy("Approved: please pay"),
    "moved": gettext_lazy("Moved"),
    "mode_changed": gettext_lazy("Another way to meet"),
    "move_asks_deposit": gettext_lazy("New time: please pay"),
    "cancelled": gettext_lazy("Cancelled"),
    "declined": gettext_lazy("Declined, with other times"),
    "expired": gettext_lazy("Not taken up in time"),
    "reminder": gettext_lazy("Reminder, two days ahead"),
    "reminder_day": gettext_lazy("Reminder, a day ahead"),
    "reminder_hours": gettext_lazy("Reminder, hours ahead"),
    "contact": gettext_lazy("We are waiting for you"),
    "no_show": gettext_lazy("After a missed appointment"),
    "no_show_undone": gettext_lazy("Correction: not missed"),
    "refund": gettext_lazy("Refund"),
    "excused": gettext_lazy("Excused"),
    "terms_kept": gettext_lazy("Answer: the terms stay"),
    "credit_ends": gettext_lazy("Credit ends soon"),
    "paid_too_late": gettext_lazy("Paid too late, with an apology"),
    "late_accepted": gettext_lazy("We wait for you"),
    "fee_owed": gettext_lazy("Please pay what is owed"),
    "card_charged": gettext_lazy("Your card was charged"),
    "balance_due": gettext_lazy("Please pay the rest"),
    "already_has_credit": gettext_lazy("You have a credit"),
    "note_shared": gettext_lazy("A note for the client"),
    "address_confirm": gettext_lazy("Is this your address?"),
    "address_changed": gettext_lazy("Your address was changed"),
    "my_links": gettext_lazy("Links asked for again"),
    "series_confirmed": gettext_lazy("Confirmation of a series"),
    "series_cancelled": gettext_lazy("The rest of a series cancelled"),
    "series_booked": gettext_lazy("New bookings in a series"),
    "booked": gettext_lazy("New booking"),
    "approval_needed": gettext_lazy("Asks for your yes"),
    "payment_failed": gettext_lazy("A payment failed"),
    "is_client_there": gettext_lazy("Is the client there?"),
    "decision_no_show": gettext_lazy("Was it missed?"),
    "link_missing": gettext_lazy("The meeting link is missing"),
    "explained": gettext_lazy("The client told what happened"),
    "late_asked": gettext_lazy("The client is late"),
    "needs_help": gettext_lazy("Needs help with the call"),
    "settled": gettext_lazy("Money settled"),
    "settlements_ahead": gettext_lazy("What will be settled"),
    "refund_failed": gettext_lazy("A refund failed"),
    "proposal": gettext_lazy("Times proposed"),
    "proposal_lapsed": gettext_lazy("Proposed times no longer kept"),
    "proposal_withdrawn": gettext_lazy("Proposed times taken back"),
    "proposal_refused": gettext_lazy("None of the times suits"),
    "daily": gettext_lazy("Summary of the day"),
    "mail_bounced": gettext_lazy("Mails do not arrive"),
    "channel_failed": gettext_lazy("A channel does not work"),
    "channel_used_up": gettext_lazy("A channel's month is used up"),
    "calendar_failed": gettext_lazy("A calendar cannot be read"),
    "webhook_off": gettext_lazy("A program cannot be told"),
    "credited": gettext_lazy("Given as a credit"),
    "refund_asked": gettext_lazy("A refund waits for a second yes"),
    "dispute_opened": gettext_lazy("A payment is disputed"),
    "dispute_closed": gettext_lazy("A dispute is over"),
    "account_ready": gettext_lazy("Clients can pay on your account"),
    "account_stopped": gettext_lazy("Your account takes no payments"),
}
TONES = {"waiting": "info", "sent": "good", "failed": "bad", "dropped": "plain", "passed": "plain"}


@dataclass(frozen=True)
class Row:
    """``at`` is when it was or will be sent."""

    message: Message
    kind: str
    state: str
    tone: str
    at: datetime
    when: str

    @property
    def to_client(self) -> bool:
        return self.message.to == Message.To.CLIENT


def rows(messages: Iterable[Message], *, zone: str) -> list[Row]:
    return [row(message, zone=zone) for message in messages]


def row(message: Message, *, zone: str) -> Row:
    at = message.sent_at or message.dropped_at or message.due_at
    return Row(
        message=message,
        kind=str(KINDS.get(message.kind, message.kind)),
        state=state_names()[message.state],
        tone=TONES[message.state],
        at=at,
        when=short_moment(at, zone),
    )


def trouble(provider: Provider, *, at: datetime) -> dict[str, Any]:
    """For `dashboard/messages/_trouble.html`."""
    late, failing = delivery.trouble_at(provider=provider, at=at)
    return {"late_minutes": int(late.total_seconds() // 60) if late else 0, "failing": failing}


def state_names() -> dict[str, str]:
    return {
        Message.State.WAITING: _("Waits"),
        Message.State.SENT: _("Sent"),
        Message.State.FAILED: _("Failed"),
        Message.State.DROPPED: _("Not needed any more"),
        Message.State.PASSED: _("Told another way"),
    }
