"""Ways to book: after the owner's yes, and by keyboard alone."""

from __future__ import annotations

import pytest

from tests.journeys import desk, steps
from tests.journeys.letters import links, words
from tests.journeys.visitor import DESKTOP

pytestmark = [pytest.mark.live, pytest.mark.browser]


def test_a_first_meeting_is_asked_for_and_the_owner_says_yes(open_town, visit, letters):
    client = visit(open_town, zone="Europe/Rome", locale="en-GB")
    mail, studio = (
        letters(open_town, "carlo@example.com"),
        letters(open_town, desk.owner_of("studio-bianchi")),
    )
    client.open("/studio-bianchi/first-meeting/?mode=video")
    steps.pick(client, day="2027-03-09", time="10:00")
    client.page.wait_for_selector("[name=agree]")
    client.look("request-details")
    steps.fill_in(client, name="Carlo Verdi", email="carlo@example.com", question_reason="Sleep.")
    client.page.check("[name=question_when][value=morning]")
    steps.agree_and_book(client)
    client.page.wait_for_url("**/a/**")
    client.look("requested")
    token = client.token
    assert steps.as_api(client, open_town, token)["status"] == "requested"
    mail.wait("requested")
    asked = studio.wait("approval_needed")

    owner = visit(open_town, zone="Europe/Rome", locale="en-GB", screen=DESKTOP)
    desk.log_in(owner, open_town, slug="studio-bianchi")
    owner.look("desk-today")
    owner.open(next(one for one in links(asked) if "/dashboard/" in one))
    owner.look("desk-request")
    desk.do(owner, "approve")
    assert steps.as_api(client, open_town, token)["status"] == "confirmed"
    letter = mail.wait("confirmed")
    assert "Tuesday 9 March 2027, 10:00–10:30" in words(letter)
    client.page.reload()
    assert client.page.locator(".badge-confirmed").count() == 1
    assert "held" not in mail.kinds
    assert "pay_link" not in mail.kinds  # it is free
    owner.open("/dashboard/calendar/?date=2027-03-09")
    owner.page.wait_for_selector(".ec-event")
    owner.look("desk-calendar")


def test_by_keyboard_alone(open_town, visit, letters):
    client = visit(open_town, zone="Europe/London", locale="en-GB")
    page, press = client.page, client.page.keyboard
    client.open("/studio-bianchi/")
    client.tab_to("a[href='/studio-bianchi/session/']")
    press.press("Enter")
    page.wait_for_url("**tz=Europe%2FLondon**")
    page.wait_for_selector("table.month")
    client.tab_to("table.month a[href*='date=2027-03-11']")
    press.press("Enter")
    page.wait_for_selector("a.chip[href*='start=2027-03-11T09:00']")
    client.tab_to("a.chip[href*='start=2027-03-11T09:00']")
    press.press("Enter")
    page.wait_for_selector("#ways")  # London and Rome differ: on whose clocks is said by the way to meet
    client.tab_to("a.chip[href*='mode=video']")
    press.press("Enter")
    page.wait_for_selector("[name=agree]")
    client.tab_to("[name=name]")
    press.type("Kay Keys")
    client.tab_to("[name=email]")
    press.type("kay@example.com")
    client.tab_to("details summary")
    press.press("Enter")
    page.wait_for_selector("details[open]")
    client.tab_to("[name=agree]")
    press.press("Space")
    assert page.is_checked("[name=agree]")
    client.tab_to(steps.SUBMIT)
    press.press("Enter")
    page.wait_for_url("**/pay/**")
    client.tab_to(steps.PAID)
    press.press("Enter")
    page.wait_for_url("**/a/**")
    assert steps.as_api(client, open_town)["status"] == "confirmed"
    client.tab_to("a[href='cancel/']")
    press.press("Enter")
    page.wait_for_url("**/cancel/")
    client.tab_to("[name=reason]")
    press.press("Space")
    client.tab_to(steps.SUBMIT)
    press.press("Enter")
    page.wait_for_url("**?done=cancelled")
