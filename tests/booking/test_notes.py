"""Notes of an appointment: what its client reads, who may write it, and where no word of it is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from booking import lifecycle, tokens
from booking.actors import Actor
from booking.models import Appointment, ClientNote, Provider, SharedNote
from booking.telling import at_sending, on_paper, on_record, to_client
from payments import evidence
from payments.papers import dossier
from reminders import delivery, wording
from reminders.models import Message
from tests.booking import stories
from tests.booking.api.calls import Api, token
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY, HOUR, MONDAY
from tests.booking.test_health import QUESTIONS, details

pytestmark = pytest.mark.django_db
TEXT = "Bring <b>the</b> knee brace\nand read https://example.com/knee?a=1&b=2"
SHOWN = (
    'Bring &lt;b&gt;the&lt;/b&gt; knee brace<br>and read <a href="https://example.com/knee?a=1&amp;b=2"'
    ' rel="nofollow">https://example.com/knee?a=1&amp;b=2</a>'
)
AT = EARLY + HOUR


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(AT, tick=False) as moved:
        yield moved


@pytest.fixture
def studio(clock: object) -> Provider:
    return stories.studio()


@pytest.fixture
def booked(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


@pytest.fixture
def boss(studio: Provider) -> Actor:
    return stories.owner(studio)


@pytest.fixture
def desk(studio: Provider, settings: Any) -> Browser:
    settings.SESSION_COOKIE_AGE = 60 * 60 * 24 * 365
    return browser(owner(studio))


def path(of: Appointment, more: str = "") -> str:
    return f"/dashboard/appointments/{of.uid}/{more}"


def shared(of: Appointment, by: Actor, *, tell: bool = False, text: str = TEXT) -> SharedNote:
    return lifecycle.share_note(appointment=of, text=text, tell=tell, by=by, at=AT)


def clients_page(of: Appointment) -> str:
    answer = Browser().get(tokens.manage_path(of), follow=True, headers={"Accept-Language": "en"})
    return text(answer) if answer.status_code == 200 else ""


def told(of: Appointment) -> list[tuple[str, str]]:
    """What the timeline has of notes, and by whom."""
    return [(one.kind, str(one.user)) for one in of.timeline.filter(kind__startswith="note_")]


# --- The desk, and the client ---


def test_a_note_is_read_on_the_clients_page_as_it_was_typed_with_safe_links(
    booked: Appointment, desk: Browser
) -> None:
    answer = desk.post(
        path(booked, "notes/"), {"text": TEXT.replace("\n", "\r\n"), "tell": "on"}, follow=True
    )
    assert "Shared, and the mail is on its way." in text(answer)
    assert SHOWN in text(answer)
    assert "You shared a note with Ada Moss. A mail says so." in text(answer)
    page = clients_page(booked)
    assert SHOWN in page
    assert "A note for you" in page
    assert "Anna Bianchi</bdi> · Monday 15 February 2027, 05:00" in page  # on the client's clock
    assert "Studio Bianchi wrote a note for you." in page
    assert "@" not in page.split('id="note"')[1].split("</section>")[0]  # no member's address


def test_the_mail_says_that_there_is_a_note_and_no_word_of_it(booked: Appointment, boss: Actor) -> None:
    shared(booked, boss, tell=True)
    lifecycle.note(client=booked.client, appointment=booked, text="Limps.", by=boss, at=AT)
    delivery.send_due(at=MONDAY - 20 * HOUR, facts=at_sending.facts)
    sent = {one.kind: one for one in booked.messages.filter(to="client", state="sent")}
    assert {"note_shared", "reminder"} <= sent.keys()
    for kind in ("note_shared", "reminder"):
        assert "Read the note:" in sent[kind].text
        assert "/#note" in sent[kind].text
    assert "Studio Bianchi wrote a note for you" in sent["note_shared"].text
    everything = "".join(f"{one.subject}{one.text}{one.facts}" for one in Message.objects.all())
    assert [word for word in ("knee", "Limps") if word in everything] == []


def test_without_the_tick_no_mail_goes_out_and_without_a_note_no_mail_speaks_of_one(
    booked: Appointment, desk: Browser
) -> None:
    reminder = booked.messages.get(kind="reminder")
    said = wording.write(reminder, facts=at_sending.facts(booked, "reminder", AT), at=AT)
    assert "note" not in said.text
    answer = desk.post(path(booked, "notes/"), {"text": "Tea?"}, follow=True)
    assert "Shared: it is on the client&#x27;s page." in text(answer)
    assert not booked.messages.filter(kind="note_shared").exists()
    assert "A mail says so." not in text(answer)


def test_it_is_looked_at_first_and_nothing_is_shared(booked: Appointment, desk: Browser) -> None:
    answer = desk.post(path(booked, "notes/"), {"text": TEXT, "look": "yes"})
    assert (answer.status_code, SharedNote.objects.count()) == (200, 0)
    assert "What Ada Moss reads" in text(answer)
    assert SHOWN in text(answer)
    assert "Bring &lt;b&gt;the&lt;/b&gt; knee brace\nand read" in text(answer)  # still in the form
    assert SHOWN in text(desk.post(path(booked, "notes/look/"), {"text": TEXT}))
    assert "Ada Moss reads this on the page of the appointment at once, and until" in text(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("  ", "This field is required.", id="nothing"),
        pytest.param("Card 4242 4242 4242 4242", "This looks like a card number.", id="card"),
        pytest.param("x" * 4001, "at most 4000 characters", id="too_long"),
    ],
)
def test_what_cannot_be_shared_says_why_and_stays_typed(
    booked: Appointment, desk: Browser, typed: str, said: str
) -> None:
    answer = desk.post(path(booked, "notes/"), {"text": typed})
    assert (answer.status_code, SharedNote.objects.count()) == (400, 0)
    assert said in text(answer)
    assert f"{typed.strip()}</textarea>" in text(answer)


def test_it_is_changed_and_taken_back_by_any_member_and_the_history_says_so(
    booked: Appointment, studio: Provider, boss: Actor, desk: Browser
) -> None:
    note = shared(booked, boss)
    colleague = member(studio, "member")
    helper = browser(colleague)
    where = path(booked, f"notes/{note.uid}/")
    helper.post(where, {"text": "Bring tea", "tell": "on"})
    page = clients_page(booked)
    assert "Bring tea" in page
    assert "knee" not in page
    assert "changed Monday 15 February 2027" in page
    assert colleague.email not in page
    changed = booked.messages.get(kind="note_shared")
    assert changed.facts == {"changed": True}
    helper.post(where, {"text": "Bring tea", "tell": "on"})  # the same words
    assert "Bring tea" in text(desk.get(path(booked)))
    desk.post(where, {"back": "yes"})
    assert "Bring tea" not in clients_page(booked)
    assert "took a note for you back." in clients_page(booked)
    assert told(booked) == [
        ("note_shared", str(boss.user)),
        ("note_changed", colleague.email),
        ("note_taken_back", str(boss.user)),
    ]
    facts = json.dumps([one.facts for one in booked.timeline.all()])
    assert "tea" not in facts
    assert "knee" not in facts
    changed.refresh_from_db()
    assert changed.state == "dropped"


def test_a_mail_that_still_waits_is_told_once_and_as_new(booked: Appointment, boss: Actor) -> None:
    note = shared(booked, boss, tell=True)
    other = shared(booked, boss, tell=True, text="Another")
    lifecycle.change_shared_note(note=note, text="Tea", tell=True, by=boss, at=AT + HOUR)
    waiting = booked.messages.filter(kind="note_shared", state="waiting").order_by("pk")
    assert [one.facts for one in waiting] == [{"changed": False}] * 2
    lifecycle.take_note_back(note=note, by=boss, at=AT + 2 * HOUR)
    assert [str(other.uid) in one.about for one in waiting.all()] == [True]


def test_what_a_colleague_took_back_meanwhile_is_typed_for_a_new_one(
    booked: Appointment, boss: Actor, desk: Browser
) -> None:
    note = shared(booked, boss)
    lifecycle.take_note_back(note=note, by=boss, at=AT)
    answer = desk.post(path(booked, f"notes/{note.uid}/"), {"text": "Half an hour of work"})
    assert answer.status_code == 409
    assert "This note was taken back meanwhile." in text(answer)
    assert "Half an hour of work</textarea>" in text(answer)
    with pytest.raises(lifecycle.NotAllowed, match="taken back"):
        lifecycle.change_shared_note(note=note, text="x", tell=False, by=boss, at=AT)


def test_who_only_reads_writes_nothing_and_strangers_find_nothing(
    booked: Appointment, studio: Provider, boss: Actor
) -> None:
    note = shared(booked, boss)
    reader = browser(member(studio, "read_only"))
    stranger = browser(owner(stories.school()))
    other = stories.confirmed(studio, start=MONDAY + 2 * HOUR)
    for more, said in (
        ("notes/", {"text": "x"}),
        ("notes/look/", {"text": "x"}),
        (f"notes/{note.uid}/", {"text": "x"}),
        (f"notes/{note.uid}/", {"back": "yes"}),
        ("private-note/", {"text": "x"}),
    ):
        assert reader.post(path(booked, more), said).status_code == 403
        assert stranger.post(path(booked, more), said).status_code == 404
    assert browser(owner(studio)).post(path(other, f"notes/{note.uid}/"), {"back": "yes"}).status_code == 404
    assert "knee" in text(reader.get(path(booked)))
    assert "Write a note" not in text(reader.get(path(booked)))
    assert list(SharedNote.objects.values_list("text", flat=True)) == [TEXT]
    assert not ClientNote.objects.exists()


def test_nothing_is_shared_where_the_clients_page_is_no_more(
    booked: Appointment, boss: Actor, desk: Browser, clock: time_machine.Traveller
) -> None:
    shared(booked, boss)
    gone = booked.ends_at + timedelta(days=90)
    clock.move_to(gone - timedelta(seconds=1))
    assert "knee brace" in clients_page(booked)
    clock.move_to(gone)
    assert clients_page(booked) == ""
    assert "Write a note for the client" not in text(desk.get(path(booked)))
    answer = desk.post(path(booked, "notes/"), {"text": "Too late"})
    assert answer.status_code == 409
    with pytest.raises(lifecycle.NotAllowed) as no:
        lifecycle.share_note(appointment=booked, text="x", tell=False, by=boss, at=gone)
    assert no.value.code == "page_gone"


def test_a_page_has_room_for_twenty(booked: Appointment, boss: Actor) -> None:
    for n in range(20):
        shared(booked, boss, text=str(n))
    with pytest.raises(lifecycle.NotAllowed) as no:
        shared(booked, boss)
    assert no.value.code == "too_many_notes"


def test_where_mails_come_back_the_form_says_that_only_the_page_has_it(
    booked: Appointment, desk: Browser
) -> None:
    assert 'name="tell" id="shared-tell" checked' in text(desk.get(path(booked)))
    type(booked.client).objects.update(mail_bounced_at=AT, mail_trouble="550")
    page = text(desk.get(path(booked)))
    assert "Mails do not reach Ada Moss now: only the page will have it." in page
    assert 'name="tell" id="shared-tell">' in page


# --- Private ones ---


def test_a_private_note_stands_on_both_pages_and_on_none_of_the_clients(
    booked: Appointment, studio: Provider, desk: Browser
) -> None:
    desk.post(path(booked, "private-note/"), {"text": "Limps on the left"})
    note = ClientNote.objects.get()
    assert (note.appointment, note.client) == (booked, booked.client)
    person = f"/dashboard/clients/{booked.client.uid}/"
    desk.post(f"{person}note/", {"text": "Likes tea"})
    there = text(desk.get(path(booked)))
    assert "Limps on the left" in there
    assert "Likes tea" not in there
    assert "One more note about Ada Moss" in there
    on_person = text(desk.get(person))
    assert "Likes tea" in on_person
    assert "about the appointment on Mon 1 Mar 2027, 10:00" in on_person
    assert "Limps" not in clients_page(booked)
    assert desk.post(path(booked, "private-note/"), {"note": str(note.uid), "text": ""}).status_code == 302
    assert ClientNote.objects.get().text == "Likes tea"
    kept = desk.post(path(booked, "private-note/"), {"text": "4242 4242 4242 4242"})
    assert kept.status_code == 400
    assert "4242 4242 4242 4242</textarea>" in text(kept)
    other = stories.confirmed(studio, start=MONDAY + 2 * HOUR)
    for uid in (str(ClientNote.objects.get().uid), "none"):
        assert desk.post(path(other, "private-note/"), {"note": uid, "text": "x"}).status_code == 404


# --- Whose it is ---


def test_the_client_is_handed_it_and_erased_it_is_nowhere(booked: Appointment, boss: Actor) -> None:
    shared(booked, boss)
    stories.cancel(booked, at=MONDAY - HOUR)
    lifecycle.settle(at=MONDAY + 48 * HOUR)
    handed = on_record.everything(client=booked.client, at=AT)
    tables = {one["table"]: one["rows"] for one in handed["sections"]}
    assert [one["text"] for one in tables["booking.SharedNote"]] == [TEXT]
    assert "Studio Bianchi wrote a note for you." in json.dumps(handed["in_words"])
    done = MONDAY + 50 * HOUR
    lifecycle.erase(client=booked.client, by=boss, at=done)
    assert not SharedNote.objects.exists()
    assert "knee" not in json.dumps(on_record.everything(client=booked.client, at=done))


def test_a_year_after_the_last_appointment_it_goes_by_itself(booked: Appointment, boss: Actor) -> None:
    shared(booked, boss)
    assert lifecycle.forget_notes(at=booked.ends_at + timedelta(days=365) - HOUR) == 0
    assert lifecycle.forget_notes(at=booked.ends_at + timedelta(days=365)) == 1
    assert not SharedNote.objects.exists()


def test_the_record_of_an_appointment_has_notes_and_the_consent_and_the_bank_has_neither(
    studio: Provider, boss: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.services.update(questions=QUESTIONS)
    booked = stories.book(studio, client=details(consents=True), answers={"pain": "Shoulder"})
    lifecycle.withdraw_consent(appointment=booked, by=boss, at=AT)
    shared(booked, boss)
    found = evidence.record(appointment=booked, at=AT)
    assert [(one["act"], one["sha256_fits"]) for one in found["health_consents"]] == [
        ("given", True),
        ("withdrawn", True),
    ]
    assert "erased" in found["health_consents"][0]["text"]
    assert [one["text"] for one in found["shared_notes"]] == [TEXT]
    printed: list[dict[str, Any]] = []
    monkeypatch.setattr(dossier, "pdf", lambda *, record, **_rest: printed.append(record) or b"")
    on_paper.record(booked, language="en", at=AT)
    on_paper.record(booked, language="en", at=AT, for_bank=True)
    assert [bool(one["shared_notes"] and one["health_consents"]) for one in printed] == [True, False]
    assert "knee" not in json.dumps(printed[1])


def test_the_paper_prints_them(studio: Provider, boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.services.update(questions=QUESTIONS)
    booked = stories.book(studio, client=details(consents=True), answers={"pain": "Shoulder"})
    shared(booked, boss)
    texts: list[str] = []
    monkeypatch.setattr(dossier, "Sheet", lambda **_facts: Spy(texts))
    on_paper.record(booked, language="en", at=AT)
    assert TEXT in texts
    assert "Consent to answers about health" in texts


class Spy:
    """A sheet that keeps what is written on it."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def heading(self, text: str, level: int = 1) -> None:
        self.texts.append(text)

    def text(self, text: str, **_look: Any) -> None:
        self.texts.append(text)

    def pairs(self, rows: Any) -> None:
        self.texts += [word for row in rows for word in row]

    def table(self, columns: Any, rows: Any) -> None:
        pass

    def bytes(self) -> bytes:
        return b""


# --- By program ---


def test_a_program_shares_changes_and_takes_back(booked: Appointment, studio: Provider) -> None:
    program, reader = Api(token(studio, "read", "write")), Api(token(studio, "read"))
    where = f"appointments/{booked.uid}/"
    answer = program.post(f"{where}share-note/", {"text": TEXT})
    assert answer.status == 200
    (note,) = answer.body["shared_notes"]
    assert (note["text"], note["changed_at"]) == (TEXT, None)
    assert note.keys() == {"id", "text", "from", "shared_at", "changed_at"}
    assert booked.messages.filter(kind="note_shared", state="waiting").count() == 1
    own = Api().get(f"appointments/{tokens.make(booked)}/").body["shared_notes"]
    assert own == reader.get(where).body["shared_notes"] == [note]
    changed = program.post(f"{where}change-note/", {"note": note["id"], "text": "Tea", "tell": False})
    assert [one["text"] for one in changed.body["shared_notes"]] == ["Tea"]
    assert reader.post(f"{where}take-note-back/", {"note": note["id"]}).status == 403
    other = stories.confirmed(studio, start=MONDAY + 2 * HOUR)
    stray = program.post(f"appointments/{other.uid}/take-note-back/", {"note": note["id"]})
    assert stray.status == 404
    back = program.post(f"{where}take-note-back/", {"note": note["id"]})
    assert back.body["shared_notes"] == []
    assert program.post(f"{where}take-note-back/", {"note": note["id"]}).status == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param({}, {"text": "required"}, id="no_text"),
        pytest.param({"text": " "}, {"text": "blank"}, id="blank"),
        pytest.param({"text": "x", "tell": "no"}, {"tell": "invalid"}, id="tell"),
    ],
)
def test_a_wrong_note_is_a_400_by_field(
    booked: Appointment, studio: Provider, body: dict[str, Any], wrong: dict[str, Any]
) -> None:
    answer = Api(token(studio, "write")).post(f"appointments/{booked.uid}/share-note/", body)
    assert answer.status == 400
    assert answer.errors == wrong


def test_every_line_about_a_note_has_words_on_both_sides(booked: Appointment, boss: Actor) -> None:
    note = shared(booked, boss)
    lifecycle.change_shared_note(note=note, text="x", tell=False, by=boss, at=AT)
    lifecycle.take_note_back(note=note, by=boss, at=AT)
    kinds = {one.kind for one in to_client.lines(booked)}
    assert {"note_shared", "note_changed", "note_taken_back"} <= kinds
