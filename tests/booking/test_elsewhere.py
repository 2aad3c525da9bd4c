"""Busy time from other calendars: read, kept, blocking, and honest when it cannot be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from booking import availability
from booking.elsewhere import apart, looking, reading
from booking.models import BusyCalendar, BusyElsewhere, Provider, Service
from config import outward
from reminders.models import Message
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY
from tests.fakes.calendars import CalendarHost, Page

CALENDARS = "/dashboard/set-up/calendars/"
SINCE, UNTIL = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def event(*lines: str, uid: str = "1@elsewhere") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z", *lines, "END:VEVENT"])


def ics(*events: str) -> bytes:
    said = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *events, "END:VCALENDAR", ""]
    return "\n".join(said).replace("\n", "\r\n").encode()


def at(text: str, hours: float = 1) -> tuple[str, str]:
    starts = datetime.fromisoformat(text)
    return starts.isoformat(), (starts + timedelta(hours=hours)).isoformat()


def busy(content: bytes, **over: Any) -> list[tuple[str, str]]:
    asked: dict[str, Any] = {"zone": "Europe/Rome", "since": SINCE, "until": UNTIL}
    found = reading.read(content, **asked | over).busy
    return [
        (
            datetime.fromtimestamp(one.since, UTC).isoformat(),
            datetime.fromtimestamp(one.until, UTC).isoformat(),
        )
        for one in found
    ]


# --- What a calendar says ---


def test_what_repeats_keeps_its_local_time_over_the_clock_change() -> None:
    weekly = event(
        "DTSTART;TZID=Europe/Rome:20270322T090000",
        "DTEND;TZID=Europe/Rome:20270322T100000",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )
    assert busy(ics(weekly)) == [at("2027-03-22T08:00:00+00:00"), at("2027-03-29T07:00:00+00:00")]


def test_an_exception_of_what_repeats_is_one() -> None:
    weekly = event(
        "DTSTART:20270301T090000Z",
        "DTEND:20270301T100000Z",
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "EXDATE:20270308T090000Z",
    )
    moved = event("RECURRENCE-ID:20270315T090000Z", "DTSTART:20270316T120000Z", "DTEND:20270316T130000Z")
    assert busy(ics(weekly, moved)) == [at("2027-03-01T09:00:00+00:00"), at("2027-03-16T12:00:00+00:00")]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;VALUE=DATE:20270310"], [at("2027-03-09T23:00:00+00:00", 24)]),
        (["DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270329"], [at("2027-03-27T23:00:00+00:00", 23)]),
        (["DTSTART:20270310T100000", "DURATION:PT90M"], [at("2027-03-10T09:00:00+00:00", 1.5)]),
        (["DTSTART:20270310T100000Z", "DTEND:20270310T100000Z"], []),
        (["DTSTART:20270310T100000Z", "DTEND:20270310T090000Z"], [at("2027-03-10T09:00:00+00:00")]),
        (["DTSTART:20270310T100000Z", "DTEND:20270310T110000Z", "TRANSP:TRANSPARENT"], []),
        (["DTSTART:20270310T100000Z", "DTEND:20270310T110000Z", "STATUS:CANCELLED"], []),
        (["DTSTART:20260310T100000Z", "DTEND:20260310T110000Z"], []),
        (["DTSTART:20270601T100000Z", "DTEND:20270601T110000Z"], []),
        (
            ["DTSTART:20270227T100000Z", "DTEND:20270302T110000Z"],
            [("2027-02-27T10:00:00+00:00", "2027-03-02T11:00:00+00:00")],
        ),
    ],
    ids=[
        "day",
        "day_of_23_hours",
        "floating",
        "empty",
        "backwards",
        "free",
        "cancelled",
        "before",
        "after",
        "reaches_in",
    ],
)
def test_what_takes_time_and_what_does_not(lines: list[str], found: list[tuple[str, str]]) -> None:
    assert busy(ics(event(*lines))) == found


def test_our_own_entries_take_no_time_twice() -> None:
    ours = event("DTSTART:20270310T100000Z", "DTEND:20270310T110000Z", uid="b6@Kept.example")
    assert busy(ics(ours), own="@kept.example") == []
    assert len(busy(ics(ours), own="@other.example")) == 1


def test_what_nobody_can_read_is_left_out_and_counted() -> None:
    good = event("DTSTART:20270310T100000Z", "DTEND:20270310T110000Z")
    bad = (
        event("SUMMARY:no start"),
        event("DTSTART:99999999T", "DTEND:1"),
        event("DTSTART:20270310T100000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"),
    )
    found = reading.read(ics(good, *bad), zone="Europe/Rome", since=SINCE, until=UNTIL)
    assert (len(found.busy), found.skipped) == (1, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html>",
        b"\x00\xff\xfe",
        b"BEGIN:VCALENDAR",
        ics(event("DTSTART:20270310T100000Z"))[:-9],
    ],
    ids=["nothing", "page", "noise", "begun", "cut"],
)
def test_what_is_no_calendar_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(reading.NotReadable) as no:
        reading.read(content, zone="Europe/Rome", since=SINCE, until=UNTIL)
    assert no.value.code == "not_a_calendar"


def test_more_than_anybody_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 20)
    daily = event("DTSTART:20270101T100000Z", "DTEND:20270101T110000Z", "RRULE:FREQ=DAILY")
    with pytest.raises(reading.NotReadable) as no:
        reading.read(ics(daily), zone="Europe/Rome", since=SINCE, until=UNTIL)
    assert no.value.code == "too_many"


def test_reading_apart_says_the_same_and_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {"zone": "Europe/Rome", "since": SINCE, "until": UNTIL, "own": ""}
    content = ics(event("DTSTART:20270310T100000Z", "DTEND:20270310T110000Z", "SUMMARY:Zahnarzt — ฟัน"))
    assert apart.read(content, **asked) == reading.read(content, **asked)
    with pytest.raises(reading.NotReadable):
        apart.read(b"<html>", **asked)
    monkeypatch.setattr(reading, "SECONDS", -4.98)
    with pytest.raises(reading.NotReadable) as no:
        apart.read(content, **asked)
    assert no.value.code == "too_much"


# --- What is kept ---


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[CalendarHost]:
    """`calendar.example`: plain http on this machine, which a real address never is."""
    settings.DEBUG = True
    monkeypatch.setattr(outward, "check", lambda _host: ["127.0.0.1"])
    monkeypatch.setattr(apart, "read", reading.read)
    with CalendarHost() as found:
        yield found


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


def lunch(start: datetime = MONDAY, *, title: str = "Lunch") -> str:
    times = (f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + HOUR:%Y%m%dT%H%M%SZ}")
    return event(*times, f"SUMMARY:{title}", uid=f"{start:%d%H%M}@elsewhere")


def added(studio: Provider, host: CalendarHost, *events: str, **over: Any) -> BusyCalendar:
    host.pages["/a.ics"] = Page(ics(*events))
    asked: dict[str, Any] = {
        "name": "Family",
        "address": host.url("/a.ics"),
        "with_titles": False,
        "at": EARLY,
    }
    return looking.add(provider=studio, **asked | over)


def free(studio: Provider) -> list[str]:
    service = Service.objects.select_related("provider").get(provider=studio, slug="session")
    on = MONDAY.date()
    return availability.slots(provider=studio, service=service, first=on, last=on, at=EARLY).get(
        on.isoformat(), []
    )


def test_busy_time_blocks_at_once_and_raises_the_version(studio: Provider, host: CalendarHost) -> None:
    before, version = free(studio), studio.version
    assert any("T10:00" in one for one in before)
    calendar = added(studio, host, lunch())
    assert not any("T10:00" in one for one in free(studio))
    studio.refresh_from_db()
    assert studio.version > version
    looking.remove(calendar=calendar)
    assert free(studio) == before
    assert not BusyElsewhere.objects.exists()


def test_the_slots_endpoint_and_the_booking_know_it_too(
    studio: Provider, host: CalendarHost, client: Browser, time_machine: Any
) -> None:
    time_machine.move_to(EARLY, tick=False)
    url = "/api/v1/providers/studio-bianchi/services/session/slots/"
    asked = {"from": MONDAY.date().isoformat(), "to": MONDAY.date().isoformat()}
    first: Any = client.get(url, asked)
    assert b"T10:00" in first.content
    added(studio, host, lunch())
    again: Any = client.get(url, asked, headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 200
    assert b"T10:00" not in again.content
    with pytest.raises(availability.SlotTaken):
        stories.book(studio)


def test_it_may_overlap_what_is_booked_which_stays(studio: Provider, host: CalendarHost) -> None:
    booked = stories.confirmed(studio)
    added(studio, host, lunch(), lunch(MONDAY + 30 * MINUTE))
    assert stories.fresh(booked).status == "confirmed"
    assert BusyElsewhere.objects.count() == 2
    stories.cancel(booked, at=EARLY + HOUR)


def test_titles_and_the_address_stay_private(studio: Provider, host: CalendarHost) -> None:
    calendar = added(studio, host, lunch(title="Dr. Secret"))
    assert BusyElsewhere.objects.get().title == ""
    assert "a.ics" not in calendar.secret
    assert looking.shown(calendar) == "calendar.example"
    kept = added(studio, host, lunch(title="Dr. Secret"), name="Mine", with_titles=True)
    assert kept.times.get().title == "Dr. Secret"


def test_a_look_that_finds_nothing_new_writes_nothing(studio: Provider, host: CalendarHost) -> None:
    calendar = added(studio, host, lunch())
    rows = list(BusyElsewhere.objects.values_list("pk", flat=True))
    studio.refresh_from_db()
    version = studio.version
    host.pages["/a.ics"] = Page(ics(lunch()).replace(b"DTSTAMP:20270101", b"DTSTAMP:20270102"))
    assert looking.look_due(at=EARLY + 5 * MINUTE) == 1
    assert looking.look_due(at=EARLY + 6 * MINUTE) == 0
    studio.refresh_from_db()
    assert studio.version == version
    assert list(BusyElsewhere.objects.values_list("pk", flat=True)) == rows
    calendar.refresh_from_db()
    assert calendar.read_at == EARLY + 5 * MINUTE


def test_what_changed_takes_the_place_of_what_was_there(studio: Provider, host: CalendarHost) -> None:
    added(studio, host, lunch(), lunch(MONDAY + DAY))
    stays = BusyElsewhere.objects.get(blocked_from=MONDAY).pk
    host.pages["/a.ics"] = Page(ics(lunch(), lunch(MONDAY + 2 * DAY)))
    looking.look_due(at=EARLY + 5 * MINUTE)
    found = dict(BusyElsewhere.objects.values_list("blocked_from", "pk"))
    assert sorted(found) == [MONDAY, MONDAY + 2 * DAY]
    assert found[MONDAY] == stays


def test_an_unchanged_calendar_is_read_anew_when_the_horizon_needs_it(
    studio: Provider, host: CalendarHost
) -> None:
    weekly = lunch().replace("SUMMARY", "RRULE:FREQ=WEEKLY\nSUMMARY")
    host.pages["/a.ics"] = Page(ics(weekly), headers={"ETag": '"1"'})
    calendar = looking.add(
        provider=studio, name="Gym", address=host.url("/a.ics"), with_titles=False, at=EARLY
    )
    last = BusyElsewhere.objects.latest("blocked_from").blocked_from
    looking.look_due(at=EARLY + DAY)
    assert host.asked[-1][1].get("If-None-Match") == '"1"'
    looking.look_due(at=EARLY + 60 * DAY)
    assert "If-None-Match" not in host.asked[-1][1]
    assert BusyElsewhere.objects.latest("blocked_from").blocked_from > last
    calendar.refresh_from_db()
    assert calendar.covers_until is not None
    Provider.objects.update(timezone="Asia/Bangkok")
    looking.look_due(at=EARLY + 61 * DAY)
    assert "If-None-Match" not in host.asked[-1][1]


def test_a_calendar_that_fails_keeps_its_times_and_after_a_day_says_so_once(
    studio: Provider, host: CalendarHost
) -> None:
    calendar = added(studio, host, lunch())
    host.pages["/a.ics"] = Page(status=404)
    for hours in range(40):
        looking.look_due(at=EARLY + HOUR + hours * HOUR)
    calendar.refresh_from_db()
    assert (calendar.trouble, calendar.trouble_status) == ("status", 404)
    assert calendar.failing_since == EARLY + HOUR
    assert BusyElsewhere.objects.count() == 1
    told = Message.objects.get(kind="calendar_failed")
    assert told.due_at - calendar.failing_since >= DAY
    host.pages["/a.ics"] = Page(ics())
    looking.look_due(at=EARLY + 50 * HOUR)
    calendar.refresh_from_db()
    assert (calendar.trouble, calendar.failing_since) == ("", None)
    assert not BusyElsewhere.objects.exists()
    assert mail.outbox == []


def test_hosts_that_keep_us_waiting_end_a_round_early(
    studio: Provider, host: CalendarHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(studio, host)
    added(studio, host, name="Gym")
    host.pages["/a.ics"] = Page(write=lambda _answering: time.sleep(0.1))
    monkeypatch.setattr(looking, "ROUND", 0.05)
    assert looking.look_due(at=EARLY + HOUR) == 1
    assert len(BusyCalendar.objects.filter(look_at__lte=EARLY + HOUR)) == 1


def test_two_at_once_look_once(studio: Provider, host: CalendarHost) -> None:
    added(studio, host)
    due = EARLY + HOUR
    one, other = (BusyCalendar.objects.select_related("provider").get() for _ in range(2))
    asked = len(host.asked)
    assert looking.look(calendar=one, at=due) == ""
    assert looking.look(calendar=other, at=due) is None
    assert len(host.asked) == asked + 1


# --- The page ---


@pytest.fixture
def desk(studio: Provider, host: CalendarHost, time_machine: Any) -> Browser:
    time_machine.move_to(EARLY, tick=False)
    return browser(owner(studio))


def test_a_calendar_is_added_looked_at_and_removed_on_its_page(
    desk: Browser, host: CalendarHost, time_machine: Any
) -> None:
    host.pages["/secret-of-mine/basic.ics"] = Page(ics(lunch()))
    said = {"name": "Family", "address": host.url("/secret-of-mine/basic.ics")}
    shown = text(desk.post(CALENDARS, said, follow=True))
    assert "The calendar was read: 1 busy time ahead." in shown
    assert "secret-of-mine" not in shown
    assert "<bdi>calendar.example</bdi>" in shown
    calendar = BusyCalendar.objects.get()
    time_machine.move_to(EARLY + MINUTE, tick=False)
    host.pages.clear()
    shown = text(desk.post(f"{CALENDARS}{calendar.uid}/look/", follow=True))
    assert "There is nothing at this address any more." in shown
    assert "What it said before still counts, up to" in shown
    desk.post(f"{CALENDARS}{calendar.uid}/remove/")
    assert not BusyCalendar.objects.exists()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/page", "What lies there is no calendar."),
        ("/nothing", "There is nothing at this address any more."),
        ("", "This field is required."),
        ("what", "This is no address of a calendar."),
    ],
)
def test_what_cannot_be_read_is_not_added_and_is_told(
    desk: Browser, host: CalendarHost, address: str, told: str
) -> None:
    host.pages["/page"] = Page(b"<html>")
    typed = host.url(address) if address.startswith("/") else address
    answer = desk.post(CALENDARS, {"name": "Family", "address": typed})
    assert answer.status_code == 400
    assert told in text(answer)
    assert f'value="{typed}"' in text(answer) or not typed
    assert not BusyCalendar.objects.exists()


def test_each_name_is_one_calendar(desk: Browser, studio: Provider, host: CalendarHost) -> None:
    added(studio, host)
    answer = desk.post(CALENDARS, {"name": "Family", "address": host.url("/a.ics")})
    assert "There is a calendar of this name already." in text(answer)
    assert BusyCalendar.objects.count() == 1


def test_another_desks_calendar_is_not_there_and_who_reads_sees_none(
    desk: Browser, studio: Provider, host: CalendarHost
) -> None:
    theirs = added(stories.school(), host)
    assert desk.post(f"{CALENDARS}{theirs.uid}/look/").status_code == 404
    assert desk.post(f"{CALENDARS}{theirs.uid}/remove/").status_code == 404
    assert desk.post(f"{CALENDARS}{theirs.uid}/else/").status_code == 404
    assert str(theirs.uid) not in text(desk.get(CALENDARS))
    assert browser(member(studio, "read_only")).get(CALENDARS).status_code == 403
