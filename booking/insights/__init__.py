"""Learning from what happened (A21): questions about many appointments, a fixed number of them for any time.

What a report is about: the appointments that were once confirmed and whose start (after any move) lies in the days
asked for, on the provider's clocks. Each counts once, by how it ended:

- ``kept``: it took place, or nobody said otherwise until it completed (rule 11);
- ``no_show``: missed, and not excused (rules 7 and 9);
- ``late_cancel``: cancelled late by the client, and not excused: a lapse;
- ``excused``: missed or cancelled late, and forgiven by a person or by the terms;
- ``in_time``: cancelled by the client otherwise, so that the time was free again;
- ``by_provider``: cancelled by the provider (rule 6), which says nothing about the client;
- ``open``: still to come, or not marked yet.

**Due** are kept + no_show + late_cancel, and the **show rate** is kept of due: what was excused and what was
cancelled in time is neither (as the patterns read it). A late *move* is a lapse too, and stands among the causes;
the appointment itself counts by how it ended at its new time.

Money is what became of the deposits, fees and exceptions of these same appointments, on whatever day it moved;
statements tell it day by day."""

from __future__ import annotations

from dataclasses import dataclass

from booking.insights import attendance, money, reminding
from booking.insights.attendance import LEAD_NAMES, Attendance, Cause, Counts
from booking.insights.money import Money
from booking.insights.reminding import ENOUGH, Reminding
from booking.insights.span import Span
from booking.models import Provider, Service

__all__ = ["ENOUGH", "LEAD_NAMES", "Cause", "Counts", "Money", "Reminding", "Report", "Span", "of"]


@dataclass(frozen=True)
class Report:
    """``before`` are the sums of the time before, to compare with."""

    span: Span
    service: Service | None
    attendance: Attendance
    before: Counts
    money: list[Money]
    reminding: Reminding


def of(*, provider: Provider, span: Span, service: Service | None = None) -> Report:
    """Everything that there is to say about these days; ``service`` is one of the provider's."""
    these = attendance.rows(provider, span, service)
    return Report(
        span=span,
        service=service,
        attendance=attendance.of(provider, span, service),
        before=attendance.total(provider, span.before, service),
        money=money.of(these),
        reminding=reminding.of(these.annotate(how=attendance.how())),
    )
