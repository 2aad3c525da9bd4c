"""A provider with quick hands on a slow line: what is fetched anew takes nothing away, what does not come is said, and a
log-in page never stands where something else was. Answers are held, dropped and failed on purpose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import lifecycle
from booking.models import Appointment, ClientNote, Concern, Provider
from tests import looking
from tests.booking import stories
from tests.booking.dashboard.people import MINUTE, MONDAY, owner, show_factor

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = MONDAY + 6 * MINUTE
POLL = 8100
ASKS = "addEventListener('htmx:afterRequest', () => console.debug('asked'))"
IS_OLD = "document.querySelector('[data-live]').isOld === true"


@pytest.fixture
def studio(clock: time_machine.Traveller, transactional_db: None) -> Provider:
    """Somebody is late, and with somebody a word is to be had."""
    found = stories.studio()
    late = stories.confirmed(found)
    Concern.objects.create(
        client=late.client, pattern="chronic", state="open", due_at=MONDAY, raised_at=MONDAY
    )
    clock.move_to(NOW)
    return found


@pytest.fixture
def desk(studio: Provider, page: Any, live_server: Any, client: Any) -> Any:
    client.force_login(owner(studio))
    show_factor(client, owner(studio))
    cookie = client.cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
    page.add_init_script(ASKS)
    page.emulate_media(reduced_motion="reduce")
    page.clock.install(time=NOW)
    page.live = live_server.url + "/dashboard/"
    page.line = page.locator("[role=status].loading")
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def asks(page: Any, act: Callable[[], object]) -> None:
    """``act`` makes a part of the page ask; goes on once the answer, or that there is none, has been dealt with."""
    with page.expect_console_message(lambda said: said.text == "asked"):
        act()
    page.clock.run_for(100)


def polls(page: Any) -> None:
    asks(page, lambda: page.clock.fast_forward(POLL))


def note_old(page: Any) -> None:
    page.evaluate("document.querySelector('[data-live]').isOld = true")


def top_of_focus(page: Any) -> float:
    return float(page.evaluate("document.activeElement.getBoundingClientRect().top"))


def test_today_changes_around_what_is_being_done_there(desk: Any) -> None:
    desk.set_viewport_size({"width": 390, "height": 500})
    desk.goto(desk.live)
    note_old(desk)
    desk.locator("#live summary", has_text="The words that go along").click()
    desk.locator("#live summary", has_text="Keep what came of it").click()
    note = desk.locator("#live form[action*=concerns] textarea")
    note.fill("We agreed to")
    late = Appointment.objects.get()
    lifecycle.late(appointment=late, minutes=10, at=NOW)

    desk.clock.fast_forward(POLL - 1000)
    note.press("End")
    before = top_of_focus(desk)
    asks(desk, lambda: desk.clock.fast_forward(1000))
    assert desk.evaluate(IS_OLD)  # not from under somebody's hands
    polls(desk)
    desk.get_by_text("Says: 10 minutes late. Can you wait?").wait_for()
    assert not desk.evaluate(IS_OLD)
    assert note.input_value() == "We agreed to"
    assert note.evaluate("one => one === document.activeElement")
    assert abs(top_of_focus(desk) - before) < 2
    assert desk.locator("#live details[open]").count() == 2
    desk.keyboard.type(" talk.")
    assert note.input_value() == "We agreed to talk."

    # Nothing changed: nothing is swapped. The focus on what is no field stays as well.
    note_old(desk)
    desk.locator("#live summary", has_text="The words that go along").focus()
    desk.clock.fast_forward(1)
    polls(desk)
    assert desk.evaluate(IS_OLD)
    lifecycle.accept_late(appointment=late, by=stories.owner(late.provider), at=NOW)
    polls(desk)
    assert not desk.evaluate(IS_OLD)
    assert desk.evaluate("document.activeElement.textContent") == "The words that go along"

    # A button that was pressed is not given back by what comes in the meantime: it would be pressed twice.
    desk.route("**/arrive/", lambda route: route.fulfill(status=204))  # for a browser: nothing came yet
    note_old(desk)
    desk.get_by_role("button", name="They are here").click()
    Concern.objects.update(pattern="slipping")
    desk.clock.run_for(10)
    polls(desk)
    desk.route("**/dashboard/?mark=*", lambda route: route.abort(), times=1)
    polls(desk)
    assert desk.evaluate(IS_OLD)
    assert desk.get_by_role("button", name="They are here").is_disabled()
    assert desk.errors == []


def test_what_does_not_come_is_said_and_a_log_in_page_is_never_a_part_of_another(
    desk: Any, studio: Provider, client: Any
) -> None:
    desk.goto(desk.live)
    desk.route("**/dashboard/?mark=*", lambda route: route.abort(), times=1)
    polls(desk)
    assert desk.line.inner_text() == "This could not be loaded. Please check your connection."
    polls(desk)
    assert desk.line.inner_text() == ""
    desk.route("**/dashboard/?mark=*", lambda route: route.fulfill(status=503, body="busy"), times=1)
    polls(desk)
    assert "could not be loaded" in desk.line.inner_text()

    # A call that could not be noted is noted by hand.
    desk.route("**/reached_out/", lambda route: route.abort())
    desk.evaluate("addEventListener('click', (event) => event.preventDefault())")  # mailto: leads nowhere
    desk.locator("#live a[data-note]").first.click()
    by_hand = desk.locator("#live [data-by-hand]")
    by_hand.get_by_text("That could not be noted.").wait_for()
    assert by_hand.get_by_role("button").count() > 0

    # Somebody logs out in another window.
    appointment = desk.live + f"appointments/{Appointment.objects.get().uid}/"
    service = desk.live + f"set-up/services/{studio.services.get(slug='session').uid}/"
    for address, act, part in (
        (desk.live, lambda: desk.clock.fast_forward(POLL), "#live"),
        (appointment, lambda: desk.clock.fast_forward(POLL), "#standing"),
        (service, lambda: desk.get_by_label("Price, in EUR").fill("120"), "#preview"),
    ):
        desk.goto(address)
        desk.locator(part).evaluate("one => one.firstElementChild.isOld = true")
        kept = desk.context.cookies()
        desk.context.clear_cookies(name="session")
        act()
        desk.clock.run_for(500)
        desk.line.get_by_role("link", name="Log in").wait_for()
        assert desk.locator(part).evaluate("one => one.firstElementChild.isOld")
        desk.context.add_cookies(kept)
    assert desk.line.get_by_role("link").get_attribute("target") == "_blank"  # the price stays
    desk.get_by_label("Price, in EUR").fill("130")
    desk.clock.run_for(500)
    desk.locator("#preview").get_by_text("€39.00 is paid ahead").wait_for()
    assert desk.line.inner_text() == ""

    desk.goto(desk.live + "calendar/?date=2027-03-01")
    desk.locator("#calendar a").first.wait_for()
    desk.context.clear_cookies(name="session")
    desk.clock.fast_forward(6000)
    desk.line.get_by_role("link", name="Log in").wait_for()
    assert desk.errors == []


def test_a_form_that_is_sent_while_logged_out_is_sent_once_more_after_the_log_in(desk: Any) -> None:
    desk.goto(desk.live + f"appointments/{Appointment.objects.get().uid}/")
    note = desk.locator("#private textarea")
    note.fill('Needs a "ramp",\n<b>both ways</b>')
    kept = desk.context.cookies()
    desk.context.clear_cookies()  # the token against forgery is another one after the log-in, too
    desk.get_by_role("button", name="Keep it").click()
    desk.get_by_role("heading", name="You are logged out").wait_for()
    assert desk.locator("a:not(.skip)").all_inner_texts() == ["Log in"]  # nothing else leads away from here
    assert looking.complaints_of_axe(desk) == []
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Log in").click()
    opened.value.wait_for_url("**/accounts/login/")
    opened.value.close()
    desk.context.add_cookies([one for one in kept if one["name"] == "session"])
    desk.get_by_role("button", name="Send it once more").click()
    desk.locator("#private li", has_text="both ways").wait_for()
    assert ClientNote.objects.get().text.splitlines() == ['Needs a "ramp",', "<b>both ways</b>"]
    assert desk.errors == []


def test_an_appointments_page_is_only_swapped_where_something_happened(desk: Any) -> None:
    late = Appointment.objects.get()
    desk.goto(desk.live + f"appointments/{late.uid}/")
    note_old(desk)
    desk.locator("#standing summary").click()
    polls(desk)
    assert desk.evaluate(IS_OLD)
    lifecycle.late(appointment=late, minutes=10, at=NOW + timedelta(seconds=1))
    polls(desk)
    desk.locator("#timeline li", has_text="10 min").first.wait_for()
    assert not desk.evaluate(IS_OLD)
    assert desk.locator("#standing details[open]").count() == 1
    polls(desk)
    assert desk.errors == []
