"""Picking a time: a month with its free days and the times of one day, as a page shows them.

Days and times are joined as strings, once: a template node per slot would cost several times the
rest of the page."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking.pages import zones
from booking.templatetags.kept import mode_name
from config import formats

# A month and the rest of the month before it, within what availability answers in one call.
LOOK_AHEAD_DAYS = 61
NOON = time(12)

Days = dict[str, list[str]]
Ask = Callable[[date, date], Days]  # the free starts by local day, both ends counted


class Weekday(NamedTuple):
    name: str
    short: str


class Choice(NamedTuple):
    name: str
    url: str
    current: bool
    value: str = ""


class Start(NamedTuple):
    words: str
    url: str
    start: str = ""


@dataclass(frozen=True)
class Asked:
    """What the address says. ``here`` is the page's own path. With ``typed`` the choices are buttons that take along
    what was typed already; else they are links."""

    here: str
    zone: str
    provider_zone: str
    provider: str
    modes: tuple[str, ...] = ()
    mode: str = ""
    day: date | None = None
    zone_asked: bool = False
    credit: str = ""
    sought: str | None = None  # the city that was typed, while a zone is chosen
    stays: tuple[tuple[str, str], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def action(self) -> str:
        """Where the page's forms are posted to."""
        return self.url(credit="")

    @property
    def meets(self) -> str:
        """The way to meet that was chosen, or the only one; empty while there is a choice."""
        return self.mode or (self.modes[0] if len(self.modes) == 1 else "")

    @property
    def clock(self) -> str:
        """The zone in which times are shown: the client's own, in person that of the place."""
        return self.provider_zone if self.meets == "in_person" else self.zone

    @property
    def mode_decides_clock(self) -> bool:
        """Whether times and terms of the page could not be said as they will be once the way to meet is chosen."""
        return not self.meets and "in_person" in self.modes and self.zone != self.provider_zone

    def ways(self, start: datetime) -> list[Choice]:
        """To choose the way to meet for a time that was picked."""
        picked = compact(start)
        return [Choice(mode_name(one), self.url(mode=one, start=picked), False, one) for one in self.modes]

    def url(self, **changes: str) -> str:
        """The same page with other choices; what was chosen stays in the address (and so in shared links)."""
        said = {
            **dict(self.stays),
            "date": self.day.isoformat() if self.day else "",
            "mode": self.mode,
            "tz": self.zone if self.zone_asked else "",
            "credit": self.credit,
        }
        query = urlencode({name: value for name, value in {**said, **changes}.items() if value})
        return f"{self.here}?{query}" if query else self.here


@dataclass(frozen=True)
class Picker:
    here: str
    action: str
    address: str
    zone: str
    zone_name: str
    zones: list[Choice]
    cities: str
    sought: str
    nothing_found: bool
    zones_url: str
    typed: list[tuple[str, str]]
    far: str
    kept: list[tuple[str, str]]
    heading: str
    modes: list[Choice]
    nothing: bool = False
    earliest: Start | None = None
    month: str = ""
    weekdays: list[Weekday] = field(default_factory=list)
    weeks: str = ""
    back_url: str = ""
    back_day: str = ""
    next_url: str = ""
    next_day: str = ""
    day: str = ""
    day_asked: bool = False
    clock_note: str = ""
    times: str = ""


def build(*, asked: Asked, ask: Ask, horizon_days: int, at: datetime) -> Picker:
    """The picker for what was asked. Costs one call of ``ask``, two where a month further on was asked."""
    today = at.astimezone(ZoneInfo(asked.clock)).date()
    last_day = today + timedelta(days=horizon_days)
    ahead = ask(today, today + timedelta(days=LOOK_AHEAD_DAYS))
    first_free = next(iter(ahead), "")
    shown = asked.day or (date.fromisoformat(first_free) if first_free else today)
    shown = max(shown, today.replace(day=1))
    month = shown.replace(day=1)
    end = _end_of(month)
    days = ahead if end <= today + timedelta(days=LOOK_AHEAD_DAYS) else ask(max(month, today), end)
    times = days.get(shown.isoformat(), [])
    back = max((month - timedelta(days=1)).replace(day=1), today) if month > today else None
    ahead_of_it = end + timedelta(days=1) if end < last_day else None
    return Picker(
        **_frame(asked, datetime.combine(shown, NOON, ZoneInfo(asked.clock))),
        nothing=not ahead and not days and last_day <= today + timedelta(days=LOOK_AHEAD_DAYS),
        earliest=_earliest(asked, ahead, first_free) if asked.day is None or not times else None,
        month=formats.month(month),
        weekdays=[Weekday(formats.weekday(day), formats.weekday(day, short=True)) for day in range(7)],
        weeks=_weeks(asked, days, month=month, shown=shown, today=today),
        back_url=asked.url(date=back.isoformat()) if back else "",
        back_day=_iso(back),
        next_url=asked.url(date=ahead_of_it.isoformat()) if ahead_of_it else "",
        next_day=_iso(ahead_of_it),
        day=formats.day(shown) if times or asked.day else "",
        day_asked=asked.day is not None,
        clock_note=_clock_note(asked.clock, shown) if times else "",
        times=_times(asked, times),
    )


def frame(*, asked: Asked, at: datetime, start: datetime | None = None) -> Picker:
    """The picker without its month, for the steps after ``start`` was picked."""
    said = {"address": asked.url(start=compact(start))} if start else {}
    return Picker(**(_frame(asked, at) | said))


def _frame(asked: Asked, at: datetime) -> dict[str, Any]:
    """What holds for every step; clocks are told as they are at the instant that is looked at."""
    modes = [Choice(_("All"), asked.url(mode=""), not asked.mode)]
    modes += [Choice(mode_name(mode), asked.url(mode=mode), mode == asked.mode, mode) for mode in asked.modes]
    return {
        "here": asked.here,
        "action": asked.action,
        "address": asked.url(),
        "zone": asked.zone,
        "zone_name": formats.zone_label(asked.clock, at),
        **_zones(asked, at),
        "zones_url": "" if asked.meets == "in_person" else asked.url(zones="all"),
        "typed": _going_along(asked),
        "far": _far(asked, at),
        "kept": [
            (name, value)
            for name, value in (
                *asked.stays,
                ("mode", asked.mode),
                ("date", _iso(asked.day)),
                ("credit", asked.credit),
            )
            if value
        ],
        "heading": _("Pick a time"),
        "modes": modes if len(asked.modes) > 1 else [],
    }


def _zones(asked: Asked, at: datetime) -> dict[str, Any]:
    """What a zone is chosen from: the cities that were found, else a short list."""
    if asked.sought is None:
        return {"zones": [], "cities": "", "sought": "", "nothing_found": False}
    found = zones.found(asked.sought)
    cities = found or zones.large(asked.zone, asked.provider_zone)
    listed = [
        Choice(one.name, asked.url(tz=one.zone), one.zone == asked.zone, formats.zone_offset(one.zone, at))
        for one in cities
    ]
    return {
        "zones": listed,
        "cities": zones.city_options(get_language() or "en"),
        "sought": asked.sought,
        "nothing_found": not found,
    }


def _going_along(asked: Asked) -> list[tuple[str, str]]:
    """What a button takes along beside its own value: what was typed, and the choices so far."""
    if not asked.typed:
        return []
    choices = [("only_pick", "yes"), ("date", _iso(asked.day)), ("picked_mode", asked.mode)]
    return [
        *(one for one in asked.typed if one[0] not in ("date", "picked_mode", "tz")),
        *choices,
        ("tz", asked.zone),
    ]


def _far(asked: Asked, at: datetime) -> str:
    """How the other side's clocks stand to those that are shown."""
    if asked.clock == asked.zone:
        return zones.apart(asked.zone, asked.provider_zone, at=at, who=asked.provider)
    return zones.own(asked.zone, at=at) if zones.differ(asked.zone, asked.clock, at=at) else ""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _end_of(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _earliest(asked: Asked, days: Days, first: str) -> Start | None:
    if not first:
        return None
    start = datetime.fromisoformat(days[first][0])
    address = asked.url(date=first, start=compact(start))
    return Start(formats.moment(start, asked.clock), address, compact(start))


def compact(start: datetime) -> str:
    """A start as it stands in an address."""
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _weeks(asked: Asked, days: Days, *, month: date, shown: date, today: date) -> SafeString:
    """The rows of the month; free days can be chosen, the others are plain."""
    begin, end = _chooser(asked, "date", asked.url(date="DAY") + "#times", "DAY")
    free = escape(_("free times"))
    rows = []
    for week in calendar.Calendar().monthdatescalendar(month.year, month.month):
        if week[-1] < today:
            continue  # on a phone the weeks that are over would push the free days off the screen
        cells = []
        for day in week:
            iso = day.isoformat()
            mark = ' class="today"' if day == today else ""
            if day.month != month.month:
                cells.append("<td></td>")
            elif iso in days:
                here = ' aria-current="date"' if day == shown else ""
                cells.append(
                    f'<td{mark}><{begin.replace("DAY", iso)} id="d{iso}"{here}>{day.day}'
                    f'<span class="unseen">, {free}</span></{end}></td>'
                )
            else:
                cells.append(f"<td{mark}><span>{day.day}</span></td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return mark_safe("".join(rows))  # noqa: S308  # numbers, ISO dates and an escaped address


def _chooser(asked: Asked, name: str, address: str, blank: str) -> tuple[str, str]:
    """How the tag of a choice begins, to be filled in where it is ``blank``, and ends."""
    if asked.typed:
        return f'button type="submit" name="{name}" value="{blank}"', "button"
    return f'a href="{escape(address)}"', "a"


def _times(asked: Asked, starts: list[str]) -> SafeString:
    """The times of a day by their part of it; those of the night are for clients far away."""
    parts: dict[str, list[str]] = {}
    day = starts[0][:10] if starts else ""
    begin, end = _chooser(asked, "start", asked.url(date=day, start="START"), "START")
    seen = [start[11:16] for start in starts]
    for start, clock in zip(starts, seen, strict=True):
        # Where an hour comes twice the offset tells the two apart.
        twice = f" <small>{escape(start[19:])}</small>" if seen.count(clock) > 1 else ""
        said = start if asked.typed else start.replace("+", "%2B")
        words = formats.time_of_day(int(clock[:2]) * 60 + int(clock[3:]))
        chip = f'<{begin.replace("START", said)} class="chip">{words}{twice}</{end}>'
        parts.setdefault(_part(clock), []).append(chip)
    return mark_safe("".join(_part_of_day(name, chips) for name, chips in parts.items()))  # noqa: S308


def _part_of_day(name: str, chips: list[str]) -> str:
    joined = mark_safe("".join(chips))  # noqa: S308  # clock times and an escaped address
    room = "chips chips-12" if formats.clocks() == "h12" else "chips"
    return format_html('<div class="part"><h4>{}</h4><div class="{}">{}</div></div>', name, room, joined)


def _part(clock: str) -> str:
    if clock < "05":
        return _("Night")
    if clock < "12":
        return _("Morning")
    return _("Afternoon") if clock < "17" else _("Evening")


def _clock_note(zone: str, day: date) -> str:
    first = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    last = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    return zones.clock_change(zone, first, last)
