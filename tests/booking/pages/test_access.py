"""The link of an appointment: swapped for a cookie at the first open, told to nobody, and no visit of whoever
fetches every link changes anything (F-100, F-102)."""

import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from booking import lifecycle, tokens
from booking.models import Appointment
from booking.pages import private
from tests.booking import stories
from tests.booking.stories import EARLY, MONDAY

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}
PAGES = ("", "confirm/", "cancel/", "move/", "messages/", "join/", "join/test/", "calendar.ics")
QUIET = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@pytest.fixture
def browser() -> Client:
    return Client(headers=BROWSER)


@pytest.fixture
def clean(paid: Appointment) -> str:
    return f"/a/{paid.uid}/"


def is_quiet(answer: Any) -> bool:
    return {name: answer.headers.get(name) for name in QUIET} == QUIET


# --- The swap ---


@pytest.mark.parametrize("page", PAGES)
def test_the_first_open_swaps_the_token_for_a_cookie_and_a_clean_address(
    browser: Client, link: str, clean: str, page: str
) -> None:
    answer = browser.get(f"{link}{page}?done=confirmed", follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == f"{clean}{page}"
    assert re.fullmatch(r"done=confirmed&knock=[^&]+", answer.request["QUERY_STRING"])
    token = link.split("/")[2]
    if not page.endswith(".ics"):
        assert token not in answer.content.decode()
    cookie = browser.cookies[private.COOKIE]
    assert (cookie.value, cookie["path"]) == (token, clean)
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 24 * 60 * 60)


def test_every_step_of_the_swap_is_quiet_and_it_is_one(browser: Client, link: str, clean: str) -> None:
    swap = browser.get(link)
    assert swap.status_code == 302
    assert swap["Location"].startswith(f"{clean}?knock=")
    page = browser.get(swap["Location"])
    assert page.status_code == 200
    assert browser.get(link)["Location"] == clean  # this browser is known to keep cookies
    for answer in (swap, page, browser.get(clean), Client(headers=BROWSER).get(clean)):
        assert is_quiet(answer)


def test_a_browser_without_cookies_sees_the_page_where_it_is(link: str, paid: Appointment) -> None:
    swap = Client(headers=BROWSER).get(f"{link}?done=confirmed")
    back = Client(headers=BROWSER).get(swap["Location"])
    assert (back.status_code, back["Location"]) == (302, f"{link}?done=confirmed&knock=1")
    answer = Client(headers=BROWSER).get(back["Location"])
    assert answer.status_code == 200
    assert "Individual session" in answer.content.decode()
    assert is_quiet(back)
    assert is_quiet(answer)


def test_the_way_back_to_the_link_is_open_for_half_a_minute_and_for_this_link_alone(
    link: str, paid: Appointment, clock: Any
) -> None:
    onward = Client(headers=BROWSER).get(link)["Location"]
    other = stories.book(paid.provider, start=MONDAY + timedelta(hours=2))
    word = onward.split("?")[1]
    assert Client(headers=BROWSER).get(f"/a/{other.uid}/?{word}").status_code == 403
    assert Client(headers=BROWSER).post(f"/a/{paid.uid}/confirm/?{word}").status_code == 403
    Appointment.objects.filter(pk=paid.pk).update(token_generation=paid.token_generation + 1)
    assert Client(headers=BROWSER).get(onward).status_code == 403
    Appointment.objects.filter(pk=paid.pk).update(token_generation=paid.token_generation)
    assert Client(headers=BROWSER).get(onward).status_code == 302
    clock.shift(timedelta(seconds=31))
    assert Client(headers=BROWSER).get(onward).status_code == 403


def test_a_program_that_asks_for_no_page_is_not_sent_on(visitor: Client, link: str) -> None:
    assert visitor.get(link).status_code == 200


def test_the_clean_address_alone_opens_nothing(browser: Client, clean: str, paid: Appointment) -> None:
    answer = browser.get(clean)
    assert answer.status_code == 403
    assert "open the link in your mail once more" in answer.content.decode()
    assert "Individual session" not in answer.content.decode()
    assert browser.post(f"{clean}confirm/").status_code == 403


def test_a_cookie_opens_its_own_appointment_and_no_other(browser: Client, paid: Appointment) -> None:
    other = stories.book(paid.provider, start=MONDAY + timedelta(hours=2))
    browser.cookies[private.COOKIE] = tokens.make(paid)
    assert browser.get(f"/a/{paid.uid}/").status_code == 200
    assert browser.get(f"/a/{other.uid}/").status_code == 403


def test_what_is_posted_at_the_clean_address_stays_there(browser: Client, link: str, clean: str) -> None:
    browser.get(link, follow=True)
    answer = browser.post(f"{clean}confirm/")
    assert (answer.status_code, answer["Location"]) == (302, f"{clean}?done=confirmed")
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_no_other_site_acts_with_the_cookie(
    browser: Client, link: str, clean: str, paid: Appointment, site: str
) -> None:
    browser.get(link, follow=True)
    answer = browser.post(
        f"{clean}confirm/", headers={"Sec-Fetch-Site": site, "Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    paid.refresh_from_db()
    assert paid.will_come_at is None


def test_a_new_link_ends_the_old_ones_cookie(
    browser: Client, link: str, clean: str, paid: Appointment
) -> None:
    browser.get(link, follow=True)
    generation = paid.token_generation + 1
    Appointment.objects.update(
        token_generation=generation, token_hash=tokens.hash_of(tokens.token_of(paid.uid, generation))
    )
    assert browser.get(clean).status_code == 403


def test_the_cookie_dies_with_the_link(browser: Client, link: str, clean: str, clock: Any) -> None:
    browser.get(link, follow=True)
    clock.move_to(MONDAY + timedelta(days=89))
    assert browser.get(clean).status_code == 200
    clock.move_to(MONDAY + timedelta(days=91))
    assert browser.get(clean).status_code == 403


def test_a_page_with_a_credit_tells_nobody_outside(visitor: Client, paid: Appointment) -> None:
    """Within the site it does, or its form would be sent with the origin `null` and refused."""
    answer = visitor.get("/studio-bianchi/session/", {"credit": tokens.make(paid)})
    assert answer["Referrer-Policy"] == "same-origin"
    answer.headers["Referrer-Policy"] = QUIET["Referrer-Policy"]
    assert is_quiet(answer)


# --- Those who fetch every link ---

FETCHERS: dict[str, tuple[str, dict[str, str]]] = {
    "get": ("get", {}),
    "head": ("head", {}),
    "browser_without_cookies": ("get", BROWSER),
    "browser_head": ("head", BROWSER),
    "prefetch": ("get", BROWSER | {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}),
    "prerender": ("get", BROWSER | {"Sec-Purpose": "prefetch;prerender"}),
    "old_prefetch": ("get", BROWSER | {"X-Moz": "prefetch"}),
    "mail_scanner": ("get", {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)", "Accept": "*/*"}),
    "preview_of_a_messenger": ("get", {"User-Agent": "WhatsApp/2.23"}),
}

ACTS = (
    "pay/",
    "check/",
    "arrive/",
    "late/",
    "explain/",
    "credit/",
    "card/",
    "card/remove/",
    "mode/",
    "preferences/",
)


def checksum() -> str:
    """Of every row of every table."""
    found = hashlib.sha256()
    for model in apps.get_models():
        found.update(
            repr((model._meta.db_table, list(model._base_manager.order_by("pk").values_list()))).encode()
        )
    return found.hexdigest()


def fetch(address: str, method: str, headers: dict[str, str]) -> Any:
    """As somebody who follows every redirect of ours and keeps no cookie."""
    answer = getattr(Client(headers=headers), method)(address)
    for _hop in range(3):
        if answer.status_code != 302 or not urlsplit(answer["Location"]).path.startswith("/a/"):
            break
        answer = getattr(Client(headers=headers), method)(answer["Location"])
    return answer


@pytest.mark.slow
@pytest.mark.once
def test_whoever_fetches_every_link_changes_nothing(paid: Appointment, clock: Any) -> None:
    held = stories.book(paid.provider, start=MONDAY + timedelta(hours=2))
    cancelled = stories.confirmed(paid.provider, start=MONDAY + timedelta(days=7))
    lifecycle.cancel(appointment=cancelled, reason="illness", by=stories.owner(paid.provider), at=EARLY)
    clock.move_to(MONDAY - timedelta(minutes=20))  # when everything can be done: arrive, join, cancel, move
    links: set[str] = set()
    for one in (paid, held, cancelled):
        links |= {f"{tokens.manage_path(one)}{page}" for page in (*PAGES, *ACTS)}
        page = fetch(tokens.manage_path(one), "get", {}).content.decode()
        links |= set(re.findall(r'(?:href|action)="(/a/[^"#]+)"', page))
    few = [
        f"{tokens.manage_path(paid)}{page}"
        for page in ("", "confirm/", "cancel/", "join/", "arrive/", "late/")
    ]
    before = checksum()
    for name, (method, headers) in FETCHERS.items():
        for link in sorted(links) if name == "get" else few:
            assert fetch(link, method, headers).status_code in (200, 404, 405, 409), (name, link)
        assert checksum() == before, name
