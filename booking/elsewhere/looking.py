"""Looking at the provider's other calendars: when, what came of it, and the busy times as rows.

A look asks the outside with no transaction open; what it found is put in place of what was there in one. Only
what differs is written, so a look that finds nothing new changes no version and no remembered page."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from booking.elsewhere import apart
from booking.elsewhere.reading import Busy, Found, NotReadable
from booking.models import BusyCalendar, BusyElsewhere, Provider
from config import outward, sealing
from config.guards import refused_by
from config.refusal import Refusal
from reminders import plan

MOST = 10  # calendars of one provider
EVERY = timedelta(minutes=5)
SELDOM = timedelta(hours=1)  # between two looks at one that has long failed
PATIENCE = timedelta(days=1)  # then the provider is told
SECONDS, LARGEST = 15, 5 * 1024 * 1024
BACK, BEYOND, FURTHEST = timedelta(days=1), timedelta(days=40), timedelta(days=800)
AT_ONCE, ROUND = 40, 20.0  # calendars of one round, and the seconds after which none is begun
SEALED_AS = "kept.busy_calendar"
HEADERS = {"User-Agent": "Kept/1 (reads when somebody is busy)", "Accept": "text/calendar, */*;q=0.5"}
SAME_NAME = "booking_busycalendar.provider_id, booking_busycalendar.name"  # as SQLite says it
_STAMP = re.compile(rb"^DTSTAMP[:;][^\n]*\n", re.MULTILINE)


class CalendarRefused(Refusal):
    """It cannot be added; ``field`` and ``trouble`` say what is wrong with what."""

    code = "calendar_refused"
    status = 400

    def __init__(self, field: str, trouble: str, *, answered: int = 0) -> None:
        super().__init__(f"{field}: {trouble}")
        self.field, self.trouble, self.answered = field, trouble, answered


@dataclass(frozen=True)
class Seen:
    """What one look brought; ``found`` is None where nothing has changed."""

    found: Found | None
    etag: str
    modified: str
    digest: str
    covers_until: datetime


def add(*, provider: Provider, name: str, address: str, with_titles: bool, at: datetime) -> BusyCalendar:
    """Keep a calendar that could be read just now, with its busy times. Raises `CalendarRefused`."""
    url = secure(address)
    if provider.busy_calendars.count() >= MOST:
        raise CalendarRefused("name", "most")
    made = BusyCalendar(
        provider=provider,
        name=name,
        secret=sealing.seal(url, purpose=SEALED_AS),
        with_titles=with_titles,
        created_at=at,
        look_at=at + EVERY,
    )
    try:
        seen = _look(made, url, at)
    except outward.NotFetched as no:
        raise CalendarRefused("address", no.code, answered=no.status) from None
    except NotReadable as no:
        raise CalendarRefused("address", no.code) from None
    try:
        with transaction.atomic():
            Provider.objects.locked().get(pk=provider.pk)
            made.save()
            _keep(made, seen, at)
    except IntegrityError as error:
        if refused_by(error) not in ("one_busy_calendar_name", SAME_NAME):
            raise
        raise CalendarRefused("name", "taken") from None
    return made


def remove(*, calendar: BusyCalendar) -> None:
    """The calendar and its busy times are gone; nothing of it stays."""
    with transaction.atomic():
        Provider.objects.locked().get(pk=calendar.provider_id)
        calendar.delete()


def secure(address: str) -> str:
    """The address as it is asked for: calendars are handed round as webcal, which is https by another name."""
    return re.sub(r"^webcals?://", "https://", address.strip(), flags=re.IGNORECASE)


def shown(calendar: BusyCalendar) -> str:
    """Enough of the address to know it again: its host."""
    try:
        url = sealing.opened(calendar.secret, purpose=SEALED_AS)
    except (InvalidToken, ValueError):
        return _("an address that cannot be read any more")
    return urlsplit(url).hostname or ""


def look_due(*, at: datetime) -> int:
    """Look at the calendars whose turn it is; how many were looked at. Hosts that keep us waiting end a round
    early: the next one goes on where this one stopped, and no worker is kept from its mails."""
    due = BusyCalendar.objects.filter(look_at__lte=at).select_related("provider").order_by("look_at", "pk")
    began, looked = time.monotonic(), 0
    for one in due[:AT_ONCE]:
        if time.monotonic() - began > ROUND:
            break
        looked += look(calendar=one, at=at) is not None
    return looked


def look(*, calendar: BusyCalendar, at: datetime) -> str | None:
    """Look at one now: '' where it was read, else why not. None where somebody else is at it."""
    mine = BusyCalendar.objects.filter(pk=calendar.pk, look_at=calendar.look_at)
    if not mine.update(look_at=at + EVERY, looked_at=at):
        return None
    calendar.look_at, calendar.looked_at = at + EVERY, at
    try:
        seen = _look(calendar, sealing.opened(calendar.secret, purpose=SEALED_AS), at)
    except (InvalidToken, ValueError):
        return _failed(calendar, "not_opened", at=at)
    except outward.NotFetched as no:
        return _failed(calendar, no.code, at=at, status=no.status)
    except NotReadable as no:
        return _failed(calendar, no.code, at=at)
    with transaction.atomic():
        Provider.objects.locked().get(pk=calendar.provider_id)
        if BusyCalendar.objects.filter(pk=calendar.pk).exists():  # else it was removed meanwhile
            _keep(calendar, seen, at)
    return ""


def _look(calendar: BusyCalendar, url: str, at: datetime) -> Seen:
    """Ask for it, and read it where it changed or where what is known ends too soon."""
    provider = calendar.provider
    longest = provider.services.filter(hidden=False).aggregate(longest=Max("horizon_days"))["longest"] or 0
    needed = at + min(timedelta(days=longest), FURTHEST)
    current = (
        calendar.digest != ""
        and calendar.zone == provider.timezone
        and calendar.covers_until is not None
        and calendar.covers_until >= needed
    )
    headers = dict(HEADERS)
    if current and calendar.etag:
        headers["If-None-Match"] = calendar.etag
    if current and calendar.modified:
        headers["If-Modified-Since"] = calendar.modified
    answer = outward.fetch(url, headers=headers, largest=LARGEST, seconds=SECONDS, plain=settings.DEBUG)
    known = (calendar.etag, calendar.modified, calendar.digest, calendar.covers_until or needed)
    if answer.body is None:
        return Seen(None, *known)
    # Some write the moment of asking into every entry.
    digest = hashlib.sha256(_STAMP.sub(b"", answer.body)).hexdigest()
    if current and digest == calendar.digest:
        return Seen(None, answer.etag, answer.modified, digest, calendar.covers_until or needed)
    until = needed + BEYOND
    found = apart.read(answer.body, zone=provider.timezone, since=at - BACK, until=until, own=_own())
    return Seen(found, answer.etag, answer.modified, digest, until)


def _own() -> str:
    """How the UIDs of our own entries end (reminders.calendar)."""
    return f"@{urlsplit(settings.BASE_URL).hostname}"


def _keep(calendar: BusyCalendar, seen: Seen, at: datetime) -> None:
    """What was read takes the place of what was there; the provider's row is locked."""
    calendar.read_at = calendar.looked_at = at
    calendar.etag, calendar.modified, calendar.digest = seen.etag, seen.modified, seen.digest
    calendar.trouble, calendar.trouble_status, calendar.failing_since = "", None, None
    if seen.found is not None:
        calendar.covers_until, calendar.zone = seen.covers_until, calendar.provider.timezone
        calendar.skipped = seen.found.skipped
        _put(calendar, seen.found.busy)
    calendar.save()


def _put(calendar: BusyCalendar, busy: list[Busy]) -> None:
    wanted = {
        (
            datetime.fromtimestamp(one.since, UTC),
            datetime.fromtimestamp(one.until, UTC),
            one.title if calendar.with_titles else "",
        )
        for one in busy
    }
    rows = calendar.times.values_list("pk", "blocked_from", "blocked_until", "title")
    there = {(since, until, title): pk for pk, since, until, title in rows}
    gone = [pk for key, pk in there.items() if key not in wanted]
    for first in range(0, len(gone), 500):
        calendar.times.filter(pk__in=gone[first : first + 500]).delete()
    BusyElsewhere.objects.bulk_create(
        [
            BusyElsewhere(
                provider_id=calendar.provider_id,
                calendar=calendar,
                blocked_from=since,
                blocked_until=until,
                title=title,
            )
            for since, until, title in sorted(wanted - there.keys())
        ],
        batch_size=500,
    )


def _failed(calendar: BusyCalendar, trouble: str, *, at: datetime, status: int = 0) -> str:
    """Its busy times stay; it is asked again, ever less often, and after a day the provider is told, once."""
    calendar.trouble, calendar.trouble_status = trouble, status or None
    calendar.failing_since = calendar.failing_since or at
    calendar.look_at = at + min(max(EVERY, (at - calendar.failing_since) / 2), SELDOM)
    BusyCalendar.objects.filter(pk=calendar.pk).update(
        trouble=trouble,
        trouble_status=status or None,
        failing_since=calendar.failing_since,
        look_at=calendar.look_at,
    )
    if at - calendar.failing_since >= PATIENCE:
        mark = hashlib.sha256(f"{calendar.uid}:{calendar.failing_since.isoformat()}".encode()).hexdigest()
        plan.announce(
            provider=calendar.provider,
            kind="calendar_failed",
            about=mark[:16],
            at=at,
            facts={"name": calendar.name, "since": calendar.failing_since.isoformat()},
        )
    return trouble
