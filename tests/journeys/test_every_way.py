"""The whole path, from the link to a new time after a cancel: picked, details, another time, booked, paid,
confirmed, moved, cancelled as quoted, offered anew. In three languages, on a phone and on a desktop, with and without
JavaScript, on a page of its own and in a frame on a site of another origin, with no third party's cookies. Six runs
in which every two of these meet once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests import looking
from tests.journeys import desk, steps
from tests.journeys.conftest import OPEN
from tests.journeys.letters import Letters, english, event, words
from tests.journeys.people import plain
from tests.journeys.visitor import DESKTOP, PHONE, Visitor, keep
from tests.product import Product

pytestmark = [pytest.mark.once, pytest.mark.live, pytest.mark.browser]

SLUG = "studio-ways"
SESSION = f"/{SLUG}/session/"
LOCALES = {"en": "en-GB", "it": "it-IT", "th": "th-TH"}
NAMES = {"en": "Ada Moss", "it": "Ada Moschini", "th": "สมหญิง ใจดี"}
SUM = {"en": "€27.00", "it": "27,00 €", "th": "€27.00"}
# Two of the studio's days, as dates and as they are read.
DAYS = {
    "en": (("2027-03-09", "Tuesday 9 March 2027"), ("2027-03-10", "Wednesday 10 March 2027")),
    "it": (("2027-03-11", "giovedì 11 marzo 2027"), ("2027-03-18", "giovedì 18 marzo 2027")),
    "th": (("2027-03-16", "วันอังคารที่ 16 มีนาคม 2570"), ("2027-03-17", "วันพุธที่ 17 มีนาคม 2570")),
}
SITE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>My own site</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><h1>My own site</h1>{frame}</body></html>"""
BY_SCRIPT = (
    '<a href="{home}{session}" data-kept="inline">Book</a><script src="{home}/embed.js" async></script>'
)
BY_HAND = '<iframe src="{home}/{slug}/embed/session/" title="Book" width="100%" height="2400"></iframe>'


@dataclass(frozen=True)
class Way:
    language: str
    screen: dict[str, int]
    scripts: bool
    framed: bool
    mode: str
    zone: str

    @property
    def day(self) -> tuple[str, str]:
        return DAYS[self.language][self.framed]


WAYS = {
    "en_phone_scripts_page": Way("en", PHONE, True, False, "video", "America/New_York"),
    "en_desktop_plain_frame": Way("en", DESKTOP, False, True, "video", "Europe/Rome"),
    "it_phone_plain_page": Way("it", PHONE, False, False, "phone", "Europe/Rome"),
    "it_desktop_scripts_frame": Way("it", DESKTOP, True, True, "in_person", "Europe/Rome"),
    "th_phone_scripts_frame": Way("th", PHONE, True, True, "video", "Asia/Bangkok"),
    "th_desktop_plain_page": Way("th", DESKTOP, False, False, "in_person", "Asia/Bangkok"),
}


@pytest.fixture
def own_site() -> Iterator[Callable[[str, Way], str]]:
    """`own_site(home, way)` is a page on another host than the product's that shows it in a frame."""
    servers: list[ThreadingHTTPServer] = []

    def start(home: str, way: Way) -> str:
        frame = (BY_SCRIPT if way.scripts else BY_HAND).format(home=home, session=SESSION, slug=SLUG)
        page = SITE.format(frame=frame, language=way.language).encode()

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shown = self.path == "/"
                self.send_response(200 if shown else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page if shown else b"")

            def log_message(self, *_said: Any) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Page))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://localhost:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@dataclass
class Path:
    """One client on one way. `at` is the page, or the frame on it while the booking is there."""

    name: str
    way: Way
    product: Product
    client: Visitor
    mail: Letters
    site: str
    terms: str = ""

    @property
    def at(self) -> Any:
        page = self.client.page
        return page.frame_locator("iframe") if self.site and page.url.startswith(self.site) else page

    def sees(self, name: str, *said: str, part: str = "body") -> None:
        """What is shown, in the client's language and no other, with each of these words in it."""
        root = self.at.locator("html")
        assert root.get_attribute("lang") == self.way.language
        shown = plain(" ".join(self.at.locator(part).first.inner_text().split()))
        foreign = shown.replace(NAMES[self.way.language], "")
        assert self.way.language == "en" or not english(foreign), foreign
        for one in said:
            assert one in shown, f"{one!r} is not shown in\n{shown}"
        if self.way.scripts:  # axe is a script itself
            self.client.look(f"{self.name}-{name}", closely=False)
        elif self.client.pictures:
            keep(self.client.page, f"{self.name}-{name}")

    def click(self, selector: str, number: int = 0) -> None:
        self.client.settle()
        looking.settle(self.at)
        self.at.locator(selector).nth(number).click()

    def wait(self, selector: str) -> None:
        self.at.locator(selector).first.wait_for()


def pick(path: Path) -> None:
    """The zone, the way to meet, a day, a time; with scripts the zone is known and the way can wait."""
    way, (day, named) = path.way, path.way.day
    path.client.open(path.site or SESSION)
    path.wait("table.month")
    if way.scripts and way.zone != "Europe/Rome":
        path.wait(f".month a[href*='tz={way.zone.replace('/', '%2F')}']")
    elif not way.framed:
        path.click(".zone a[href*='zones=all']")
        path.at.locator("[name=zones]").fill(way.zone)
        path.click(".zone button[type=submit]")
        path.wait(f".month a[href*='tz={way.zone.replace('/', '%2F')}']")
    path.sees("pick", SUM[way.language])
    if way.mode != "video" or way.framed:
        path.click(f"nav.switcher a[href*='mode={way.mode}']")
        path.wait(f"nav.switcher a[aria-current][href*='mode={way.mode}']")
    path.click(f".month a[href*='date={day}']")
    path.wait(f".month a[aria-current][href*='date={day}']")
    assert named in path.at.locator("#times h3").inner_text()
    path.click("a.chip")
    path.wait("#book, #ways")
    if path.at.locator("#ways").count():  # on other clocks the way decides on which the terms are said
        path.click(f"a.chip[href*='mode={way.mode}']")
        path.wait("#book")


def fill_in(path: Path) -> None:
    """What is missing is asked for by its field; another time takes along what was typed; the last step says what
    it costs before it asks, and by the calendar until when a change is free."""
    way, at = path.way, path.at
    at.locator("[name=name]").fill(NAMES[way.language])
    path.click("#book button[type=submit].button-big")
    path.wait(".notice-bad a[href='#id_email']")
    assert at.locator("[name=name]").input_value() == NAMES[way.language]
    path.click("button[name=again]")
    path.wait("button.chip")
    path.click("button.chip", 1)
    path.wait("#book")
    assert at.locator("[name=name]").input_value() == NAMES[way.language]
    at.locator("[name=email]").fill(f"{path.name}@example.com")
    if way.mode == "phone":
        at.locator("[name=phone]").fill("+39 333 555 0199")
    if at.locator("[name=mode][type=radio]").count():
        at.locator(f"[name=mode][value={way.mode}]").check()
    path.sees("details", way.day[1], SUM[way.language])
    path.terms = plain(at.locator("#book .terms li").nth(1).inner_text())
    assert re.search(r"2570" if way.language == "th" else r"2027", path.terms)
    at.locator("[name=agree]").check()
    path.click("#book button[type=submit].button-big")


def pay(path: Path) -> None:
    page = path.client.page
    if path.way.framed:
        path.wait("a[target=_top]")
        path.sees("held", part="main")
        path.click("a[target=_top]")
    page.wait_for_url("**/pay/**")
    steps.pay(path.client)
    path.sees("confirmed", path.way.day[1], path.terms)
    for calendar in ("calendar.ics", "calendar.google.com", "outlook.live.com"):
        assert page.locator(f"main a[href*='{calendar}']").count() == 1
    letter = path.mail.wait("confirmed")
    said = plain(words(letter))
    assert letter["Content-Language"] == path.way.language
    assert path.terms in said
    assert path.way.day[1] in said
    assert SUM[path.way.language] in said
    assert event(letter)["SUMMARY"]


def move(path: Path) -> None:
    path.click("a[href='move/']")
    path.wait("table.month")
    path.click(f".month a[href*='date={path.way.day[0]}']")
    path.wait(f".month a[aria-current][href*='date={path.way.day[0]}']")
    path.click("a.chip", 2)
    path.wait(".quote-free")
    biggest(path)
    path.sees("move", part="main")
    path.click("form.acts button[type=submit]")
    path.client.page.wait_for_url("**?done=moved")


def biggest(path: Path) -> None:
    """The figure of the quote is larger than anything else on the page."""
    sizes = path.client.page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter((one) => one.innerText)
            .map((one) => [parseFloat(getComputedStyle(one).fontSize), one.className]).sort((a, b) => b[0] - a[0])"""
    )
    assert sizes[0][1] == "quote-sum", sizes[:3]
    assert sizes[0][0] > sizes[1][0]


def cancel(path: Path) -> None:
    """All back within the hour, as quoted; then three new times, each a tap from being booked."""
    page = path.client.page
    path.click("a[href='cancel/']")
    path.wait(".quote-free")
    biggest(path)
    path.sees("cancel", part="main")
    steps.cancel(path.client, reason="availability")
    path.sees("cancelled", part="main")
    back = steps.as_api(path.client, path.product)["deposit_state"]
    path.product.wait_for(
        lambda: steps.as_api(path.client, path.product)["deposit_state"]["refunded"]["amount"] == 2700
    )
    assert back["forfeited"]["amount"] == 0
    assert SUM[path.way.language] in plain(words(path.mail.wait("cancelled")))
    assert page.locator("a.chip").count() == 3
    path.click("a.chip")
    page.wait_for_selector("#book")


@pytest.mark.parametrize("name", WAYS)
def test_the_whole_path(
    town: Any, visit: Any, letters: Any, asked: Any, own_site: Callable[[str, Way], str], name: str
) -> None:
    way = WAYS[name]
    sites: list[str] = []
    product = town(OPEN, slug=SLUG, change=lambda studio: studio.update(embed_sites=sites))
    if way.framed:
        sites.append(own_site(product.url, way))
        desk.open_studio(product, slug=SLUG, change=lambda studio: studio.update(embed_sites=sites))
    site = sites[0] if sites else ""
    client = visit(
        product,
        zone=way.zone,
        locale=LOCALES[way.language],
        screen=way.screen,
        scripts=way.scripts,
        around=site,
    )
    path = Path(name, way, product, client, letters(product, f"{name}@example.com"), site)
    pick(path)
    fill_in(path)
    pay(path)
    move(path)
    cancel(path)
    framed = [(address, cookies) for address, cookies in asked() if "/embed/" in address]
    assert bool(framed) == way.framed
    assert [one for one in framed if one[1]] == []
    assert any(
        "appointment=" in cookies for _address, cookies in asked()
    )  # the page that no frame holds has one
