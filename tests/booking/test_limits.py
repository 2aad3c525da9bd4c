"""How much a provider takes on: as a rule, in the slots, in the booking, in the file and on its page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from booking import agenda, availability, lifecycle, month, slots, transfer
from booking.limits import Booked, Limits, Most
from booking.models import Provider, Service
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY, HOUR, MONDAY

DAY = timedelta(days=1)
PAGE = "/dashboard/set-up/limits/"


def booked(start: datetime, n: int = 1, **over: Any) -> Booked:
    span = slots.covering(start, start + HOUR)
    facts: dict[str, Any] = {"service": 1, "mode": "video"}
    return Booked(id=n, start=slots.epoch(start), span=span, **facts | over)


def left(limits: Limits, *starts: datetime) -> list[datetime]:
    return [slots.moment(one) for one in limits.within([slots.epoch(start) for start in starts])]


def rule(*rows: Booked, **over: Any) -> Limits:
    return Limits(**{"zone": "Europe/Rome", "service": 1, "booked": rows} | over)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- The rule ---

LATE, NEXT = at("2027-03-01T23:30+01:00"), at("2027-03-02T00:00+01:00")


@pytest.mark.parametrize(
    ("most", "rows", "wanted", "free"),
    [
        (Most(per_day=1), [booked(LATE)], LATE - HOUR, False),
        (Most(per_day=1), [booked(LATE)], NEXT, True),
        (Most(per_day=2), [booked(LATE)], LATE - HOUR, True),
        (Most(per_day=2), [booked(LATE, 1), booked(LATE - HOUR, 2)], LATE - 2 * HOUR, False),
        (Most(per_day=2), [booked(LATE, 1), booked(LATE - HOUR, 1)], LATE - 2 * HOUR, True),
        (Most(per_day=1), [booked(LATE, counts=False)], LATE - HOUR, True),
        (Most(per_week=1), [booked(LATE)], at("2027-03-07T23:30+01:00"), False),
        (Most(per_week=1), [booked(LATE)], at("2027-03-08T00:00+01:00"), True),
        (Most(per_week=1), [booked(LATE)], at("2027-02-28T23:59+01:00"), True),
        (Most(per_day=1), [booked(at("2027-03-28T00:30+01:00"))], at("2027-03-28T23:30+02:00"), False),
        (Most(per_day=1), [booked(at("2027-03-28T00:30+01:00"))], at("2027-03-29T00:00+02:00"), True),
    ],
    ids=[
        "same_day", "next_day", "room_for_one", "two_of_two", "one_that_moves", "proposed", "sunday_night",
        "next_monday", "sunday_before", "day_of_23_hours", "after_the_change",
    ],
)  # fmt: skip
def test_a_day_and_a_week_hold_so_many(most: Most, rows: list[Booked], wanted: datetime, free: bool) -> None:
    assert left(rule(*rows, of_all=most), wanted) == ([wanted] if free else [])


def test_the_limit_of_a_service_counts_that_service_alone() -> None:
    other = booked(LATE, service=2)
    assert left(rule(other, of_service=Most(per_day=1)), LATE) == [LATE]
    assert left(rule(booked(LATE), other, of_service=Most(per_day=1)), LATE) == []


@pytest.mark.parametrize(
    ("mode", "other", "ways"),
    [
        ("in_person", "video", 1),
        ("phone", "video", 0),
        ("video", "in_person", 1),
        ("in_person", "in_person", 0),
    ],
)
def test_the_way_lies_between_two_places(mode: str, other: str, ways: int) -> None:
    limits = rule(booked(MONDAY, mode=other), travel_minutes=30)
    start, end = slots.covering(MONDAY, MONDAY + HOUR)
    assert list(limits.with_travel([(start, end)], mode)) == [(start - 1800, end + 1800)] * ways + [
        (start, end)
    ]


# --- What is offered and booked ---


def service_of(studio: Provider, slug: str = "session") -> Service:
    return Service.objects.select_related("provider").get(provider=studio, slug=slug)


def offered(studio: Provider, on: date, mode: str | None = None) -> list[str]:
    service = service_of(studio)
    known = availability.slots(
        provider=service.provider, service=service, first=on, last=on, at=EARLY, mode=mode
    )
    seen = month.look(provider=studio.slug, service="session", at=EARLY)
    assert seen is not None
    quick = month.days(seen=seen, first=on, last=on, zone=studio.timezone, mode=mode, at=EARLY)
    assert quick == known
    return known.get(on.isoformat(), [])


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


def limit(studio: Provider, **limits: int) -> None:
    Provider.objects.filter(pk=studio.pk).update(limits=limits)
    studio.refresh_from_db()


def test_a_full_day_is_taken_and_free_again_after_a_cancel(studio: Provider) -> None:
    limit(studio, per_day=1)
    assert offered(studio, MONDAY.date())
    one = stories.confirmed(studio)
    assert offered(studio, MONDAY.date()) == []
    assert offered(studio, (MONDAY + DAY).date())
    with pytest.raises(availability.SlotTaken) as no:
        stories.book(studio, start=MONDAY + 5 * HOUR, email="bo@example.com")
    assert len(no.value.facts["alternatives"]) == 3
    assert not any(other.startswith("2027-03-01") for other in no.value.facts["alternatives"])
    moved = stories.move(one, start=MONDAY + 5 * HOUR, at=EARLY + HOUR)
    assert moved.appointment.starts_at == MONDAY + 5 * HOUR
    stories.cancel(one, at=EARLY + 2 * HOUR)
    assert offered(studio, MONDAY.date())


def test_a_hold_that_lapsed_counts_no_more(studio: Provider) -> None:
    limit(studio, per_week=1)
    held = stories.book(studio)
    assert held.status == "held"
    with pytest.raises(availability.SlotTaken):
        stories.book(studio, start=MONDAY + DAY, email="bo@example.com")
    later = EARLY + HOUR
    stories.book(studio, start=MONDAY + DAY, email="bo@example.com", at=later)
    again = stories.pay(held, at=later)
    assert again.status == "expired"


def test_the_way_is_kept_between_appointments_and_in_a_change_of_mode(studio: Provider) -> None:
    on = MONDAY.date()
    one = stories.confirmed(studio)
    near = offered(studio, on, "in_person")
    limit(studio, travel_minutes=120)
    far = offered(studio, on, "in_person")
    assert set(far) < set(near)
    assert offered(studio, on, "video") == near
    assert set(offered(studio, on)) == set(near)
    start = next(datetime.fromisoformat(text) for text in near if text not in far)
    with pytest.raises(availability.SlotTaken):
        stories.book(studio, start=start, mode="in_person", email="bo@example.com")
    two = stories.confirmed(studio, start=start, email="bo@example.com")
    by = stories.owner(studio)
    with pytest.raises(availability.NotBookable):
        lifecycle.change_mode(appointment=two, mode="in_person", by=by, at=EARLY + HOUR)
    limit(studio)
    lifecycle.change_mode(appointment=two, mode="in_person", by=by, at=EARLY + HOUR)
    assert stories.fresh(one).mode == "video"


def test_no_limit_costs_no_statement(studio: Provider) -> None:
    offered(studio, MONDAY.date())
    seen = month.look(provider=studio.slug, service="session", at=EARLY)
    assert seen is not None
    asked: dict[str, Any] = {
        "first": MONDAY.date(),
        "last": MONDAY.date(),
        "zone": "UTC",
        "mode": None,
        "at": EARLY,
    }
    with CaptureQueriesContext(
        connection,
    ) as queries:
        month.days(seen=seen, **asked)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        agenda.between(provider=studio, service=service_of(studio), since=EARLY, until=MONDAY, at=EARLY)
    assert len(queries) == 3  # one of them is the test's own


def test_a_limit_raises_the_version_and_lies_in_the_file(studio: Provider) -> None:
    version = studio.version
    content = transfer.dump(provider=studio)
    assert "limits" not in content
    content["limits"] = {"per_day": 4, "travel_minutes": 30}
    content["services"][0]["limits"] = {"per_week": 2}
    saved = transfer.load(file=transfer.read(transfer.dumps(content).encode()), at=EARLY)
    assert saved.version > version
    again = transfer.dump(provider=saved)
    assert again["limits"] == content["limits"]
    assert again["services"][0]["limits"] == {"per_week": 2}
    content["limits"], content["services"][0]["limits"] = {"per_day": 0}, {"per_year": 1}
    with pytest.raises(transfer.FileRefused) as no:
        transfer.read(transfer.dumps(content).encode())
    assert {path for path, _message in no.value.problems} == {"limits.per_day", "services[0].limits.per_year"}


# --- The page ---


@pytest.fixture
def desk(studio: Provider, time_machine: Any) -> Browser:
    time_machine.move_to(EARLY, tick=False)
    return browser(owner(studio))


def test_limits_are_set_and_taken_back_on_their_page(desk: Browser, studio: Provider) -> None:
    service = service_of(studio)
    said = {"all-per_day": "4", "all-per_week": "", "travel_minutes": "30", f"{service.pk}-per_week": "2"}
    assert desk.post(PAGE, said).status_code == 302
    studio.refresh_from_db()
    service.refresh_from_db()
    assert studio.limits == {"per_day": 4, "travel_minutes": 30}
    assert service.limits == {"per_week": 2}
    assert 'value="4"' in text(desk.get(PAGE))
    desk.post(PAGE, {})
    studio.refresh_from_db()
    service.refresh_from_db()
    assert (studio.limits, service.limits) == ({}, {})


@pytest.mark.parametrize(
    ("field", "typed"), [("all-per_day", "0"), ("all-per_week", "x"), ("travel_minutes", "999")]
)
def test_what_is_no_limit_is_told(desk: Browser, studio: Provider, field: str, typed: str) -> None:
    answer = desk.post(PAGE, {field: typed})
    assert answer.status_code == 400
    assert f'value="{typed}"' in text(answer)
    studio.refresh_from_db()
    assert studio.limits == {}


def test_who_only_reads_sets_none(desk: Browser, studio: Provider) -> None:
    reader = browser(member(studio, "read_only"))
    assert reader.get(PAGE).status_code == 200
    assert reader.post(PAGE, {"all-per_day": "1"}).status_code == 403
