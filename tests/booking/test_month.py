"""The slots as the busiest address gives them: the same as the craft's own, in two statements, never stale."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from booking import availability, month
from booking.models import Override, Provider, Service, WeeklyHours
from tests.booking import stories

FIRST, LAST = date(2027, 3, 1), date(2027, 4, 15)
ZONES = ["Europe/Rome", "America/New_York", "Pacific/Auckland"]


def asked(provider: Provider, *, zone: str, at: datetime, mode: str | None = None) -> dict[str, list[str]]:
    seen = month.look(provider=provider.slug, service="session", at=at)
    assert seen is not None
    return month.days(seen=seen, first=FIRST, last=LAST, zone=zone, mode=mode, at=at)


def plainly(provider: Provider, *, zone: str, at: datetime, mode: str | None = None) -> dict[str, list[str]]:
    service = Service.objects.select_related("provider").get(provider=provider, slug="session")
    return availability.slots(
        provider=service.provider, service=service, first=FIRST, last=LAST, zone=zone, mode=mode, at=at
    )


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=15), timedelta(days=15)], ids=str)
def test_it_gives_what_the_craft_gives(zone: str, later: timedelta) -> None:
    studio = stories.studio()
    for days in range(12):
        start = stories.MONDAY + timedelta(days=days)
        if start.weekday() < 2:
            stories.confirmed(studio, start=start, email=f"{days}@example.com")
    stories.book(studio, start=stories.MONDAY + timedelta(days=3), email="held@example.com")
    Override.objects.create(provider=studio, on=date(2027, 3, 15))
    at = stories.EARLY + later
    assert asked(studio, zone=zone, at=at) == plainly(studio, zone=zone, at=at) != {}


@pytest.mark.django_db
def test_what_has_just_ended_is_still_in_the_way_of_a_long_buffer() -> None:
    studio = stories.studio()
    studio.services.update(min_notice_minutes=0, buffer_before_minutes=60)
    stories.confirmed(studio)
    over = stories.MONDAY + timedelta(minutes=61)
    found = asked(studio, zone="UTC", at=over)
    assert found == plainly(studio, zone="UTC", at=over)
    assert found["2027-03-01"][0] == "2027-03-01T11:00:00+00:00"


@pytest.mark.django_db
def test_a_mode_that_is_not_offered_has_no_times() -> None:
    assert asked(stories.studio(), zone="Europe/Rome", at=stories.EARLY, mode="fax") == {}


@pytest.mark.django_db
def test_a_month_costs_two_statements_however_busy(django_assert_num_queries: Any) -> None:
    studio = stories.studio()
    asked(studio, zone="Europe/Rome", at=stories.EARLY)
    with django_assert_num_queries(2):
        asked(studio, zone="Europe/Rome", at=stories.EARLY)
    stories.confirmed(studio)
    asked(studio, zone="Europe/Rome", at=stories.EARLY)
    with django_assert_num_queries(2):
        asked(studio, zone="Europe/Rome", at=stories.EARLY)


def close_a_day(studio: Provider) -> None:
    Override.objects.create(provider=studio, on=FIRST)


def open_an_evening(studio: Provider) -> None:
    WeeklyHours.objects.create(provider=studio, weekday=0, opens_minute=1200, closes_minute=1300)


def take_longer(studio: Provider) -> None:
    studio.services.update(duration_minutes=80)


def move_house(studio: Provider) -> None:
    Provider.objects.update(timezone="America/New_York")


def be_booked(studio: Provider) -> None:
    stories.book(studio)


CHANGES = [close_a_day, open_an_evening, take_longer, move_house, be_booked]


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_every_change_shows_in_the_very_next_look(change: Any) -> None:
    studio = stories.studio()
    before = month.look(provider=studio.slug, service="session", at=stories.EARLY)
    slots = asked(studio, zone="Europe/Rome", at=stories.EARLY)
    change(studio)
    after = month.look(provider=studio.slug, service="session", at=stories.EARLY)
    assert before
    assert after
    assert before.tag("x", at=stories.EARLY) != after.tag("x", at=stories.EARLY)
    assert asked(studio, zone="Europe/Rome", at=stories.EARLY) != slots


@pytest.mark.django_db
def test_a_tag_holds_within_a_minute_and_not_over_it() -> None:
    seen = month.look(provider=stories.studio().slug, service="session", at=stories.EARLY)
    assert seen is not None
    minute = datetime.combine(FIRST, time(9, 30), UTC)
    microsecond = timedelta(microseconds=1)
    tags = {seen.tag(at=minute - microsecond), seen.tag(at=minute), seen.tag(at=minute + microsecond)}
    assert len(tags) == 3
    assert seen.tag(at=minute + microsecond) == seen.tag(at=minute + timedelta(seconds=59))


@pytest.mark.django_db
def test_what_is_hidden_or_unknown_is_not_seen() -> None:
    studio = stories.studio()
    assert month.look(provider="nobody", service="session", at=stories.EARLY) is None
    studio.services.update(hidden=True)
    assert month.look(provider=studio.slug, service="session", at=stories.EARLY) is None


def test_only_the_last_are_remembered() -> None:
    recent: month.Recent[int] = month.Recent(2)
    made = [recent.get(key, lambda key=key: key) for key in (1, 2, 3, 1)]  # type: ignore[misc]
    assert made == [1, 2, 3, 1]
    assert recent.get(3, lambda: 0) == 3
    assert recent.get(2, lambda: 0) == 0
