"""What reminders changed, as far as it can be seen: no experiment was made. Who was not reminded mostly booked at the last
moment, and would have come or stayed away for reasons of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When

from booking.insights.attendance import Counts
from booking.models import Appointment, Status
from reminders.kinds import REMINDERS
from reminders.models import Message

ENOUGH = 20  # due on either side: below it one appointment more or less turns the picture around


@dataclass
class Reminding:
    """``reminded``: a reminder of this very start was sent before it. ``said_yes``, of these: the client
    pressed *I'll be there* after it. ``freed``, of these: cancelled in time after it, so that somebody else could have the
    time."""

    reminded: Counts = field(default_factory=Counts)
    not_reminded: Counts = field(default_factory=Counts)
    said_yes: Counts = field(default_factory=Counts)
    freed: int = 0

    @property
    def enough(self) -> bool:
        return min(self.reminded.due, self.not_reminded.due) >= ENOUGH


def of(ended: QuerySet[Appointment]) -> Reminding:
    """One question about appointments with their ``how``."""
    found = Reminding()
    grouped = ended.annotate(reminded_at=_reminded_at()).annotate(after=_after())
    for after, ending, count in grouped.values_list("after", "how").annotate(Count("pk")):
        if after == "none":
            found.not_reminded.add(ending, count)
            continue
        found.reminded.add(ending, count)
        if after == "yes":
            found.said_yes.add(ending, count)
        if after == "cancelled" and ending == "in_time":
            found.freed += count
    return found


def _reminded_at() -> Subquery:
    sent = Message.objects.filter(
        appointment=OuterRef("pk"),
        kind__in=REMINDERS,
        to=Message.To.CLIENT,
        start_at=OuterRef("starts_at"),
        state=Message.State.SENT,
        sent_at__lt=OuterRef("starts_at"),
    )
    return Subquery(sent.order_by("sent_at").values("sent_at")[:1])


def _after() -> Case:
    """What the client did about it: ``cancelled``, ``yes``, or ``nothing``; ``none`` where there was no reminder."""
    return Case(
        When(reminded_at=None, then=Value("none")),
        When(Q(status=Status.CANCELLED) & Q(cancelled_at__gte=F("reminded_at")), then=Value("cancelled")),
        When(will_come_at__gte=F("reminded_at"), then=Value("yes")),
        default=Value("nothing"),
    )
