"""Public holidays: chosen once by name, closed for the years ahead, and never over the provider's own word."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from booking import availability, free_days, transfer
from booking.models import Holidays, Override, Provider, Service
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY

PAGE = "/dashboard/set-up/holidays/"
EASTER_MONDAY = date(2027, 3, 29)
LUNEDI = "Lunedì dell'Angelo"


@pytest.fixture
def studio(db: None) -> Provider:
    made = stories.studio()
    Override.objects.all().delete()
    return made


def closed() -> list[date]:
    return list(Override.objects.filter(origin="holiday").order_by("on").values_list("on", flat=True))


def choose(studio: Provider, *names: str, at: datetime = EARLY, region: str = "") -> None:
    free_days.choose(provider=studio, country="IT", region=region, closed=names, at=at)


def offered(studio: Provider, on: date) -> list[str]:
    service = Service.objects.select_related("provider").get(provider=studio, slug="session")
    found = availability.slots(provider=service.provider, service=service, first=on, last=on, at=EARLY)
    return found.get(on.isoformat(), [])


def test_names_are_said_in_the_readers_language_where_they_are_known() -> None:
    asked = ("IT", "", EASTER_MONDAY, EASTER_MONDAY)
    said = {one: free_days.days(*asked, language=one)[0].said for one in ("en", "it", "th", "de")}
    assert said == {"en": "Easter Monday", "it": LUNEDI, "th": "วันจันทร์อีสเตอร์", "de": LUNEDI}
    assert {one.keys for one in free_days.days(*asked, language="en")} == {(LUNEDI,)}


def test_what_is_observed_on_another_day_is_the_same_holiday() -> None:
    found = free_days.days("US", "", date(2027, 7, 1), date(2027, 7, 10))
    assert {one.keys for one in found} == {("Independence Day",)}
    assert len(found) == 2


def test_regions_have_their_own() -> None:
    asked = (date(2027, 5, 17), date(2027, 5, 17))
    assert free_days.days("IT", "", *asked) == []
    assert len(free_days.days("IT", "BZ", *asked)) == 1
    assert free_days.is_known("IT", "BZ")
    assert not free_days.is_known("IT", "XX")
    assert not free_days.is_known("XX", "")
    assert free_days.country_of("Europe/Rome") == "IT"


def test_a_choice_closes_the_days_of_the_years_ahead_and_raises_the_version(studio: Provider) -> None:
    assert offered(studio, EASTER_MONDAY)
    version = studio.version
    choose(studio, LUNEDI)
    assert closed() == [EASTER_MONDAY, date(2028, 4, 17), date(2029, 4, 2)]
    assert offered(studio, EASTER_MONDAY) == []
    studio.refresh_from_db()
    assert studio.version > version
    choose(studio)
    assert closed() == []
    assert offered(studio, EASTER_MONDAY)
    assert not Holidays.objects.exists()


def test_the_providers_own_word_of_the_day_holds(studio: Provider) -> None:
    Override.objects.create(provider=studio, on=EASTER_MONDAY, opens_minute=600, closes_minute=720)
    own = offered(studio, EASTER_MONDAY)
    choose(studio, LUNEDI)
    assert offered(studio, EASTER_MONDAY) == own != []
    choose(studio)
    assert Override.objects.get().opens_minute == 600


def test_the_sweep_carries_a_choice_on_once_a_month_and_writes_what_differs(studio: Provider) -> None:
    choose(studio, LUNEDI)
    rows = set(Override.objects.values_list("pk", flat=True))
    assert free_days.renew_due(at=EARLY + timedelta(days=29)) == 0
    later = EARLY + timedelta(days=400)
    assert free_days.renew_due(at=later) == 1
    assert free_days.renew_due(at=later) == 0
    assert closed()[-1] == date(2030, 4, 22)
    assert rows < set(Override.objects.values_list("pk", flat=True))


def test_the_file_knows_the_choice_and_not_its_days(studio: Provider) -> None:
    choose(studio, LUNEDI, region="BZ")
    content = transfer.dump(provider=studio)
    assert content["holidays"] == {"country": "IT", "region": "BZ", "closed": [LUNEDI]}
    assert content["overrides"] == []
    days = closed()
    transfer.load(file=transfer.read(transfer.dumps(content).encode()), at=EARLY)
    assert closed() == days
    transfer.load(file=transfer.read(transfer.dumps(content | {"holidays": {}}).encode()), at=EARLY)
    assert closed() == []
    wrong = {"country": "XX", "closed": [LUNEDI]}
    with pytest.raises(transfer.FileRefused) as no:
        transfer.read(transfer.dumps(content | {"holidays": wrong}).encode())
    assert [path for path, _message in no.value.problems] == ["holidays.country"]


@pytest.fixture
def desk(studio: Provider, time_machine: Any) -> Browser:
    time_machine.move_to(EARLY, tick=False)
    return browser(owner(studio))


def test_a_country_is_shown_ticked_and_kept(desk: Browser, studio: Provider) -> None:
    shown = text(desk.get(PAGE))
    assert "Easter Monday" in shown
    assert '<option value="IT" selected>Italy</option>' in shown
    assert "Whit Monday" not in shown
    assert 'value="BZ" selected' in text(desk.get(PAGE, {"country": "IT", "region": "BZ"}))
    assert not Holidays.objects.exists()
    said = {"country": "IT", "region": "", "closed": [LUNEDI, "Whatever"]}
    assert desk.post(PAGE, said).status_code == 302
    assert Holidays.objects.get().closed == [LUNEDI]
    assert text(desk.get(PAGE)).count(" checked>") == 1
    desk.post(PAGE, {"country": "IT", "region": ""})
    assert closed() == []


def test_an_appointment_on_a_closed_holiday_is_named(desk: Browser, studio: Provider) -> None:
    start = datetime.fromisoformat(offered(studio, EASTER_MONDAY)[0])
    booked = stories.confirmed(studio, start=start)
    shown = text(desk.post(PAGE, {"country": "IT", "closed": [LUNEDI]}, follow=True))
    assert f"/dashboard/appointments/{booked.uid}/" in shown
    assert stories.fresh(booked).status == "confirmed"


@pytest.mark.parametrize("said", [{"country": "XX"}, {"country": ""}, {"country": "../"}])
def test_what_is_no_country_is_none(desk: Browser, said: dict[str, str]) -> None:
    assert desk.get(PAGE, said).status_code == 200
    assert desk.post(PAGE, said).status_code == 400
    assert not Holidays.objects.exists()


def test_who_only_reads_closes_nothing(desk: Browser, studio: Provider) -> None:
    reader = browser(member(studio, "read_only"))
    assert reader.get(PAGE).status_code == 200
    assert reader.post(PAGE, {"country": "IT", "closed": [LUNEDI]}).status_code == 403
    assert not Holidays.objects.exists()
