"""The pages that clients see of their messages, their wishes, a missed appointment, a yes by mail and a series, in a real
browser: nothing for axe to complain of, by light and by dark, and no page wider than a phone in any language."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import brand, lifecycle, tokens
from booking.models import Appointment, Client, Service
from reminders import consents, routes
from reminders.models import Route
from tests import looking
from tests.booking import stories
from tests.booking.stories import EARLY, MINUTE, MONDAY
from tests.booking.test_series import series
from tests.reminders.test_channels import TWILIO

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "+393331234567"


@pytest.fixture
def pages(clock: time_machine.Traveller, transactional_db: None) -> list[str]:
    """A client who missed one, whose mails come back, and who asked for another address; and one about to book
    where reminders by SMS can be ticked; one that waits for a yes by mail, and a series."""
    studio = stories.studio()
    for name, address in (("Texts", TWILIO), ("Chat", "whatsapp://" + "T" * 20 + "@123456789012345")):
        made = Route(provider=studio, name=name, for_clients=True, enabled_at=EARLY)
        routes.set_up(route=made, address=address, at=EARLY)
    missed = stories.confirmed(studio)
    lifecycle.mark_no_show(appointment=missed, by=stories.owner(studio), at=MONDAY + 20 * MINUTE)
    said = {"text": f"Bring https://example.com/{'long' * 30}", "tell": False, "by": stories.owner(studio)}
    lifecycle.share_note(appointment=missed, at=MONDAY, **said)
    Client.objects.update(mail_bounced_at=EARLY, mail_trouble="550 no such mailbox", phone=PHONE)
    client = Client.objects.get()
    consents.record(client=client, channel="sms", give=True, how="page", at=EARLY)
    client = lifecycle.ask_address(appointment=missed, email="right@example.com", at=MONDAY + 21 * MINUTE)
    assert client.new_email_asked_at
    clock.move_to(MONDAY + 22 * MINUTE)
    seal = tokens.address_token(client=client.uid, email=client.new_email, asked_at=client.new_email_asked_at)
    link = tokens.manage_path(Appointment.objects.get())
    start = (MONDAY + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    now, asks = MONDAY + 22 * MINUTE, {"approval": False, "confirm_by_mail": True, "questions": []}
    studio.services.filter(slug="first-meeting").update(**asks)
    waits = stories.book(
        studio, "first-meeting", start=MONDAY + timedelta(days=14), at=now, email="eva@example.com"
    )
    about_health = {"id": "pain", "label": {"en": "Where does it hurt?"}, "kind": "text", "required": False}
    asked = [about_health | {"health": True}]
    studio.services.filter(slug="session").update(series_most=4, horizon_days=200, questions=asked)
    brand.keep(provider=studio, colour="#e0a100", logo=None)
    session = Service.objects.select_related("provider", "policy").get(provider=studio, slug="session")
    weekly = series(session, start=MONDAY + timedelta(days=21), times=2, at=now)
    return [
        tokens.manage_path(waits),
        f"/a/yes/{tokens.yes_token(waits)}/",
        tokens.manage_path(weekly[0]),
        f"{tokens.manage_path(weekly[0])}cancel-rest/",
        link,
        f"{link}messages/?done=address",
        f"/a/address/{seal}/",
        f"/studio-bianchi/session/?start={start}&mode=video",
        "/studio-bianchi/privacy/",
    ]


def test_every_page_is_clean_for_axe_and_fits_a_phone_in_every_language(
    pages: list[str], page: Any, live_server: Any
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.clock.install(time=MONDAY + 22 * MINUTE)
    wrong = [
        one
        for path in pages
        for one in looking.complaints_about(page, live_server.url + path, languages=looking.LANGUAGES)
    ]
    assert wrong == []
    assert complaints == []
