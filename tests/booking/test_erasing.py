"""Erasing: the person goes from every table, the money stays; and nothing of theirs comes back."""

import itertools
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, models, transaction

from booking import lifecycle, tokens
from booking.actors import SYSTEM
from booking.lifecycle import erasing
from booking.models import Client, ClientNote, Concern, IdempotencyKey, Lapse, LinksWish
from booking.telling import on_record
from config import backup, guards, personal
from payments import cards, hints
from payments.models import Deposit, Difference, LedgerEntry, Paper, Payment, StripeEvent
from reminders import outcomes, trouble
from reminders.models import MailEvent, Message
from reminders.wording.letter import Letter
from tests.booking import stories, world
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY

AT = world.AT + 100 * HOUR


# --- One table of fields -------------------------------------------------------------------------


def test_every_field_of_text_is_personal_or_known_to_be_harmless() -> None:
    harmless = personal.harmless()
    unknown, twice = [], []
    for model in apps.get_models():
        label = model._meta.label
        said = [*harmless.get(label, ())]
        for held in personal.declared():
            if held.model == label:
                said += [*held.blank, *held.kept]
        for field in model._meta.local_fields:
            if isinstance(field, personal.TEXTS):
                unknown += [f"{label}.{field.name}"] * (field.name not in said)
                twice += [f"{label}.{field.name}"] * (said.count(field.name) > 1)
    assert (unknown, twice) == ([], [])


def test_the_tables_name_only_fields_that_there_are() -> None:
    for held in personal.declared():
        names = {field.name for field in apps.get_model(held.model)._meta.local_fields}
        assert {*held.blank, *held.kept} <= names
    for label, said in personal.harmless().items():
        assert set(said) <= {field.name for field in apps.get_model(label)._meta.local_fields}


# --- Salted words --------------------------------------------------------------------------------


@pytest.fixture
def mira(db: None) -> Client:
    """A client of whom every table knows something."""
    made = world.everything()
    client = Client.objects.get()
    paths = {"provider": made.provider, "to": "provider", "due_at": AT, "planned_for": AT, "created_at": AT}
    summary = Message.objects.create(**paths, kind="daily", about="2026-11-25", state="sent", sent_at=AT)
    Message.objects.create(
        **paths, appointment=made.missed, start_at=AT, kind="late", state="passed", told_in=summary
    )
    Message.objects.create(**paths, kind="mail_bounced", about=f"{client.uid}:0a0b:bounce")
    MailEvent.objects.create(
        sender="mailgun", event_id="two", kind="bounced", message=made.missed.messages.first(), at=AT
    )
    Concern.objects.create(client=client, pattern="slipping", state="open", due_at=AT, raised_at=AT)
    member = made.provider.memberships.first().user
    ClientNote.objects.create(client=client, user=member, text="-", written_at=AT)
    IdempotencyKey.objects.create(
        scope=f"ArriveDoor:appointment {made.missed.pk}",
        key="k2",
        request_hash="0" * 64,
        status=200,
        answer={"body": "{}"},
        created_at=AT,
    )
    Difference.objects.create(
        kind="odd", thing="odd", payment=made.payment, found_at=AT, seen_at=AT, note="-"
    )
    return client


def salted(client: Client) -> dict[str, list[str]]:
    """A word of its own in every personal field of every row; by field, the words."""
    numbers = itertools.count(0x100)
    words: dict[str, list[str]] = {}
    connection.check_constraints()
    guards.drop(connection)
    for held in personal.declared():
        for row in held.rows(client):
            for name in (*held.blank, *held.kept):
                word = f"~{next(numbers):x}"
                if _salt(row, row._meta.get_field(name), word):
                    words.setdefault(f"{held.model}.{name}", []).append(word)
    connection.check_constraints()
    guards.install(connection)
    return words


def _salt(row: models.Model, field: Any, word: str) -> bool:
    if not isinstance(field, personal.TEXTS) or isinstance(field, models.GenericIPAddressField):
        return False
    value: Any = word
    if isinstance(field, models.EmailField):
        value = f"{word}@example.com"
    if isinstance(field, models.JSONField):
        value = (row.facts if row._meta.label == "payments.Paper" else {}) | {"x": word}
    if field.name == "about":  # elsewhere it names things of ours
        if row.kind != "mail_bounced":
            return False
        value = f"{row.about}{word}"
    more = {"urgent_at": AT} if field.name == "urgent_reason" else {}
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**{field.name: value}, **more)
    except IntegrityError:
        return False  # only one of a few words fits there
    return True


def dumped(tmp_path: Path) -> str:
    """Every row of every table, and a backup of them all."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    backup.save(path=tmp_path / "backup.zip", at=AT)
    with zipfile.ZipFile(tmp_path / "backup.zip") as file:
        found += [file.read(name).decode() for name in file.namelist()]
    return "\n".join(found)


def erased(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Whatever stands: what keeps a client from being erased has tests of its own."""
    monkeypatch.setattr(erasing, "still_open", lambda **_: [])
    monkeypatch.setattr("payments.gateways.sandbox.Sandbox.detach", lambda *_, **__: None, raising=False)
    client = lifecycle.erase(client=client, by=SYSTEM, at=AT)
    cards.detach_due(at=AT)
    return client


KEPT = {"payments.Charge.description", "payments.Paper.facts"}


def test_no_word_of_an_erased_client_is_anywhere_but_on_the_papers(
    mira: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = salted(mira)
    texts = {
        f"{held.model}.{name}"
        for held in personal.declared()
        for name in (*held.blank, *held.kept)
        if isinstance(apps.get_model(held.model)._meta.get_field(name), personal.TEXTS)
    }
    assert texts - words.keys() == {"policies.Agreement.ip_address", "booking.LinksWish.email"}
    there = dumped(tmp_path)
    assert all(word in there for some in words.values() for word in some)
    handed_out = json.dumps(on_record.everything(client=Client.objects.get(), at=AT))
    missing = {name for name, some in words.items() if not any(word in handed_out for word in some)}
    assert missing == set()
    erased(Client.objects.get(), monkeypatch)
    there = dumped(tmp_path)
    left = {name for name, some in words.items() if any(word in there for word in some)}
    assert left == KEPT
    call_command("verify_invariants")


def test_the_money_stays_to_the_cent(mira: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def books() -> list[Any]:
        return [
            list(model._base_manager.order_by("pk").values_list(*names))
            for model, *names in (
                (LedgerEntry, "source", "target", "amount", "at"),
                (Paper, "number", "amount", "tax", "facts", "issued_at"),
                (Deposit, "paid", "held", "forfeited", "refunded"),
                (Lapse, "kind", "at"),
            )
        ]

    before = books()
    client = erased(mira, monkeypatch)
    assert books() == before
    assert client.name == f"#{client.uid.hex[:6].upper()}"
    assert client.email == f"erased-{client.uid.hex}@erased.invalid"


def test_nothing_that_arrives_late_brings_a_person_back(
    mira: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Message.objects.filter(appointment__client=mira, to="client").first()
    assert message
    LinksWish.objects.create(provider=mira.provider, email="Mira@example.com", asked_at=AT)
    client = erased(mira, monkeypatch)
    assert not LinksWish.objects.exists()
    trouble.reported(
        sender="mailgun",
        event_id="late",
        kind="complained",
        address="mira@example.com",
        why="mira@example.com is unwanted",
        message=Message.objects.get(pk=message.pk),
        at=AT + HOUR,
    )
    client.refresh_from_db()
    assert (client.mail_complained_at, client.mail_trouble) == (None, "")
    assert MailEvent.objects.filter(event_id="late", address="", reason="").exists()
    assert not Message.objects.waiting().filter(appointment__client=client).exists()
    letter = Letter("Ciao Mira", "Mira", "Mira", [], "Studio", "it")
    outcomes.sent(message, letter, at=AT + HOUR)  # it was on its way meanwhile
    message.refresh_from_db()
    assert (message.subject, message.text, message.html, message.address) == ("", "", "", "")


def test_an_event_of_the_gateway_is_kept_without_who_paid(db: None) -> None:
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "metadata": {"payment": "u", "card": "c"},
        "customer_details": {"email": "mira@example.com", "name": "Mira", "address": {"city": "Roma"}},
        "customer_email": "mira@example.com",
        "lines": [{"billing_details": {"phone": "+39"}, "amount": 5}],
    }
    hints.store(event={"id": "evt", "type": "t", "data": {"object": session}}, at=AT)
    body = StripeEvent.objects.get().body
    assert body["data"]["object"] == {
        "id": "cs_1",
        "object": "checkout.session",
        "metadata": {"payment": "u", "card": "c"},
        "lines": [{"amount": 5}],
    }
    assert "mira" not in json.dumps(body).lower()


# --- When it is refused --------------------------------------------------------------------------


def codes(client: Client) -> list[str]:
    return list(dict.fromkeys(one.code for one in lifecycle.still_open(client=client)))


def test_what_stands_between_them_comes_to_its_end_first(db: None) -> None:
    appointment = stories.book(stories.studio())
    client = appointment.client
    assert codes(client) == ["appointment", "payment"]
    stories.pay(appointment, at=EARLY)
    assert codes(client) == ["appointment", "deposit"]
    stories.cancel(stories.fresh(appointment), at=MONDAY - HOUR)
    assert "settlement" in codes(client)
    with pytest.raises(lifecycle.StillOpen) as no:
        lifecycle.erase(client=client, by=SYSTEM, at=MONDAY)
    assert "settlement" in no.value.facts["open"]
    client.refresh_from_db()
    assert (client.name, client.erased_at) == ("Ada Moss", None)


def test_who_comes_again_after_being_erased_is_somebody_new(db: None) -> None:
    provider = stories.studio()
    appointment = stories.confirmed(provider)
    stories.cancel(appointment, at=MONDAY - HOUR)
    lifecycle.settle(at=MONDAY + 48 * HOUR)
    client = lifecycle.erase(client=appointment.client, by=stories.owner(provider), at=MONDAY + 50 * HOUR)
    assert client.erased_by == stories.owner(provider).user
    assert tokens.find(tokens.make(appointment), at=MONDAY + 50 * HOUR) is None
    again = lifecycle.erase(client=client, by=SYSTEM, at=MONDAY + 60 * HOUR)
    assert again.erased_at == MONDAY + 50 * HOUR
    later = stories.book(provider, start=MONDAY + 14 * 24 * HOUR, at=MONDAY + 70 * HOUR)
    assert later.client != client
    assert later.client.lapses.count() == 0


def test_after_a_restore_they_are_erased_again_by_their_ids(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = stories.studio()
    standing = stories.book(provider).client
    gone = world.client(provider)
    with pytest.raises(CommandError, match=str(standing.uid)):
        call_command("erase_client", str(gone.uid), str(standing.uid))
    said = capsys.readouterr()
    assert f"{gone.uid}: erased" in said.out
    assert "An appointment stands." in said.err
    gone.refresh_from_db()
    assert gone.erased_at is not None


# --- By itself -----------------------------------------------------------------------------------


def test_who_only_held_a_time_is_forgotten_after_thirty_days(db: None) -> None:
    provider = stories.studio()
    stories.confirmed(provider, email="bo@example.com")
    held = stories.book(provider, start=MONDAY + 2 * HOUR)
    lifecycle.lapse_holds(at=EARLY + HOUR)
    Payment.objects.filter(deposit__appointment=held).update(state="closed")
    month = EARLY + timedelta(days=30)
    assert lifecycle.forget_strangers(at=month - MINUTE) == 0
    assert lifecycle.forget_strangers(at=month) == 1
    assert lifecycle.forget_strangers(at=month) == 0
    assert [client.email for client in Client.objects.filter(erased_at=None)] == ["bo@example.com"]


def test_notes_and_answers_go_a_year_after_the_last_appointment(mira: Client) -> None:
    appointment = mira.appointments.latest("ends_at")
    type(appointment).objects.filter(pk=appointment.pk).update(answers={"what": "migraine"})
    Concern.objects.update(note="told me")
    year = appointment.ends_at + timedelta(days=365)
    assert lifecycle.forget_notes(at=year - MINUTE) == 0
    assert mira.notes.exists()
    assert lifecycle.forget_notes(at=year) == 1
    assert lifecycle.forget_notes(at=year) == 0
    appointment.refresh_from_db()
    assert (appointment.answers, mira.notes.count(), Concern.objects.get().note) == ({}, 0, "")


def test_reports_of_bounces_lose_the_address_after_ninety_days(db: None) -> None:
    MailEvent.objects.create(sender="mailgun", event_id="1", kind="bounced", address="a@example.com", at=AT)
    assert lifecycle.forget_logs(at=AT + timedelta(days=90) - MINUTE) == 0
    assert lifecycle.forget_logs(at=AT + timedelta(days=90)) == 1
    assert MailEvent.objects.get().address == ""
