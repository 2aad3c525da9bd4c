"""From the bytes of somebody's calendar to the times at which they are busy. Knows no Django and no clock.

A calendar is a program: one line of it can repeat for ever. So this runs in a process of its own (`apart`),
which is ended when it takes too long; as a module it reads a question from standard input and answers in JSON."""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

SECONDS, MEMORY = 20, 1024 * 1024 * 1024  # of the process
MOST = 5_000  # busy times of one calendar in the time that can be booked
LONGEST_TITLE = 120
OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
DAY = timedelta(days=1)

_FOLD = re.compile(r"\r?\n[ \t]")
_EVENT = re.compile(r"^BEGIN:VEVENT\r?$.*?^END:VEVENT\r?$\n?", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_REPEATS = re.compile(r"^(RRULE|RDATE|RECURRENCE-ID)[;:]", re.MULTILINE | re.IGNORECASE)
_BOUNDS = re.compile(r"^(DTSTART|DTEND)[^:\n]*:(\d{4})(\d{2})(\d{2})", re.MULTILINE | re.IGNORECASE)
_LASTS = re.compile(r"^DURATION[;:]", re.MULTILINE | re.IGNORECASE)


class NotReadable(Exception):
    """``code`` is why: `not_a_calendar`, or `too_many` for more times than one provider can have."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Busy:
    """A time at which its owner is busy, in epochs; includes its start, excludes its end."""

    since: int
    until: int
    title: str


@dataclass(frozen=True)
class Found:
    """What a calendar says; ``skipped`` are entries that nobody can read, or that repeat within a day."""

    busy: list[Busy]
    skipped: int = 0


def read(content: bytes, *, zone: str, since: datetime, until: datetime, own: str = "") -> Found:
    """The busy times between two instants, in order, each once. Days without a time, and times without a zone,
    are ``zone``'s. What is marked as free or was cancelled takes no time, and what ends with ``own`` in its UID
    is an appointment that we made ourselves. Raises `NotReadable`."""
    calendars, skipped = _calendars(_thin(_text(content), since, until))
    here = ZoneInfo(zone)
    found: set[Busy] = set()
    for calendar in calendars:
        query = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True)
        for event in query.between(since - DAY, until + DAY):
            busy = _busy(event, here, own)
            if busy is not None and busy.since < until.timestamp() and busy.until > since.timestamp():
                found.add(busy)
            if len(found) > MOST:
                raise NotReadable("too_many")
    return Found(sorted(found, key=lambda one: (one.since, one.until, one.title)), skipped)


def _text(content: bytes) -> str:
    text = content.decode("utf-8-sig", "replace").lstrip()
    whole = text[:40].upper().startswith("BEGIN:VCALENDAR") and "END:VCALENDAR" in text[-200:].upper()
    if not whole:  # a page, or a calendar that was cut on its way
        raise NotReadable("not_a_calendar")
    return _FOLD.sub("", text)


def _thin(text: str, since: datetime, until: datetime) -> str:
    """Without the single events that lie wholly before or after: years of history are most of a calendar."""
    first, last = (since - 2 * DAY).date(), (until + 2 * DAY).date()

    def kept(match: re.Match[str]) -> str:
        block = match[0]
        if _REPEATS.search(block) or _LASTS.search(block):
            return block
        try:
            days = [date(int(y), int(m), int(d)) for _name, y, m, d in _BOUNDS.findall(block)]
        except ValueError:
            return block
        return "" if days and (max(days) < first or min(days) > last) else block

    return _EVENT.sub(kept, text)


def _calendars(text: str) -> tuple[list[Calendar], int]:
    """All of the file, without the entries that cannot be read or that repeat within a day; and how many."""
    try:
        found = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise NotReadable("not_a_calendar") from None
    skipped = 0
    for calendar in found:
        for event in list(calendar.walk("VEVENT")):
            if not _sound(event) and event in calendar.subcomponents:
                calendar.subcomponents.remove(event)
                skipped += 1
    return found, skipped


def _sound(event: Any) -> bool:
    try:
        rule = event.get("RRULE")
        rules = rule if isinstance(rule, list) else [rule] if rule else []
        often = any(str(one).upper() in OFTEN for rule in rules for one in rule.get("FREQ", []))
        return isinstance(event["DTSTART"].dt, date) and not often
    except Exception:  # noqa: BLE001, a part that is broken says so in many ways
        return False


def _busy(event: Any, here: ZoneInfo, own: str) -> Busy | None:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    off = str(event.get("STATUS", "")).upper() == "CANCELLED"
    ours = bool(own) and str(event.get("UID", "")).lower().endswith(own)
    try:
        starts, ends = _instant(event["DTSTART"].dt, here), _instant(event["DTEND"].dt, here)
    except (KeyError, AttributeError, OverflowError, ValueError):
        return None
    if free or off or ours or ends <= starts:
        return None
    title = " ".join(str(event.get("SUMMARY", "")).replace("\0", "").split())[:LONGEST_TITLE]
    return Busy(int(starts.timestamp()), -int(-ends.timestamp() // 1), title)


def _instant(said: date | datetime, here: ZoneInfo) -> datetime:
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return (said if said.tzinfo else said.replace(tzinfo=here)).astimezone(UTC)


def _answers(asked: dict[str, Any], content: bytes) -> Iterator[tuple[str, Any]]:
    since, until = (datetime.fromtimestamp(asked[name], UTC) for name in ("since", "until"))
    try:
        found = read(content, zone=asked["zone"], since=since, until=until, own=asked["own"])
    except NotReadable as no:
        yield "wrong", no.code
        return
    except Exception:  # noqa: BLE001, whatever a stranger wrote, the answer is a sentence
        yield "wrong", "not_a_calendar"
        return
    yield "busy", [[one.since, one.until, one.title] for one in found.busy]
    yield "skipped", found.skipped


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    question, _newline, body = sys.stdin.buffer.read().partition(b"\n")
    json.dump(dict(_answers(json.loads(question), body)), sys.stdout)
