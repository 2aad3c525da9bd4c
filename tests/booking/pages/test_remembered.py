"""The picking page is remembered as long as nothing of it could have changed, and not a request longer."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking.models import Business, Provider
from tests.booking import stories
from tests.booking.pages.test_book import SESSION, text
from tests.booking.stories import EARLY, MINUTE, MONDAY

DAY = {"date": "2027-03-01"}
TEN = "start=2027-03-01T10:00:00%2B01:00"


@pytest.fixture
def first(visitor: Client, studio: Provider) -> str:
    page = visitor.get(SESSION, DAY).content.decode()
    assert TEN in page
    return page


def test_the_second_look_asks_the_database_once_and_reads_the_same(
    visitor: Client, first: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        again = visitor.get(SESSION, DAY)
    assert again.content.decode() == first


def test_a_booking_shows_in_the_very_next_request(visitor: Client, studio: Provider, first: str) -> None:
    stories.book(studio)
    assert TEN not in visitor.get(SESSION, DAY).content.decode()


def test_a_hold_that_lapsed_shows_in_the_very_next_request(
    visitor: Client, studio: Provider, clock: Any
) -> None:
    stories.book(studio)
    clock.move_to(EARLY + timedelta(minutes=15) - timedelta(seconds=1))
    assert TEN not in visitor.get(SESSION, DAY).content.decode()
    clock.move_to(EARLY + timedelta(minutes=15))
    assert TEN in visitor.get(SESSION, DAY).content.decode()


def test_an_edit_shows_in_the_very_next_request(visitor: Client, studio: Provider, first: str) -> None:
    studio.services.filter(slug="session").update(price=10000)
    assert "€100.00" in text(visitor.get(SESSION, DAY))
    Provider.objects.update(name="Studio Verdi")
    assert "Studio Verdi" in text(visitor.get(SESSION, DAY))
    studio.overrides.create(on="2027-03-01")
    assert TEN not in visitor.get(SESSION, DAY).content.decode()


def test_new_terms_show_in_the_very_next_request(visitor: Client, studio: Provider, first: str) -> None:
    policy = studio.services.get(slug="session").policy
    terms = policy.versions.get().terms
    policy.versions.create(number=2, terms={**terms, "deposit": {"kind": "none"}}, created_at=EARLY)
    assert "Deposit, now" not in text(visitor.get(SESSION, DAY))


def test_a_start_that_notice_has_overtaken_is_gone(visitor: Client, studio: Provider, clock: Any) -> None:
    clock.move_to(MONDAY - timedelta(hours=12))
    assert TEN in visitor.get(SESSION, DAY).content.decode()
    clock.move_to(MONDAY - timedelta(hours=12) + MINUTE / 60)
    assert TEN not in visitor.get(SESSION, DAY).content.decode()


def test_each_language_and_zone_has_its_own(visitor: Client, first: str) -> None:
    assert "Monday 1 March" not in text(visitor.get(SESSION, DAY, headers={"Accept-Language": "it"}))
    assert TEN not in visitor.get(SESSION, DAY | {"tz": "America/New_York"}).content.decode()


def test_what_is_said_to_one_is_not_shown_to_another(visitor: Client, first: str) -> None:
    other = Client(headers={"Accept-Language": "en", "Cookie": "messages=x"})
    assert other.get(SESSION, DAY).status_code == 200
    assert visitor.get(SESSION, DAY).content.decode() == first


def test_another_name_of_the_tax_shows_in_the_very_next_request(
    visitor: Client, studio: Provider, first: str
) -> None:
    studio.services.update(tax_rate=2200)
    Business.objects.filter(provider=studio).delete()
    own = Business.objects.create(provider=studio, legal_name="Studio Bianchi", tax_name="VAT")
    assert "22% VAT" in text(visitor.get(SESSION, DAY))
    Business.objects.filter(pk=own.pk).update(tax_name="IVA")
    assert "22% IVA" in text(visitor.get(SESSION, DAY))
    own.delete()
    assert "IVA" not in text(visitor.get(SESSION, DAY))


def test_pages_are_packed_for_who_can_unpack_them(visitor: Client, first: str) -> None:
    packed = visitor.get(SESSION, DAY, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content).decode() == first
    assert len(packed.content) < len(first) / 3
    assert "Accept-Encoding" in packed["Vary"]
