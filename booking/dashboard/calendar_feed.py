"""What the grid of the calendar shows, as JSON on the provider's wall clock (the grid knows no zones).

A fixed number of queries however much there is, of plain values. Who looks again with the tag of the last answer
is told in the three queries of logging in whether anything changed: every change of a calendar raises the version
of its provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import agenda
from booking import slots as rules
from booking.dashboard.access import at_desk
from booking.dashboard.desk import Desk, SideBySide
from booking.models import Status
from booking.models.appointment import LONGEST as LONGEST_APPOINTMENT
from booking.models.appointment import TAKING_TIME
from booking.texts import text_in

LONGEST = timedelta(days=62, hours=1)  # two months in which the clocks go back
MOST_DESKS = 8
APPOINTMENT = ("uid", "provider_id", "starts_at", "ends_at", "blocked_from", "blocked_until", "status")
NAMES = ("client__name", "service__name")
PROPOSED = "proposal__appointment__"

Event = dict[str, Any]


@require_safe
@at_desk()
def feed(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What lies between ``start`` and ``end``, at most 62 days; with ``desks=all`` that of all desks of the user
    side by side, with ``plain`` without closed hours and buffers. 304 where nothing has changed."""
    start, end = local(request.GET.get("start", ""), desk), local(request.GET.get("end", ""), desk)
    if start is None or end is None or not start < end <= start + LONGEST:
        return HttpResponse(b"[]", content_type="application/json", status=400)
    desks = shown_desks(desk) if request.GET.get("desks") == "all" else (desk,)
    tag = tag_of(desks, request.GET.urlencode())
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return HttpResponse(status=304, headers={"ETag": tag})
    drawn = Drawing(desk, desks, start, end)
    events = list(drawn.taken())
    if not request.GET.get("plain"):
        events += drawn.behind()
    return HttpResponse(orjson.dumps(events), content_type="application/json", headers={"ETag": tag})


def shown_desks(desk: Desk) -> tuple[Desk, ...]:
    """As columns: one's own first."""
    return (desk, *desk.beside)[:MOST_DESKS]


def tag_of(desks: tuple[Desk, ...], asked: str) -> str:
    seen = [f"{one.provider.uid}:{one.provider.version}:{one.membership.role}" for one in desks]
    return f'"{sha256("|".join([*seen, asked, get_language() or ""]).encode()).hexdigest()[:32]}"'


class Drawing:
    """The events of some desks between two instants, on the clocks of ``desk``. What is another desk's says whose
    it is, for it is opened by sitting down there."""

    def __init__(
        self,
        desk: Desk,
        desks: tuple[Desk, ...],
        start: datetime,
        end: datetime,
        *,
        appointments: bool = True,
    ) -> None:
        self.desk, self.start, self.end = desk, start, end
        self.zone = ZoneInfo(desk.zone)
        self.all = SideBySide(*desks)
        self.several = len(desks) > 1
        self.appointments = self.found() if appointments else []

    def found(self) -> list[dict[str, Any]]:
        return list(
            self.all.appointments.filter(
                starts_at__gte=self.start - LONGEST_APPOINTMENT,
                starts_at__lt=self.end + LONGEST_APPOINTMENT,
                blocked_until__gt=self.start,
                blocked_from__lt=self.end,
                status__in=TAKING_TIME,
            )
            .order_by("starts_at", "pk")
            .values(*APPOINTMENT, *NAMES)
        )

    def taken(self) -> Iterator[Event]:
        """Everything that takes time."""
        for row in self.appointments:
            if row["ends_at"] > self.start and row["starts_at"] < self.end:
                yield self.appointment(row)
        yield from self.proposed()
        yield from self.waiting_moves()
        yield from self.elsewhere()
        yield from self.time_off()

    def behind(self) -> Iterator[Event]:
        """What lies behind: closed hours, and the buffers around appointments."""
        for one in self.all.desks.values():
            yield from self.closed_hours(one)
        for row in self.appointments:
            for first, last in (
                (row["blocked_from"], row["starts_at"]),
                (row["ends_at"], row["blocked_until"]),
            ):
                if first < last:
                    yield self.event(row["provider_id"], first, last, kind="buffer", behind=True)

    def appointment(self, row: Mapping[str, Any]) -> Event:
        desk = self.all.desks[row["provider_id"]]
        found = self.event(
            row["provider_id"],
            row["starts_at"],
            row["ends_at"],
            id=str(row["uid"]),
            title=row["client__name"],
            kind=f"state-{row['status']}",
            words=text_in(row["service__name"], fallback=desk.provider.language),
            url=reverse("desk_appointment", args=[row["uid"]]),
        )
        if row["status"] == Status.CONFIRMED and row["starts_at"] > self.desk.at and "act" in desk.rights:
            found["startEditable"] = True
            found["extendedProps"]["move"] = reverse("desk_move", args=[row["uid"]])
        return found

    def proposed(self) -> Iterator[Event]:
        """The times that are proposed and wait for an answer."""
        names = ("client__name", "uid", "provider_id", "service__duration_minutes")
        rows = self.all.proposed_times.filter(start_at__gte=self.start, start_at__lt=self.end)
        for row in rows.order_by("start_at", "pk").values(
            "pk", "start_at", *(PROPOSED + one for one in names)
        ):
            length = timedelta(minutes=row[PROPOSED + "service__duration_minutes"])
            yield self.event(
                row[PROPOSED + "provider_id"],
                row["start_at"],
                row["start_at"] + length,
                id=f"proposed-{row['pk']}",
                title=row[PROPOSED + "client__name"],
                kind="state-proposed",
                words=_("proposed, waits for an answer"),
                url=reverse("desk_appointment", args=[row[PROPOSED + "uid"]]),
            )

    def waiting_moves(self) -> Iterator[Event]:
        """New times that wait for their deposit."""
        rows = self.all.busy_times.filter(kind="move").overlapping(self.start, self.end)
        names = ("pk", "provider_id", "blocked_from", "blocked_until")
        of = ("appointment__uid", "appointment__client__name")
        for row in rows.order_by("blocked_from", "pk").values(*names, *of):
            yield self.event(
                row["provider_id"],
                row["blocked_from"],
                row["blocked_until"],
                id=f"move-{row['pk']}",
                title=row["appointment__client__name"],
                kind="state-held",
                words=_("new time, waits for the deposit"),
                url=reverse("desk_appointment", args=[row["appointment__uid"]]),
            )

    def elsewhere(self) -> Iterator[Event]:
        """What the provider's other calendars say."""
        rows = self.all.busy_elsewhere.overlapping(self.start, self.end)
        for row in rows.order_by("blocked_from", "pk").values(
            "pk", "provider_id", "blocked_from", "blocked_until", "title", "calendar__name"
        ):
            yield self.event(
                row["provider_id"],
                row["blocked_from"],
                row["blocked_until"],
                id=f"elsewhere-{row['pk']}",
                title=row["title"] or _("Busy elsewhere"),
                kind="is-elsewhere",
                words=row["calendar__name"],
            )

    def time_off(self) -> Iterator[Event]:
        rows = self.all.time_off.filter(starts_at__lt=self.end, ends_at__gt=self.start)
        for row in rows.order_by("starts_at", "pk").values(
            "uid", "provider_id", "starts_at", "ends_at", "title"
        ):
            yield self.event(
                row["provider_id"],
                row["starts_at"],
                row["ends_at"],
                id=str(row["uid"]),
                title=row["title"] or _("Time off"),
                kind="is-off",
                words=_("Time off") if row["title"] else "",
                url=reverse("desk_time_off", args=[row["uid"]]),
            )

    def closed_hours(self, desk: Desk) -> Iterator[Event]:
        """What lies outside of the open hours."""
        first, last = self.start.date() - timedelta(days=2), self.end.date() + timedelta(days=2)
        weekly, special = agenda.schedule(desk.provider, first, last)
        hours = rules.Hours(tuple(weekly))
        reached = self.start
        for opens, closes in rules.open_periods(hours, special, zone=desk.zone, first=first, last=last):
            starts, ends = rules.moment(opens), rules.moment(closes)
            if reached < min(starts, self.end):
                yield self.event(
                    desk.provider.pk, reached, min(starts, self.end), kind="is-closed", behind=True
                )
            reached = max(reached, ends)
        if reached < self.end:
            yield self.event(desk.provider.pk, reached, self.end, kind="is-closed", behind=True)

    def event(
        self,
        provider: int,
        first: datetime,
        last: datetime,
        *,
        kind: str,
        id: str = "",  # noqa: A002, the word of the grid
        title: str = "",
        words: str = "",
        url: str = "",
        behind: bool = False,
    ) -> Event:
        found: Event = {"start": naive(first, self.zone), "end": naive(last, self.zone), "classNames": [kind]}
        uid = str(self.all.desks[provider].provider.uid)
        if self.several:
            found["resourceIds"] = [uid]
        if behind:
            return found | {"display": "background"}
        about = {"service": words, "url": url}
        if provider != self.desk.provider.pk:
            about["desk"] = uid
        return found | {"id": id, "title": title, "extendedProps": about}


def address(first: datetime, last: datetime, zone: str, *, columns: bool, plain: bool) -> str:
    """Where the grid of these days is fed from."""
    here = ZoneInfo(zone)
    asked = {"start": naive(first, here), "end": naive(last, here)}
    asked |= {"desks": "all"} if columns else {}
    asked |= {"plain": "1"} if plain else {}
    return f"{reverse('desk_calendar_feed')}?{urlencode(asked)}"


def naive(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def local(text: str, desk: Desk) -> datetime | None:
    """An instant of an address: without a zone it is on the provider's clocks."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if not 2000 < found.year < 2200:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(desk.zone))).astimezone(UTC)
