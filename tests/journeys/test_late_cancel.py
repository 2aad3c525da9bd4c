"""The late cancel of an urgent appointment, in three languages: another way is asked for first, the cost is told, new
times are offered, and the provider answers with one of its own that is held until the client says yes (A4, A5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys import desk, steps
from tests.journeys.letters import link, links, words

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

BOOKED = datetime(2027, 3, 1, 8, tzinfo=UTC)
LATE = datetime(2027, 3, 2, 8, tzinfo=UTC)  # thirty hours before
REASON = "The school needs the report on Friday."
CLIENTS = {
    "en": ("Ada Moss", "en-GB", "14:00", "2027-03-08T15:00"),
    "it": ("Ada Moschini", "it-IT", "15:00", "2027-03-08T16:00"),
    "th": ("สมหญิง ใจดี", "th-TH", "16:00", "2027-03-08T17:00"),
}


def test_an_urgent_appointment_is_cancelled_late_and_kept_after_all(town, visit, letters):
    product = town(BOOKED)
    owner = visit(product, zone="Europe/Rome", locale="en-GB")
    desk.log_in(owner, product)
    people = {}
    for language, (name, locale, time, _proposed) in CLIENTS.items():
        client = visit(product, zone="Europe/Rome", locale=locale)
        client.open("/studio-bianchi/session/?mode=in_person")
        steps.pick(client, day="2027-03-03", time=time)
        client.page.wait_for_selector("[name=agree]")
        steps.fill_in(client, name=name, email=f"{language}@example.com")
        client.page.locator("details.wishes summary").click()
        client.page.check("[name=wish_days][value=mon]")
        steps.agree_and_book(client)
        steps.pay(client)
        people[language] = client, client.token
        owner.open(f"/dashboard/appointments/{steps.as_api(client, product)['id']}/")
        desk.do(owner, "urgent", reason=REASON)

    product.set_clock(LATE)
    for language, (client, token) in people.items():
        mail = letters(product, f"{language}@example.com")
        client.open(link(mail.wait("confirmed"), "/cancel/"))
        assert REASON in client.text(".card-urgent")
        assert client.page.locator(".card-urgent button[name=mode]").count() == 2
        assert client.page.locator(".card-urgent form[action$='/move/']").count() == 3
        assert "27" in client.text(".quote-sum")
        client.look(f"late-cancel-{language}")
        steps.cancel(client, reason="illness")
        assert client.page.locator("section[aria-labelledby=offers] a.chip").count() == 3
        assert client.page.locator("[name=reason][type=radio]").count() == 0  # asked once
        offered = [one for one in links(mail.wait("cancelled")) if "/studio-bianchi/session/?start=" in one]
        assert len(offered) == 3
        assert all(
            "start=2027-03-08" in one or "start=2027-03-1" in one or "start=2027-03-2" in one
            for one in offered
        )

        owner.open(f"/dashboard/appointments/{steps.as_api(client, product, token)['id']}/")
        desk.do(owner, "propose", own_1=CLIENTS[language][3], note="Would this do?")
        letter = mail.wait("proposal")
        assert "Would this do?" in words(letter)
        client.open(next(one for one in links(letter) if "/proposal/" in one))
        assert steps.as_api(client, product, token)["proposal"]["state"] == "open"  # opening decides nothing
        if language == "th":
            client.look("proposal-th")
        client.click("form:has([name=start]) button[type=submit]")
        steps.pay(client)
        kept = steps.as_api(client, product)
        assert (kept["status"], kept["start"][:16]) == ("confirmed", CLIENTS[language][3])
        assert steps.as_api(client, product, token)["proposal"]["state"] == "accepted"
    owner.open("/dashboard/clients/wishes/")
    owner.look("hours-and-wishes")
    product.manage("verify_invariants")
