"""`/{provider}/{service}/`: picking, details, booking, and what is said when it cannot be."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking import quotes
from booking.models import Appointment, Provider
from payments.models import Payment
from tests.booking import stories
from tests.booking.stories import MONDAY

START = "2027-03-01T09:00:00Z"
SESSION = "/studio-bianchi/session/"
FIRST = "/studio-bianchi/first-meeting/"


def details(provider: Provider, service: str = "session", **over: Any) -> dict[str, Any]:
    offered = quotes.offer(provider.services.get(slug=service))
    said = {
        "start": START,
        "tz": "America/New_York",
        "mode": "video",
        "name": "Ada Moss",
        "email": "ada@example.com",
        "policy_version": offered.version,
        "agree": "on",
    }
    return {name: value for name, value in (said | over).items() if value is not None}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_home_shows_who_lists_themselves(visitor: Client, studio: Provider, school: Provider) -> None:
    Provider.objects.filter(pk=school.pk).update(listed=False)
    page = text(visitor.get("/"))
    assert "Studio Bianchi" in page
    assert school.name not in page


def test_profile_shows_price_deposit_and_length(visitor: Client, studio: Provider) -> None:
    page = text(visitor.get("/studio-bianchi/"))
    assert "Individual session 50 minutes In person Video call Phone call €90.00 €27.00 deposit" in page
    assert "First meeting 30 minutes Video call Phone call on request Free" in page


def test_hidden_services_are_not_on_the_profile(visitor: Client, studio: Provider) -> None:
    studio.services.filter(slug="couple").update(hidden=True)
    assert "Couples session" not in text(visitor.get("/studio-bianchi/"))


@pytest.mark.parametrize("path", ["/nobody/", "/studio-bianchi/nothing/", "/nobody/session/", "/a/x/"])
def test_what_is_not_there_is_a_kind_404(visitor: Client, studio: Provider, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address." in text(answer)


def test_the_first_page_shows_the_next_free_time_and_the_terms_before_any_detail(
    visitor: Client, studio: Provider
) -> None:
    page = text(visitor.get(SESSION))
    assert "Next free: Monday 15 February 2027, 22:00" not in page
    assert "Next free:" in page
    assert "Deposit, now €27.00" in page
    assert "Rest, at the appointment €63.00" in page
    assert "Until 48 hours before the start you can cancel and keep the deposit as a credit." in page
    assert "Name" not in page.split("Price and terms")[0] or 'name="name"' not in page


def test_times_are_shown_in_the_zone_of_the_reader(visitor: Client, studio: Provider) -> None:
    page = visitor.get(SESSION, {"date": "2027-03-01", "tz": "America/New_York"})
    assert "04:00" in text(page)
    assert "New York time (UTC-05:00)" in text(page)
    assert "Studio Bianchi is in Rome, 6 h ahead of you" in text(page)
    assert "start=2027-03-01T04:00:00-05:00" in page.content.decode()


def test_an_unknown_zone_or_day_is_as_if_none_was_asked(visitor: Client, studio: Provider) -> None:
    page = visitor.get(SESSION, {"date": "9999-99-99", "tz": "Mars/Olympus", "mode": "smoke"})
    assert page.status_code == 200
    assert "Rome time" in text(page)


def test_the_zone_is_named_and_can_be_changed(visitor: Client, studio: Provider) -> None:
    page = visitor.get(SESSION, {"date": "2027-03-01", "tz": "America/New_York"}).content.decode()
    assert "<select" not in page
    page = visitor.get(SESSION, {"date": "2027-03-01", "tz": "America/New_York", "zones": "all"})
    assert re.search(
        r'tz=America%2FNew_York" aria-current="true">New York <small>UTC-05:00', page.content.decode()
    )
    assert "Rome UTC+01:00" in text(page)
    assert '<option value="Bangkok">Thailand</option>' in page.content.decode()
    assert '<input type="hidden" name="date" value="2027-03-01">' in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "language", "shown"),
    [
        ("new york", "en", "New York time (UTC-05:00)"),
        ("  São paulo", "en", "Sao Paulo time"),
        ("Thailand", "en", "Bangkok time (UTC+07:00)"),
        ("กรุงเทพ", "th", "UTC+07:00"),
        ("europe/rome", "en", "Rome time (UTC+01:00)"),
    ],
)
def test_a_zone_is_found_by_its_city_or_country(
    studio: Provider, typed: str, language: str, shown: str
) -> None:
    reader = Client(headers={"Accept-Language": language})
    page = reader.get(SESSION, {"date": "2027-03-01", "zones": typed})
    assert 'id="zones"' not in page.content.decode()
    assert shown in text(page)


def test_several_cities_are_offered_and_none_is_said_kindly(visitor: Client, studio: Provider) -> None:
    page = text(visitor.get(SESSION, {"zones": "Australia"}))
    assert "Which one?" in page
    assert "Sydney UTC+11:00" in page
    page = text(visitor.get(SESSION, {"zones": "<Atlantis>", "tz": "America/New_York"}))
    assert "No city or country begins with “&lt;Atlantis&gt;”." in page
    assert "New York UTC-05:00" in page


def test_the_language_is_changed_by_a_form_and_comes_back_here(studio: Provider) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    answer = strict.post("/i18n/language/", {"language": "it", "next": SESSION})
    assert answer["Location"] == SESSION
    assert "Seduta individuale" in strict.get(SESSION).content.decode()


def test_choices_stay_in_the_address_for_shared_links(visitor: Client, studio: Provider) -> None:
    page = visitor.get(SESSION, {"date": "2027-03-02", "tz": "America/New_York", "mode": "phone"})
    assert "?date=2027-03-03&amp;mode=phone&amp;tz=America%2FNew_York" in page.content.decode()


def test_both_hours_of_a_repeated_one_are_told_apart(visitor: Client, studio: Provider, clock: Any) -> None:
    clock.move_to(MONDAY.replace(month=10, day=20))
    studio.overrides.create(on="2027-10-31", opens_minute=60, closes_minute=300)
    page = visitor.get(SESSION, {"date": "2027-10-31"})
    assert "One hour comes twice" not in text(page)
    assert "The clocks go back on this day: one hour comes twice." in text(page)
    assert "02:00 +02:00" in text(page)
    assert "02:00 +01:00" in text(page)


def test_a_picked_time_is_shown_on_both_clocks(visitor: Client, studio: Provider) -> None:
    page = text(visitor.get(SESSION, {"start": START, "tz": "America/New_York", "mode": "video"}))
    assert "Monday 1 March 2027 04:00 – 04:50 New York time (UTC-05:00)" in page
    assert "For Studio Bianchi: Monday 1 March 2027, 10:00, Rome time (UTC+01:00)" in page
    assert "Book and pay €27.00" in page


@pytest.mark.parametrize("path", ["/", "/studio-bianchi/", SESSION, f"{SESSION}?start={START}"])
def test_looking_changes_nothing(visitor: Client, studio: Provider, path: str) -> None:
    before = Provider.objects.get(pk=studio.pk).version
    assert visitor.get(path).status_code == 200
    assert not Appointment.objects.exists()
    assert Provider.objects.get(pk=studio.pk).version == before


def test_booking_leads_to_the_pay_page(visitor: Client, studio: Provider) -> None:
    answer = visitor.post(SESSION, details(studio))
    booked = Appointment.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == Payment.objects.get().url != ""
    assert (booked.status, booked.mode, booked.timezone) == ("held", "video", "America/New_York")
    assert booked.starts_at == MONDAY
    assert booked.agreement.ip_address == "127.0.0.1"


def test_a_request_leads_to_its_page_and_keeps_the_answers(visitor: Client, studio: Provider) -> None:
    said = details(studio, "first-meeting", question_reason="Sleep", question_when="morning")
    answer = visitor.post(FIRST, said)
    booked = Appointment.objects.get()
    assert answer["Location"].startswith("/a/")
    assert "Your wish is passed on" in text(visitor.get(answer["Location"]))
    assert booked.status == "requested"
    assert booked.answers == {"reason": "Sleep", "when": "morning"}


def test_an_answer_may_have_lines_but_no_card_number(visitor: Client, studio: Provider) -> None:
    refused = visitor.post(FIRST, details(studio, "first-meeting", question_reason="Pay 4111 1111 1111 1111"))
    assert refused.status_code == 400
    assert "This looks like a card number." in text(refused)
    visitor.post(FIRST, details(studio, "first-meeting", question_reason="Sleep.\r\nAnd work."))
    assert Appointment.objects.get().answers == {"reason": "Sleep.\r\nAnd work."}


def test_yes_and_no_are_kept_as_such(visitor: Client, school: Provider) -> None:
    said = details(school, "lesson-90", start="2027-02-16T10:00:00Z", question_level="no")
    visitor.post("/khru-nok/lesson-90/", said)
    assert Appointment.objects.get().answers == {"level": False}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", None, "Name"),
        ("email", "ada", "Send one e-mail address"),
        ("email", "a@b.example,c@d.example", "Send one e-mail address"),
        ("mode", "smoke", "How do you want to meet?"),
        ("agree", None, "Without your yes nothing is booked."),
        ("name", "Ada\u2028Moss", "Leave out characters that cannot be seen."),
    ],
)
def test_an_error_keeps_what_was_typed(
    visitor: Client, studio: Provider, field: str, value: str | None, words: str
) -> None:
    said = {"name": "Ada Moss", "email": "ada@example.com"} | {field: value}
    answer = visitor.post(SESSION, details(studio, **said))
    assert answer.status_code == 400
    assert not Appointment.objects.exists()
    assert words in text(answer)
    kept = [one for one in ("Ada Moss", "ada@example.com") if one in said.values()]
    assert all(f'value="{one}"' in answer.content.decode() for one in kept)


def test_a_phone_call_needs_a_number_where_the_provider_calls(visitor: Client, studio: Provider) -> None:
    answer = visitor.post(SESSION, details(studio, mode="phone"))
    assert answer.status_code == 400
    assert "We need a number to call you at." in text(answer)


def test_a_number_is_kept_with_its_country(visitor: Client, studio: Provider) -> None:
    visitor.post(SESSION, details(studio, mode="phone", phone="02 5555 0102"))
    assert Appointment.objects.get().client.phone == "+390255550102"


def test_a_slot_just_lost_is_said_kindly_with_three_others(visitor: Client, studio: Provider) -> None:
    stories.book(studio, email="bo@example.com")
    answer = visitor.post(SESSION, details(studio))
    assert answer.status_code == 409
    assert "This time has just been taken" in text(answer)
    assert answer.content.decode().split('id="pick"')[0].count('name="start"') == 3
    assert 'name="email" value="ada@example.com"' in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_a_time_that_ran_out_while_typing_comes_with_others_and_keeps_what_was_typed(
    visitor: Client, studio: Provider, clock: Any
) -> None:
    clock.move_to(MONDAY - timedelta(hours=11))
    answer = visitor.post(SESSION, details(studio))
    assert answer.status_code == 400
    assert "This time is too soon to be booked." in text(answer)
    assert answer.content.decode().split('id="pick"')[0].count('name="start"') == 3
    assert 'name="name" value="Ada Moss"' in answer.content.decode()


def test_a_form_without_a_time_goes_back_to_picking(visitor: Client, studio: Provider) -> None:
    answer = visitor.post(SESSION, details(studio, start="soon"))
    assert answer.status_code == 400
    assert "Pick a time" in text(answer)


def test_another_time_after_a_lost_one_keeps_what_was_typed_and_books_nothing(
    visitor: Client, studio: Provider
) -> None:
    answer = visitor.post(SESSION, details(studio, start="2027-03-01T10:00:00Z") | {"only_pick": "yes"})
    assert answer.status_code == 200
    assert 'value="Ada Moss"' in answer.content.decode()
    assert 'value="2027-03-01T10:00:00Z"' in answer.content.decode()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2027-02-01T09:00:00Z", "This time has passed."),
        ("2027-03-01T09:07:00Z", "Appointments do not start at this minute."),
        ("2027-03-06T09:00:00Z", "This time is outside the opening hours."),
        ("2027-12-01T09:00:00Z", "This time is too far ahead to be booked yet."),
    ],
    ids=["past", "off_grid", "closed", "too_far"],
)
def test_a_link_to_a_time_that_cannot_be_booked_says_why(
    visitor: Client, studio: Provider, start: str, words: str
) -> None:
    answer = visitor.get(SESSION, {"start": start})
    assert answer.status_code == 400
    assert words in text(answer)
    assert "Pick a time" in text(answer)


def test_terms_that_changed_are_shown_again_and_want_a_new_tick(visitor: Client, studio: Provider) -> None:
    said = details(studio)
    studio.services.filter(slug="session").update(price=10000)
    answer = visitor.post(SESSION, said)
    assert answer.status_code == 409
    assert "The terms or the price have changed" in text(answer)
    assert "Book and pay €30.00" in text(answer)
    assert 'id="id_agree" checked' not in answer.content.decode()
    assert 'value="Ada Moss"' in answer.content.decode()


def test_a_blocked_client_is_told_nothing_about_it(visitor: Client, studio: Provider) -> None:
    booked = stories.book(studio)
    booked.client.blocked_at = stories.EARLY
    booked.client.save(update_fields=["blocked_at"])
    answer = visitor.post(SESSION, details(studio, start="2027-03-02T09:00:00Z"))
    assert answer.status_code == 403
    assert "blocked" not in text(answer)
    assert Appointment.objects.count() == 1


def test_a_credit_pays_the_new_booking(visitor: Client, studio: Provider, clock: Any) -> None:
    from booking import tokens

    booked = stories.confirmed(studio)
    stories.cancel(booked, at=stories.EARLY + timedelta(hours=2))
    clock.move_to(stories.EARLY + timedelta(hours=3))
    said = details(studio, start="2027-03-02T09:00:00Z", credit=tokens.make(booked))
    answer = visitor.post(SESSION, said)
    assert answer.status_code == 302
    assert Appointment.objects.latest("pk").status == "confirmed"
