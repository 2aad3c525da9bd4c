"""What JavaScript adds to booking: waiting and a broken line in words, a time that is gone said where it was asked for,
what the device remembers and forgets, Enter that sends. On a slow line the last pick is the one that counts."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking.models import Appointment, Provider
from tests import looking
from tests.booking import stories
from tests.booking.stories import EARLY, MONDAY

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICK = "/studio-bianchi/session/?tz=Europe/Rome&mode=video&date=2027-03-01"
NINE = "a.chip[href*='T10:00']"


@pytest.fixture
def studio(clock: time_machine.Traveller, transactional_db: None) -> Provider:
    return stories.studio()


def test_what_javascript_adds_to_booking(
    studio: Provider, page: Any, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    page.clock.install(time=EARLY + timedelta(minutes=1))
    page.goto(live_server.url + PICK)
    said = page.locator("[role=status].loading")

    # A slow answer is no empty calendar, and one that never comes says what to do.
    waiting: list[Any] = []
    page.route("**date=2027-03-02*", lambda route: waiting.append(route))
    page.locator(".month a[href*='date=2027-03-02']").click()
    looking.until(page, lambda: waiting)
    page.clock.run_for(500)
    assert said.inner_text() == "Looking for free times…"
    waiting[0].abort()
    said.get_by_text("This could not be loaded.").wait_for()
    page.unroute("**date=2027-03-02*")
    said.get_by_role("link", name="Try again").click()
    page.locator(".month a[aria-current][href*='date=2027-03-02']").wait_for()

    # A time that goes while the page is open.
    page.goto(live_server.url + PICK)
    stories.book(studio, email="bo@example.com")
    page.locator(NINE).click()
    page.locator("#lost").wait_for()
    looking.settle(page)
    assert page.locator("#lost ~ .chips a").count() == 3
    assert page.evaluate("document.activeElement.getAttribute('aria-labelledby')") == "lost"
    page.locator("#lost ~ .chips a").first.click()
    page.locator("#book").wait_for()
    looking.settle(page)

    # Remembered because it was ticked, by Enter in a field; known the next time; forgotten with one tap.
    page.locator("[name=name]").fill("Ada Moss")
    page.locator("[name=email]").fill("ada@example.com")
    page.locator("[data-remember]").check()
    page.locator("[name=agree]").check()
    page.locator("[name=email]").press("Enter")
    page.wait_for_url("**/pay/**")
    assert Appointment.objects.filter(client__email="ada@example.com").count() == 1
    other = (MONDAY + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    page.goto(f"{live_server.url}{PICK}&start={other}")
    assert page.locator("[name=name]").input_value() == "Ada Moss"
    assert "Untick to forget" in page.locator("[data-remember-said]").inner_text()
    page.locator("[data-remember]").uncheck()
    assert page.locator("[data-remember-said]").inner_text() == "Forgotten on this device."
    page.reload()
    assert page.locator("[name=name]").input_value() == ""
    assert page.evaluate("localStorage.length") == 0


def test_a_pick_on_a_slow_line_is_what_the_page_shows(
    studio: Provider, page: Any, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    scripts: list[str] = []
    page.on("pageerror", lambda error: scripts.append(str(error)))
    page.clock.install(time=EARLY + timedelta(minutes=1))
    held: dict[str, Any] = {}

    def hold(name: str, address: str) -> None:
        page.route(address, lambda route: held.setdefault(name, route), times=1)

    # The answer in the reader's own zone takes no focus away.
    hold("zone", "**/session/?tz=UTC")
    page.goto(live_server.url + "/studio-bianchi/session/")
    page.wait_for_url("**tz=UTC")
    page.locator("#d2027-02-17").focus()
    held.pop("zone").continue_()
    page.locator("#booking:not([data-find-zone]) #d2027-02-17[href*='tz=UTC']").wait_for()
    assert page.evaluate("document.activeElement.id") == "d2027-02-17"

    # What is picked before that answer comes is shown, on those clocks.
    hold("zone", "**/session/?tz=UTC")
    page.goto(live_server.url + "/studio-bianchi/session/")
    page.wait_for_url("**tz=UTC")
    page.locator("#d2027-02-17").click()
    page.locator("#d2027-02-17[aria-current]").wait_for()
    page.locator("a.chip[href*='tz=UTC']").first.wait_for()
    assert "date=2027-02-17" in page.url
    assert "tz=UTC" in page.url

    # Of two picks the later one, whatever comes back first.
    hold("first", "**date=2027-02-18*")
    page.locator("#d2027-02-18").click()
    page.locator("#d2027-02-19").click()
    page.locator("#d2027-02-19[aria-current]").wait_for()
    assert "date=2027-02-19" in page.url
    page.locator("#languages").wait_for()
    assert scripts == []
