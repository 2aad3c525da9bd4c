"""Cancel and move: told before, done exactly so, and nothing lost when the time is gone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking import quotes, tokens
from booking.models import Appointment, Provider
from payments.models import Credit, Payment
from tests.booking import stories
from tests.booking.pages.test_book import text
from tests.booking.stories import HOUR, MINUTE, MONDAY

WEDNESDAY = "2027-03-03T14:00:00Z"
SIXTY_HOURS = MONDAY - 60 * HOUR
LATE = MONDAY - 47 * HOUR - 59 * MINUTE


def quote_in(answer: Any) -> str:
    found = re.search(r'name="quote" value="([0-9a-f]+)"', answer.content.decode())
    assert found
    return found[1]


def test_cancelling_shows_the_cost_as_the_biggest_thing(visitor: Client, link: str, clock: Any) -> None:
    clock.move_to(LATE)
    page = visitor.get(f"{link}cancel/")
    assert '<p class="quote-sum">€27.00</p>' in page.content.decode()
    assert "Cancel, and lose €27.00" in text(page)
    assert "Would another time do?" in text(page)


def test_cancelling_in_time_keeps_the_deposit_as_a_credit(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    quote = quote_in(visitor.get(f"{link}cancel/"))
    said = {"quote": quote, "reason": "availability", "note": ""}
    page = text(visitor.post(f"{link}cancel/", said, follow=True))
    assert stories.fresh(paid).status == "cancelled"
    assert Credit.objects.get().left == 2700
    assert "It is cancelled" in page
    assert "€27.00 waits as your credit for a new start before" in page


def test_every_cancel_ends_in_three_times_that_take_the_credit_along(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    said = {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "other"}
    page = visitor.post(f"{link}cancel/", said, follow=True).content.decode()
    offered = re.findall(r'<a class="chip" href="([^"]+)"', page)
    assert len(offered) == 3
    assert all(f"credit={tokens.make(paid)}" in one for one in offered)
    assert all(visitor.get(one.replace("&amp;", "&")).status_code == 200 for one in offered)


def test_cancelling_without_a_reason_asks_for_one_and_keeps_the_note(
    visitor: Client, paid: Appointment, link: str
) -> None:
    answer = visitor.post(f"{link}cancel/", {"quote": "x", "note": "So sorry"})
    assert answer.status_code == 400
    assert "So sorry" in answer.content.decode()
    assert stories.fresh(paid).status == "confirmed"


def test_a_quote_of_before_the_line_cancels_nothing_after_it(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    old = quote_in(visitor.get(f"{link}cancel/"))
    clock.move_to(LATE)
    answer = visitor.post(f"{link}cancel/", {"quote": old, "reason": "illness", "note": "Fever"})
    assert answer.status_code == 409
    assert "The outcome is another one by now" in text(answer)
    assert '<p class="quote-sum">€27.00</p>' in answer.content.decode()
    assert "Fever" in answer.content.decode()
    assert quote_in(answer) != old
    assert stories.fresh(paid).status == "confirmed"


@pytest.mark.parametrize("act", ["cancel", "move"])
def test_after_the_start_nothing_is_changed(
    visitor: Client, paid: Appointment, link: str, clock: Any, act: str
) -> None:
    clock.move_to(MONDAY + MINUTE)
    answer = visitor.get(f"{link}{act}/")
    assert answer.status_code == 409
    assert "This appointment can no longer be changed here." in text(answer)


def test_moving_is_quoted_then_done(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(SIXTY_HOURS)
    page = visitor.get(f"{link}move/", {"start": WEDNESDAY})
    assert '<p class="quote-sum">Nothing</p>' in page.content.decode()
    assert "Your deposit of €27.00 goes along." in text(page)
    done = visitor.post(f"{link}move/", {"start": WEDNESDAY, "quote": quote_in(page)}, follow=True)
    assert stories.fresh(paid).starts_at == MONDAY + timedelta(days=2, hours=5)
    assert "It is moved" in text(done)


def test_a_move_too_far_names_its_cost_and_the_cheaper_way(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    start = MONDAY + timedelta(days=10)
    page = visitor.get(f"{link}move/", {"start": start.strftime("%Y-%m-%dT%H:%M:%SZ")})
    quote = quotes.move(stories.fresh(paid), start=start, at=SIXTY_HOURS)
    assert '<p class="quote-sum">€27.00</p>' in page.content.decode()
    assert quote.outcome.cheaper == "cancel"
    assert quote.text.split(". ")[-1][:40] in text(page)


def test_a_move_that_asks_a_new_deposit_leads_to_the_pay_page_and_moves_nothing_yet(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(LATE)
    page = visitor.get(f"{link}move/", {"start": WEDNESDAY})
    answer = visitor.post(f"{link}move/", {"start": WEDNESDAY, "quote": quote_in(page)})
    assert answer["Location"] == Payment.objects.latest("pk").url
    assert stories.fresh(paid).starts_at == MONDAY
    waiting = text(visitor.get(link))
    assert "The new time waits for you" in waiting
    assert "Until then nothing has moved." in waiting


def test_such_a_move_that_is_sent_once_more_waits_for_the_deposit_it_asked(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    """Its answer was lost: there is one mail, and nothing says that it was not paid for."""
    clock.move_to(LATE)
    said = {"start": WEDNESDAY, "quote": quote_in(visitor.get(f"{link}move/", {"start": WEDNESDAY}))}
    first, again = (visitor.post(f"{link}move/", said)["Location"] for _ in "12")
    assert first == again == Payment.objects.latest("pk").url
    assert [one.state for one in paid.moves.all()] == ["waiting"]
    assert paid.messages.filter(kind="move_asks_deposit").count() == 1
    assert not paid.timeline.filter(kind="move_lapsed").exists()
    other = (MONDAY + timedelta(days=3, hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    quote = quote_in(visitor.get(f"{link}move/", {"start": other}))
    assert visitor.post(f"{link}move/", {"start": other, "quote": quote})["Location"] != first
    assert [one.state for one in paid.moves.all()] == ["lapsed", "waiting"]


def test_a_time_lost_while_moving_leaves_everything_as_it_was(
    visitor: Client, studio: Provider, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    quote = quote_in(visitor.get(f"{link}move/", {"start": WEDNESDAY}))
    taken = MONDAY + timedelta(days=2, hours=5)
    stories.book(studio, email="bo@example.com", start=taken, at=SIXTY_HOURS)
    answer = visitor.post(f"{link}move/", {"start": WEDNESDAY, "quote": quote})
    assert answer.status_code == 409
    assert "This time cannot be had" in text(answer)
    assert answer.content.decode().count('class="chip" href="/a/') >= 3
    assert stories.fresh(paid).starts_at == MONDAY


def test_picking_offers_times_that_overlap_the_appointment_itself_as_free(
    visitor: Client, paid: Appointment, link: str
) -> None:
    assert visitor.get(f"{link}move/", {"start": "2027-03-01T09:30:00Z"}).status_code == 200


class TestCredit:
    """Rule 5: a booking made without the credit is sent a link to use it."""

    @pytest.fixture
    def held(self, studio: Provider, paid: Appointment, clock: Any) -> Appointment:
        stories.cancel(paid, at=SIXTY_HOURS)
        clock.move_to(SIXTY_HOURS + MINUTE)
        return stories.book(studio, start=MONDAY + timedelta(days=1), at=SIXTY_HOURS + MINUTE)

    def test_the_link_asks_before_it_uses_the_credit(
        self, visitor: Client, held: Appointment, link: str
    ) -> None:
        page = visitor.get(link, {"credit_for": str(held.uid)})
        assert "Use your credit for the new appointment?" in text(page)
        assert stories.fresh(held).status == "held"

    def test_the_credit_pays_the_booking_that_waits(
        self, visitor: Client, held: Appointment, link: str
    ) -> None:
        answer = visitor.post(f"{link}credit/", {"for": str(held.uid)})
        assert answer["Location"] == f"{tokens.manage_path(held)}?done=booked"
        assert stories.fresh(held).status == "confirmed"
        assert Credit.objects.get().left == 0

    @pytest.mark.parametrize("other", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_it_is_for_a_booking_of_the_same_client_alone(
        self, visitor: Client, held: Appointment, link: str, other: str
    ) -> None:
        answer = visitor.post(f"{link}credit/", {"for": other})
        assert answer.status_code == 409
        assert Credit.objects.get().left == 2700

    def test_a_strangers_booking_is_not_paid(
        self, visitor: Client, held: Appointment, studio: Provider, link: str
    ) -> None:
        start = MONDAY + timedelta(days=1, hours=2)
        strange = stories.book(studio, start=start, at=SIXTY_HOURS + MINUTE, email="bo@example.com")
        assert visitor.post(f"{link}credit/", {"for": str(strange.uid)}).status_code == 409
        assert stories.fresh(strange).status == "held"
