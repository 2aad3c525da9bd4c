"""Time that the provider keeps free: no appointment gets it, and what stands there stays."""

from typing import Any

import pytest

from booking import availability, lifecycle, transfer
from booking.models import BusyTime, Provider, TimeOff
from tests.booking import stories
from tests.booking.api.calls import Api, token
from tests.booking.provider_files import BIANCHI, changed, content
from tests.booking.stories import EARLY, HOUR, MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


def away(studio: Provider, start: Any = MONDAY, *, hours: float = 2, at: Any = EARLY) -> TimeOff:
    return lifecycle.take_time_off(
        provider=studio, starts_at=start, ends_at=start + hours * HOUR, title=" Dentist ", at=at
    )


def starts(studio: Provider) -> list[str]:
    day = MONDAY.date()
    service = studio.services.get(slug="session")
    found = availability.slots(provider=studio, service=service, first=day, last=day, at=EARLY)
    return found.get(day.isoformat(), [])


def test_the_slots_and_the_version_know_at_once(studio: Provider) -> None:
    before, version = starts(studio), Provider.objects.get().version
    taken = away(studio)
    assert taken.title == "Dentist"
    assert set(starts(studio)) < set(before)
    assert Provider.objects.get().version > version
    with pytest.raises(availability.SlotTaken):
        stories.book(studio)
    version = Provider.objects.get().version
    lifecycle.end_time_off(time_off=taken)
    lifecycle.end_time_off(time_off=taken)
    assert (starts(studio), BusyTime.objects.count()) == (before, 0)
    assert Provider.objects.get().version > version


def test_what_stands_there_stays(studio: Provider) -> None:
    stands = stories.confirmed(studio)
    with pytest.raises(lifecycle.TimeTaken) as no:
        away(studio, MONDAY + HOUR / 2)
    assert "Mon 1 Mar 2027, 10:00" in str(no.value.detail)
    assert no.value.facts["taken"][0]["from"] == "2027-03-01T09:00:00Z"
    assert stories.fresh(stands).status == "confirmed"
    assert not TimeOff.objects.exists()
    away(studio, stands.blocked_until)  # a neighbour is none


def test_a_hold_that_lapsed_is_not_in_the_way(studio: Provider) -> None:
    held = stories.book(studio)
    assert held.status == "held"
    away(studio, at=EARLY + HOUR)
    assert stories.fresh(held).status == "expired"


@pytest.mark.parametrize(
    ("start", "hours", "code"),
    [
        (MONDAY, 0, "order"),
        (MONDAY, -1, "order"),
        (EARLY - 3 * HOUR, 3, "past"),
        (MONDAY, 24 * 366 + 0.01, "too_long"),
    ],
)
def test_what_is_no_time(studio: Provider, start: Any, hours: float, code: str) -> None:
    with pytest.raises(lifecycle.NotATime) as no:
        away(studio, start, hours=hours)
    assert no.value.facts["errors"] == {"until": [code]}


def test_it_may_have_begun_and_may_last_a_year(studio: Provider) -> None:
    away(studio, EARLY - HOUR)
    away(studio, MONDAY, hours=24 * 366)


def test_a_file_brings_it_and_takes_it_away(studio: Provider) -> None:
    week = [{"from": "2027-03-01T00:00:00+01:00", "until": "2027-03-08T00:00:00+01:00"}]
    transfer.load(file=transfer.read(content(changed(BIANCHI, ("time_off", week)))), at=EARLY)
    row = TimeOff.objects.get()
    transfer.load(file=transfer.read(content(BIANCHI)), at=EARLY)
    transfer.load(file=transfer.read(content(changed(BIANCHI, ("time_off", week)))), at=EARLY)
    assert TimeOff.objects.get() == row  # what stays the same is not touched
    transfer.load(file=transfer.read(content(changed(BIANCHI, ("time_off", [])))), at=EARLY)
    assert not TimeOff.objects.exists()
    stories.confirmed(studio)
    with pytest.raises(transfer.FileRefused, match=r"time_off\[0\]: is taken already"):
        transfer.load(file=transfer.read(content(changed(BIANCHI, ("time_off", week)))), at=EARLY)


def test_the_api_lists_takes_and_gives_back(studio: Provider) -> None:
    desk = Api(token(studio, "write"))
    asked = {"from": "2030-03-01T09:00:00+01:00", "until": "2030-03-01T11:00:00+01:00", "title": "Dentist"}
    made = desk.post("time-off/", asked)
    assert (made.status, made.body["from"]) == (201, asked["from"])
    assert desk.post("time-off/", asked).body["code"] == "time_taken"
    assert desk.get("time-off/").body["results"] == [made.body]
    refused = desk.post("time-off/", asked | {"until": asked["from"], "title": "a\nb"})
    assert (refused.status, set(refused.body["errors"])) == (400, {"title"})
    assert desk.post("time-off/", asked | {"until": asked["from"]}).body["errors"] == {"until": "order"}
    mine = f"time-off/{made.body['id']}/"
    stranger = Api(token(stories.school(), "write"))
    assert (stranger.get(mine).status, stranger.delete(mine).status) == (404, 404)
    assert Api(token(studio, "read")).delete(mine).status == 403
    assert (desk.get(mine).body, desk.delete(mine).status, desk.get(mine).status) == (made.body, 204, 404)
    assert not TimeOff.objects.exists()
