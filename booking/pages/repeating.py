"""On the booking page: the same time week after week. Every week is shown with what speaks against it, and each that
cannot be had is decided about, before anything is agreed to. The choices stand in the address, or go along with what
was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import lifecycle, quotes
from booking.lifecycle import Occurrence
from booking.models import Service
from booking.pages import picker
from booking.pages.forms import moment_in
from config import formats
from config.refusal import Refusal
from policies.rules.wishes import Wishes

USUAL = 6
LEAVE_OUT = "leave_out"
NAMES = ("every", "times")
CHOICE = "in_"


@dataclass(frozen=True)
class Wanted:
    """``instead`` by the place of the week in the series, as typed."""

    every: int
    times: int
    instead: Mapping[int, str]

    def of(self, starts: list[datetime]) -> dict[datetime, datetime | None]:
        """The choices by the start that they take the place of; what is none is no choice."""
        found: dict[datetime, datetime | None] = {}
        for n, start in enumerate(starts):
            typed = self.instead.get(n, "")
            if typed == LEAVE_OUT:
                found[start] = None
            elif chosen := moment_in(typed):
                found[start] = chosen
        return found


@dataclass(frozen=True)
class Week:
    """``choices`` are value and words of what could be done about one that cannot be had."""

    name: str
    words: str
    note: str
    out: bool
    choices: list[tuple[str, str]]


@dataclass(frozen=True)
class Repeat:
    """What the page shows. Without ``weeks`` only the question whether; ``hidden`` goes along with the form."""

    most: int
    every: int
    times: int
    here: str
    hidden: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    wrong: str = ""
    heading: str = ""
    weeks: tuple[Week, ...] = ()
    alone_url: str = ""
    count: int = 0
    price: int = 0
    deposit: int = 0

    @property
    def is_open(self) -> bool:
        return any(one.choices for one in self.weeks)


def wanted(said: Mapping[str, Any]) -> Wanted | None:
    """The series that is asked for; None where it is one appointment."""
    every, times = str(said.get("every") or ""), str(said.get("times") or "")
    if not every:
        return None
    chosen = {
        int(name.removeprefix(CHOICE)): str(said[name])
        for name in said
        if name.startswith(CHOICE) and name.removeprefix(CHOICE).isdecimal() and len(name) < 6
    }
    return Wanted(_small(every), _small(times), chosen)


def _small(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0


def instead(service: Service, start: datetime, asked: Wanted) -> dict[datetime, datetime | None]:
    """As the story takes it."""
    starts = lifecycle.starts_of(service=service, start=start, every=asked.every, times=asked.times)
    return asked.of(starts)


def build(
    service: Service,
    start: datetime,
    asked: picker.Asked,
    said: Mapping[str, Any],
    offered: quotes.Offer,
    *,
    mode: str,
    suits: Wishes,
    at: datetime,
) -> Repeat | None:
    """None where the service is booked one by one."""
    if not service.series_most or asked.credit:
        return None
    plan = wanted(said)
    here = {"start": picker.compact(start), "mode": asked.mode, "tz": asked.zone if asked.zone_asked else ""}
    asks = [(name, value) for name, value in [*here.items(), *asked.stays] if value]
    every, times = (plan.every or 1, plan.times) if plan else (1, min(USUAL, service.series_most))
    bare = Repeat(most=service.series_most, every=every, times=times, here=asked.here, hidden=[], asks=asks)
    if plan is None:
        return bare
    try:
        found = lifecycle.foresee(
            service=service,
            start=start,
            mode=mode,
            every=plan.every,
            times=plan.times,
            instead=instead(service, start, plan),
            suits=suits,
            at=at,
        )
    except Refusal as no:
        return Repeat(**(vars(bare) | {"wrong": str(no.detail or "")}))
    return Repeat(**(vars(bare) | _weeks(start, asked, plan, found, offered)))


def _weeks(
    start: datetime, asked: picker.Asked, plan: Wanted, found: list[Occurrence], offered: quotes.Offer
) -> dict[str, Any]:
    """What is said of the series that was asked for, week by week."""
    count = sum(one.start is not None for one in found)
    chosen = [(f"{CHOICE}{n}", value) for n, value in sorted(plan.instead.items()) if _counts(n, found)]
    return {
        "heading": ngettext("%(count)s appointment", "%(count)s appointments", count) % {"count": count},
        "hidden": [("every", str(plan.every)), ("times", str(plan.times)), *chosen],
        "weeks": tuple(_week(n, one, asked.clock) for n, one in enumerate(found)),
        "alone_url": asked.url(start=picker.compact(start)),
        "count": count,
        "price": count * offered.price,
        "deposit": count * offered.deposit,
    }


def _counts(n: int, found: list[Occurrence]) -> bool:
    """Whether the choice for a week still does: one that cannot be had either is chosen anew."""
    return n < len(found) and not found[n].is_open


def _week(n: int, one: Occurrence, zone: str) -> Week:
    choices = [(picker.compact(other), formats.moment(other, zone)) for other in one.others]
    if one.is_open:
        choices.append((LEAVE_OUT, _("Leave this one out")))
    note = one.why or one.clocks
    if one.start and one.start != one.wished:
        note = _("Instead of %(usual)s.") % {"usual": formats.moment(one.wished, zone)}
    words = formats.moment(one.start or one.wished, zone)
    out = one.start is None and not one.is_open
    return Week(f"{CHOICE}{n}", words, _("Left out.") if out else note, out, choices)
