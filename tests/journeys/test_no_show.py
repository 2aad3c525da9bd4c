"""Three clients of one studio are not there on one morning, in three languages (rules 7 to 9; A1 to A3, A18).

The first is marked by mistake, which is undone; the second says that it gets later, does not come all the same and is
excused; for the third the terms mark it, nobody decides, the money is settled at its hour, and a part is given back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.journeys import desk, people, steps
from tests.journeys.letters import Letters, link, links, words
from tests.journeys.people import Person
from tests.journeys.visitor import Visitor
from tests.product import Product

pytestmark = [pytest.mark.once, pytest.mark.live, pytest.mark.browser]

SLUG = "studio-waits"
MINUTE = timedelta(minutes=1)
BOOKED = datetime(2027, 3, 1, 8, tzinfo=UTC)
REMINDED = datetime(2027, 3, 2, 8, 30, tzinfo=UTC)
DAY = "2027-03-04"  # a Thursday
STARTS = {
    "it": datetime(2027, 3, 4, 8, tzinfo=UTC),
    "en": datetime(2027, 3, 4, 9, tzinfo=UTC),
    "th": datetime(2027, 3, 4, 10, 30, tzinfo=UTC),
}
AT = {
    "it": ("Europe/Rome", "phone", "09:00"),
    "en": ("Europe/London", "video", "09:00"),
    "th": ("Asia/Bangkok", "video", "17:30"),
}
SERVICE = {"it": "session", "en": "session", "th": "couple"}
WHEN = {
    "it": "giovedì 4 marzo 2027, 09:00",
    "en": "Thursday 4 March 2027, 09:00 (London time)",
    "th": "วันพฤหัสบดีที่ 4 มีนาคม 2570 เวลา 17:30",
}
DEPOSIT = {"it": "27,00 €", "en": "€27.00", "th": "€39.15"}


def strict(studio: dict[str, Any]) -> None:
    """The long service marks by itself what was missed, and asks half of its price; each call has its own room."""
    studio["places"]["video"]["url"] = "https://meet.example.org/bianchi-{room}"
    balanced = studio["policies"][0]
    no_show = {"deposit": "forfeit", "fee_percent": 50}
    studio["policies"].append(balanced | {"name": "Strict", "auto_no_show": "mark", "no_show": no_show})
    next(one for one in studio["services"] if one["slug"] == "couple")["policy"] = "Strict"


@dataclass
class Morning:
    product: Product
    owner: Visitor
    studio: Letters
    clients: dict[str, Person]

    def comes(self, at: datetime) -> None:
        """The product's clock and the owner's; the screen that is open looks again by itself."""
        self.product.set_clock(at)
        shown = self.owner.page.evaluate("Date.now()")
        self.owner.page.clock.fast_forward(max(round(at.timestamp() * 1000 - shown), 0) + 9_000)

    def sweep(self) -> None:
        self.product.manage("sweep")

    def card(self, one: Person) -> str:
        return f"article:has-text('{one.name}')"

    def shows(self, *said: str) -> None:
        """On the screen that is open, without a reload."""
        for one in said:
            self.owner.page.get_by_text(one).first.wait_for()


@pytest.fixture
def morning(town: Any, visit: Any, letters: Any) -> Morning:
    product = town(BOOKED, slug=SLUG, change=strict)
    owner = visit(product, zone="Europe/Rome", locale="en-GB")
    owner.page.clock.install(time=BOOKED)
    desk.log_in(owner, product, slug=SLUG)
    clients = people.come(product, visit, letters, story="missed", zones=AT)
    return Morning(
        product, owner, letters(product, desk.owner_of(SLUG)), {one.language: one for one in clients}
    )


def test_three_who_are_not_there(morning):
    for one in morning.clients.values():
        people.book(one, f"/{SLUG}/{SERVICE[one.language]}/", day=DAY)
        one.reads("confirmed")
    morning.comes(REMINDED)
    for one in morning.clients.values():
        one.reads("reminder")

    it, en, th = (morning.clients[language] for language in ("it", "en", "th"))
    marked_by_mistake(morning, it)
    another_time = late_and_excused(morning, en)
    nobody_decides(morning, th)
    assert (it.appointment["status"], it.money) == ("completed", {"applied": 2700})
    comes_by_the_link(morning, en, another_time)

    ahead = ["confirmed", "reminder", "contact"]
    assert it.mail.kinds == [*ahead, "no_show", "no_show_undone"]
    # The reminders of the new times follow.
    assert en.mail.kinds[:7] == [*ahead, "late_accepted", "no_show", "excused", "confirmed"]
    assert th.mail.kinds[:7] == [*ahead, "no_show", "fee_owed", "excused", "confirmed"]
    assert {*en.mail.kinds[7:], *th.mail.kinds[7:]} <= {"reminder", "reminder_day"}
    assert Counter(morning.studio.kinds) == {
        "booked": 5,
        "is_client_there": 1,
        "decision_no_show": 2,
        "late_asked": 1,
        "explained": 3,
        "settlements_ahead": 1,
        "settled": 1,
    }
    morning.product.manage("verify_invariants")


def marked_by_mistake(morning: Morning, one: Person) -> None:
    """Where the provider calls it is asked first whether the client is there; it calls, and has the client written
    to."""
    start, owner = STARTS["it"], morning.owner
    morning.comes(start + 4 * MINUTE)
    morning.sweep()
    assert "is_client_there" not in morning.studio.kinds
    morning.comes(start + 5 * MINUTE)
    assert one.name in words(morning.studio.wait("is_client_there"))
    assert "contact" not in one.mail.kinds
    owner.open("/dashboard/")
    morning.shows("You wait until 09:15")
    for way in ("text", "mail"):
        assert owner.page.locator(f"{morning.card(one)} a[data-note={way}]").count() == 1
    desk.reach(owner, "call", within=morning.card(one))
    desk.do(owner, "contact", within=morning.card(one))
    letter = one.reads("contact", "09:15", "+393335550199")
    one.client.open(link(letter, "#late"))
    one.sees("not-there", "Studio Bianchi", DEPOSIT["it"])

    morning.comes(start + 15 * MINUTE)
    morning.studio.wait("decision_no_show")
    morning.shows("Your grace ended at 09:15")
    owner.look("desk-grace-over")
    desk.do(owner, "no_show", within=morning.card(one))
    letter = one.reads("no_show", WHEN["it"], DEPOSIT["it"])
    three_times(one, letter)
    assert one.appointment["settlement"]["forfeit"]["amount"] == 2700
    explain(one, letter, reason="other", note="Aspetto la telefonata dalle nove.")

    assert "Aspetto la telefonata dalle nove." in words(morning.studio.wait("explained"))
    owner.open(f"/dashboard/appointments/{one.appointment['id']}/")
    owner.look("desk-explained")
    desk.do(owner, "undo_no_show")
    one.reads("no_show_undone", WHEN["it"])
    assert (one.appointment["status"], one.appointment["settlement"]) == ("confirmed", None)
    assert one.money == {"held": 2700}
    one.client.open(f"/a/{one.token}/")
    one.sees("undone", closely=True)
    assert one.client.page.locator("form[action='explain/']").count() == 0
    assert owner.page.locator("#decide").count() == 0  # answered
    morning.sweep()
    assert one.appointment["status"] == "confirmed"


def late_and_excused(morning: Morning, one: Person) -> datetime:
    """By video: the client is written to by itself. Answers with the new time that was picked."""
    start, owner = STARTS["en"], morning.owner
    morning.comes(start + 5 * MINUTE)
    owner.open("/dashboard/")
    letter = one.reads("contact", "09:15 (London time)", by_itself=True)
    assert link(letter, "/join/")
    one.client.open(link(letter, "#late"))
    one.sees("not-there")
    one.client.click("form[action='late/'] button[value='10']")
    one.client.page.wait_for_url("**?done=late")
    one.sees("late")
    assert "10" in words(morning.studio.wait("late_asked"))
    morning.comes(start + 6 * MINUTE)
    morning.shows("Says: 10 minutes late. Can you wait?")
    owner.look("desk-late")
    desk.do(owner, "accept_late", within=morning.card(one))
    one.reads("late_accepted", "09:25 (London time)")
    morning.shows("You wait until 10:25")
    one.client.open(f"/a/{one.token}/")
    one.sees("waited-for")

    # The minutes count: nobody is asked before they are over.
    morning.comes(start + 24 * MINUTE)
    morning.sweep()
    assert morning.studio.kinds.count("decision_no_show") == 1
    morning.comes(start + 25 * MINUTE)
    morning.studio.wait("decision_no_show", 2)
    morning.shows("Your grace ended at 10:25")
    desk.do(owner, "no_show", within=morning.card(one))
    letter = one.reads("no_show", WHEN["en"], DEPOSIT["en"])
    times = three_times(one, letter)
    explain(one, letter, reason="transport", note="The tunnel was closed.")

    # The answer is one click on Today, with the words that the client will read.
    assert "The tunnel was closed." in words(morning.studio.wait("explained", 2))
    owner.open("/dashboard/")
    owner.look("desk-decision")
    desk.do(owner, "excuse", within=morning.card(one))
    one.reads("excused", DEPOSIT["en"])
    morning.product.wait_for(lambda: one.money == {"refunded": 2700})
    one.client.open(f"/a/{one.token}/")
    one.sees("excused")
    assert one.client.page.locator("form[action='explain/']").count() == 0
    take(one, times[2])
    return datetime.fromisoformat(steps.as_api(one.client, one.product)["start"])


def nobody_decides(morning: Morning, one: Person) -> None:
    """The terms mark it; the money waits a day, and moves."""
    start = STARTS["th"]
    morning.comes(start + 5 * MINUTE)
    letter = one.reads("contact", "17:45")
    one.client.open(link(letter, "#late"))
    one.sees("not-there")
    morning.comes(start + 14 * MINUTE)
    morning.sweep()
    assert one.appointment["status"] == "confirmed"
    morning.comes(start + 15 * MINUTE)
    letter = one.reads("no_show", WHEN["th"], DEPOSIT["th"], "€26.10", by_itself=True)
    marked = one.appointment
    assert (marked["status"], marked["settlement"]["forfeit"]["amount"]) == ("no_show", 3915)
    assert marked["settlement"]["fee"]["amount"] == 2610
    three_times(one, letter)
    explain(one, letter, reason="illness", note="ไม่สบาย")
    morning.studio.wait("explained", 3)

    due = datetime.fromisoformat(marked["settlement"]["due_at"])
    assert timedelta() <= due - (start + 15 * MINUTE + timedelta(days=1)) < 2 * MINUTE
    morning.comes(due - MINUTE)
    morning.sweep()
    assert one.money == {"held": 3915}
    morning.comes(due)
    morning.studio.wait("settled")
    assert one.money == {"forfeited": 3915, "owed": 2610}
    one.reads("fee_owed", "€26.10")
    one.client.open(f"/a/{one.token}/")
    one.sees("settled", closely=True)

    # Late, but not too late: a part of it, the fee first and the rest as a credit.
    owner = morning.owner
    owner.open(f"/dashboard/appointments/{marked['id']}/?open=excuse")
    acts = "section[aria-labelledby=acts]"
    desk.do(owner, "excuse", within=acts, reason="illness", share="part", amount="40.00", back="credit")
    one.reads("excused", "€13.90", "€26.10")
    assert one.money == {"carried": 1390, "forfeited": 2525}
    one.client.open(f"/a/{one.token}/")
    one.sees("credit", "€13.90", closely=True)
    take(one, one.client.page.locator("section[aria-labelledby=offers] a.chip").last.get_attribute("href"))
    assert one.money == {"forfeited": 2525, "carried": 1390}
    assert steps.as_api(one.client, one.product)["deposit_state"]["held"]["amount"] == 3915


def take(one: Person, address: str | None) -> None:
    """One of the times that were offered: one click, and it is booked as any other."""
    assert address
    client = one.client
    client.open(address)
    steps.fill_in(client, name=one.name, email=one.email)
    steps.agree_and_book(client)
    steps.pay(client)
    one.reads("confirmed", number=2)


def room_of(one: Person) -> str:
    """The room of the new appointment, that nobody guesses."""
    begin = "https://meet.example.org/bianchi-"
    rooms = [
        next(address for address in links(one.mail.wait("confirmed", number)) if address.startswith(begin))
        for number in (1, 2)
    ]
    assert rooms[0] != rooms[1]
    assert min(len(room) for room in rooms) > len(begin) + 15
    return rooms[1]


def comes_by_the_link(morning: Morning, one: Person, start: datetime) -> None:
    """The link alone says that somebody is there: nobody is written to, nobody is asked."""
    morning.comes(start - 2 * MINUTE)
    client, led = one.client, list[str]()

    def go_on(route: Any) -> None:
        if route.request.method == "GET":
            return route.continue_()
        led.append(route.fetch(max_redirects=0).headers["location"])
        return route.fulfill(content_type="text/html", body="<title>-</title><p id=meeting>Hello")

    client.open(link(one.reads("confirmed", number=2), "/join/"))
    one.sees("join")
    client.page.route("**/join/", go_on)
    client.click("main form button[type=submit]")
    client.page.wait_for_selector("#meeting")
    assert led == [room_of(one)]
    morning.comes(start + 6 * MINUTE)
    morning.sweep()
    morning.owner.open("/dashboard/")
    assert morning.owner.page.locator(f"[aria-labelledby=absent] {morning.card(one)}").count() == 0


def three_times(one: Person, letter: EmailMessage) -> list[str]:
    """Each can be had; none of these leads to the calendar."""
    times = [address for address in links(letter) if f"/{SERVICE[one.language]}/?start=" in address]
    assert len(times) == 3
    for address in times if one.language == "th" else times[:1]:
        one.client.open(address)
        assert one.client.page.locator("[name=agree]").count() == 1
    one.client.open(links(letter)[links(letter).index(times[2]) + 1])
    assert one.client.page.locator("table.month").count() == 1
    return times


def explain(one: Person, letter: EmailMessage, *, reason: str, note: str) -> None:
    client = one.client
    client.open(link(letter, "#explain"))
    one.sees("missed", DEPOSIT[one.language])
    client.page.check(f"[name=reason][value={reason}]")
    client.page.fill("[name=note]", note)
    client.click("form[action='explain/'] button[type=submit]")
    client.page.wait_for_url("**?done=explained")
    one.sees("explained")
    assert one.appointment["settlement"]  # it decides nothing
