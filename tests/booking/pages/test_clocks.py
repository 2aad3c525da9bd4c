"""Times as the reader's region writes them: the same on page, mail and paper, kept with the appointment, and never
another reader's."""

import re
from typing import Any

import pytest
from django.test import Client as Browser

from booking import lifecycle, quotes, sweeping, tokens
from booking.dashboard import letters
from booking.models import Appointment, Provider
from config import formats
from tests.booking import stories
from tests.booking.api.calls import Api, booking, instant, token_in
from tests.booking.dashboard import people
from tests.booking.pages.test_book import SESSION, START, details, text
from tests.booking.stories import EARLY, HOUR, MONDAY
from tests.mail import Sink
from tests.reminders.conftest import post

__all__ = ["post"]
AMERICAN = "en-US,en;q=0.9"
DAY = {"date": "2027-03-01", "tz": "Asia/Bangkok"}  # 10:00 in Rome is 16:00 there
UNTIL = "Until Saturday 27 February 2027, 4:00 am (New York time) you can cancel and keep the deposit"


@pytest.fixture
def american() -> Browser:
    return Browser(headers={"Accept-Language": AMERICAN})


@pytest.fixture
def desk(studio: Provider) -> Browser:
    return people.browser(people.owner(studio))


@pytest.fixture
def api() -> Api:
    return Api()


def plain(mails: Any, kind: str) -> str:
    """The one mail of that kind, its spaces made plain."""
    [found] = [one for one in mails if one["X-Kept-Kind"] == kind]
    said: str = found.get_body(("plain",)).get_content()
    return " ".join(said.split())


def paid(browser: Browser, studio: Provider) -> Appointment:
    assert browser.post(SESSION, details(studio)).status_code == 302
    return stories.pay(Appointment.objects.latest("pk"), at=EARLY)


def test_page_mail_and_manage_page_say_the_same_and_it_is_kept(
    american: Browser, studio: Provider, post: Sink
) -> None:
    asked = text(american.get(SESSION, {"start": START, "tz": "America/New_York", "mode": "video"}))
    assert "Monday 1 March 2027 4:00 am – 4:50 am New York time" in asked
    assert "For Studio Bianchi: Monday 1 March 2027, 10:00 am, Rome time" in asked
    assert UNTIL in asked

    made = paid(american, studio)
    assert (made.language, made.hour_cycle, made.client.hour_cycle) == ("en", "h12", "h12")
    sweeping.run(at=EARLY)
    mail = plain(post, "confirmed")
    assert "Monday 1 March 2027, 4:00 am – 4:50 am" in mail
    assert UNTIL in mail
    assert "1 marzo 2027, 10:00–10:50" in plain(post, "booked")  # for the provider, as always

    for reader in (american, Browser(headers={"Accept-Language": "en"}), Browser()):
        page = text(reader.get(tokens.manage_path(made)))
        assert "4:00 am – 4:50 am" in page
        assert UNTIL in page
    british = text(Browser(headers={"Accept-Language": "en-GB"}).get(tokens.manage_path(made)))
    assert "04:00 – 04:50" in british


def test_what_was_agreed_is_one_text_on_any_clocks_and_a_quote_that_was_shown_holds(
    american: Browser, studio: Provider, clock: Any
) -> None:
    other = stories.book(studio, start=MONDAY + 24 * HOUR, email="bo@example.com")
    made = paid(american, studio)
    assert (made.agreement.text, made.agreement.sha256) == (other.agreement.text, other.agreement.sha256)
    assert not re.search(r"\d:\d\d", made.agreement.text)  # windows are lengths; no clock is agreed to

    clock.move_to(MONDAY - 60 * HOUR)
    cancelling = f"{tokens.manage_path(made)}cancel/"
    page = american.get(cancelling)
    assert "4:00 am" in text(page)
    shown = quotes.cancel(made, at=MONDAY - 60 * HOUR).token
    assert f'name="quote" value="{shown}"' in page.content.decode()
    assert american.post(cancelling, {"quote": shown, "reason": "other"}).status_code == 302
    assert stories.fresh(made).status == "cancelled"


def test_remembered_pages_are_not_another_readers(american: Browser, studio: Provider) -> None:
    plainly, british = (
        Browser(headers={"Accept-Language": "en"}),
        Browser(headers={"Accept-Language": "en-GB"}),
    )
    for _again in range(2):
        page = american.get(SESSION, DAY)
        assert ">4:00\u00a0pm</a>" in page.content.decode()
        assert "Accept-Language" in page["Vary"]
        for reader in (plainly, british):
            assert ">16:00</a>" in reader.get(SESSION, DAY).content.decode()
    Provider.objects.update(hour_cycle="h12")
    assert ">4:00\u00a0pm</a>" in plainly.get(SESSION, DAY).content.decode()
    assert ">16:00</a>" in british.get(SESSION, DAY).content.decode()


def test_readers_on_the_same_clocks_share_a_page(
    american: Browser, studio: Provider, django_assert_num_queries: Any
) -> None:
    first = american.get(SESSION, DAY).content
    with django_assert_num_queries(1):
        australian = Browser(headers={"Accept-Language": "en-AU"}).get(SESSION, DAY)
    assert australian.content == first


def test_the_providers_setting_rules_its_desk_its_mails_and_who_says_nothing(
    desk: Browser, studio: Provider, post: Sink
) -> None:
    Provider.objects.update(hour_cycle="h12", language="en")
    made = paid(Browser(), studio)
    assert made.hour_cycle == "h12"
    sweeping.run(at=EARLY)
    assert "4:00 am" in plain(post, "confirmed")
    assert "10:00 am" in plain(post, "booked")
    for headers in ({}, {"Accept-Language": "en-GB"}):
        page = desk.get("/dashboard/calendar/?date=2027-03-01", headers=headers)
        assert "10:00 am" in text(page)
        assert 'data-hour-cycle="h12"' in page.content.decode()
    english_abroad = Browser(headers={"Accept-Language": "en-GB"})
    assert "04:00 – 04:50" in text(english_abroad.get(tokens.manage_path(made)))


def test_who_is_written_to_from_the_desk_reads_it_on_their_own_clocks(
    american: Browser, studio: Provider
) -> None:
    made = paid(american, studio)
    with formats.on_clocks(studio.hour_cycle):
        letter = letters.preview(made, kind="confirmed", facts={}, at=EARLY)
    assert "4:00\u00a0am" in letter.text
    again = lifecycle.book_for(
        service=made.service,
        start=MONDAY + 24 * HOUR,
        mode="video",
        client=lifecycle.ClientDetails(name="Ada", email=made.client.email),
        answers={},
        with_deposit=False,
        by=stories.owner(studio),
        at=EARLY,
    )
    assert again.hour_cycle == "h12"


@pytest.mark.parametrize(
    ("language", "header", "kept"),
    [
        pytest.param("en-US", "", "h12", id="by_the_tag_of_the_body"),
        pytest.param("en-GB", AMERICAN, "h23", id="which_goes_before_the_header"),
        pytest.param("en", AMERICAN, "h12", id="by_the_header"),
        pytest.param(None, AMERICAN, "h12", id="by_the_header_alone"),
        pytest.param("en", "", "h23", id="else_as_the_provider"),
    ],
)
def test_the_api_keeps_what_a_language_tag_says(
    studio: Provider, api: Api, language: str | None, header: str, kept: str
) -> None:
    said = {"name": "Ada Moss", "email": "ada@example.com", "language": language}
    headers = {"Accept-Language": header} if header else {}
    answer = api.post("appointments/", booking(studio, client=said), **headers)
    made = Appointment.objects.get(uid=answer.body["id"])
    assert (answer.status, made.language, made.hour_cycle) == (201, "en", kept)
    start = instant(answer.body["start"])
    assert answer.body["start"] == "2027-03-01T10:00:00+01:00"  # machines read ISO 8601 on any clocks
    assert start == MONDAY
    stories.pay(made, at=EARLY)
    quote = api.get(f"appointments/{token_in(answer.body['manage_url'])}/quote/", {"act": "cancel"})
    assert ("am" in quote.body["text"]) == (kept == "h12")
