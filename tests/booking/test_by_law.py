"""Legal notice and privacy page: there from the first day, made of facts, and the provider's own words with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from booking import transfer
from booking.models import Business, LegalText, Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, owner

pytestmark = pytest.mark.django_db
URL = "/dashboard/set-up/legal/"


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


@pytest.fixture
def desk(studio: Provider) -> Browser:
    return browser(owner(studio))


def read(path: str, language: str = "en") -> str:
    page = Browser().get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    return page.content.decode()


def kept(provider: Provider) -> dict[str, Any]:
    found: dict[str, Any] = transfer.dump(provider=Provider.objects.get(pk=provider.pk)).get("legal", {})
    return found


def test_both_pages_are_there_from_the_first_day_and_linked(studio: Provider) -> None:
    Business.objects.update_or_create(
        provider=studio,
        defaults={"legal_name": "Bianchi S.r.l.", "address": "Via Uno 1\nMilano", "tax_number": "IT1"},
    )
    notice, privacy = read(f"/{studio.slug}/legal/"), read(f"/{studio.slug}/privacy/")
    assert "Bianchi S.r.l.<br>Via Uno 1<br>Milano" in notice
    assert studio.email in notice
    assert "erased after 30 days" in privacy
    assert "1 year after your last appointment" in privacy
    assert "health" not in privacy
    for page in (read(f"/{studio.slug}/"), read(f"/{studio.slug}/session/")):
        assert f'href="/{studio.slug}/legal/"' in page
        assert f'href="/{studio.slug}/privacy/"' in page


def test_own_words_stand_below_or_in_place_of_ours(desk: Browser, studio: Provider) -> None:
    first = studio.language
    said = {f"notice_{first}": "Albo n. 5.\r\n\r\nSecond & last <b>", "privacy_en": "Ours is shorter."}
    assert desk.post(URL, said | {f"privacy_{first}": "Breve.", "privacy_instead": "yes"}).status_code == 302
    notice = read(f"/{studio.slug}/legal/")
    assert "<p>Albo n. 5.</p>" in notice
    assert "Second &amp; last &lt;b&gt;" in notice
    assert studio.email in notice
    privacy = read(f"/{studio.slug}/privacy/")
    assert "Ours is shorter." in privacy
    assert "What we keep" not in privacy
    assert kept(studio) == {
        "notice": {"text": {first: "Albo n. 5.\n\nSecond & last <b>"}},
        "privacy": {"text": {first: "Breve.", "en": "Ours is shorter."}, "instead": True},
    }
    assert desk.post(URL, {}).status_code == 302
    assert not LegalText.objects.exists()


def test_an_empty_page_is_never_put_in_place_of_ours(desk: Browser, studio: Provider) -> None:
    page = desk.post(URL, {"privacy_en": "Only this.", "privacy_instead": "yes"})
    assert page.status_code == 400
    text = page.content.decode()
    assert "the page would be empty" in text
    assert "Only this." in text
    assert not LegalText.objects.exists()


def test_a_file_without_the_key_leaves_what_is_there(desk: Browser, studio: Provider) -> None:
    desk.post(URL, {f"notice_{studio.language}": "Mine."})
    file = transfer.dump(provider=studio)
    silent = {name: part for name, part in file.items() if name != "legal"}
    transfer.load(file=transfer.read(transfer.dumps(silent).encode()), at=stories.EARLY)
    assert kept(studio) == file["legal"]


def test_our_pages_take_their_names_from_services(studio: Provider) -> None:
    file = transfer.dump(provider=studio)
    for slug in ("legal", "privacy"):
        file["services"][0]["slug"] = slug
        with pytest.raises(transfer.FileRefused, match="is an address of the site itself"):
            transfer.read(transfer.dumps(file).encode())
