"""What a client typed or chose stays: when another time is picked, when the time is gone, when the form is old, when the
browser goes back. And what is said about a time is exact: its terms by the calendar, its clocks on its own day."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking import lifecycle, quotes, tokens
from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.pages.test_book import SESSION, START, details, text
from tests.booking.stories import EARLY, MONDAY
from tests.booking.test_series import series

OTHER = "2027-03-02T10:00:00Z"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def carried(answer: Any) -> dict[str, str]:
    """What the picker's buttons take along."""
    return dict(HIDDEN.findall(answer.content.decode().split('id="pick"')[1]))


def test_another_time_takes_along_what_was_typed(visitor: Client, studio: Provider) -> None:
    answer = visitor.post(f"{SESSION}?mode=video", details(studio, picked_mode="video") | {"again": "yes"})
    assert answer.status_code == 200
    assert "What you typed is kept." in text(answer)
    assert not Appointment.objects.exists()
    page = answer.content.decode()
    assert '<button type="submit" name="date" value="2027-03-02"' in page
    assert (
        f'action="{SESSION}?date=2027-03-01&amp;mode=video' in page
    )  # a shared or reloaded address keeps the choice
    said = carried(answer)
    assert (said["name"], said["email"], said["tz"]) == ("Ada Moss", "ada@example.com", "America/New_York")

    # Another day, then a time of it: still there, and only the last step books.
    answer = visitor.post(SESSION, said | {"date": "2027-03-02"})
    assert 'value="2027-03-02T05:00:00-05:00"' in answer.content.decode()
    answer = visitor.post(SESSION, carried(answer) | {"start": OTHER})
    page = answer.content.decode()
    assert 'name="name" value="Ada Moss"' in page
    assert f'name="start" value="{OTHER}"' in page
    assert "Tuesday 2 March 2027" in text(answer)
    assert not Appointment.objects.exists()


def test_a_way_to_meet_that_is_picked_later_counts(visitor: Client, studio: Provider) -> None:
    said = details(studio, mode="video") | {"only_pick": "yes", "picked_mode": "phone", "start": OTHER}
    page = visitor.post(SESSION, said).content.decode()
    assert '<input type="hidden" name="mode" value="phone"' in page


def test_after_a_lost_time_the_month_takes_along_what_was_typed_too(
    visitor: Client, studio: Provider
) -> None:
    stories.book(studio, email="bo@example.com")
    answer = visitor.post(SESSION, details(studio))
    assert answer.status_code == 409
    assert carried(answer)["email"] == "ada@example.com"
    assert carried(answer)["date"] == "2027-03-01"  # the day that was wanted is the one shown


def test_an_old_form_is_shown_again_with_all_that_was_typed(studio: Provider) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(SESSION, details(studio))
    assert answer.status_code == 400
    assert "Nothing is lost: please send it once more." in text(answer)
    assert 'value="Ada Moss"' in answer.content.decode()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(("site", "booked"), [("same-origin", 1), ("cross-site", 0), ("same-site", 0)])
def test_a_browser_without_cookies_says_itself_where_the_form_comes_from(
    studio: Provider, site: str, booked: int
) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": site})
    strict.post(SESSION, details(studio))
    assert Appointment.objects.count() == booked


def test_nobody_is_told_that_their_own_booking_was_faster(visitor: Client, studio: Provider) -> None:
    first = visitor.post(SESSION, details(studio, key="one"))
    again = visitor.post(SESSION, details(studio, key="another"))  # the page was loaded anew in between
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert Appointment.objects.count() == 1
    back = visitor.get(SESSION, {"start": START})
    assert back.status_code == 200
    assert "This time is yours already" in text(back)
    assert re.search(r'href="/a/[^"]+/"', back.content.decode())
    other = Client().get(SESSION, {"start": START})
    assert other.status_code == 409
    assert "This time has just been taken" in text(other)
    assert "/a/" not in other.content.decode()


def shown(visitor: Client) -> dict[str, str]:
    """The key of the form on the page of the last step."""
    found = re.search(r'name="key" value="([^"]+)"', visitor.get(SESSION, {"start": START}).content.decode())
    assert found
    return {"key": found[1]}


def test_who_never_got_the_answer_is_led_on_by_the_form_that_was_shown(
    visitor: Client, studio: Provider
) -> None:
    sent = details(studio, **shown(visitor))
    visitor.post(SESSION, sent)
    del visitor.cookies["booked"]  # it came with the answer
    back = visitor.get(SESSION, {"start": START})
    assert "This time is yours already" in text(back)
    assert visitor.post(SESSION, details(studio, key="of another page")).status_code == 302
    assert visitor.post(SESSION, sent).status_code == 302
    assert Appointment.objects.count() == 1
    del visitor.cookies["booked"]
    assert visitor.get(SESSION, {"start": START}).status_code == 200
    del visitor.cookies["shown"]
    assert "has just been taken" in text(visitor.get(SESSION, {"start": START}))


def test_a_key_that_somebody_else_chose_is_not_that_of_a_form_that_is_shown(studio: Provider) -> None:
    strict = Client(enforce_csrf_checks=True)
    foreign = strict.post(
        SESSION, details(studio, key="known to a forger"), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 400
    assert "known to a forger" not in foreign.content.decode()
    assert "known to a forger" not in str(strict.cookies)


def test_a_change_whose_answer_was_lost_is_sent_again_and_done_once(
    visitor: Client, studio: Provider
) -> None:
    session = studio.services.get(slug="session")
    session.series_most, session.horizon_days = 4, 200
    session.save(update_fields=["series_most", "horizon_days"])
    week = timedelta(days=7)
    single = stories.confirmed(studio)
    moved = quotes.move(single, start=MONDAY + week, at=EARLY).token
    weekly = series(session, start=MONDAY + 3 * week, times=3, at=EARLY)
    rest = lifecycle.rest_quote(weekly[0], at=EARLY)
    assert rest

    def twice(appointment: Appointment, act: str, **said: str) -> list[str]:
        link = tokens.manage_path(appointment)
        return [visitor.post(f"{link}{act}/", said).headers["Location"].partition("?done=")[2] for _ in "12"]

    new = (MONDAY + week).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert twice(single, "move", start=new, quote=moved) == ["moved", "moved"]
    quote = quotes.cancel(stories.fresh(single), at=EARLY).token
    assert twice(single, "cancel", quote=quote, reason="illness") == ["cancelled", "cancelled"]
    assert twice(weekly[0], "cancel-rest", quote=rest.token, reason="illness") == ["cancelled_rest"] * 2
    for one in (single, *weekly):
        assert one.timeline.filter(kind__startswith="cancelled").count() == 1
    assert single.timeline.filter(kind="moved").count() == 1


LANGUAGE = re.compile(r'<button type="submit"([^>]*) formaction="([^"]*)" name="language" value="it"')


def test_another_language_at_the_last_step_keeps_all_that_was_typed(studio: Provider) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    page = strict.get(SESSION, {"start": START, "mode": "video", "tz": "America/New_York", "lang": "en"})
    found = LANGUAGE.search(page.content.decode())
    assert found
    assert 'form="book"' in found[1]
    assert "formnovalidate" in found[1]
    address = found[2].replace("&amp;", "&")
    assert "lang=" not in address
    typed = details(studio, picked_mode="video", email="ada@exam", wish_days=["mon", "fri"])
    answer = strict.post(address, typed | {"language": "it"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="it"' in page
    assert answer.cookies["django_language"].value == "it"
    assert 'name="name" value="Ada Moss"' in page
    assert 'name="email" value="ada@exam"' in page
    assert f'name="start" value="{START}"' in page
    assert re.search(r'name="wish_days" value="fri"[^>]* checked', page)
    assert not re.search(r'name="agree"[^>]* checked', page)  # these words were not read yet
    assert not Appointment.objects.exists()
    assert '<html lang="it"' in strict.get(SESSION).content.decode()


def test_another_language_while_another_time_is_picked_takes_it_along_too(
    visitor: Client, studio: Provider
) -> None:
    answer = visitor.post(SESSION, details(studio, picked_mode="video") | {"again": "yes"})
    footer = answer.content.decode().split('id="languages"')[1]
    said = dict(HIDDEN.findall(footer))
    assert said["name"] == "Ada Moss"
    answer = visitor.post(SESSION, said | {"language": "th"})
    assert carried(answer)["email"] == "ada@example.com"
    assert '<html lang="th"' in answer.content.decode()


@pytest.mark.parametrize("mode", ["in_person", "video"])
def test_who_is_on_other_clocks_chooses_the_way_to_meet_before_the_terms_are_said(
    visitor: Client, studio: Provider, mode: str
) -> None:
    page = visitor.get(SESSION, {"start": START, "tz": "America/New_York"})
    assert "How do you want to meet?" in text(page)
    assert "Who is coming?" not in text(page)
    chosen = re.search(rf'<a class="chip with-icon" href="([^"]*mode={mode}[^"]*)"', page.content.decode())
    assert chosen
    picked = text(visitor.get(chosen[1].replace("&amp;", "&")))
    said = re.search(r"Until [^.]* time\) you can cancel[^.]*\.", picked)
    assert said
    assert ("Rome time" in said[0]) == (mode == "in_person")
    visitor.post(SESSION, details(studio, mode=mode, picked_mode=mode))
    assert said[0] in text(visitor.get(tokens.manage_path(Appointment.objects.get())))


def test_the_way_to_meet_is_chosen_with_what_was_typed_before(visitor: Client, studio: Provider) -> None:
    said = details(studio, mode=None) | {"only_pick": "yes", "picked_mode": ""}
    page = visitor.post(SESSION, said)
    assert (
        '<button class="chip with-icon" type="submit" name="picked_mode" value="phone">'
        in page.content.decode()
    )
    ways = page.content.decode().split('id="ways"')[1]
    answer = visitor.post(SESSION, dict(HIDDEN.findall(ways)) | {"picked_mode": "in_person"})
    assert 'name="name" value="Ada Moss"' in answer.content.decode()
    assert "10:00 – 10:50 Rome time" in text(answer)


def test_a_service_with_one_way_to_meet_is_on_the_clocks_of_that_way(
    visitor: Client, studio: Provider
) -> None:
    studio.services.filter(slug="session").update(modes=["in_person"])
    page = text(visitor.get(SESSION, {"start": START, "tz": "America/New_York"}))
    assert "Monday 1 March 2027 10:00 – 10:50 Rome time" in page
    assert "10:00 (Rome time) you can cancel" in page


def test_ones_own_booking_is_known_for_its_time_only(visitor: Client, studio: Provider) -> None:
    visitor.post(SESSION, details(studio, key="one"))
    page = text(visitor.get(SESSION, {"start": OTHER}))
    assert "yours already" not in page
    assert "Who is coming?" in page


def test_the_terms_of_a_picked_time_are_said_by_the_calendar(visitor: Client, studio: Provider) -> None:
    page = text(visitor.get(SESSION, {"start": START, "tz": "America/New_York", "mode": "video"}))
    until = "Until Saturday 27 February 2027, 04:00 (New York time) you can cancel and keep the deposit as a credit."
    assert until in page
    assert page.index("Price €90.00: €27.00 now, €63.00 at the appointment") < page.index("Who is coming?")
    booked = stories.confirmed(studio, mode="video")
    Appointment.objects.update(timezone="America/New_York")
    assert until in text(visitor.get(tokens.manage_path(booked)))


def test_in_person_the_clocks_are_those_of_the_place(visitor: Client, studio: Provider) -> None:
    asked = {"date": "2027-03-01", "tz": "America/New_York", "mode": "in_person"}
    page = visitor.get(SESSION, asked)
    assert "start=2027-03-01T09:00:00%2B01:00" in page.content.decode()
    assert "Rome time (UTC+01:00)" in text(page)
    assert "your own clock is New York time (UTC-05:00)" in text(page)
    picked = text(visitor.get(SESSION, asked | {"start": START}))
    assert "Monday 1 March 2027 10:00 – 10:50 Rome time" in picked
    assert "For your clock: Monday 1 March 2027, 04:00, New York time" in picked


@pytest.mark.parametrize(
    ("day", "ahead", "offset"),
    [("2027-03-10", 6, "-05:00"), ("2027-03-22", 5, "-04:00"), ("2027-03-30", 6, "-04:00")],
)
def test_how_far_apart_the_clocks_are_is_said_for_the_day_that_is_looked_at(
    visitor: Client, studio: Provider, day: str, ahead: int, offset: str
) -> None:
    page = text(visitor.get(SESSION, {"date": day, "tz": "America/New_York"}))
    assert f"Studio Bianchi is in Rome, {ahead} h ahead of you" in page
    assert f"New York time (UTC{offset})" in page


def test_a_day_without_free_times_names_the_next_one(visitor: Client, studio: Provider) -> None:
    page = text(visitor.get(SESSION, {"date": "2027-03-07"}))  # a Sunday
    assert "No free time on this day." in page
    assert "Next free:" in page


def test_a_confirmed_appointment_can_be_added_to_a_calendar_without_its_secret(
    visitor: Client, studio: Provider
) -> None:
    booked = stories.confirmed(studio)
    page = visitor.get(tokens.manage_path(booked)).content.decode()
    for host in ("calendar.google.com", "outlook.live.com", "outlook.office.com"):
        link = next(one for one in re.findall(r'href="(https://[^"]+)"', page) if host in one)
        assert "Individual+session+with+Studio+Bianchi" in link
        assert tokens.make(booked) not in link
        assert str(booked.uid) not in link
    assert "dates=20270301T090000Z%2F20270301T095000Z" in page


def test_what_is_missing_is_asked_for_by_its_field(visitor: Client, studio: Provider) -> None:
    page = text(visitor.post(SESSION, details(studio, name=None, email=None, mode=None)))
    for words in ("Please tell us who is coming.", "else no confirmation can come.", "Please choose one."):
        assert page.count(words) == 2  # in the summary and at the field
    assert "This field is required." not in page
