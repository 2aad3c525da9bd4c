"""`/a/{token}/`: who may look, what it says, what may be done, and that looking changes nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking import lifecycle, quotes, tokens
from booking.models import Appointment, Provider, TimelineEntry
from tests.booking import stories
from tests.booking.pages.test_book import text
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY

PAGES = ["", "confirm/", "cancel/", "move/", "join/", "join/test/", "calendar.ics"]
OTHER = "2027-03-03T14:00:00Z"  # two days later, 15:00 in Rome


@pytest.mark.parametrize("page", PAGES)
def test_pages_behind_a_link_are_private(visitor: Client, link: str, page: str) -> None:
    answer = visitor.get(link + page)
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("page", [*PAGES, f"move/?start={OTHER}", "?done=cancelled", "?credit_for=x"])
def test_looking_changes_nothing(
    visitor: Client, paid: Appointment, link: str, page: str, clock: Any
) -> None:
    clock.move_to(MONDAY - 10 * MINUTE)
    before = list(TimelineEntry.objects.values_list("pk", flat=True))
    assert visitor.get(link + page).status_code == 200
    assert list(TimelineEntry.objects.values_list("pk", flat=True)) == before
    again = Appointment.objects.get(pk=paid.pk)
    assert (again.version, again.arrived_at) == (paid.version, None)


@pytest.mark.parametrize(
    "act", ["confirm", "arrive", "late", "mode", "explain", "credit", "pay", "cancel", "move", "join"]
)
def test_acts_need_no_cookie_only_the_link(link: str, act: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    assert strict.post(f"{link}{act}/").status_code in (302, 400, 409, 200)


@pytest.mark.parametrize("act", ["arrive", "late", "mode", "explain", "credit", "pay"])
def test_acts_are_not_done_by_opening_an_address(visitor: Client, link: str, act: str) -> None:
    assert visitor.get(f"{link}{act}/").status_code == 405


def test_a_link_ends_ninety_days_after_the_appointment(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    clock.move_to(paid.ends_at + timedelta(days=90) - MINUTE)
    assert visitor.get(link).status_code == 200
    clock.move_to(paid.ends_at + timedelta(days=90))
    assert visitor.get(link).status_code == 404


def test_it_says_what_when_and_where_on_both_clocks(visitor: Client, link: str) -> None:
    page = text(visitor.get(link))
    assert "Individual session Confirmed Monday 1 March 2027 04:00 – 04:50 New York time (UTC-05:00)" in page
    assert "For Studio Bianchi: Monday 1 March 2027, 10:00, Rome time (UTC+01:00)" in page
    assert "Video call The meeting opens on this page" in page


def test_in_person_is_shown_on_the_clocks_of_the_place(visitor: Client, studio: Provider) -> None:
    booked = stories.confirmed(studio, mode="in_person")
    page = text(visitor.get(tokens.manage_path(booked)))
    assert "Monday 1 March 2027 10:00 – 10:50 Rome time (UTC+01:00)" in page
    assert "Via Tortona 12, 20144 Milano, Italia Second courtyard, staircase B." in page


def test_the_page_says_what_the_quote_says(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(MONDAY - 47 * HOUR)
    quote = quotes.cancel(stories.fresh(paid), at=MONDAY - 47 * HOUR)
    page = text(visitor.get(link))
    assert "Cancelling now costs €27.00" in page
    assert quote.text.split(". ")[0] in page


def test_the_money_and_the_rest_are_named(visitor: Client, link: str) -> None:
    assert "Price €90.00 Deposit paid €27.00 Rest, at the appointment €63.00" in text(visitor.get(link))


def test_the_terms_are_those_agreed_to_the_letter(visitor: Client, paid: Appointment, link: str) -> None:
    paid.service.policy.versions.create(number=2, terms=paid.policy_version.terms, created_at=EARLY)
    page = visitor.get(link).content.decode()
    assert paid.agreement.text.split("\n")[0] in page


def test_a_held_time_says_until_when_and_offers_to_pay(visitor: Client, studio: Provider) -> None:
    held = stories.book(studio)
    page = text(visitor.get(tokens.manage_path(held)))
    assert "Waits for the deposit" in page
    assert "This time is kept for you until Sunday 14 February 2027, 04:15" not in page
    assert "This time is kept for you until" in page
    assert "Pay the deposit of €27.00" in page


def test_after_the_hold_the_page_says_what_paying_still_does(
    visitor: Client, studio: Provider, clock: Any
) -> None:
    held = stories.book(studio)
    clock.move_to(EARLY + 15 * MINUTE)
    page = text(visitor.get(tokens.manage_path(held)))
    assert "The time to pay is over" in page
    assert "else all of it goes back to you." in page


def test_a_request_says_until_when_the_answer_comes(visitor: Client, studio: Provider, clock: Any) -> None:
    asked = stories.book(studio, "first-meeting", answers={"reason": "Sleep"})
    page = text(visitor.get(tokens.manage_path(asked)))
    assert "Waiting for Studio Bianchi to say yes" in page
    assert "Nothing is charged before." in page
    lifecycle.decline(appointment=asked, note="", by=stories.owner(studio), at=EARLY)
    page = text(visitor.get(tokens.manage_path(asked)))
    assert "Studio Bianchi could not take this appointment" in page
    assert "Shall we find a new time?" in page


def test_a_cancel_by_the_provider_is_told_with_an_apology(
    visitor: Client, paid: Appointment, link: str
) -> None:
    by = stories.owner(paid.provider)
    lifecycle.cancel(appointment=paid, reason="illness", by=by, at=EARLY + MINUTE)
    page = text(visitor.get(link))
    assert "Studio Bianchi had to cancel We are sorry." in page
    assert "Given back to you €27.00" in page


def test_paying_leads_to_the_gateway(visitor: Client, studio: Provider) -> None:
    held = stories.book(studio)
    answer = visitor.post(f"{tokens.manage_path(held)}pay/")
    assert answer.status_code == 302
    assert "/pay/" in answer["Location"]


def test_ill_be_there(visitor: Client, paid: Appointment, link: str) -> None:
    answer = visitor.post(f"{link}confirm/", follow=True)
    assert "Thank you, see you there" in text(answer)
    assert stories.fresh(paid).will_come_at == EARLY
    assert "You said that you will be there." in text(answer)


@pytest.mark.parametrize(
    ("mode", "minutes", "words"),
    [("video", 31, "I'll be there"), ("video", 30, "Join the meeting"), ("phone", 30, "I'm here")],
)
def test_there_is_one_way_to_say_i_am_coming(
    visitor: Client, studio: Provider, clock: Any, mode: str, minutes: int, words: str
) -> None:
    booked = stories.confirmed(studio, mode=mode)
    clock.move_to(MONDAY - minutes * MINUTE)
    page = visitor.get(tokens.manage_path(booked)).content.decode().replace("&#x27;", "'")
    ways = ["I'll be there", "Join the meeting</a>", "I'm here</button>"]
    assert [way for way in ways if way in page] == [way for way in ways if words in way]


def test_the_client_checks_in(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(MONDAY - 5 * MINUTE)
    assert visitor.post(f"{link}arrive/").status_code == 302
    assert stories.fresh(paid).arrived_at == MONDAY - 5 * MINUTE


def test_checking_in_too_early_is_refused_with_the_reason(
    visitor: Client, paid: Appointment, link: str
) -> None:
    answer = visitor.post(f"{link}arrive/")
    assert answer.status_code == 409
    assert "It is too early to check in" in text(answer)
    assert stories.fresh(paid).arrived_at is None


@pytest.mark.parametrize("minutes", ["", "0", "61", "-5", "ten", "٣", "10.5", "9999999999"])
def test_a_delay_that_is_none_is_asked_for_again(
    visitor: Client, paid: Appointment, link: str, minutes: str, clock: Any
) -> None:
    clock.move_to(MONDAY - HOUR)
    assert visitor.post(f"{link}late/", {"minutes": minutes}).status_code == 400
    assert stories.fresh(paid).asked_delay_minutes == 0


def test_running_late(visitor: Client, paid: Appointment, link: str, clock: Any) -> None:
    clock.move_to(MONDAY - HOUR)
    answer = visitor.post(f"{link}late/", {"minutes": "10"}, follow=True)
    assert stories.fresh(paid).asked_delay_minutes == 10
    assert "You said that you are 10 minutes late." in text(answer)


def test_the_page_says_until_when_the_provider_waits(
    visitor: Client, paid: Appointment, link: str, clock: Any
) -> None:
    by = stories.owner(paid.provider)
    clock.move_to(MONDAY + 6 * MINUTE)
    assert "Studio Bianchi waits for you until 04:15" in text(visitor.get(link))
    lifecycle.late(appointment=paid, minutes=10, at=MONDAY + 6 * MINUTE)
    assert "Studio Bianchi waits until 04:15, and longer once they say yes." in text(visitor.get(link))
    lifecycle.accept_late(appointment=paid, by=by, at=MONDAY + 7 * MINUTE)
    assert "Studio Bianchi waits for you until 04:25" in text(visitor.get(link))
    lifecycle.arrive(appointment=paid, by=by, at=MONDAY + 8 * MINUTE)
    assert "waits for you until" not in text(visitor.get(link))


def test_another_mode_at_the_same_time(visitor: Client, paid: Appointment, link: str) -> None:
    visitor.post(f"{link}mode/", {"mode": "phone"})
    assert stories.fresh(paid).mode == "phone"


def test_an_unknown_mode_is_refused(visitor: Client, paid: Appointment, link: str) -> None:
    assert visitor.post(f"{link}mode/", {"mode": "smoke"}).status_code == 400
    assert stories.fresh(paid).mode == "video"


class TestJoin:
    def test_the_button_records_that_the_client_came_and_goes_on(
        self, visitor: Client, paid: Appointment, link: str, clock: Any
    ) -> None:
        clock.move_to(MONDAY - 30 * MINUTE)
        answer = visitor.post(f"{link}join/")
        assert answer["Location"] == "https://meet.example.org/studio-bianchi"
        assert stories.fresh(paid).arrived_at == MONDAY - 30 * MINUTE

    def test_the_form_may_be_redirected_to_the_meeting(self, visitor: Client, link: str, clock: Any) -> None:
        clock.move_to(MONDAY)
        policy = visitor.get(f"{link}join/")["Content-Security-Policy"]
        assert re.search(r"form-action [^;]*https://meet\.example\.org(;|$| )", policy)

    @pytest.mark.parametrize(
        "at", [MONDAY - 30 * MINUTE - MINUTE, MONDAY + 50 * MINUTE], ids=["early", "over"]
    )
    def test_outside_its_time_nothing_opens(
        self, visitor: Client, paid: Appointment, link: str, clock: Any, at: Any
    ) -> None:
        clock.move_to(at)
        answer = visitor.post(f"{link}join/")
        assert answer.status_code == 409
        assert "meet.example.org/studio-bianchi" not in answer.content.decode()
        assert stories.fresh(paid).arrived_at is None

    def test_each_appointment_has_a_room_of_its_own(
        self, visitor: Client, school: Provider, clock: Any
    ) -> None:
        booked = stories.confirmed(school, slug="lesson-60", start=MONDAY.replace(month=2, day=16, hour=10))
        clock.move_to(booked.starts_at)
        answer = visitor.post(f"{tokens.manage_path(booked)}join/")
        assert answer["Location"] == f"https://meet.example.org/khru-nok-{booked.room}"


def test_the_calendar_file_is_the_event(visitor: Client, link: str) -> None:
    answer = visitor.get(f"{link}calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"DTSTART:20270301T090000Z" in answer.content


class TestExplain:
    @pytest.fixture
    def missed(self, paid: Appointment, clock: Any) -> Appointment:
        at = MONDAY + 15 * MINUTE
        lifecycle.mark_no_show(appointment=paid, by=stories.owner(paid.provider), at=at)
        clock.move_to(at + HOUR)
        return paid

    def test_the_page_asks_what_happened_and_offers_times(
        self, visitor: Client, missed: Appointment, link: str
    ) -> None:
        page = text(visitor.get(link))
        assert "Tell us what happened" in page
        assert "On Tuesday 2 March 2027, 04:15 €27.00 of your deposit is kept." in page
        assert "Shall we find a new time?" in page

    def test_an_explanation_is_passed_on(self, visitor: Client, missed: Appointment, link: str) -> None:
        visitor.post(f"{link}explain/", {"reason": "illness", "note": "Fever"})
        assert stories.fresh(missed).explained_at is not None

    def test_an_explanation_without_a_reason_keeps_the_note(
        self, visitor: Client, missed: Appointment, link: str
    ) -> None:
        answer = visitor.post(f"{link}explain/", {"note": "Fever at night"})
        assert answer.status_code == 400
        assert "Fever at night" in answer.content.decode()
        assert stories.fresh(missed).explained_at is None

    def test_what_was_excused_is_said_first(self, visitor: Client, missed: Appointment, link: str) -> None:
        self.excuse(missed)
        page = text(visitor.get(link))
        assert "Studio Bianchi excused it It does not count against you." in page
        assert "Tell us what happened" not in page

    def test_what_is_excused_in_part_still_counts(
        self, visitor: Client, missed: Appointment, link: str
    ) -> None:
        self.excuse(missed, amount=1000)
        page = text(visitor.get(link))
        assert "Studio Bianchi excused a part of it." in page
        assert "does not count against you" not in page

    def test_after_the_settlement_the_page_says_so_and_folds_the_form(
        self, visitor: Client, missed: Appointment, link: str, clock: Any
    ) -> None:
        lifecycle.explain(appointment=missed, reason="illness", note="", at=MONDAY + HOUR)
        clock.move_to(MONDAY + timedelta(days=2))
        lifecycle.settle(at=MONDAY + timedelta(days=2))
        answer = visitor.get(link)
        said = "It is settled by the terms. Studio Bianchi has what you wrote and can still excuse it."
        assert said in text(answer)
        assert "<summary>Write a few words</summary>" in answer.content.decode()

    def excuse(self, missed: Appointment, amount: int | None = None) -> None:
        by = stories.owner(missed.provider)
        at = MONDAY + 2 * HOUR
        lifecycle.excuse(appointment=missed, reason="illness", note="", by=by, at=at, amount=amount)
