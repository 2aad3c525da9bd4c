"""The booking page in a frame of another site (F-109): who may show it, and that it needs no cookie."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from booking import tokens
from booking.models import Appointment, Provider
from booking.pages import framed
from tests.booking import stories
from tests.booking.pages.test_book import START, details, text
from tests.booking.stories import EARLY

SITE = "https://www.studio-bianchi.example"
LIST = "/studio-bianchi/embed/"
SESSION = "/studio-bianchi/embed/session/"
FIRST = "/studio-bianchi/embed/first-meeting/"


@pytest.fixture
def listed(studio: Provider) -> Provider:
    studio.embed_sites = [SITE, "http://localhost:8080"]
    studio.save(update_fields=["embed_sites"])
    return studio


def ancestors(response: Any) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", response["Content-Security-Policy"])
    assert found
    return found[1]


def seal_in(response: Any) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def form_of(visitor: Client, path: str, service: str, provider: Provider, **over: Any) -> dict[str, Any]:
    page = visitor.get(path, {"start": START, "mode": "video", "site": SITE})
    return details(provider, service, picked_mode="video", seal=seal_in(page), **over)


# --- Who may show it ---


@pytest.mark.parametrize("path", [LIST, SESSION])
def test_the_listed_sites_may_show_it_and_nobody_else(visitor: Client, listed: Provider, path: str) -> None:
    page = visitor.get(path)
    assert ancestors(page) == f"'self' {SITE} http://localhost:8080"
    assert "X-Frame-Options" not in page
    assert page["X-Robots-Tag"] == "noindex"
    assert 'content="noindex"' in page.content.decode()


@pytest.mark.parametrize("path", [LIST, SESSION])
def test_without_a_list_nobody_may(visitor: Client, studio: Provider, path: str) -> None:
    assert ancestors(visitor.get(path)) == "'none'"


def test_what_is_no_site_never_reaches_the_header(visitor: Client, studio: Provider) -> None:
    Provider.objects.update(
        embed_sites=["*", "https://a.example; script-src *", "https://b.example", 7, None]
    )
    assert ancestors(visitor.get(SESSION)) == "'self' https://b.example"


def routes(resolver: URLResolver, before: str = "") -> list[tuple[str, str]]:
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            found.append((before + str(one.pattern), one.name or ""))
        elif "admin/" not in str(one.pattern):
            found += routes(one, before + str(one.pattern))
    return found


FILLED = {
    "provider": "studio-bianchi",
    "service": "session",
    "token": "no-such-token",
    "uid": "6f1f7c9e-8f1d-4d1c-9f5d-3f0a5b1f3c11",
    "charge": "6f1f7c9e-8f1d-4d1c-9f5d-3f0a5b1f3c11",
    "name": "late",
    "kind": "reminder",
    "number": "1",
}


def filled(route: str, names: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: names.get(part[1], "x"), route)


@pytest.mark.once
def test_no_other_address_of_ours_may_be_framed_by_others(visitor: Client, listed: Provider) -> None:
    link = tokens.manage_path(stories.confirmed(listed)).split("/")[2]
    asked = [
        "/" + filled(route, names)
        for names in (FILLED, FILLED | {"token": link})
        for route, name in routes(get_resolver())
        if not name.startswith("embed") and not route.startswith("^")
    ]
    assert len(set(asked)) > 100
    for path in dict.fromkeys(asked):
        answer = visitor.get(path)
        assert answer.status_code < 500, path
        assert ancestors(answer) == "'none'", path
        assert answer["X-Frame-Options"] in ("DENY", "SAMEORIGIN"), path


# --- Without a cookie ---


def test_a_free_service_is_booked_without_any_cookie(visitor: Client, listed: Provider) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    said = form_of(visitor, FIRST, "first-meeting", listed, question_reason="sleep")
    done = visitor.post(f"{FIRST}?site={SITE}&lang=en", said)

    assert done.status_code == 302
    assert urlsplit(done["Location"]).path == f"{FIRST}booked/"
    last = visitor.get(done["Location"])
    assert "Your wish is passed on" in text(last)
    assert ancestors(last).startswith("'self' https://")
    assert last["Cache-Control"] == "no-store"
    assert last["Referrer-Policy"] == "no-referrer"
    assert visitor.cookies == {}
    appointment = Appointment.objects.get()
    assert tokens.manage_path(appointment) in last.content.decode()


def test_a_deposit_leaves_the_frame_for_the_pay_page(visitor: Client, listed: Provider) -> None:
    said = form_of(visitor, SESSION, "session", listed)
    last = visitor.get(visitor.post(f"{SESSION}?site={SITE}", said)["Location"])

    page = last.content.decode()
    assert "One step more: the deposit" in text(last)
    way = re.search(r'href="([^"]*/pay/[^"]+)" target="_top"', page)
    assert way
    assert f'href="{way[1]}" target="_blank" rel="noopener noreferrer"' in page
    assert ancestors(visitor.get(way[1])) == "'none'"
    assert visitor.cookies == {}


def test_who_has_paid_sees_it_in_the_frame_too(visitor: Client, listed: Provider) -> None:
    said = form_of(visitor, SESSION, "session", listed)
    last = visitor.post(f"{SESSION}?site={SITE}", said)["Location"]
    Appointment.objects.update(status="confirmed", confirmed_at=EARLY, hold_expires_at=None)
    assert "It is booked" in text(visitor.get(last))


@pytest.mark.parametrize("seal", ["", "made-up", "eyJh:1:x"])
def test_a_form_without_our_seal_books_nothing_and_keeps_what_was_typed(
    visitor: Client, listed: Provider, seal: str
) -> None:
    said = form_of(visitor, SESSION, "session", listed) | {"seal": seal}
    answer = visitor.post(f"{SESSION}?site={SITE}", said)
    assert answer.status_code == 400
    assert "Nothing is lost: please send it once more." in text(answer)
    assert 'value="Ada Moss"' in answer.content.decode()
    assert not Appointment.objects.exists()
    again = visitor.post(f"{SESSION}?site={SITE}", said | {"seal": seal_in(answer)})
    assert again.status_code == 302


def test_a_seal_is_for_one_provider_and_one_site_and_not_for_long(
    visitor: Client, listed: Provider, school: Provider, clock: Any
) -> None:
    here = framed.Frame(listed, SITE, (), SESSION)
    seal = here.seal
    assert here.sealed(seal)
    assert not framed.Frame(school, SITE, (), SESSION).sealed(seal)
    assert not framed.Frame(listed, "", (), SESSION).sealed(seal)
    clock.move_to(EARLY + timedelta(hours=2, seconds=2))
    assert not here.sealed(seal)


def test_a_form_that_is_sent_twice_is_one_booking(visitor: Client, listed: Provider) -> None:
    page = visitor.get(SESSION, {"start": START, "mode": "video", "site": SITE})
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert key
    said = details(listed, picked_mode="video", seal=seal_in(page), key=key[1])
    first, second = (visitor.post(f"{SESSION}?site={SITE}", said) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("of", ["", "x", "a:b:c"])
def test_the_last_page_is_not_for_who_makes_up_an_address(visitor: Client, listed: Provider, of: str) -> None:
    assert visitor.get(f"{SESSION}booked/", {"of": of}).status_code == 404


def test_the_last_page_is_of_its_own_provider(visitor: Client, listed: Provider, school: Provider) -> None:
    last = visitor.post(f"{SESSION}?site={SITE}", form_of(visitor, SESSION, "session", listed))["Location"]
    assert visitor.get(last.replace("studio-bianchi", school.slug)).status_code == 404


# --- What stays in the address ---


def test_language_and_site_go_along_through_every_step(visitor: Client, listed: Provider) -> None:
    page = visitor.get(SESSION, {"lang": "it", "site": SITE}).content.decode()
    assert '<html lang="it"' in page
    links = re.findall(r'href="(/studio-bianchi/embed/[^"]*date=[^"]*)"', page)
    assert links
    for link in links:
        said = dict(parse_qsl(urlsplit(link.replace("&amp;", "&")).query))
        assert (said["lang"], said["site"]) == ("it", SITE)
    assert f'data-site="{SITE}"' in page
    chosen = visitor.get(SESSION, {"lang": "it", "site": SITE, "start": START, "mode": "video"})
    assert (
        f'action="{SESSION}?lang=it&amp;site=https%3A%2F%2Fwww.studio-bianchi.example&amp;date=2027-03-01&amp;mode=video"'
        in (chosen.content.decode())
    )


@pytest.mark.parametrize("site", ["https://evil.example", "*", "'self'", "null", '"><svg onload=alert(1)>'])
def test_a_site_that_is_not_listed_is_told_nothing(visitor: Client, listed: Provider, site: str) -> None:
    page = visitor.get(SESSION, {"site": site})
    assert "data-site" not in page.content.decode()
    assert "<svg onload" not in page.content.decode()


def test_the_list_leads_to_each_service_in_the_frame_and_back(visitor: Client, listed: Provider) -> None:
    page = visitor.get(LIST, {"site": SITE}).content.decode()
    link = re.search(r'href="(/studio-bianchi/embed/session/[^"]*)"', page)
    assert link
    assert 'href="/studio-bianchi/session/"' not in page
    service = visitor.get(link[1].replace("&amp;", "&")).content.decode()
    assert f'class="back" href="{LIST}?' in service
    assert 'class="back"' not in visitor.get(SESSION, {"site": SITE}).content.decode()


def test_the_page_of_a_frame_is_not_remembered_for_others(visitor: Client, listed: Provider) -> None:
    visitor.get(SESSION, {"date": "2027-03-01"})
    page = visitor.get("/studio-bianchi/session/", {"date": "2027-03-01"})
    assert ancestors(page) == "'none'"
    assert "framed" not in page.content.decode()


# --- The script ---


def test_the_script_is_small_and_for_any_site(visitor: Client) -> None:
    answer = visitor.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 4000
    again = visitor.get("/embed.js", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_in_a_frame_another_language_at_the_last_step_stands_in_the_address(
    visitor: Client, listed: Provider
) -> None:
    here = "/studio-bianchi/embed/session/"
    page = visitor.get(here, {"start": START, "mode": "video", "lang": "en"}).content.decode()
    found = re.search(r'form="book"[^>]* formaction="([^"]*)" name="language" value="it"', page)
    assert found
    answer = visitor.post(found[1].replace("&amp;", "&"), details(listed, picked_mode="video", language="it"))
    page = answer.content.decode()
    assert '<html lang="it"' in page
    assert 'name="name" value="Ada Moss"' in page
    assert "lang=it" in re.findall(r'id="book" method="post" action="([^"]*)"', page)[0]
    assert not answer.cookies


@pytest.mark.parametrize(("said", "theme"), [("light", "light"), ("dark", "dark"), ("pink", ""), ("", "")])
def test_the_site_says_light_or_dark_and_it_goes_along(
    visitor: Client, listed: Provider, said: str, theme: str
) -> None:
    page = visitor.get(LIST, {"theme": said}).content.decode()
    assert (f'<html lang="en" dir="ltr" data-theme="{theme}">' in page) == bool(theme)
    assert ("theme=dark" in re.findall(r'<h3><a href="([^"]*)"', page)[0]) == (said == "dark")
    assert f'name="color-scheme" content="{theme or "light dark"}"' in page


@pytest.mark.pure
def test_dark_is_the_same_by_the_device_and_by_the_site() -> None:
    css = (settings.BASE_DIR / "static/css/kept.css").read_text()
    device = re.search(r':root:not\(\[data-theme="light"\]\) \{([^}]*)\}', css)
    site = re.search(r':root\[data-theme="dark"\] \{\s*color-scheme: dark;([^}]*)\}', css)
    assert device
    assert site
    assert device[1].split() == site[1].split()
