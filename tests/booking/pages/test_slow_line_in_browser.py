"""A client in a tram: no connection, a server that is busy, a second press; what was typed stays, and is sent once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.stories import EARLY

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICKED = "/studio-bianchi/session/?tz=Europe/Rome&mode=video&start=2027-03-01T09:00:00Z"


@pytest.fixture
def studio(clock: time_machine.Traveller, transactional_db: None) -> Provider:
    found = stories.studio()
    found.services.filter(slug="session").update(series_most=4, horizon_days=200)
    return found


def test_what_was_typed_stays_on_a_broken_line_and_is_sent_once(
    studio: Provider, page: Any, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.clock.install(time=EARLY + timedelta(minutes=1))
    page.goto(live_server.url + PICKED)
    line = page.locator("[role=status].loading")
    book = page.locator("#book button.button-big")
    name, mail = page.locator("#book [name=name]"), page.locator("#book [name=email]")

    # A name is typed before the weeks of a series are looked at, by whoever reads from below.
    name.fill("Ada Moss")
    page.locator("[name=agree]").check()
    page.locator(".repeat summary").click()
    page.locator("#times").fill("2")
    page.get_by_role("button", name="See the times").click()
    page.locator("#weeks").wait_for()
    assert name.input_value() == "Ada Moss"
    assert not page.locator("[name=agree]").is_checked()  # these terms were not read yet
    page.get_by_role("link", name="Book the first alone").click()
    page.locator("#weeks").wait_for(state="detached")
    assert name.input_value() == "Ada Moss"

    # No connection: said, and nothing is lost.
    mail.fill("ada@example.com")
    page.locator("[name=agree]").check()
    page.context.set_offline(True)
    book.click()
    line.get_by_text("You are not connected, so nothing was sent.").wait_for()
    assert (name.input_value(), mail.input_value(), book.is_enabled()) == (
        "Ada Moss",
        "ada@example.com",
        True,
    )
    page.context.set_offline(False)
    page.wait_for_function("navigator.onLine")
    line.wait_for(state="hidden")

    # What was typed goes along to another time, also through a server that is busy for a moment.
    page.get_by_role("button", name="Another time").click()
    day = page.locator("#d2027-03-02")
    page.route("**/session/?**", lambda route: route.fulfill(status=503, body="busy"), times=1)
    day.click()
    line.get_by_text("This could not be loaded.").wait_for()
    day.click()
    page.locator("#d2027-03-02[aria-current]").wait_for()
    line.wait_for(state="hidden")
    page.locator("button[name=start].chip").first.click()
    name.wait_for()
    assert name.input_value() == "Ada Moss"

    # Enter, and Enter once more.
    page.locator("[name=agree]").check()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method) if asked.method == "POST" else None)
    page.route(
        "**/session/?**", lambda route: route.fulfill(status=204), times=1
    )  # for a browser: nothing came yet
    mail.press("Enter")
    page.clock.run_for(10)
    assert book.inner_text() == "Booking…"
    mail.press("Enter")
    assert sent == ["POST"]
    page.evaluate("dispatchEvent(new Event('pageshow'))")  # as after the back button
    assert book.is_enabled()
    mail.press("Enter")
    page.wait_for_url("**/pay/**")
    assert Appointment.objects.count() == 1
    assert errors == []
