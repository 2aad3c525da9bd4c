"""The late cancel of an urgent appointment, in three languages side by side: another way is asked for first, the cost
is told, new times are offered, and the provider answers with one of its own that is held until the client says yes
(A4, A5)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.journeys import desk, people, steps
from tests.journeys.letters import link, links
from tests.journeys.visitor import DESKTOP

pytestmark = [pytest.mark.once, pytest.mark.live, pytest.mark.browser]

SLUG = "studio-late"
BOOKED = datetime(2027, 3, 1, 8, tzinfo=UTC)
LATE = datetime(2027, 3, 2, 8, tzinfo=UTC)  # thirty hours before
REASON = "La scuola aspetta il referto – 16:00"
WORD = "Alle 15?"
AT = {
    "en": ("Europe/London", "video", "13:00"),
    "it": ("Europe/Rome", "in_person", "15:00"),
    "th": ("Asia/Bangkok", "video", "22:00"),
}
COST = {"en": "€27.00", "it": "27,00 €", "th": "€27.00"}
WHEN = {
    "en": "Wednesday 3 March 2027, 13:00",
    "it": "mercoledì 3 marzo 2027, 15:00",
    "th": "วันพุธที่ 3 มีนาคม 2570 เวลา 22:00",
}
# The provider's own time by its own clock, and as each client reads it, at length and in short.
PROPOSED = {
    "en": ("2027-03-08T15:00", "Monday 8 March 2027, 14:00", "Mon 8 Mar 2027, 14:00"),
    "it": ("2027-03-08T16:00", "lunedì 8 marzo 2027, 16:00", "lun 8 mar 2027, 16:00"),
    "th": ("2027-03-08T17:00", "วันจันทร์ที่ 8 มีนาคม 2570 เวลา 23:00", "จ. 8 มี.ค. 2570 เวลา 23:00"),
}


@pytest.fixture
def clients(town, visit, letters):
    product = town(BOOKED, slug=SLUG)
    return people.come(product, visit, letters, story="late", zones=AT)


def test_urgent_appointments_are_cancelled_late_and_kept_after_all(clients, visit, letters):
    product = clients[0].product
    owner = visit(product, zone="Europe/Rome", locale="en-GB", screen=DESKTOP)
    studio = letters(product, desk.owner_of(SLUG))
    desk.log_in(owner, product, slug=SLUG)
    for one in clients:
        people.book(one, f"/{SLUG}/session/", day="2027-03-03", tick=("[name=wish_days][value=mon]",))
        one.reads("confirmed", WHEN[one.language], COST[one.language])
        owner.open(f"/dashboard/appointments/{one.appointment['id']}/")
        desk.do(owner, "urgent", reason=REASON)

    product.set_clock(LATE)
    for one in clients:
        asks_first_and_tells_the_cost(one)
        steps.cancel(one.client, reason="illness")
        is_offered_three_times(one)
    for one in clients:
        answers_with_a_time_of_its_own(owner, one)
        takes_it(one)

    owner.open("/dashboard/clients/wishes/")
    owner.look("hours-and-wishes")
    for one in clients:
        assert one.mail.kinds == ["confirmed", "cancelled", "proposal", "confirmed"]
    assert Counter(studio.kinds) == {"booked": 6, "cancelled": 3}
    product.manage("verify_invariants")


def asks_first_and_tells_the_cost(one: people.Person) -> None:
    client = one.client
    client.open(link(one.mail.wait("confirmed"), "/cancel/"))
    assert REASON in client.text(".card-urgent")
    ways = {"in_person": ["video", "phone"], "video": ["phone"]}[one.mode]
    offered = client.page.locator(".card-urgent button[name=mode]")
    assert offered.evaluate_all("all => all.map(one => one.value)") == ways
    assert client.page.locator(".card-urgent form[action$='/move/']").count() == 3
    assert people.plain(client.text(".quote-sum")) == COST[one.language]
    one.sees("late-cancel", WHEN[one.language])


def is_offered_three_times(one: people.Person) -> None:
    page = one.client.page
    assert page.locator("section[aria-labelledby=offers] a.chip").count() == 3
    # None of these leads to the calendar.
    assert page.locator(f"section[aria-labelledby=offers] p a[href*='/{SLUG}/session/']").count() == 1
    assert page.locator("[name=reason][type=radio]").count() == 0  # asked once
    one.sees("late-cancelled")
    letter = one.reads("cancelled", WHEN[one.language], COST[one.language])
    offered = [address for address in links(letter) if f"/{SLUG}/session/?start=" in address]
    mondays = [f"start=2027-03-{day}" for day in ("08", "15", "22", "29")]
    assert [any(day in address for day in mondays) for address in offered] == [True] * 3
    assert one.appointment["settlement"]["forfeit"]["amount"] == 2700
    assert one.money == {"held": 2700}  # it waits


def answers_with_a_time_of_its_own(owner: people.Visitor, one: people.Person) -> None:
    owner.open(f"/dashboard/appointments/{one.appointment['id']}/")
    desk.do(owner, "propose", own_1=PROPOSED[one.language][0], note=WORD)


def takes_it(one: people.Person) -> None:
    letter = one.reads("proposal", WORD, PROPOSED[one.language][2])
    one.client.open(next(address for address in links(letter) if "/proposal/" in address))
    assert one.appointment["proposal"]["state"] == "open"  # opening decides nothing
    one.sees("proposal", WORD)
    one.client.click("form:has([name=start]) button[type=submit]")
    steps.pay(one.client)
    kept = steps.as_api(one.client, one.product)
    start = datetime.fromisoformat(kept["start"])
    assert (kept["status"], start) == (
        "confirmed",
        datetime.fromisoformat(f"{PROPOSED[one.language][0]}+01:00"),
    )
    assert one.appointment["proposal"]["state"] == "accepted"
    one.reads("confirmed", PROPOSED[one.language][1], COST[one.language], number=2)
