"""Nothing that a client typed can act: no header, no mark-up, no link, no calendar line (F-91, F-92, F-115)."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from booking.models import Client
from reminders import calendar, channels
from reminders.models import Message
from reminders.wording import safe
from tests.mail import Sink
from tests.reminders import letters, scene
from tests.reminders.letters import letter
from tests.reminders.scene import BOOKED, MANAGE

NASTY = {
    "cr_lf": "Eve\r\nBcc: all@example.com",
    "lone_lf": "Eve\nX-Kept-Kind: refund",
    "line_separator": "Eve\u2028Bcc: all@example.com",
    "paragraph_separator": "Eve\u2029Bcc: all@example.com",
    "next_line": "Eve\x85Bcc: all@example.com",
    "vertical_tab": "Eve\x0bBcc: all@example.com",
    "nul": "Eve\x00Bcc: all@example.com",
    "turned_round": "Eve \u202emoc.live",
    "calendar_lines": "Eve\r\nATTENDEE:mailto:all@example.com\r\nEND:VEVENT",
    "mark_up": '<svg onload=alert(1)><a href="https://evil.example">x</a>',
    "template": "{{ 7|add:7 }} {name} %(name)s",
    "quotes": '"Eve" <eve@example.com>, all@example.com',
    "address": "Visit https://evil.example/win or www.evil.example",
}
table = pytest.mark.parametrize("name", NASTY.values(), ids=list(NASTY))


@table
@pytest.mark.django_db
def test_a_name_adds_no_header_and_no_mark_up(post: Sink, name: str) -> None:
    appointment = scene.appointment()
    Client.objects.update(name=name.replace("\0", ""))
    scene.tell(appointment, "booked", "provider")
    scene.tell(appointment, "confirmed")

    assert scene.sweep() == 2

    for mail in post:
        assert mail["Bcc"] is None
        assert len(mail.get_all("X-Kept-Kind")) == len(mail.get_all("To")) == 1
        assert "\n" not in mail["Subject"]
        html = mail.get_body(("html",)).get_content()
        assert "<svg" not in html
        assert 'href="https://evil' not in html


@table
@pytest.mark.django_db
def test_a_note_is_shown_and_does_nothing(name: str) -> None:
    written = letter("explained", "provider", of=scene.appointment(), note=name)

    assert "<svg" not in written.html
    assert "\x00" not in written.text + written.html
    assert "\u202e" not in written.text
    assert "https://evil" not in written.text
    assert "www.evil" not in written.text


def test_what_looks_like_an_address_is_no_link_for_any_mail_program() -> None:
    shown = safe.typed("see https://evil.example, www.evil.example or a@evil.example")

    assert [
        one for one in ("://evil", ".example", "www.", "@evil") if one in shown.replace("www.\u2060", "")
    ] == []
    assert (
        shown.replace(safe.WORD_JOINER, "") == "see https://evil.example, www.evil.example or a@evil.example"
    )


@pytest.mark.parametrize(
    "name",
    ["Mira Rossi", "J.R. Müller", "สมหญิง ใจดี", "👩‍👩‍👧 Team", "O'Neill-Søren", "e\u0301" * 100],
    ids=["plain", "initials", "thai", "emoji_joined", "apostrophe", "combining"],
)
def test_an_ordinary_name_is_shown_as_it_is(name: str) -> None:
    import unicodedata

    assert safe.typed(name, longest=300) == unicodedata.normalize("NFC", name)


def test_a_name_from_right_to_left_stays_by_itself() -> None:
    assert safe.typed("محمد") == "\u2068محمد\u2069"


# --- Addresses ---


@pytest.mark.parametrize(
    "said",
    [
        "a@example.com,b@example.com",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        '"a@example.com,b"@example.com',
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\u2028b@example.com",
        "a@example.com\0",
        "Eve <a@example.com>",
        "a@b@example.com",
        "ü@example.com",
        "",
        "nobody",
    ],
)
def test_what_is_not_exactly_one_address_is_refused(said: str) -> None:
    with pytest.raises(channels.Refused):
        channels.one_address(said)


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ("mira@example.com", "mira@example.com"),
        ("o'neill+kept@mail.example.co.uk", "o'neill+kept@mail.example.co.uk"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
    ],
)
def test_one_address_is_used_as_it_is_written_on_the_wire(said: str, used: str) -> None:
    assert channels.one_address(said) == used


# --- The calendar ---


@table
@pytest.mark.django_db
def test_a_name_adds_no_line_to_the_calendar(name: str) -> None:
    appointment = scene.appointment()
    appointment.client.name = name

    file = calendar.event(appointment, manage_url=MANAGE, at=BOOKED, invitation=True)

    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert not isinstance(event["attendee"], list)
    assert str(event["attendee"]) == "mailto:mira@example.com"
    assert file.count(b"\r\n") == file.count(b"\n")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


@pytest.mark.django_db
def test_a_name_of_the_provider_is_one_sender() -> None:
    appointment = scene.appointment()
    appointment.provider.name = 'Evil" <evil@example.com>,\r\nBcc: x@example.com'
    message = Message(
        provider=appointment.provider,
        appointment=appointment,
        kind="confirmed",
        to="client",
        start_at=appointment.starts_at,
    )

    mail = channels.compose(message, letter("confirmed", of=appointment), manage_url=MANAGE, at=BOOKED)
    parsed: Any = message_from_bytes(mail.message().as_bytes(), policy=policy.default)

    assert [one.addr_spec for one in parsed["From"].addresses] == ["no-reply@testserver"]
    assert parsed["Bcc"] is None
    assert letters.TOLD  # the kinds are the same as elsewhere
