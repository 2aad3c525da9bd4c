"""What each act does, said before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from booking import quotes
from booking.models import Appointment, Status
from config import formats
from policies.rules import no_show
from policies.rules.outcomes import Outcome


@dataclass(frozen=True)
class Stake:
    """The money of one appointment: held now, what the client loses as things stand, how much of that
    was ``paid`` and can go back, and when it is settled."""

    held: int = 0
    lost: int = 0
    paid: int = 0
    due_at: datetime | None = None


class Consequences:
    """The words for each act on one appointment. Asks no database."""

    def __init__(self, appointment: Appointment, stake: Stake, *, missed: Outcome | None = None) -> None:
        self.appointment, self.stake, self.missed = appointment, stake, missed
        self.name = appointment.client.name

    def of(self, act: str) -> str:
        found: str = getattr(self, act)()
        return found

    def money(self, amount: int) -> str:
        return formats.money(amount, self.appointment.currency)

    def clock(self, when: datetime) -> str:
        return formats.time(when, self.appointment.provider.timezone)

    def approve(self) -> str:
        if not self.appointment.deposit_amount:
            return _("%(name)s gets the confirmation at once.") % {"name": self.name}
        return _(
            "%(name)s is sent the link to pay the deposit of %(deposit)s. The time is kept for it for a day at most."
        ) % {"name": self.name, "deposit": self.money(self.appointment.deposit_amount)}

    def decline(self) -> str:
        return _(
            "%(name)s gets a kind no with your note and other times: those you tick, kept for a day, or else three "
            "that are free. This time is free again."
        ) % {"name": self.name}

    def propose(self) -> str:
        if self.appointment.status == Status.CONFIRMED:
            return _(
                "%(name)s gets a mail with the times and takes one with a tap. The old time stands until then; the "
                "deposit goes along, and nothing counts against anybody. A no may become a cancel with all back."
            ) % {"name": self.name}
        return _(
            "%(name)s gets a mail with the times and takes one with a tap. They are kept until then, for as long as "
            "you say."
        ) % {"name": self.name}

    def withdraw_proposal(self) -> str:
        return _("The times are free again, and %(name)s is told that you are sorry.") % {"name": self.name}

    def urgent(self) -> str:
        return _(
            "If %(name)s wants to cancel late, we first ask: can you still make it, by phone, by video, a little "
            "later? It never blocks the cancel."
        ) % {"name": self.name}

    def not_urgent(self) -> str:
        return _("A late cancel is no longer asked about first.")

    def cancel(self) -> str:
        facts = {"name": self.name, "held": self.money(self.stake.held)}
        if self.stake.held:
            return (
                _(
                    "All of the deposit, %(held)s, goes back, whatever the notice, and nothing counts against "
                    "%(name)s, who gets your note and three new times."
                )
                % facts
            )
        return _("Nothing was paid, so no money moves. %(name)s gets your note and three new times.") % facts

    def arrive(self) -> str:
        return _("Noted, and nothing goes out. The appointment counts as attended.")

    def helped(self) -> str:
        return _("It leaves this list. If the test fails again, %(name)s can ask again.") % {
            "name": self.name
        }

    def contact(self) -> str:
        return _(
            "%(name)s gets a mail now: you wait until %(until)s, here is the link, and a button to say “I am late”."
        ) % {"name": self.name, "until": self.clock(self.appointment.grace_ends_at)}

    def accept_late(self) -> str:
        minutes = self.appointment.asked_delay_minutes
        until = no_show.grace_ends_at(
            self.appointment.starts_at, quotes.terms(self.appointment), delay=timedelta(minutes=minutes)
        )
        return _("You wait until %(until)s, and %(name)s is told so.") % {
            "name": self.name,
            "until": self.clock(until),
        }

    def no_show(self) -> str:
        after = formats.length(quotes.terms(self.appointment).settle_after)
        if self.missed is None:
            return _(
                "The terms apply. What %(name)s loses is settled after %(after)s: until then you can excuse it."
            ) % {"name": self.name, "after": after}
        if self.missed.forgiven:
            return _("Your terms forgive this one by themselves. %(name)s is told so, kindly.") % {
                "name": self.name
            }
        parts = (
            (_("%(amount)s of the deposit is kept"), self.missed.forfeit),
            (_("%(amount)s is owed on top"), self.missed.fee),
            (_("%(amount)s waits as a credit"), self.missed.carry),
            (_("%(amount)s goes back"), self.missed.refund),
        )
        told = [words % {"amount": self.money(amount)} for words, amount in parts if amount]
        if not self.missed.cost:
            return _("It costs nothing (%(what)s). %(name)s gets a mail with three new times.") % {
                "what": "; ".join(told) or _("no money was paid"),
                "name": self.name,
            }
        return _(
            "As agreed, %(what)s. Money moves after %(after)s and not before; until then you can excuse it. "
            "%(name)s gets a mail with the terms, how to explain and three new times."
        ) % {"what": ", ".join(told), "after": after, "name": self.name}

    def undo_arrive(self) -> str:
        return _("It was somebody else: the wait for %(name)s goes on, and nobody is written to.") % {
            "name": self.name
        }

    def undo_no_show(self) -> str:
        return _("The mark is taken back as if it had never been made, and %(name)s gets a correction.") % {
            "name": self.name
        }

    def complete(self) -> str:
        if self.stake.held:
            return _("Kept. The deposit of %(held)s becomes part of the price; %(rest)s is left to pay.") % {
                "held": self.money(self.stake.held),
                "rest": self.money(max(self.appointment.price - self.stake.held, 0)),
            }
        return _("Kept. The price of %(price)s is still to be paid.") % {
            "price": self.money(self.appointment.price)
        }

    def excuse(self) -> str:
        if self.stake.lost:
            return _(
                "Up to %(lost)s can be waived. In full, nothing counts against %(name)s. A mail says so."
            ) % {
                "lost": self.money(self.stake.lost),
                "name": self.name,
            }
        return _("No money is at stake. Nothing counts against %(name)s any more, and a mail says so.") % {
            "name": self.name
        }

    def keep_terms(self) -> str:
        facts = {"name": self.name, "lost": self.money(self.stake.lost)}
        if self.stake.due_at:
            facts["due"] = formats.moment(self.stake.due_at, self.appointment.provider.timezone)
            return (
                _("%(lost)s is settled on %(due)s, as agreed. %(name)s gets a kind mail that says so.")
                % facts
            )
        if self.stake.lost:
            return _("%(lost)s stays as agreed. %(name)s gets a kind mail that says so.") % facts
        return _("It keeps counting. %(name)s gets a kind mail that says so.") % facts
