"""Who lost the mails has the links sent again, and nobody learns who is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from booking import lifecycle, sweeping, tokens
from booking.api.throttles import Links
from booking.models import Appointment, Client, LinksWish, Provider
from reminders.models import Message
from tests.booking import stories
from tests.booking.api.calls import Api
from tests.booking.stories import EARLY, HOUR, MONDAY
from tests.mail import Sink
from tests.reminders.conftest import post

__all__ = ["post"]
PAGE = "/studio-bianchi/my-appointments/"
API = "providers/studio-bianchi/links/"
ADA, NOBODY = "ada@example.com", "nobody@example.com"


def mails() -> list[Message]:
    return list(Message.objects.filter(kind="my_links"))


def test_known_and_unknown_get_the_same_answer_for_the_same_work(visitor: Browser, paid: Appointment) -> None:
    seen = []
    for email in (ADA, NOBODY):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = visitor.post(PAGE, {"email": email})
        shown = visitor.get(answer["Location"]).content.decode()
        statements = [one["sql"].split(" VALUES ")[0] for one in asked]
        seen.append((answer.status_code, answer["Location"], statements, shown.split("<form")[0]))
    assert seen[0] == seen[1]
    assert seen[0][0] == 302
    assert not mails()


def test_the_mail_has_a_working_link_to_each_that_is_ahead_in_the_clients_language(
    visitor: Browser, studio: Provider, clock: Any, post: Sink
) -> None:
    ahead = stories.confirmed(studio)
    gone = stories.confirmed(studio, start=MONDAY + 2 * HOUR, email=ADA)
    stories.cancel(gone, at=EARLY)
    other = stories.confirmed(studio, start=MONDAY + 5 * HOUR, email="eva@example.com")
    Client.objects.filter(email=ADA).update(language="it")
    sweeping.run(at=EARLY + HOUR)
    post.clear()

    visitor.post(PAGE, {"email": "ADA@example.com"})
    assert sweeping.run(at=EARLY + HOUR)["links_sent"] == 1

    (mail,) = post
    body = mail.get_body(("plain",)).get_content()
    assert (mail["To"], mail["X-Kept-Kind"], mail["Content-Language"]) == (ADA, "my_links", "it")
    assert tokens.make(ahead) in body
    assert tokens.make(gone) not in body
    assert tokens.make(other) not in body
    assert visitor.get(tokens.manage_path(ahead)).status_code == 200
    (kept,) = mails()
    assert kept.facts == {}
    assert tokens.make(ahead) not in kept.text + kept.html
    assert not LinksWish.objects.exists()


def test_with_nothing_ahead_it_says_so(visitor: Browser, paid: Appointment, post: Sink) -> None:
    lifecycle.ask_links(provider=paid.provider, email=ADA, at=EARLY)
    sweeping.run(at=MONDAY + 3 * HOUR)
    said = [mail for mail in post if mail["X-Kept-Kind"] == "my_links"]
    assert "Nothing is ahead with Studio Bianchi" in said[0].get_body(("plain",)).get_content()


def test_three_a_day_however_often_it_is_asked(paid: Appointment) -> None:
    for hour in range(6):
        lifecycle.ask_links(provider=paid.provider, email=ADA, at=EARLY)
        lifecycle.ask_links(provider=paid.provider, email=ADA, at=EARLY)  # the one that waits says the same
        sweeping.run(at=EARLY + hour * HOUR)
    assert len(mails()) == 3
    lifecycle.ask_links(provider=paid.provider, email=ADA, at=EARLY)
    lifecycle.send_links(at=EARLY + timedelta(days=1, hours=1))
    assert len(mails()) == 4


def test_another_providers_clients_are_strangers(school: Provider, paid: Appointment) -> None:
    lifecycle.ask_links(provider=school, email=ADA, at=EARLY)
    assert lifecycle.send_links(at=EARLY) == 0
    assert not mails()


def test_what_is_no_address_is_said_and_kept(visitor: Browser, studio: Provider) -> None:
    for typed in ("", "ada", "ada@example.com,eva@example.com", "a" * 400):
        answer = visitor.post(PAGE, {"email": typed})
        assert answer.status_code == 400
        assert f'value="{typed[:300]}"' in answer.content.decode()
    assert not LinksWish.objects.exists()
    assert visitor.get("/nobody-here/my-appointments/").status_code == 404


@pytest.mark.parametrize("email", [ADA, NOBODY])
def test_the_api_says_the_same(paid: Appointment, email: str) -> None:
    api = Api()
    answer = api.post(API, {"email": email})
    said = "If somebody booked under this address, a mail with the links is on its way."
    assert (answer.status, answer.body) == (202, {"detail": said})
    assert api.post(API, {"email": "x"}).status == 400
    assert api.post("providers/nobody-here/links/", {"email": email}).status == 404


def test_asking_is_counted_by_page_and_api_together(visitor: Browser, studio: Provider) -> None:
    for _ in range(Links.most):
        assert visitor.post(PAGE, {"email": NOBODY}).status_code == 302
    assert visitor.post(PAGE, {"email": NOBODY})["Retry-After"]
    assert Api().post(API, {"email": NOBODY}).status == 429
