"""The test of a call in a real browser, with devices that are made up: that work, that are denied, that are
not there; by keyboard, without JavaScript, and without leaving this machine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe

from booking import tokens
from booking.models import Appointment
from tests import machine
from tests.booking import stories
from tests.booking.dashboard.people import owner

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def with_devices(browser: Any) -> Iterator[Any]:
    """Chromium with a camera that shows a test picture and a microphone that beeps."""
    flags = [*machine.CHROMIUM_FLAGS, "--use-fake-device-for-media-stream"]
    chromium = browser.browser_type.launch(executable_path=machine.chromium(), args=flags)
    yield chromium
    chromium.close()


@pytest.fixture
def paid(transactional_db: None) -> Iterator[Appointment]:
    with time_machine.travel(stories.EARLY, tick=True):
        yield stories.confirmed(stories.studio())


@pytest.fixture
def open_test(live_server: Any, paid: Appointment, with_devices: Any, browser: Any) -> Iterator[Open]:
    contexts = []

    def opened(*, devices: bool = True, allowed: bool = True, **more: Any) -> Any:
        context = (with_devices if devices else browser).new_context(
            viewport={"width": 390, "height": 844}, locale="en-GB", **more
        )
        contexts.append(context)
        if allowed:
            context.grant_permissions(["camera", "microphone"], origin=live_server.url)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{live_server.url}{tokens.manage_path(paid)}join/test/")
        return page

    yield opened
    for context in contexts:
        context.close()


def state(page: Any, code: str) -> str:
    return str(page.text_content(f"[data-check={code}] [data-state]"))


def wait(page: Any, code: str, said: str) -> None:
    page.wait_for_function(
        "([code, said]) => document.querySelector(`[data-check=${code}] [data-state]`).textContent === said",
        arg=[code, said],
    )


def test_what_works_is_found_by_keyboard_alone_and_the_answer_carries_it(
    open_test: Open, paid: Appointment
) -> None:
    page = open_test()
    page.focus("[data-start]")
    page.keyboard.press("Enter")
    for code in ("camera", "microphone", "connection"):
        wait(page, code, "works")
    assert page.evaluate("document.querySelector('video').videoWidth") > 0
    page.focus("[data-play]")
    page.keyboard.press("Enter")
    page.focus("[data-heard]")
    page.keyboard.press("Enter")
    assert state(page, "speaker") == "works"
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("button[value=works]")
    page.wait_for_url("**/join/test/?done=works")
    entry = paid.timeline.get(kind="tested")
    assert entry.facts["found"] == dict.fromkeys(("camera", "microphone", "speaker", "connection"), "ok")
    assert page.complaints == []


def test_who_said_no_is_told_how_to_say_yes_and_can_ask_for_help(open_test: Open, paid: Appointment) -> None:
    page = open_test(allowed=False)
    page.click("[data-start]")
    wait(page, "camera", "not allowed")
    wait(page, "microphone", "not allowed")
    advice = page.text_content("[data-check=camera] [data-advice]")
    assert "Press the small camera or lock beside the address" in advice
    wait(page, "connection", "works")
    page.click("button[value=help]")
    page.wait_for_url("**/join/test/?done=help")
    assert "Studio Bianchi knows that the call does not work yet" in page.text_content("main")
    facts = paid.timeline.get(kind="needs_help").facts["found"]
    assert facts == {"camera": "denied", "microphone": "denied", "connection": "ok"}
    assert owner(paid.provider)


def test_without_devices_the_voice_or_the_phone_will_do(open_test: Open) -> None:
    page = open_test(devices=False)
    page.click("[data-start]")
    wait(page, "camera", "not found")
    wait(page, "microphone", "not found")
    assert "your voice is enough" in page.text_content("[data-check=camera] [data-advice]")


def test_inside_another_app_the_way_out_is_named(open_test: Open) -> None:
    page = open_test(allowed=False, user_agent="Mozilla/5.0 (iPhone) Instagram 300.0")
    page.click("[data-start]")
    page.wait_for_selector("[data-trouble]:not([hidden])")
    assert "opened inside another app" in page.text_content("[data-trouble]")


def test_without_javascript_it_says_how_and_both_answers_work(open_test: Open, paid: Appointment) -> None:
    page = open_test(java_script_enabled=False)
    assert page.locator("[data-start]").is_hidden()
    assert page.get_by_text("Without JavaScript this page cannot try").is_visible()
    page.click("button[value=help]")
    page.wait_for_url("**?done=help")
    paid.refresh_from_db()
    assert paid.needs_help_at is not None
