"""What letters say: all that their readers need, exactly, and nothing that does not belong there."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from booking.models import Service
from reminders.kinds import BY_READER
from reminders.wording import CATALOGUE
from tests.reminders import letters, scene
from tests.reminders.letters import euros, letter
from tests.reminders.scene import MANAGE, START

pytestmark = pytest.mark.django_db

LEFT_OVERS = re.compile(r"[{}]|%\(|\bNone\b(?! of)|\bTrue\b|<bound|\b[a-z]+_[a-z]+_[a-z]+\b(?![^\s]*/)")


ABOUT_NONE = (
    "daily",
    "mail_bounced",
    "channel_failed",
    "channel_used_up",
    "calendar_failed",
    "webhook_off",
    "account_ready",
    "account_stopped",
)


def test_every_kind_has_words() -> None:
    assert {to: set(kinds) for to, kinds in BY_READER.items()} == {
        to: set(says) for to, says in CATALOGUE.items()
    }


@pytest.mark.parametrize("language", ["en", "it", "th"])
@pytest.mark.parametrize("mode", ["in_person", "video", "phone"])
def test_every_kind_is_whole_in_every_language(language: str, mode: str) -> None:
    appointment = scene.appointment(mode=mode)
    for to, kind in letters.NAMES:
        with translation.override(language):
            written = letter(kind, to, of=appointment)
        assert written.subject
        assert written.preview, kind
        shown = re.sub(
            r"https?://\S+|<style>.*?</style>|<[^>]+>", "", written.text + written.html, flags=re.S
        )
        assert not LEFT_OVERS.search(shown), (kind, LEFT_OVERS.search(shown))
        assert "\n\n\n" not in written.text


@pytest.mark.parametrize("kind", [kind for to, kind in letters.NAMES if to == "client"])
def test_every_kind_manages_without_what_may_be_left_out(kind: str) -> None:
    written = letter(kind, of=scene.appointment(), **dict.fromkeys(letters.TOLD.get(kind, {})))

    assert "None" not in written.text


@pytest.mark.parametrize("kind", ["confirmed", "card_charged"])
def test_the_tax_within_a_sum_stands_below_it_and_nothing_where_there_is_none(kind: str) -> None:
    appointment = scene.appointment()
    assert "Includes 22% VAT: €16.23" in letter(kind, of=appointment).text
    assert "VAT" not in letter(kind, of=appointment, tax=None).text
    no_name = {"rate": "5.5", "name": "", "amount": euros(141)}
    assert "Includes 5.5% tax: €1.41" in letter(kind, of=appointment, tax=no_name).text


@pytest.mark.parametrize("kind", [kind for to, kind in letters.NAMES if to == "provider"])
def test_a_provider_never_gets_the_link_of_the_client(kind: str) -> None:
    written = letter(kind, "provider", of=scene.appointment())

    assert scene.TOKEN not in written.text + written.html
    where = "appointments/" if kind not in ABOUT_NONE else ""
    assert f"http://testserver/dashboard/{where}" in written.text


# --- When and where ---


@pytest.mark.parametrize(
    ("mode", "first", "second"),
    [
        ("video", "10:00–10:50\n  New York time (UTC-05:00)", "16:00–16:50, Rome time (UTC+01:00)"),
        ("phone", "10:00–10:50\n  New York time (UTC-05:00)", "16:00–16:50, Rome time (UTC+01:00)"),
        ("in_person", "16:00–16:50\n  Rome time (UTC+01:00)", "10:00–10:50, New York time (UTC-05:00)"),
    ],
)
def test_both_clocks_are_told_and_named_the_venue_first_where_there_is_one(
    mode: str, first: str, second: str
) -> None:
    text = letter("confirmed", of=scene.appointment(mode=mode)).text

    assert f"When: Monday 1 March 2027, {first}\n  {second}" in text


def test_one_clock_is_told_once() -> None:
    text = letter("confirmed", of=scene.appointment(timezone="Europe/Paris")).text

    assert "When: Monday 1 March 2027, 16:00–16:50\n  Paris time (UTC+01:00)\n" in text
    assert "Rome time" not in text


def test_clocks_that_differ_only_on_that_day_are_both_told() -> None:
    start = datetime(2027, 3, 15, 15, tzinfo=UTC)  # New York has changed its clock, Rome not yet
    text = letter("confirmed", of=scene.appointment(start=start)).text

    assert "11:00–11:50\n  New York time (UTC-04:00)" in text
    assert "16:00–16:50, Rome time (UTC+01:00)" in text


def test_the_provider_reads_its_own_clock_first() -> None:
    text = letter("booked", "provider", of=scene.appointment()).text

    assert "16:00–16:50\n  Rome time (UTC+01:00)\n  10:00–10:50, New York" in text


def test_a_thai_reader_gets_buddhist_years() -> None:
    with translation.override("th"):
        assert "2570" in letter("confirmed", of=scene.appointment()).text


WHERE = {
    "video": [
        f"{MANAGE}join/",
        "https://meet.example.org/studio-bianchi",
        "https://meet.example.org/test",
        "If it does not work, call +390255550101.",
    ],
    "in_person": ["Via Tortona 12, 20144 Milano, Italia", "Second courtyard, staircase B."],
    "phone": ["Studio Bianchi calls you"],
}


@pytest.mark.parametrize("mode", WHERE)
@pytest.mark.parametrize("kind", ["confirmed", "reminder"])
def test_the_place_or_link_with_its_test_is_in_confirmation_and_reminder(kind: str, mode: str) -> None:
    text = letter(kind, of=scene.appointment(mode=mode)).text

    for said in WHERE[mode]:
        assert said in text


def test_an_appointments_own_room_is_in_its_link() -> None:
    appointment = scene.appointment(room="quiet-otter")
    appointment.provider.places["video"]["url"] = "https://meet.example.org/x-{room}"

    assert "https://meet.example.org/x-quiet-otter" in letter("reminder", of=appointment).text


def test_a_video_call_without_a_link_says_who_sends_it() -> None:
    appointment = scene.appointment()
    appointment.provider.places.pop("video")
    text = letter("reminder", of=appointment).text

    assert "Studio Bianchi sends you the link. If it does not come: +390255550101" in text
    assert "/join/" not in text


# --- Money ---


def test_the_confirmation_says_terms_what_was_paid_and_what_is_left() -> None:
    text = letter("confirmed", of=scene.appointment(), tax=None).text

    assert letters.POLICY in text
    assert "Price: €90.00\nDeposit paid: €27.00\nStill to pay: €63.00" in text


def test_the_reminder_says_what_a_change_costs_now_until_when_it_is_free_and_has_three_answers() -> None:
    text = letter("reminder", of=scene.appointment(), at=START - timedelta(days=4)).text

    assert "until Saturday 27 February 2027, 07:00 (New York time) you lose nothing by cancelling." in text
    assert scene.NOW["quote_text"] in text
    assert (
        f"I'll be there:\n{MANAGE}confirm/\n\nAnother time:\n{MANAGE}move/\n\nI can't come:\n{MANAGE}cancel/"
        in text
    )


def test_free_notice_that_is_over_is_not_promised() -> None:
    text = letter("reminder", of=scene.appointment(), at=START - timedelta(days=1)).text

    assert "you lose nothing by cancelling" not in text


CANCELLED = [
    ({"forfeit": euros(2700)}, "Studio Bianchi keeps €27.00 of your deposit, as agreed."),
    ({"refund": euros(2700)}, "€27.00 goes back to you, the way you paid."),
    ({"fee": euros(4500)}, "A fee of €45.00 is owed, as agreed."),
    (
        {"carry": euros(2700), "carry_until": "2027-03-04T23:00:00Z"},
        "€27.00 waits as your credit for a new appointment that starts before Thursday 4 March 2027, 18:00 (New York",
    ),
    ({"carry": euros(2700)}, "€27.00 waits as your credit for a new time, without an end."),
    ({}, "It costs you nothing."),
]


@pytest.mark.parametrize(("money", "said"), CANCELLED)
def test_a_cancel_says_what_became_of_the_money(money: dict, said: str) -> None:
    nothing = dict.fromkeys(["refund", "carry", "forfeit", "fee", "carry_until"])
    text = letter("cancelled", of=scene.appointment(), **nothing | money).text

    assert said in text
    assert [other for _, other in CANCELLED if other != said and other in text] == []


@pytest.mark.parametrize("kind", ["cancelled", "no_show"])
def test_a_lapse_says_how_long_it_can_be_explained(kind: str) -> None:
    text = letter(kind, of=scene.appointment()).text

    assert "Nothing is final before Wednesday 3 March 2027, 11:00 (New York time)." in text


@pytest.mark.parametrize(
    "kind", ["cancelled", "declined", "expired", "no_show", "paid_too_late", "credit_ends"]
)
def test_every_end_offers_three_times_one_click_each(kind: str) -> None:
    text = letter(kind, of=scene.appointment()).text

    assert (
        len(re.findall(r"/studio-bianchi/session/\?start=2027-03-0[345]T15%3A00%3A00Z&mode=video", text)) == 3
    )


def test_times_after_a_cancel_use_the_credit() -> None:
    text = letter("cancelled", of=scene.appointment(), carry=euros(2700)).text

    assert text.count(f"&credit={scene.TOKEN}") == 4


def test_the_contact_names_the_minute_until_which_is_waited() -> None:
    written = letter("contact", of=scene.appointment(mode="in_person", timezone="Europe/Rome"))

    assert written.subject == "We are waiting for you until 16:15"
    assert "Your appointment began at 16:00." in written.text
    assert f"I'm late:\n{MANAGE}#late" in written.text


def test_the_service_is_named_in_the_readers_language() -> None:
    appointment = scene.appointment()
    Service.objects.update(name={"it": "Seduta"})

    with translation.override("it"):
        assert "Seduta" in letter("confirmed", of=scene.again(appointment)).subject
    assert "Seduta" in letter("confirmed", of=scene.again(appointment)).subject


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Rome", "that starts on or before Thursday 4 March 2027; after"),
        ("America/New_York", "that starts before Thursday 4 March 2027, 18:00 (New York time); after"),
    ],
)
def test_the_deadline_of_a_credit_is_exact_on_every_clock(zone: str, said: str) -> None:
    money = {"carry": euros(2700), "carry_until": "2027-03-04T23:00:00Z", "forfeit": None}

    assert said in letter("cancelled", of=scene.appointment(timezone=zone), **money).text


def test_free_notice_is_told_once() -> None:
    quote = "Cancelling is free. This holds until Saturday 27 February 2027, 07:00 (New York time)."
    text = letter("reminder", of=scene.appointment(), quote_text=quote).text

    assert quote in text
    assert text.count("27 February") == 1


@pytest.mark.parametrize("kind", ["requested", "pay_link"])
def test_the_meeting_link_waits_until_the_time_is_certain(kind: str) -> None:
    assert "meet.example.org" not in letter(kind, of=scene.appointment()).text


# --- What the eye finds first ---


def test_the_reminder_has_the_cost_of_a_change_in_one_figure() -> None:
    appointment = scene.appointment()
    costs = letter("reminder", of=appointment, cost=euros(2700))
    free = letter("reminder", of=appointment, cost=euros(0))

    assert f"Cancelling now costs: €27.00\n{scene.NOW['quote_text']}" in costs.text
    assert "Cancelling now costs: Nothing\n" in free.text
    assert 'font-size:28px;line-height:1.25;font-weight:700;color:#16211e;">€27.00</p>' in costs.html


def test_an_address_leads_to_a_map_that_follows_nobody() -> None:
    text = letter("reminder", of=scene.appointment(mode="in_person")).text

    assert "https://www.openstreetmap.org/search?query=Via+Tortona+12%2C+20144+Milano%2C+Italia" in text
    assert "How to get in: Second courtyard, staircase B." in text


@pytest.mark.parametrize("kind", ["reminder", "no_show", "excused"])
def test_a_mail_loads_nothing_and_is_whole_with_images_off(kind: str) -> None:
    html = letter(kind, of=scene.appointment()).html

    assert not re.search(r"<img|<link\b|@import|url\(|src=|background=", html)
    assert '<html lang="en"' in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_who_is_waited_for_is_not_asked_to_test_first() -> None:
    appointment = scene.appointment()

    assert "join/test/" in letter("reminder", of=appointment).text
    assert "join/test/" not in letter("contact", of=appointment).text
