"""Link, QR code and embed code, and the sites that may show the booking page."""

from typing import Any

import pytest
from django.test import Client as Browser

from booking.models import Provider
from tests.booking.dashboard.people import browser, member, text

SHARE = "/dashboard/share/"


def test_the_page_has_the_link_the_code_and_the_sites(desk: Browser, studio: Provider) -> None:
    page = text(desk.get(SHARE))
    assert '<code id="the-link">http://testserver/studio-bianchi/</code>' in page
    for kind in ("inline", "popup", "button"):
        assert f"data-kept=&quot;{kind}&quot;" in page
    assert "&lt;script src=&quot;http://testserver/embed.js&quot; async&gt;&lt;/script&gt;" in page
    assert "Prenota" in page or "Book a time" in page
    assert "<iframe" not in page


def test_each_service_has_its_own(desk: Browser, studio: Provider) -> None:
    page = text(desk.get(SHARE, {"service": "session"}))
    assert '<code id="the-link">http://testserver/studio-bianchi/session/</code>' in page
    assert "/dashboard/share/qr.svg?service=session" in page


def test_light_or_dark_goes_into_the_code_and_the_preview(desk: Browser, studio: Provider) -> None:
    Provider.objects.update(embed_sites=["https://www.example.com"])
    assert "data-theme" not in text(desk.get(SHARE, {"theme": "pink"})).split("<main", 1)[1]
    page = text(desk.get(SHARE, {"theme": "dark", "service": "session"}))
    assert page.count("data-theme=&quot;dark&quot;") == 3
    assert "&amp;lang=en&amp;theme=dark" in page
    assert 'href="/dashboard/share/?service=session&amp;theme=light#colours"' in page
    assert 'href="/dashboard/share/?theme=dark"' in page  # all services


def test_sites_are_kept_and_the_preview_shows(desk: Browser, studio: Provider) -> None:
    typed = "https://www.Example.com/\nhttp://localhost:8080 https://www.example.com"
    answer = desk.post(SHARE, {"sites": typed})
    assert answer.status_code == 302
    studio.refresh_from_db()
    assert studio.embed_sites == ["https://www.example.com", "http://localhost:8080"]
    page = text(desk.get(SHARE))
    assert 'src="/studio-bianchi/embed/?site=http%3A%2F%2Ftestserver&amp;lang=en"' in page
    assert "https://www.example.com\nhttp://localhost:8080</textarea>" in page
    desk.post(SHARE, {"sites": ""})
    studio.refresh_from_db()
    assert studio.embed_sites == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("http://example.com", "“http://example.com” must begin with https://, so: https://example.com"),
        ("https://a.example/book", "Its beginning is enough: https://a.example"),
        ("example.com", "“example.com” is no address of a site."),
        ("<b>", "“&lt;b&gt;” is no address of a site."),
        ("\n".join(f"https://s{n}.example" for n in range(21)), "At most 20 sites can be listed."),
    ],
)
def test_what_is_no_site_is_named_and_nothing_is_lost(
    desk: Browser, studio: Provider, typed: str, said: str
) -> None:
    Provider.objects.update(embed_sites=["https://before.example"])
    answer = desk.post(SHARE, {"sites": f"https://good.example\n{typed}"})
    assert answer.status_code == 400
    assert said in text(answer)
    assert "https://good.example" in text(answer)
    studio.refresh_from_db()
    assert studio.embed_sites == ["https://before.example"]


def test_who_only_reads_changes_nothing(studio: Provider) -> None:
    reader = browser(member(studio, "read_only"))
    assert reader.get(SHARE).status_code == 200
    assert reader.post(SHARE, {"sites": "https://a.example"}).status_code == 403
    studio.refresh_from_db()
    assert studio.embed_sites == []


@pytest.mark.parametrize(
    ("kind", "type_", "begins"), [("svg", "image/svg+xml", b"<?xml"), ("png", "image/png", b"\x89PNG")]
)
def test_the_qr_code_is_a_picture_to_keep(
    desk: Browser, studio: Provider, kind: str, type_: str, begins: bytes
) -> None:
    answer: Any = desk.get(f"{SHARE}qr.{kind}", {"service": "session", "download": "1"})
    assert answer["Content-Type"] == type_
    assert answer.content.startswith(begins)
    assert answer["Content-Disposition"] == f'attachment; filename="studio-bianchi-session-qr.{kind}"'
    assert answer.content != desk.get(f"{SHARE}qr.{kind}").content


@pytest.mark.parametrize("path", ["qr.gif", "qr.svg?service=nothing", "?service=lesson"])
def test_what_is_not_on_this_desk_is_not_there(desk: Browser, studio: Provider, path: str) -> None:
    assert desk.get(f"{SHARE}{path}").status_code == 404
