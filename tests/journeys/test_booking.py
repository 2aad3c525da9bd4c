"""Ways to book: after the owner's yes, without JavaScript, by keyboard alone, in Italian and in Thai."""

from __future__ import annotations

import pytest

from tests.journeys import desk, steps
from tests.journeys.letters import english, links, words
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


def test_without_javascript_everything_works(open_town, visit, letters):
    client = visit(open_town, zone="America/New_York", locale="en-US", scripts=False)
    mail = letters(open_town, "plain@example.com")
    client.open("/studio-bianchi/session/")
    client.click("nav.switcher a[href*='mode=phone']")
    client.click(".zone a[href*='zones=all']")
    client.page.select_option("[name=tz]", "America/New_York")
    client.click(".zone button[type=submit]")
    steps.pick(client, day="2027-03-10", time="08:00")
    # What is missing is asked for, and what was typed stays.
    steps.fill_in(client, name="Pat Plain", email="plain@example.com")
    client.click(steps.SUBMIT)
    client.page.wait_for_selector(".notice-bad a[href='#id_phone']")
    assert client.page.input_value("[name=name]") == "Pat Plain"
    client.page.fill("[name=phone]", "+1 212 555 0123")
    steps.agree_and_book(client)
    steps.pay(client)
    token = client.token
    booked = steps.as_api(client, open_town, token)
    assert (booked["status"], booked["deposit_state"]["held"]["amount"]) == ("confirmed", 2700)
    assert "+12125550123" in words(mail.wait("confirmed")).replace(" ", "")

    # Changed one's mind within the hour: moved, then cancelled; a first move and a cancel are free (rule 4).
    client.click("a[href='move/']")
    steps.pick(client, day="2027-03-10", time="09:30")
    client.page.wait_for_selector(".quote-free")
    client.click("form.acts button[type=submit]")
    client.page.wait_for_url("**?done=moved")
    client.click("a[href='cancel/']")
    steps.cancel(client, reason="other")
    open_town.wait_for(
        lambda: steps.as_api(client, open_town, token)["deposit_state"]["refunded"]["amount"] == 2700
    )
    assert "€27.00" in words(mail.wait("cancelled"))


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
    page.wait_for_selector("[name=agree]")
    client.tab_to("[name=mode]")
    press.press("ArrowDown")  # from in person to video
    assert page.is_checked("[name=mode][value=video]")
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


@pytest.mark.parametrize(
    ("language", "zone", "service", "amount", "on_page", "in_mail"),
    [
        (
            "it",
            "Europe/Rome",
            "/studio-bianchi/session/",
            "27,00",
            "giovedì 18 marzo 2027",
            "giovedì 18 marzo 2027",
        ),
        (
            "th",
            "Asia/Bangkok",
            "/khru-nok/lesson-60/",
            "฿300",
            "วันพฤหัสบดีที่ 18 มีนาคม 2570",
            "วันพฤหัสบดีที่ 18 มีนาคม 2570",
        ),
    ],
    ids=["italian", "thai"],
)
def test_in_ones_own_language(open_town, visit, letters, language, zone, service, amount, on_page, in_mail):
    client = visit(open_town, zone=zone, locale={"it": "it-IT", "th": "th-TH"}[language])
    mail = letters(open_town, f"{language}@example.com")

    def reads(name: str) -> str:
        assert client.page.get_attribute("html", "lang") == language
        said = client.text("body")
        assert not english(said), said
        client.look(f"{language}-{name}")
        return said

    client.open("/")
    reads("home")
    client.open(service)
    reads("pick")
    client.click("nav.switcher a[href*='mode=video']")
    client.page.wait_for_url("**mode=video**")
    steps.pick(client, day="2027-03-18", time="17:00")
    client.page.wait_for_selector("[name=agree]")
    assert on_page in reads("details")
    steps.fill_in(client, name="Maria Prova", email=f"{language}@example.com")
    steps.agree_and_book(client)
    client.page.wait_for_url("**/pay/**")
    assert amount in reads("pay")
    steps.pay(client)
    assert on_page in reads("confirmed")
    letter = mail.wait("confirmed")
    assert letter["Content-Language"] == language
    assert in_mail in words(letter)
    assert amount in words(letter)
    assert not english(words(letter))
