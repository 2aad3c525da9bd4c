"""Clients from another tool: what is in the file is shown, and nothing is written before the second yes."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from booking import lifecycle
from booking.dashboard import clients_file
from booking.models import Client, ClientNote, Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, text

PATH = "/dashboard/clients/import/"
SQUARE = (
    "Reference ID,First Name,Last Name,Email Address,Phone Number,Memo\r\n"
    "1,Mira,Rossi,Mira@Example.com,02 5555 0101,\r\n"
)
ACUITY = (
    'First Name,Last Name,Phone,Email,Notes\nBo,Lee,"\'+39 02 5555 0102",bo@example.com,"Likes, the window"\n'
)
CALENDLY = "Invitee Name;Invitee Email;Text Reminder Number\nสมหญิง ใจดี;somying@example.com;\n"


def sent(desk: Browser, content: str | bytes) -> str:
    body = content.encode() if isinstance(content, str) else content
    return text(desk.post(PATH, {"file": SimpleUploadedFile("list.csv", body)}))


def test_the_exports_of_other_tools_are_understood(studio: Provider) -> None:
    found = [clients_file.read(one, provider=studio).rows[0] for one in (SQUARE, ACUITY, CALENDLY)]
    assert [(row.name, row.email, row.phone, row.note, row.wrong) for row in found] == [
        ("Mira Rossi", "mira@example.com", "+390255550101", "", []),
        ("Bo Lee", "bo@example.com", "+390255550102", "Likes, the window", []),
        ("สมหญิง ใจดี", "somying@example.com", "", "", []),
    ]


def test_files_of_every_encoding_say_the_same() -> None:
    said = "name,email\nZoë,z@example.com\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert clients_file.decoded(said.encode(encoding)) == said


def test_nothing_is_written_before_it_is_confirmed(studio: Provider, desk: Browser) -> None:
    known = stories.book(studio).client
    list_ = (
        "Name,E-mail,Telefono,Notes\n"
        "Ada,ada@example.com,,\n"
        "=cmd|'/c calc'!A1,eve@example.com,,<b>hi</b>\n"
        "Eve,EVE@example.com,,\n"
        "Nobody,not an address,,\n"
        "Bo,bo@example.com,12,\n"
    )
    page = sent(desk, list_)
    assert Client.objects.count() == 1
    assert "Take 1 client over" in page
    assert "Line 5" in page
    assert "E-mail: Send one e-mail address" in page
    assert "Telefono: Write the number with its country" in page
    assert "&lt;b&gt;hi&lt;/b&gt;" in page
    desk.post(PATH, {"text": list_, "sure": "yes"})
    made = Client.objects.exclude(pk=known.pk).get()
    assert (made.name, made.email, made.timezone) == ("=cmd|'/c calc'!A1", "eve@example.com", studio.timezone)
    assert ClientNote.objects.get().text == "<b>hi</b>"
    known.refresh_from_db()
    assert known.name == "Ada Moss"
    assert "Nobody in it is new." in sent(desk, list_)


def test_what_is_no_list_is_told_kindly(studio: Provider, desk: Browser) -> None:
    for content, words in (
        (b"", "Choose a file."),
        (b"PK\x03\x04\x00\x00", "This is not a CSV file."),
        ("who,where\na,b\n", "No column is called"),
        ("email\n" + "a@example.com\n" * 5001, "At most 5000 clients at once."),
    ):
        assert words in sent(desk, content)
    assert browser(member(studio, "member")).get(PATH).status_code == 403


def test_five_thousand_are_read_and_taken_over(studio: Provider) -> None:
    rows = "".join(f"Client {n},c{n}@example.com,+39025555{n:04}\n" for n in range(5000))
    found = clients_file.read("name,email,phone\n" + rows, provider=studio).rows
    people = [lifecycle.Person(row.name, row.email, row.phone) for row in found if not row.wrong]
    made = lifecycle.bring_clients(provider=studio, people=people, by=stories.owner(studio), at=stories.EARLY)
    assert (made, Client.objects.count()) == (5000, 5000)
