"""The booking page on somebody's own site, in a browser that keeps cookies of frames from them: in the page and as a
pop-up, on a phone and on a desktop, to the end for a free service and through the pay page for one with a deposit."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.core.signals import request_started

from booking.models import Appointment, Provider
from tests import looking
from tests.booking import stories
from tests.booking.stories import EARLY

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LIGHT, DARK = "rgb(245, 247, 245)", "rgb(16, 22, 20)"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>My own site</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><h1>My own site</h1>
<p id="before">Before</p><a id="in" href="{home}/studio-bianchi/first-meeting/" data-kept="inline">Book a time</a>
<p id="after">After</p><a id="up" href="{home}/studio-bianchi/" data-kept="popup" data-theme="dark">Book on top</a>
<a id="corner" href="{home}/studio-bianchi/session/" data-kept="button">Book now</a>
<script src="{home}/embed.js" async></script></body></html>"""


@pytest.fixture
def own_site() -> Iterator[Any]:
    """`own_site(home)` is the address of a page that shows the booking page of `home`, with a strict policy."""
    servers = []

    def start(home: str) -> str:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                policy = f"default-src 'none'; script-src {home}; frame-src {home}"
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(PAGE.format(home=home).encode())

            def log_message(self, *_said: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def studio(clock: time_machine.Traveller, transactional_db: None) -> Provider:
    made = stories.studio()
    made.services.filter(slug="first-meeting").update(approval=False)
    return made


@pytest.fixture
def visitor(browser: Any) -> Iterator[Any]:
    """A page that knows what its console `said`, and of what was `framed` the path and the cookies that came along, as
    the server had them."""
    context = browser.new_context(
        viewport=PHONE, locale="en-GB", timezone_id="Europe/Rome", reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.clock.install(time=EARLY)
    page.said, page.framed = [], []

    def note(environ: dict[str, Any], **_: Any) -> None:
        if "/embed/" in environ["PATH_INFO"]:
            page.framed.append((environ["PATH_INFO"], environ.get("HTTP_COOKIE", "")))

    request_started.connect(note)
    page.on("console", lambda said: page.said.append(said.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    yield page
    request_started.disconnect(note)
    context.close()


def fill_in(frame: Any) -> None:
    frame.locator("main").wait_for()  # a frame that is not there yet may be asked for ever what it counts
    if frame.get_by_role("link", name="Individual session").count():
        frame.get_by_role("link", name="Individual session").click()
    frame.locator(".next-free a").click()
    frame.locator("[name=name]").wait_for()
    if frame.locator("[name=mode][type=radio]").count():
        frame.locator("[name=mode][value=video]").check()
    frame.locator("[name=name]").fill("Ada Moss")
    frame.locator("[name=email]").fill("ada@example.com")
    if frame.locator("[name=question_reason]").count():
        frame.locator("[name=question_reason]").fill("Sleep")
    frame.locator("[name=agree]").check()
    frame.locator("form.card button[type=submit]").click()


def test_a_client_books_on_the_providers_own_site(
    studio: Provider, visitor: Any, live_server: Any, own_site: Any, settings: Any
) -> None:
    page = visitor
    settings.BASE_URL = live_server.url
    site, other = own_site(live_server.url), own_site(live_server.url)
    Provider.objects.update(embed_sites=[site])

    # A site that is not listed has the link and nothing else.
    page.goto(other)
    page.wait_for_function("window.Kept")
    looking.until(page, lambda: any("frame-ancestors" in one for one in page.said))
    assert page.locator("#in").is_visible()
    page.said.clear()

    # In the page, on a phone: as high as what it shows, and booked to the end.
    page.goto(site)
    page.evaluate("addEventListener('kept:booked', (event) => (window.heard = event.detail.status))")
    inline = page.frame_locator("iframe")
    inline.locator(".next-free").wait_for()
    page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().height > 400")
    assert not page.locator("#in").is_visible()
    ground = "body => getComputedStyle(body).backgroundColor"
    assert inline.locator("body").evaluate(ground) == LIGHT
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    shown = page.frames[1]
    shown.wait_for_function("document.documentElement.scrollHeight - innerHeight <= 1")
    fill_in(inline)
    inline.get_by_role("heading", name="It is booked").wait_for()
    page.wait_for_function("window.heard === 'confirmed'")
    assert Appointment.objects.get().status == "confirmed"

    # As a pop-up, on a desktop: a dialog that gives the focus and the page back.
    page.set_viewport_size(DESKTOP)
    page.locator("#up").focus()
    page.keyboard.press("Enter")
    top = page.frame_locator("dialog iframe")
    top.get_by_role("heading", name="Studio Bianchi").wait_for()
    assert page.evaluate("document.documentElement.style.overflow") == "hidden"
    assert top.locator("body").evaluate(ground) == DARK  # the link says so, on a device that is light
    assert page.locator("dialog").get_attribute("aria-label") == "Book on top"
    top.locator("h3 a").first.focus()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    assert page.evaluate("[document.activeElement.id, document.documentElement.style.overflow]") == ["up", ""]

    # With a deposit: the pay page takes the whole window, and leads to the client's own page.
    page.locator("#corner").click()
    paid = page.frame_locator("dialog iframe")
    fill_in(paid)
    paid.get_by_role("heading", name="One step more: the deposit").wait_for()
    paid.get_by_role("link", name="Go on to the pay page").click()
    page.wait_for_url(f"{live_server.url}/pay/**")
    page.locator("button[value=paid]").click()
    page.wait_for_url("**/a/**")
    booked = Appointment.objects.get(service__slug="session")
    assert page.url.startswith(f"{live_server.url}/a/{booked.uid}/")
    assert booked.status == "confirmed"

    assert page.framed
    assert [one for one in page.framed if one[1]] == []
    assert page.said == []
