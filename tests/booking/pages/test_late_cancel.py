"""The late cancel of an urgent appointment, the offer for those for whom it costs too much, and what suits."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from booking import lifecycle, tokens
from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.pages.test_book import SESSION, details, text
from tests.booking.pages.test_changing import LATE, SIXTY_HOURS, quote_in
from tests.booking.stories import EARLY, HOUR, MONDAY

REASON = "The filing ends on Friday"


@pytest.fixture
def urgent(paid: Appointment) -> Appointment:
    by = stories.owner(paid.provider)
    return lifecycle.mark_urgent(appointment=paid, reason=REASON, by=by, at=EARLY + HOUR)


def test_a_late_cancel_of_an_urgent_one_first_asks_for_another_way(
    visitor: Client, urgent: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(LATE)
    page = visitor.get(f"{link}cancel/")
    shown = text(page)
    assert "Can you still make it, another way?" in shown
    assert REASON in shown
    assert "Phone call at the same time, costs nothing" in shown
    assert "In person at the same time" not in shown  # no easier than what was booked
    assert "costs €27.00, and asks a new deposit" in shown
    assert shown.index("Can you still make it") < shown.index("Cancelling now costs") < shown.index("Why?")


def test_one_tap_makes_it_a_call_and_another_moves_it_as_quoted(
    visitor: Client, urgent: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(LATE)
    page = visitor.get(f"{link}cancel/").content.decode()
    assert visitor.post(f"{link}mode/", {"mode": "phone"}).status_code == 302
    assert stories.fresh(urgent).mode == "phone"
    found = re.search(r'name="start" value="([^"]+)"><input type="hidden" name="quote" value="([^"]+)"', page)
    assert found
    answer = visitor.post(f"{link}move/", {"start": found[1], "quote": found[2]})
    assert answer.status_code == 302  # to the pay page: the new time asks its own deposit
    assert stories.fresh(urgent).moves.get().state == "waiting"


def test_it_never_blocks_the_cancel(visitor: Client, urgent: Appointment, link: str, clock: Any) -> None:
    clock.move_to(LATE)
    page = visitor.get(f"{link}cancel/").content.decode()
    quote = re.findall(r'name="quote" value="([0-9a-f]+)"', page)[-1]
    visitor.post(f"{link}cancel/", {"quote": quote, "reason": "illness"})
    assert stories.fresh(urgent).status == "cancelled"


@pytest.mark.parametrize("late", [True, False], ids=["late_and_plain", "urgent_and_in_time"])
def test_nothing_is_asked_first_of_others(
    visitor: Client, paid: Appointment, link: str, clock: Any, late: bool
) -> None:
    if not late:
        lifecycle.mark_urgent(
            appointment=paid, reason=REASON, by=stories.owner(paid.provider), at=EARLY + HOUR
        )
    clock.move_to(LATE if late else SIXTY_HOURS)
    assert "Can you still make it" not in text(visitor.get(f"{link}cancel/"))


def test_who_gave_a_reason_is_not_asked_again(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(LATE)
    said = {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "illness"}
    page = visitor.post(f"{link}cancel/", said, follow=True)
    assert "You told us: I am ill." in text(page)
    assert 'type="radio" name="reason"' not in page.content.decode()
    visitor.post(f"{link}explain/", {"reason": "illness", "note": "Fever since Sunday"})
    assert stories.fresh(paid).explained_at == LATE


def test_who_says_that_it_costs_too_much_is_shown_what_the_provider_set_up(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    Provider.objects.update(cost_offer={"service": "first-meeting", "words": {"en": "Or in three parts."}})
    clock.move_to(SIXTY_HOURS)
    before = visitor.get(f"{link}cancel/")
    assert '<div class="if-cost">' in before.content.decode()
    said = {"quote": quote_in(before), "reason": "cost"}
    page = text(visitor.post(f"{link}cancel/", said, follow=True))
    assert "Perhaps this suits better Or in three parts. First meeting" in page
    mail = paid.messages.get(kind="cancelled", to="client")
    assert mail.facts["cost_offer"]["slug"] == "first-meeting"


def test_other_reasons_are_shown_no_offer(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    Provider.objects.update(cost_offer={"words": {"en": "Or in three parts."}})
    clock.move_to(SIXTY_HOURS)
    said = {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "illness"}
    assert "Perhaps this suits better" not in text(visitor.post(f"{link}cancel/", said, follow=True))


# --- When it suits ---


def test_offers_use_what_the_client_said_about_its_days(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    """In person, so that the days are told on the studio's clocks; the client's own count for the wish."""
    visitor.post(f"{link}preferences/", {"wish_days": ["thu"], "wish_parts": ["morning"]})
    assert stories.fresh(paid).client.preferences == {"days": ["thu"], "parts": ["morning"], "modes": []}
    clock.move_to(SIXTY_HOURS)
    page = text(
        visitor.post(
            f"{link}cancel/",
            {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "other"},
            follow=True,
        )
    )
    offered = re.findall(r"Shall we find a new time\?.*?None of these\?", page)[0]
    assert offered.count("Thursday") == 3
    assert "They suit what you told us about your days." in offered


def test_where_nothing_free_suits_it_says_so(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    visitor.post(f"{link}preferences/", {"wish_days": ["sun"]})
    clock.move_to(SIXTY_HOURS)
    page = text(
        visitor.post(
            f"{link}cancel/",
            {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "other"},
            follow=True,
        )
    )
    assert "Nothing free fits what you told us about your days; these come closest." in page


def test_new_times_are_offered_in_the_way_the_client_likes(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    visitor.post(f"{link}preferences/", {"wish_modes": ["phone"]})
    clock.move_to(SIXTY_HOURS)
    page = visitor.post(
        f"{link}cancel/", {"quote": quote_in(visitor.get(f"{link}cancel/")), "reason": "other"}, follow=True
    )
    assert page.content.decode().count("&amp;mode=phone") >= 3


def test_wishes_are_said_with_the_booking_and_a_stranger_overwrites_none(
    visitor: Client, studio: Provider
) -> None:
    visitor.post(SESSION, details(studio, wish_days=["mon", "tue"], wish_parts=["evening"]))
    ada = Appointment.objects.get().client
    assert ada.preferences == {"days": ["mon", "tue"], "parts": ["evening"], "modes": []}
    visitor.post(SESSION, details(studio, start="2027-03-02T09:00:00Z", wish_days=["sun"]))
    ada.refresh_from_db()
    assert ada.preferences["days"] == ["mon", "tue"]


def test_a_lost_slot_keeps_every_box_that_was_ticked(visitor: Client, studio: Provider) -> None:
    stories.book(studio, email="bo@example.com")
    page = visitor.post(SESSION, details(studio, wish_days=["mon", "tue"])).content.decode()
    for form in ('class="chips chips-wide"', 'id="pick"'):  # that of the three others, and the month's
        assert page.split(form)[1].split("</form>")[0].count('name="wish_days"') == 2


def test_the_times_after_a_lost_slot_suit_what_was_ticked(visitor: Client, studio: Provider) -> None:
    stories.book(studio, email="bo@example.com")
    fridays = details(studio, wish_days=["fri"])
    for step in ({}, {"only_pick": "1"}):  # refused by the story, and looked up by the page
        page = visitor.post(SESSION, fridays | step).content.decode()
        starts = re.findall(r'class="chip" type="submit" name="start" value="([^"]+)"', page)
        assert len(starts) == 3
        assert {datetime.fromisoformat(one).weekday() for one in starts} == {4}


def test_a_wish_that_is_none_is_refused_and_nothing_is_changed(
    visitor: Client, paid: Appointment, link: str
) -> None:
    assert visitor.post(f"{link}preferences/", {"wish_days": ["someday"]}).status_code == 400
    assert stories.fresh(paid).client.preferences == {}


# --- A form that is sent twice ---


def key_in(page: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_a_booking_that_is_sent_twice_is_told_its_own_booking(visitor: Client, studio: Provider) -> None:
    page = visitor.get(SESSION, {"start": "2027-03-01T09:00:00Z", "mode": "video"})
    said = details(studio, key=key_in(page))
    first, second = visitor.post(SESSION, said), visitor.post(SESSION, said)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 1


def test_the_same_form_with_another_name_is_another_wish(visitor: Client, studio: Provider) -> None:
    key = key_in(visitor.get(SESSION, {"start": "2027-03-01T09:00:00Z", "mode": "video"}))
    visitor.post(SESSION, details(studio, key=key))
    answer = visitor.post(SESSION, details(studio, key=key, name="Bo", email="bo@example.com"))
    assert answer.status_code == 409
    assert "Somebody was faster" in text(answer)


# --- Proposed times ---


def proposed(paid: Appointment, *starts: Any, at: Any = SIXTY_HOURS) -> str:
    by = stories.owner(paid.provider)
    proposal = lifecycle.propose(appointment=paid, starts=starts, note="A hearing", by=by, at=at)
    return f"{tokens.manage_path(paid)}proposal/{proposal.uid}/"


NEXT_WEEK = MONDAY + timedelta(days=7)


def test_a_proposal_is_taken_with_one_tap(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(SIXTY_HOURS)
    url = proposed(paid, NEXT_WEEK, NEXT_WEEK + timedelta(days=1))
    assert "Studio Bianchi asks for another time" in text(visitor.get(link))
    page = text(visitor.get(url))
    assert "Saying yes costs Nothing" in page
    assert stories.fresh(paid).starts_at == MONDAY
    done = visitor.post(url, {"start": "2027-03-08T09:00:00Z"}, follow=True)
    assert "It is moved" in text(done)
    assert stories.fresh(paid).starts_at == NEXT_WEEK
    assert "You have taken one of the times." in text(visitor.get(url))
    assert visitor.post(url, {"start": "2027-03-08T09:00:00Z"}).status_code == 302  # a second tap
    assert visitor.post(url, {"start": "2027-03-09T09:00:00Z"}).status_code == 409


@pytest.mark.parametrize(("act", "status"), [("refuse", "confirmed"), ("cancel", "cancelled")])
def test_none_of_them_keeps_the_old_time_or_cancels_with_all_back(
    visitor: Client, paid: Appointment, clock: Any, act: str, status: str
) -> None:
    clock.move_to(LATE)
    url = proposed(paid, NEXT_WEEK, at=LATE)
    visitor.post(url, {"act": act, "note": "Mondays only"})
    after = stories.fresh(paid)
    assert (after.status, after.lapses.count()) == (status, 0)


def test_after_a_cancel_the_terms_are_shown_and_the_tap_books_with_the_credit(
    visitor: Client, paid: Appointment, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    stories.cancel(paid, at=SIXTY_HOURS)
    start = MONDAY + timedelta(days=1)
    url = proposed(stories.fresh(paid), start)
    page = visitor.get(url)
    assert "By taking a time you agree to these terms" in text(page)
    assert "It is used for the new time." in text(page)
    version = re.search(r'name="policy_version" value="([^"]+)"', page.content.decode())
    assert version
    done = visitor.post(url, {"start": "2027-03-02T09:00:00Z", "policy_version": version[1]}, follow=True)
    assert "It is booked" in text(done)
    assert Appointment.objects.filter(status="confirmed", starts_at=start).count() == 1


def test_none_of_these_after_a_cancel_leads_to_the_calendar(
    visitor: Client, paid: Appointment, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    stories.cancel(paid, at=SIXTY_HOURS)
    answer = visitor.post(proposed(stories.fresh(paid), NEXT_WEEK), {"act": "refuse"})
    assert answer["Location"].startswith("/studio-bianchi/session/?mode=video")
    assert "credit=" in answer["Location"]


def test_a_proposal_of_somebody_else_is_not_there(
    visitor: Client, studio: Provider, paid: Appointment, clock: Any
) -> None:
    clock.move_to(SIXTY_HOURS)
    other = stories.confirmed(studio, start=NEXT_WEEK, email="bo@example.com")
    uid = proposed(other, NEXT_WEEK + timedelta(days=1)).split("/")[-2]
    assert visitor.get(f"{tokens.manage_path(paid)}proposal/{uid}/").status_code == 404


def test_a_get_decides_nothing(visitor: Client, paid: Appointment, clock: Any) -> None:
    clock.move_to(SIXTY_HOURS)
    url = proposed(paid, NEXT_WEEK)
    visitor.get(url, {"start": "2027-03-08T09:00:00Z", "act": "refuse"})
    assert paid.proposals.get().state == "open"
