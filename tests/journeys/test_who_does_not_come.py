"""A pupil in Bangkok does not come to a video lesson whose terms mark it by themselves (rule 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys import steps
from tests.journeys.letters import link, links, words

pytestmark = [pytest.mark.live, pytest.mark.browser]

PUPIL, TEACHER = "somchai@example.com", "nok@khru-nok.example"
MINUTE = timedelta(minutes=1)

BOOKED = datetime(2027, 3, 1, 3, tzinfo=UTC)
START = datetime(2027, 3, 6, 3, tzinfo=UTC)  # Saturday, 10:00 in Bangkok
CONTACT = datetime(2027, 3, 6, 3, 5, tzinfo=UTC)
GRACE_ENDS = datetime(2027, 3, 6, 3, 10, tzinfo=UTC)
EXPLAINED = datetime(2027, 3, 6, 5, tzinfo=UTC)
SETTLED = datetime(2027, 3, 7, 3, 10, tzinfo=UTC)


def of_money(appointment: Any) -> tuple[dict[str, int], int]:
    """What became of the deposit, and what is owed."""
    deposit = {name: said["amount"] for name, said in appointment["deposit_state"].items() if said["amount"]}
    return deposit, (appointment["owed"] or {}).get("amount", 0)


def test_a_missed_lesson_is_noticed_marked_explained_and_settled(town, visit, letters):
    product = town(BOOKED)
    pupil = visit(product, zone="Asia/Bangkok", locale="en-GB")
    mail, desk = letters(product, PUPIL), letters(product, TEACHER)

    pupil.open("/khru-nok/lesson-60/?mode=video")
    steps.pick(pupil, day="2027-03-06", time="10:00")
    pupil.page.wait_for_selector("[name=agree]")
    steps.fill_in(pupil, name="สมชาย ใจดี", email=PUPIL)
    steps.agree_and_book(pupil)
    steps.pay(pupil)
    token = pupil.token
    assert of_money(steps.as_api(pupil, product, token)) == ({"held": 30000}, 0)
    meeting = [
        one for one in links(mail.wait("confirmed")) if one.startswith("https://meet.example.org/khru-nok-")
    ]
    assert len(meeting[0]) > len("https://meet.example.org/khru-nok-") + 15  # a room that nobody guesses

    # Five minutes after the start, and not a minute before, somebody asks kindly.
    product.set_clock(CONTACT - MINUTE)
    assert '"contacts": 0' in product.manage("sweep")
    product.set_clock(CONTACT)
    letter = mail.wait("contact", by_itself=True)
    assert "10:10" in letter["Subject"]
    assert link(letter, "/join/")
    assert link(letter, "#late")
    pupil.open(link(letter, "#late"))
    assert pupil.page.locator("form[action='late/'] [name=minutes]").count() >= 3
    assert pupil.page.locator("a[href='join/']").count() == 1
    pupil.look("not-there")

    # At the end of grace it is marked, and the mail says what it costs, how to explain and when else.
    product.set_clock(GRACE_ENDS - MINUTE)
    assert '"no_shows": 0' in product.manage("sweep")
    assert steps.as_api(pupil, product, token)["status"] == "confirmed"
    product.set_clock(GRACE_ENDS)
    letter = mail.wait("no_show", by_itself=True)
    marked = steps.as_api(pupil, product, token)
    assert marked["status"] == "no_show"
    assert of_money(marked) == ({"held": 30000}, 0)
    assert marked["settlement"]["forfeit"]["amount"] == 30000
    assert marked["settlement"]["fee"]["amount"] == 30000
    assert "THB\u00a0300.00 of your deposit" in words(letter)
    assert "A fee of THB\u00a0300.00" in words(letter)
    times = [one for one in links(letter) if "/khru-nok/lesson-60/?start=" in one]
    assert len(times) == 3
    for one in times:
        pupil.open(one)
        assert pupil.page.locator("[name=agree]").count() == 1  # it can be had

    # An explanation reaches the teacher and decides nothing.
    product.set_clock(EXPLAINED)
    pupil.open(link(letter, "#explain"))
    pupil.look("missed")
    pupil.page.check("[name=reason][value=transport]")
    pupil.page.fill("[name=note]", "The train stood still at Ari for an hour.")
    pupil.click("form[action='explain/'] button[type=submit]")
    pupil.page.wait_for_url("**?done=explained")
    assert "The train stood still at Ari for an hour." in words(desk.wait("explained"))

    # A day after the mark the money moves, and not a minute before.
    due = datetime.fromisoformat(marked["settlement"]["due_at"])
    assert SETTLED <= due < SETTLED + MINUTE * 2
    product.set_clock(due - MINUTE)
    assert '"settlements": 0' in product.manage("sweep")
    product.set_clock(due)
    product.wait_for(lambda: of_money(steps.as_api(pupil, product, token)) == ({"forfeited": 30000}, 30000))
    desk.wait("settled")
    assert "THB\u00a0300.00" in words(mail.wait("fee_owed"))
    pupil.open(f"/a/{token}/")
    pupil.look("settled")
    assert mail.kinds.count("contact") == mail.kinds.count("no_show") == 1
    product.manage("verify_invariants")
