"""A client in New York, who reads times on twelve hours, books a studio in Milan, pays, moves, is reminded, and cancels
a minute too late; another does so for a day later and is excused.

On the day of the story New York is six hours behind Rome; its clocks change on 14 March, Rome's on the 28th.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.journeys import desk, steps
from tests.journeys.letters import Letters, event, link, starts, words
from tests.journeys.visitor import DESKTOP, Visitor
from tests.product import Product

pytestmark = [pytest.mark.live, pytest.mark.browser]

SLUG = "studio-new-york"
CLIENT, EXCUSED, STUDIO = "ruth@example.com", "rose@example.com", desk.owner_of(SLUG)
MINUTE = timedelta(minutes=1)

BOOKED = datetime(2027, 3, 1, 15, tzinfo=UTC)  # Monday, 10:00 in New York
START = datetime(2027, 3, 8, 14, tzinfo=UTC)  # Monday, 09:00 in New York, 15:00 in Rome
TWO_DAYS_ON = datetime(2027, 3, 10, 14, tzinfo=UTC)  # Wednesday, 09:00 in New York, 15:00 in Rome

# Rule 13: two days ahead is 6 March, 14:00; six hours before free notice ends (48 h) is earlier: 6 March, 08:00 UTC.
# Rule 14: in New York that is 03:00, so it goes out at 20:00 on the evening before, 5 March: 01:00 UTC.
FIRST_REMINDER = datetime(2027, 3, 6, 1, tzinfo=UTC)
SIXTY_HOURS_BEFORE = datetime(2027, 3, 6, 2, tzinfo=UTC)
# For the new time likewise: 8 March, 14:00 UTC less six hours is 03:00 in New York; 20:00 on the 7th is 01:00 UTC.
REMINDER = datetime(2027, 3, 8, 1, tzinfo=UTC)
A_MINUTE_TOO_LATE = datetime(2027, 3, 8, 14, 1, tzinfo=UTC)  # 47 h 59 min before the new time
A_DAY_LATER = datetime(2027, 3, 9, 14, 1, tzinfo=UTC)


@dataclass
class Story:
    product: Product
    client: Visitor
    letters: Callable[[Product, str], Letters]
    mail: Letters
    studio_mail: Letters

    @property
    def appointment(self) -> Any:
        return steps.as_api(self.client, self.product, self.token)

    token: str = ""

    def amounts(self) -> dict[str, int]:
        """What became of the deposit, without what is nothing."""
        state = self.appointment["deposit_state"]
        return {name: said["amount"] for name, said in state.items() if said["amount"]}


@pytest.fixture
def story(town: Any, visit: Any, letters: Any) -> Story:
    product = town(BOOKED, slug=SLUG)
    client = visit(product, zone="America/New_York", locale="en-US")
    return Story(product, client, letters, letters(product, CLIENT), letters(product, STUDIO))


def book(story: Story, look: Callable[[str], None]) -> None:
    client = story.client
    client.open("/")
    look("home")
    client.open("/studio-new-york/")
    look("provider")
    client.click("a[href='/studio-new-york/session/']")
    client.page.wait_for_url("**tz=America%2FNew_York**")  # nobody was asked: the browser knows its zone
    look("pick")
    client.click("nav.switcher a[href*='mode=video']")
    client.page.wait_for_url("**mode=video**")
    steps.pick(client, day="2027-03-08", time="09:00")
    client.page.wait_for_selector("[name=agree]")
    assert "9:00 am – 9:50 am" in client.text(".picked")
    assert "3:00 pm" in client.text(".picked")
    look("details")
    steps.fill_in(client, name="Ruth O'Neill", email=CLIENT)
    steps.agree_and_book(client)
    client.page.wait_for_url("**/pay/**")
    assert "€27.00" in client.text()
    look("pay")
    steps.pay(client)
    story.token = client.token
    assert story.appointment["status"] == "confirmed"
    assert story.amounts() == {"held": 2700}
    look("confirmed")


def the_confirmation(story: Story) -> None:
    """Both clocks, the calendar file, the terms, and a word to the studio."""
    letter = story.mail.wait("confirmed", by_itself=True)
    said = on_a_line(letter)
    for there in ("Monday 8 March 2027, 9:00 am – 9:50 am", "New York", "3:00 pm – 3:50 pm", "Rome"):
        assert there in said
    assert "€27.00" in said
    assert starts(letter) == START
    assert "15:00" in words(story.studio_mail.wait("booked"))


def the_first_reminder(story: Story) -> str:
    """Comes at its minute; answers with its link to another time."""
    story.product.set_clock(FIRST_REMINDER)
    return link(story.mail.wait("reminder"), "/move/")


def ask_what_ten_days_cost(story: Story, move: str, look: Callable[[str], None]) -> None:
    client = story.client
    story.product.set_clock(SIXTY_HOURS_BEFORE)
    client.open(move)
    look("move")
    steps.pick(client, day="2027-03-18", time="10:00")
    client.page.wait_for_selector(".quote")
    assert client.text(".quote-sum") == "€27.00"
    said = client.text(".quote-text")
    # The cheaper way, by name and by date: three local days after the first start's day.
    assert "cancel" in said.lower()
    assert "credit" in said.lower()
    assert "Thursday 11 March 2027, 6:00 pm" in said  # midnight in Rome
    assert client.page.locator("main a[href$='/cancel/']").count() == 1
    look("move-costs")
    assert instant(story.appointment["start"]) == START
    assert story.amounts() == {"held": 2700}


def move_by_two_days(story: Story, look: Callable[[str], None]) -> None:
    client = story.client
    client.click(".picked a")
    client.page.wait_for_selector("table.month")
    steps.pick(client, day="2027-03-10", time="09:00")
    client.page.wait_for_selector(".quote-free")
    look("move-free")
    client.click("form.acts button[type=submit]")
    client.page.wait_for_url("**/a/*/?done=moved")
    look("moved")
    now = story.appointment
    assert (instant(now["start"]), instant(now["original_start"])) == (TWO_DAYS_ON, START)
    assert story.amounts() == {"held": 2700}
    letter = story.mail.wait("moved")
    assert starts(letter) == TWO_DAYS_ON
    assert event(letter)["UID"] == event(story.mail.wait("confirmed"))["UID"]
    assert "€27.00" in words(letter)
    story.studio_mail.wait("moved")


def the_reminder_of_the_new_time(story: Story) -> None:
    """Not a minute before; at its minute, by itself."""
    not_before(story, REMINDER)
    assert story.mail.kinds.count("reminder") == 1
    story.product.set_clock(REMINDER)
    letter = story.mail.wait("reminder", 2, by_itself=True)
    said = on_a_line(letter)
    assert "Wednesday 10 March 2027, 9:00 am – 9:50 am" in said
    assert "3:00 pm – 3:50 pm" in said
    assert "https://meet.example.org/studio-new-york" in said
    assert "https://meet.example.org/test" in said
    for ending in ("/confirm/", "/move/", "/cancel/"):
        assert link(letter, ending)
    # Until when a change is free, on the reader's clock: 48 h before the new start is Monday, 09:00.
    assert "Monday 8 March 2027, 9:00 am" in said


def cancel_a_minute_too_late(story: Story, look: Callable[[str], None]) -> None:
    client = story.client
    story.product.set_clock(A_MINUTE_TOO_LATE)
    client.open(link(story.mail.wait("reminder", 2), "/cancel/"))
    assert client.text(".quote-sum") == "€27.00"
    look("cancel")
    steps.cancel(client, reason="availability")
    look("cancelled")
    now = story.appointment
    assert now["status"] == "cancelled"
    assert story.amounts() == {"held": 2700}  # money waits (rule 8)
    assert now["settlement"]["forfeit"] == {"amount": 2700, "currency": "EUR"}
    due = instant(now["settlement"]["due_at"])
    assert A_DAY_LATER <= due < A_DAY_LATER + 5 * MINUTE
    said = words(story.mail.wait("cancelled"))
    assert "€27.00" in said
    assert said.count("/studio-new-york/session/?") >= 3  # three times to go on with
    story.studio_mail.wait("cancelled")


def not_before(story: Story, at: datetime) -> None:
    """A minute before the instant a whole round of sweeps finds nothing to do."""
    story.product.set_clock(at - MINUTE)
    story.product.manage("sweep")


def on_a_line(letter: EmailMessage) -> str:
    """What the letter says, the spaces that hold a time together among it as any other."""
    return " ".join(words(letter).split())


def instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


def the_other(story: Story, visit: Any) -> Story:
    """Rose has the day before it, half an hour earlier."""
    client = visit(story.product, zone="America/New_York", locale="en-US")
    client.open("/studio-new-york/session/?mode=video")
    steps.pick(client, day="2027-03-09", time="08:30")
    client.page.wait_for_selector("[name=agree]")
    steps.fill_in(client, name="Rose Hill", email=EXCUSED)
    steps.agree_and_book(client)
    steps.pay(client)
    return replace(story, client=client, mail=story.letters(story.product, EXCUSED), token=client.token)


def she_cancels_late_too(other: Story) -> None:
    other.client.open(f"/a/{other.token}/cancel/")
    steps.cancel(other.client, reason="illness")
    assert other.appointment["settlement"]["forfeit"] == {"amount": 2700, "currency": "EUR"}


def and_is_excused(other: Story, visit: Any) -> None:
    """By the owner, within the day: all of it goes back, and it is no lapse any more."""
    product = other.product
    owner = visit(product, zone="Europe/Rome", locale="en-GB", screen=DESKTOP)
    product.set_clock(A_DAY_LATER - 60 * MINUTE)
    desk.log_in(owner, product, slug=SLUG)
    owner.look("desk-today")
    owner.open("/dashboard/calendar/?date=2027-03-15")
    owner.page.wait_for_selector(".ec-day")
    owner.look("desk-calendar-empty")
    owner.open("/dashboard/appointments/?q=rose&period=all")
    owner.look("desk-appointments")
    owner.click("main a[href*='/dashboard/appointments/']")
    owner.look("desk-appointment")
    desk.do(owner, "excuse", reason="illness", note="Called, has the flu.")
    owner.look("desk-excused")
    product.wait_for(lambda: other.amounts() == {"refunded": 2700})
    assert other.appointment["settlement"] is None
    assert "€27.00" in words(other.mail.wait("excused"))
    token = product.manage("create_api_token", STUDIO).strip()

    def sent() -> list[tuple[int, str]]:
        return [(one["amount"]["amount"], one["state"]) for one in desk.refunds(product, token)]

    product.wait_for(lambda: sent() == [(2700, "done")])
    assert owner.page.locator("form[action$='/excuse/']").count() == 0
    other.client.open(f"/a/{other.token}/")
    assert other.client.page.locator("form[action='explain/']").count() == 0
    other.client.look("excused")


def test_of_two_who_cancel_too_late_one_loses_what_the_quote_said_and_one_is_excused(story, visit):
    product, look = story.product, story.client.look
    book(story, look)
    the_confirmation(story)
    other = the_other(story, visit)
    move = the_first_reminder(story)
    ask_what_ten_days_cost(story, move, look)
    move_by_two_days(story, look)
    the_reminder_of_the_new_time(story)
    cancel_a_minute_too_late(story, look)
    she_cancels_late_too(other)
    and_is_excused(other, visit)

    # The day to explain ends: a minute before it nothing has moved, then what is left to settle is.
    due = instant(story.appointment["settlement"]["due_at"])
    not_before(story, due)
    assert story.amounts() == {"held": 2700}
    product.set_clock(due)
    product.wait_for(lambda: story.amounts() == {"forfeited": 2700})
    story.studio_mail.wait("settled")
    assert "refund" not in story.mail.kinds
    product.set_clock(A_DAY_LATER + 5 * MINUTE)
    product.manage("sweep")
    assert other.amounts() == {"refunded": 2700}
    assert story.studio_mail.kinds.count("settled") == 1
    assert product.manage("verify_invariants")
