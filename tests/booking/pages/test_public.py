"""What public pages say of themselves to previews and search engines, and what stays out of every index."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from booking import tokens
from booking.models import Provider, Service
from booking.pages import public
from tests.booking import stories
from tests.booking.pages.test_book import START

PROFILE = "/studio-bianchi/"
SESSION = "/studio-bianchi/session/"
HERE = "http://testserver"


def page(visitor: Client, path: str, **said: Any) -> str:
    found: str = visitor.get(path, said).content.decode()
    return found


def facts(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    said: dict[str, Any] = json.loads(found[1])
    return said


@pytest.mark.parametrize("path", ["/", PROFILE, SESSION])
def test_a_link_that_is_passed_on_has_a_title_words_and_a_picture(
    visitor: Client, studio: Provider, path: str
) -> None:
    html = page(visitor, path)
    for name in ("og:title", "og:description", "og:url", "og:image", "og:locale"):
        assert re.search(f'property="{name}" content="[^"]+"', html), name
    assert 'name="twitter:card" content="summary_large_image"' in html
    image = re.search(r'property="og:image" content="http://testserver(/[^"]+)"', html)
    assert image
    assert visitor.get(image[1])["Content-Type"] == "image/png"
    assert f'<link rel="canonical" href="{HERE}{path}">' in html


def test_what_was_picked_is_not_part_of_the_pages_own_address(visitor: Client, studio: Provider) -> None:
    html = page(visitor, SESSION, date="2027-03-01", mode="video", tz="America/New_York", start=START)
    assert f'<link rel="canonical" href="{HERE}{SESSION}">' in html


def test_each_language_has_an_address(visitor: Client, studio: Provider) -> None:
    html = page(visitor, SESSION, lang="it")
    assert '<html lang="it"' in html
    assert f'<link rel="canonical" href="{HERE}{SESSION}?lang=it">' in html
    for code in ("en", "it", "th"):
        assert f'hreflang="{code}" href="{HERE}{SESSION}?lang={code}"' in html
    assert f'hreflang="x-default" href="{HERE}{SESSION}"' in html
    assert "lang=it" in re.findall(r'href="(/studio-bianchi/session/\?[^"]*date=[^"]*)"', html)[0]
    assert '<html lang="en"' in page(visitor, SESSION, lang="xx")


def test_a_language_that_is_chosen_by_hand_wins_over_the_address(visitor: Client, studio: Provider) -> None:
    answer = visitor.post("/i18n/language/", {"language": "th", "next": f"{SESSION}?lang=it&mode=video"})
    assert answer["Location"] == f"{SESSION}?mode=video"
    assert '<html lang="th"' in page(visitor, answer["Location"])


def test_schema_org_knows_the_service_and_its_price(visitor: Client, studio: Provider) -> None:
    said = facts(page(visitor, SESSION))
    assert (said["@context"], said["@type"], said["name"]) == (
        "https://schema.org",
        "Service",
        "Individual session",
    )
    assert said["offers"]["price"] == "90.00"
    assert said["offers"]["priceCurrency"] == "EUR"
    assert said["provider"]["url"] == f"{HERE}{PROFILE}"


def test_schema_org_knows_the_provider_and_what_is_offered(visitor: Client, studio: Provider) -> None:
    said = facts(page(visitor, PROFILE))
    assert said["@type"] == "LocalBusiness"
    assert said["address"] == studio.places["in_person"]["address"]
    assert f"{HERE}{SESSION}" in [one["itemOffered"]["url"] for one in said["makesOffer"]]
    Provider.objects.update(places={})
    assert facts(page(visitor, PROFILE))["@type"] == "Organization"


def test_amounts_without_decimals_are_written_without(visitor: Client, studio: Provider) -> None:
    Provider.objects.update(currency="JPY")
    assert facts(page(visitor, SESSION))["offers"]["price"] == "9000"


@pytest.mark.parametrize("name", ["</script><svg onload=alert(1)>", "<!--<script>", "a\u2028b & c"])
def test_no_name_breaks_out_of_what_is_said(visitor: Client, studio: Provider, name: str) -> None:
    Provider.objects.update(name=name, about={"en": name})
    for path in (PROFILE, SESSION):
        html = page(visitor, path)
        assert "<svg onload" not in html
        assert "<!--" not in html
        said = facts(html)
        assert (said["name"] if path == PROFILE else said["provider"]["name"]) == name


def test_a_hidden_service_is_in_no_index(visitor: Client, studio: Provider) -> None:
    assert 'name="robots"' not in page(visitor, SESSION)
    studio.services.filter(slug="session").update(hidden=True)
    assert '<meta name="robots" content="noindex">' in page(visitor, SESSION)


def test_the_sitemap_names_what_is_public_and_nothing_else(
    visitor: Client, studio: Provider, school: Provider
) -> None:
    Provider.objects.filter(pk=studio.pk).update(listed=True)
    Provider.objects.filter(pk=school.pk).update(listed=False)
    studio.services.filter(slug="couple").update(hidden=True)
    stories.confirmed(studio)
    answer = visitor.get("/sitemap.xml")
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    tree = ET.fromstring(answer.content)
    found = [one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(found) == [f"{HERE}{path}" for path in ("/", PROFILE, f"{PROFILE}first-meeting/", SESSION)]


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 100])
def test_what_one_file_cannot_hold_is_in_several_each_address_once(
    visitor: Client, studio: Provider, school: Provider, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    Provider.objects.update(listed=True)
    whole = locs(visitor, "/sitemap.xml")
    assert len(whole) == len(set(whole)) == 3 + Service.objects.filter(hidden=False).count()
    monkeypatch.setattr(public, "MOST", most)
    named = locs(visitor, "/sitemap.xml")
    if most == 100:
        assert named == whole
        return
    parts = [locs(visitor, one.removeprefix(HERE)) for one in named]
    assert max(map(len, parts)) <= most
    assert [one for part in parts for one in part] == whole
    assert visitor.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404


def locs(visitor: Client, path: str) -> list[str]:
    tree = ET.fromstring(visitor.get(path).content)
    return [str(one.text) for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


@pytest.mark.parametrize(
    ("code", "locale", "words"),
    [("en", "en_GB", "free times"), ("it", "it_IT", "orari liberi"), ("th", "th_TH", "เวลา")],
)
def test_a_preview_speaks_the_language_of_its_address(
    visitor: Client, studio: Provider, code: str, locale: str, words: str
) -> None:
    html = page(visitor, SESSION, lang=code)
    said = dict(re.findall(r'property="og:(\w+)" content="([^"]+)"', html))
    assert said["locale"] == locale
    assert said["url"] == f"{HERE}{SESSION}?lang={code}"
    assert words in said["description"]
    assert said["title"] in html.split("</title>")[0]


def test_robots_are_shown_the_way_and_told_no_secret_address(visitor: Client) -> None:
    answer = visitor.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert f"Sitemap: {HERE}/sitemap.xml" in lines
    assert "Disallow: /dashboard/" in lines
    # An address that may not be opened could be listed all the same, token and all.
    assert "Disallow: /a/" not in lines


@pytest.mark.parametrize(
    "path", ["/a/x/", "/dashboard/", "/accounts/login/", "/admin/", "/api/v1/", "/pay/x/"]
)
def test_what_is_private_is_in_no_index(visitor: Client, studio: Provider, path: str) -> None:
    assert visitor.get(path)["X-Robots-Tag"] == "noindex"


def test_an_appointment_is_in_no_index(visitor: Client, studio: Provider) -> None:
    answer = visitor.get(tokens.manage_path(stories.confirmed(studio)))
    assert answer["X-Robots-Tag"] == "noindex"
    assert "canonical" not in answer.content.decode()
    assert "og:" not in answer.content.decode()
