"""An appointment's time in words: on the reader's clocks, and on the other side's where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from config import formats


@dataclass(frozen=True)
class When:
    """``there`` is empty where both sides' clocks agree."""

    iso: str
    day: str
    start: str
    end: str
    zone: str
    there: str

    @property
    def line(self) -> str:
        return _("%(day)s, %(start)s – %(end)s") % {"day": self.day, "start": self.start, "end": self.end}


def when(*, start: datetime, end: datetime, here: str, there: str, who: str) -> When:
    """The time on the clocks of ``here``; ``there`` is the zone of ``who``, the other side."""
    same = start.astimezone(ZoneInfo(here)).utcoffset() == start.astimezone(ZoneInfo(there)).utcoffset()
    return When(
        iso=start.isoformat(),
        day=formats.day(start, here),
        start=formats.time(start, here),
        end=formats.time(end, here),
        zone=formats.zone_label(here, start),
        there="" if same else _there(start, there, who),
    )


def _there(start: datetime, zone: str, who: str) -> str:
    return _("For %(who)s: %(moment)s, %(zone)s") % {
        "who": who,
        "moment": formats.moment(start, zone),
        "zone": formats.zone_label(zone, start),
    }
