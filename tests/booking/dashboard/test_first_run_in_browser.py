"""A stranger's way to a bookable page, counted; passkeys with a device that the browser plays; all pages of people
looked at."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

from booking.models import Provider
from tests import looking
from tests.booking import stories
from tests.booking.dashboard.people import owner, show_factor

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_from_sign_up_to_a_page_that_is_booked_and_a_log_in_by_passkey(
    browser: Any, live_server: Any, settings: Any
) -> None:
    settings.SIGN_UP = "open"
    settings.BASE_URL = home = live_server.url
    context = browser.new_context(timezone_id="Asia/Bangkok", locale="en-GB")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    clicks = 0

    def press(name: str, *, role: str = "button") -> None:
        nonlocal clicks
        page.locator("main").get_by_role(role, name=name, exact=True).last.click()
        clicks += 1

    page.goto(f"{home}/accounts/signup/")
    page.get_by_label("E-mail").fill("malee@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press("Go on")
    page.get_by_role("heading", name="Look into your mail").wait_for()
    link = re.search(r"https?://\S+confirm-email\S+", str(mail.outbox[0].body))
    assert link is not None
    page.goto(link[0])
    held: list[Any] = []
    page.route("**/dashboard/start/*tz=*", lambda route: held.append(route), times=1)
    press("Yes, it is mine")
    page.wait_for_url("**/dashboard/start/**")
    page.wait_for_url("**tz=Asia**")
    page.get_by_label("Your name, or that of your practice").fill("Khru Malee")  # before its answer is there
    held[0].continue_()
    page.locator('select[name=timezone] option[value="Asia/Bangkok"]:checked').wait_for(state="attached")
    assert page.locator("select[name=currency]").input_value() == "THB"
    assert page.get_by_label("Your name, or that of your practice").input_value() == "Khru Malee"
    press("Go on")
    press("Tutor", role="link")
    page.get_by_label("Price, in THB").fill("500")
    page.get_by_label("Link of your video room").fill("https://meet.example.org/malee")
    press("Go on")
    page.wait_for_url("**/dashboard/start/hours/**")
    press("Go on")
    press("Make my page")
    page.get_by_role("heading", name="Your page is there").wait_for()
    assert (clicks, Provider.objects.get().slug) == (7, "khru-malee")
    press("Book yourself once", role="link")
    page.locator(".month td > a").first.wait_for()

    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{home}/dashboard/account/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What do you call it?").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert len(saved.value.path().read_text().split()) == 10
    page.goto(f"{home}/dashboard/account/")
    page.locator("p.strong", has_text="My phone").wait_for()
    page.goto(f"{home}/dashboard/set-up/tokens/")  # what was just made was shown: it may refund
    page.get_by_label("What is it for?").fill("books")
    page.get_by_label("Give money back").check()
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("heading", name="Your new token").wait_for()
    context.clear_cookies()
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/dashboard/")
    assert wrong == []
    context.close()


def test_the_pages_of_people_are_clean_for_axe_and_fit_a_phone(
    page: Any, live_server: Any, client: Any, clock: Any, transactional_db: None, settings: Any
) -> None:
    settings.SIGN_UP = "open"
    studio = stories.studio()
    Provider.objects.update(getting_started=True)
    user = owner(studio)
    home, wrong = live_server.url, []
    wrong += looking.complaints_about(page, f"{home}/accounts/login/")
    client.force_login(user)
    show_factor(client, user)
    client.post("/dashboard/set-up/members/", {"act": "invite", "email": "a@example.org", "role": "member"})
    invitation = re.search(r"/dashboard/invitation/\S+", str(mail.outbox[-1].body))
    assert invitation is not None
    wrong += looking.complaints_about(page, home + invitation[0])
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": home}])
    steps = ("start/", "start/offer/?trade=tutor", "start/terms/", "start/done/")
    for path in ("account/", "set-up/members/", "set-up/tokens/", *steps):
        wrong += looking.complaints_about(page, f"{home}/dashboard/{path}")
    wrong += looking.complaints_about(page, f"{home}/accounts/sessions/")
    assert wrong == []
