"""A note for a client, written in a real browser."""

from typing import Any

import pytest

from tests import looking
from tests.booking import stories
from tests.booking.dashboard.people import owner, show_factor

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_note_is_written_by_keyboard_and_seen_as_the_client_reads_it(
    clock: object, page: Any, live_server: Any, client: Any, transactional_db: None
) -> None:
    studio = stories.studio()
    booked = stories.confirmed(studio)
    client.force_login(owner(studio))
    show_factor(client, owner(studio))
    cookie = client.cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/dashboard/appointments/{booked.uid}/")
    section = page.locator("#shared")
    section.get_by_text("Write a note for the client").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Next time: <b>https://example.com/way</b>")
    link = section.locator("#note-new .shared-note a")
    link.wait_for()
    assert link.get_attribute("href") == "https://example.com/way"
    assert not section.get_by_role("button", name="See how it reads").is_visible()
    assert looking.complaints_of_axe(page) == []
    section.get_by_label("Tell by mail").last.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Shared: it is on the client's page.").wait_for()
    assert booked.shared_notes.count() == 1
    assert not booked.messages.filter(kind="note_shared").exists()
    assert complaints == []
