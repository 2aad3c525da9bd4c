"""Links that open a calendar on the web with the event filled in. They carry what stands on the page and no secret:
where a change is made is in the client's own mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = {
    "Outlook.com": "https://outlook.live.com/calendar/0/deeplink/compose",
    "Microsoft 365": "https://outlook.office.com/calendar/0/deeplink/compose",
}


class Adding(NamedTuple):
    """``name`` is the calendar's own."""

    name: str
    url: str


def links(*, what: str, where: str, start: datetime, end: datetime) -> list[Adding]:
    return [Adding("Google", _google(what, where, start, end)), *_outlook(what, where, start, end)]


def _google(what: str, where: str, start: datetime, end: datetime) -> str:
    dates = "/".join(one.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for one in (start, end))
    said = {"action": "TEMPLATE", "text": what, "dates": dates, "location": where}
    return f"{GOOGLE}?{urlencode(said)}"


def _outlook(what: str, where: str, start: datetime, end: datetime) -> Iterator[Adding]:
    times = [one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for one in (start, end)]
    said = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": what,
        "startdt": times[0],
        "enddt": times[1],
        "location": where,
    }
    for name, address in OUTLOOK.items():
        yield Adding(name, f"{address}?{urlencode(said)}")
