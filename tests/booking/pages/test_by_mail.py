"""A free booking that waits for its client's yes by mail: held with an end, confirmed by the mail's own button alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from booking import lifecycle, sweeping, tokens
from booking.models import Appointment, Client, Provider, Service
from config import invariants
from reminders.models import Message
from tests.booking import stories
from tests.booking.api.calls import Api, booking, token, token_in
from tests.booking.pages.test_book import details, text
from tests.booking.stories import EARLY, MINUTE, MONDAY
from tests.mail import Sink
from tests.reminders.conftest import post

__all__ = ["post"]
MEETING = "/studio-bianchi/first-meeting/"
YES = re.compile(r"/a/yes/[\w-]+/")


@pytest.fixture
def asking(clock: Any, studio: Provider) -> Provider:
    Service.objects.filter(provider=studio, slug="first-meeting").update(
        approval=False, confirm_by_mail=True, series_most=4, horizon_days=100, questions=[]
    )
    return studio


def booked(visitor: Browser, studio: Provider, **over: Any) -> Appointment:
    went = visitor.post(MEETING, details(studio, "first-meeting") | over)
    assert went.status_code == 302, text(went)
    assert went["Location"].endswith("?done=by_mail")
    return Appointment.objects.order_by("-pk").filter(series_first=None)[0]


def letters(post: Sink, *, at: Any = EARLY) -> list[str]:
    """The mails that ask for a yes, as text."""
    sweeping.run(at=at)
    found = [mail for mail in post if mail["X-Kept-Kind"] == "confirm_booking"]
    return [mail.get_body(("plain",)).get_content() for mail in found]


def test_it_is_held_until_the_button_of_the_mail_is_pressed(
    visitor: Browser, asking: Provider, post: Sink, clock: Any
) -> None:
    assert "A mail asks for your yes" in text(
        visitor.get(MEETING, {"start": "2027-03-01T09:00:00Z", "mode": "video"})
    )
    made = booked(visitor, asking)
    assert (made.status, made.hold_expires_at) == ("held", EARLY + timedelta(minutes=30))
    assert stories.kinds(made) == ["confirm_booking"]  # no confirmation, and no reminder
    assert stories.kinds(made, to="provider") == []

    page = text(visitor.get(tokens.manage_path(made)))
    assert "One step more: say yes by mail" in page
    assert "a…@example.com" in page
    assert "Waits for a yes by mail" in page
    assert "deposit" not in page.split("The terms")[0]
    assert (
        visitor.post(f"{tokens.manage_path(made)}confirm/").status_code == 409
    )  # the page itself is no proof
    assert visitor.post(f"{tokens.manage_path(made)}pay/").status_code in (302, 409)

    [said] = letters(post)
    [link] = YES.findall(said)
    assert said.count("/a/") == 1  # no link to the appointment
    for _ in range(2):
        assert "Yes, book this time" in text(visitor.get(link))
        assert visitor.head(link).status_code == 200
    assert stories.fresh(made).status == "held"  # looking changes nothing

    clock.shift(timedelta(minutes=29))
    went = visitor.post(link)
    assert went["Location"] == f"{tokens.manage_path(made)}?done=booked"
    assert stories.fresh(made).status == "confirmed"
    assert {"confirmed", "reminder"} <= set(stories.kinds(made))
    assert "It is booked" in text(visitor.get(link))
    assert visitor.post(link).status_code == 302  # twice is once
    assert [one.kind for one in made.timeline.all()] == ["booked", "said_yes", "confirmed"]
    assert visitor.get(link[:-3] + "xx/").status_code == 404
    assert [one.invariant for one in invariants.verify(connection) if one.rows] == []


def test_without_a_yes_it_lapses_and_a_late_yes_gets_what_is_free(
    visitor: Browser, asking: Provider, post: Sink, clock: Any
) -> None:
    made = booked(visitor, asking)
    [link] = YES.findall(letters(post)[0])
    clock.shift(timedelta(minutes=31))
    later = EARLY + timedelta(minutes=31)
    assert "The time for your yes is over" in text(visitor.get(tokens.manage_path(made)))
    assert sweeping.run(at=later)["holds_lapsed"] == 1
    page = text(visitor.get(tokens.manage_path(made)))
    assert "This time is no longer kept" in page
    assert "Other times are below" in page
    assert [mail["X-Kept-Kind"] for mail in post] == [
        "confirm_booking"
    ]  # no more to an address nobody has proved

    other = stories.confirmed(asking, start=MONDAY, at=later, email="eva@example.com")
    refused = visitor.post(link)
    assert refused.status_code == 409
    assert "Pick another time" in text(refused)
    stories.cancel(other, at=later + MINUTE)
    assert visitor.post(link).status_code == 302
    assert stories.fresh(made).status == "confirmed"


def test_the_mail_goes_again_and_to_a_corrected_address(
    visitor: Browser, asking: Provider, post: Sink, clock: Any
) -> None:
    made = booked(visitor, asking, email="aad@example.com")
    home = tokens.manage_path(made)
    assert [visitor.post(f"{home}mail-again/").status_code for _ in range(3)] == [302, 302, 429]
    assert len(set(letters(post))) == 1
    assert len(letters(post)) == 3
    old = YES.findall(letters(post)[0])[0]

    assert visitor.post(f"{home}messages/address/", {"email": "ada@example.com"}).status_code == 302
    sweeping.run(at=EARLY)
    [mail] = post.to("ada@example.com")
    link = re.findall(r"/a/address/[\w-]+/", mail.get_body(("plain",)).get_content())[0]
    assert visitor.post(link).status_code == 302  # that mail arrived: one button is enough
    made = stories.fresh(made)
    assert (made.status, made.client.email) == ("confirmed", "ada@example.com")
    assert visitor.get(old).status_code == 404


def test_who_types_a_known_clients_address_gets_neither_its_mails_nor_what_is_known(
    visitor: Browser, asking: Provider, clock: Any
) -> None:
    """The booking gives whoever made it a link to it, and no more than that."""
    first = stories.confirmed(asking, start=MONDAY + timedelta(hours=2), at=EARLY - MINUTE)
    Client.objects.update(phone="+393331234567", preferences={"days": ["mon"]})
    made = booked(visitor, asking, mode="phone", phone="+390255550101")
    assert made.client_id == first.client_id
    wish = {"email": "thief@example.com"}
    for one in (made, stories.book(asking, start=MONDAY + timedelta(days=1), at=EARLY)):
        home = tokens.manage_path(one)
        assert visitor.post(f"{home}messages/address/", wish).status_code == 409
        for page in (home, f"{home}messages/", f"/api/v1/appointments/{home.split('/')[2]}/channels/"):
            assert "3331234567" not in visitor.get(page).content.decode()
    assert Client.objects.get().new_email == ""
    api = Api()
    assert "mon" not in str(api.get(f"appointments/{tokens.make(made)}/preferences/").body)

    own = tokens.manage_path(first)  # the link that came with the client
    assert api.get(f"appointments/{tokens.make(first)}/channels/").body["phone"] == "+393331234567"
    assert visitor.post(f"{own}messages/address/", wish).status_code == 302


def test_a_series_is_asked_for_once(visitor: Browser, asking: Provider, post: Sink, clock: Any) -> None:
    made = booked(visitor, asking, every="1", times="3")
    assert set(Appointment.objects.values_list("status", flat=True)) == {"held"}
    [said] = letters(post)
    assert "And 2 more, in the weeks after." in said
    visitor.post(YES.findall(said)[0])
    assert set(Appointment.objects.values_list("status", flat=True)) == {"confirmed"}
    assert "series_confirmed" in stories.kinds(made)


def test_neither_a_deposit_nor_the_provider_is_asked_for_a_yes(studio: Provider, clock: Any) -> None:
    Service.objects.filter(provider=studio, approval=False).update(confirm_by_mail=True)
    paid = stories.book(studio)
    assert not paid.waits_for_mail
    assert "pay" in lifecycle.allowed(paid, at=EARLY)
    Service.objects.filter(slug="first-meeting").update(approval=False, confirm_by_mail=True)
    own = stories.book(
        studio, slug="first-meeting", start=MONDAY + timedelta(hours=2), by=stories.owner(studio)
    )
    assert own.status == "confirmed"


def test_the_api_says_what_it_waits_for(asking: Provider, clock: Any) -> None:
    api = Api()
    offered = {
        one["slug"]: one["confirm_by_mail"] for one in api.get("providers/studio-bianchi/").body["services"]
    }
    assert offered == {"first-meeting": True, "session": False, "couple": False}
    made = api.post("appointments/", booking(asking, "first-meeting")).body
    assert (made["status"], made["waits_for"], made["pay_url"]) == ("held", "mail", None)
    own = token_in(made["manage_url"])
    assert api.post(f"appointments/{own}/mail-again/").status == 200
    assert Message.objects.filter(kind="confirm_booking").count() == 2
    assert api.post(f"appointments/{own}/pay/").status == 409
    desk = Api(token(asking, "read"))
    assert desk.get("appointments/").body["results"][0]["waits_for"] == "mail"
    assert api.get(f"appointments/{own}/quote/", {"act": "cancel"}).body["fee"]["amount"] == 0
