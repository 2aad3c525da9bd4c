"""Time zones as a reader picks and reads them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from config import formats

ZONES = frozenset(available_timezones() - {"Factory", "localtime"})
AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def known(asked: str, *, otherwise: str) -> str:
    """The zone that was asked for, where it is one."""
    return asked if asked in ZONES else otherwise


def options(current: str) -> SafeString:
    """The zones as options, the present one chosen; the long list is joined once."""
    listed = _options()
    mark = format_html('value="{}"', current)
    if mark not in listed:
        return format_html('<option value="{0}" selected>{0}</option>{1}', current, listed)
    return mark_safe(listed.replace(mark, f"{mark} selected", 1))  # noqa: S308  # both parts are escaped


@lru_cache(maxsize=1)
def _options() -> SafeString:
    groups = [(area, _options_of(area)) for area in AREAS]
    listed = format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)
    return format_html('<option value="UTC">UTC</option>{}', listed)


def _options_of(area: str) -> SafeString:
    zones = sorted(zone for zone in ZONES if zone.startswith(f"{area}/"))
    named = [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones]
    return format_html_join("", '<option value="{}">{}</option>', named)


def apart(here: str, there: str, *, at: datetime, who: str) -> str:
    """How far the clocks of ``there`` are from ``here`` at an instant, in words; empty where they agree."""
    ahead = _offset(there, at) - _offset(here, at)
    if not ahead:
        return ""
    minutes = abs(ahead)
    hours = f"{minutes // 60}:{minutes % 60:02}" if minutes % 60 else str(minutes // 60)
    facts = {"who": who, "hours": hours, "place": formats.zone_city(there)}
    if ahead > 0:
        return _("%(who)s is in %(place)s, %(hours)s h ahead of you") % facts
    return _("%(who)s is in %(place)s, %(hours)s h behind you") % facts


def differ(here: str, there: str, *, at: datetime) -> bool:
    return _offset(here, at) != _offset(there, at)


def own(zone: str, *, at: datetime) -> str:
    """The reader's own clocks, where others are shown."""
    return _("the time at the place; your own clock is %(zone)s") % {"zone": formats.zone_label(zone, at)}


def _offset(zone: str, at: datetime) -> int:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def clock_change(zone: str, first: datetime, last: datetime) -> str:
    """A sentence for a day on which the clocks change, empty for other days."""
    change = _offset(zone, last) - _offset(zone, first)
    if not change:
        return ""
    if change > 0:
        return _("The clocks go forward on this day. The times here are right as they stand.")
    return _("The clocks go back on this day: one hour comes twice. The times here are right as they stand.")
