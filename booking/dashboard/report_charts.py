"""The charts of a report. Each is a table first; the browser draws what stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.dashboard.report_words import rate
from booking.insights import Cause, Counts, Report
from booking.telling.spoken import CLIENT_REASONS, said
from booking.texts import text_in
from config import formats

LEADS: dict[str, str | Promise] = {
    "under_1_day": gettext_lazy("Less than a day"),
    "1_to_3_days": gettext_lazy("1 to 3 days"),
    "3_to_7_days": gettext_lazy("3 to 7 days"),
    "1_to_2_weeks": gettext_lazy("1 to 2 weeks"),
    "2_to_4_weeks": gettext_lazy("2 to 4 weeks"),
    "over_4_weeks": gettext_lazy("4 weeks or more"),
}
KINDS: dict[str, str | Promise] = {
    "no_show": gettext_lazy("Missed"),
    "late_cancel": gettext_lazy("Cancelled late"),
    "late_move": gettext_lazy("Moved late"),
}
WORTH_A_WORD = 10  # due: of fewer no row is singled out


@dataclass(frozen=True)
class Column:
    """``tone`` is the colour of its bars; without one it stands in the table alone."""

    name: str
    tone: str = ""


class Row(NamedTuple):
    name: str
    short: str
    cells: list[int | str]


Named = tuple[str, str, Counts]


@dataclass(frozen=True)
class Chart:
    """``rows`` are names, as the table and as the axis has them, with a cell for each column. ``lying``: the bars
    lie, for names are long."""

    slug: str
    title: str
    said: str
    head: str
    columns: list[Column]
    rows: list[Row]
    lying: bool = False

    @property
    def is_empty(self) -> bool:
        drawn = [n for n, column in enumerate(self.columns) if column.tone]
        return not any(row.cells[n] for row in self.rows for n in drawn)


def charts(report: Report, language: str) -> list[Chart]:
    """Those that have something to show; ``language`` is the provider's own."""
    found = report.attendance
    weekdays = [
        (formats.weekday(day), formats.weekday(day, short=True), counts)
        for day, counts in found.by_weekday.items()
    ]
    leads = [(said(LEADS, lead), "", counts) for lead, counts in found.by_lead.items()]
    services = [
        (text_in(one.name, fallback=language), "", counts) for one, counts in found.by_service.items()
    ]
    steps = [(*_step(report, day), counts) for day, counts in found.over_time.items()]
    heads = {"week": _("Week from"), "month": _("Month"), "year": _("Year")}
    made = [
        _of_counts("time", _("Over time"), heads[report.span.step], steps),
        causes(found.causes),
        _of_counts("weekday", _("By weekday"), _("Weekday"), weekdays, most=True),
        _of_counts(
            "lead", _("By how long before it was booked"), _("Booked before the start"), leads, most=True
        ),
        _of_counts("service", _("By service"), _("Service"), services, most=len(services) > 1, lying=True),
    ]
    return [one for one in made if not one.is_empty]


def _of_counts(
    slug: str,
    title: str,
    head: str,
    rows: list[Named],
    *,
    most: bool = False,
    lying: bool = False,
) -> Chart:
    columns = [
        Column(_("Kept"), "good"),
        Column(_("Missed"), "bad"),
        Column(_("Cancelled late"), "warn"),
        Column(_("Excused")),
        Column(_("Kept of those due")),
    ]
    cells = [
        Row(name, short or name, [one.kept, one.no_show, one.late_cancel, one.excused, rate(one)])
        for name, short, one in rows
    ]
    return Chart(slug, title, _most(rows) if most else "", head, columns, cells, lying)


def _most(rows: list[Named]) -> str:
    """Where the largest share is lost, if there is enough of it to say so."""
    lossy = [
        (counts.lapses / counts.due, name, counts)
        for name, _short, counts in rows
        if counts.due >= WORTH_A_WORD and counts.lapses > 1
    ]
    if not lossy or sum(1 for *_names, counts in rows if counts.due) < 2:
        return ""
    _share, name, counts = max(lossy, key=lambda one: one[0])
    return _("Most is lost here: %(name)s, %(lapses)s of %(due)s.") % {
        "name": name,
        "lapses": counts.lapses,
        "due": counts.due,
    }


def causes(found: list[Cause]) -> Chart:
    """Late moves too: the time that was given back late was lost as well."""
    rows = [Row(name, name, [one.counting, one.excused]) for one in found for name in [_cause(one)]]
    told = sum(one.counting + one.excused for one in found if one.reason)
    every = sum(one.counting + one.excused for one in found)
    words = ngettext(
        "Of %(every)s lapse %(told)s came with a reason.",
        "Of %(every)s lapses %(told)s came with a reason.",
        every,
    ) % {"every": every, "told": told}
    columns = [Column(_("Counts"), "bad"), Column(_("Excused"), "plain")]
    return Chart(
        "causes", _("Lapses by cause"), words if every else "", _("Cause"), columns, rows, lying=True
    )


def _cause(one: Cause) -> str:
    reason = said(CLIENT_REASONS, one.reason) if one.reason else _("no reason told")
    return _("%(what)s: %(reason)s") % {"what": said(KINDS, one.kind), "reason": reason}


def _step(report: Report, day: date) -> tuple[str, str]:
    """A step by name, in full and for the axis; a week that begins before the first day by that day."""
    if report.span.step == "year":
        return str(formats.year(day)), ""
    if report.span.step == "month":
        return formats.month(day), formats.brief_month(day)
    shown = max(day, report.span.first)
    return formats.short_day(shown), formats.brief_day(shown)
