"""Two clients who are one person: all of it stands with the one that stays, and the database agrees."""

import itertools
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from booking import doubles, lifecycle
from booking.actors import Actor
from booking.models import Client, ClientNote, Concern, Lapse
from config import personal
from payments.models import Credit, Paper, SavedCard
from reminders import consents
from tests.booking import stories, world
from tests.booking.test_invariants import broken
from tests.booking.world import AT, HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira() -> Client:
    """A client of whom every table knows something."""
    world.everything()
    return Client.objects.get()


@pytest.fixture
def other(mira: Client) -> Client:
    return Client.objects.create(
        provider=mira.provider,
        name="Mira R.",
        email="mira+yoga@example.com",
        timezone="Europe/Rome",
        created_at=AT - timedelta(days=9),
    )


def boss(of: Client) -> Actor:
    return stories.owner(of.provider)


def merged(stays: Client, goes: Client) -> Client:
    lifecycle.merge(stays=stays, goes=goes, by=boss(stays), at=AT + 90 * HOUR)
    goes.refresh_from_db()
    stays.refresh_from_db()
    return stays


def owned(client: Client) -> dict[str, int]:
    """How many rows of each table are this client's."""
    return {
        held.model: held.rows(client).count()
        for held in personal.declared()
        if held.of and held.model not in ("booking.Client", "booking.ClientNote")
    }


def test_everything_follows_and_a_number_is_left_that_says_where(mira: Client, other: Client) -> None:
    before = owned(mira)
    assert min(before["booking.Appointment"], before["booking.Lapse"], before["payments.Paper"]) > 0
    stays = merged(other, mira)
    after = owned(stays)
    stayed = {name for name, count in before.items() if count and after[name] != count}
    assert stayed <= {"reminders.Consent"}  # what was agreed to was agreed to for one number
    assert {name for name, count in owned(mira).items() if count} <= {"reminders.Consent"}
    assert (mira.merged_into, mira.erased_at, mira.name) == (
        stays,
        AT + 90 * HOUR,
        f"#{mira.uid.hex[:6].upper()}",
    )
    for model in (Credit, SavedCard, Paper, Lapse):
        assert set(model._base_manager.values_list("client", flat=True)) <= {stays.pk}
    note = ClientNote.objects.get(client=stays, text__contains="mira@example.com")
    assert note.user == boss(stays).user


def test_the_books_are_as_they_were_and_every_invariant_holds(mira: Client, other: Client) -> None:
    papers = list(Paper.objects.order_by("pk").values("number", "amount", "recipient", "facts"))
    before = broken()
    merged(other, mira)
    assert list(Paper.objects.order_by("pk").values("number", "amount", "recipient", "facts")) == papers
    assert broken() == before


def test_what_is_missing_is_filled_in_and_a_block_holds_for_both(mira: Client, other: Client) -> None:
    Client.objects.filter(pk=mira.pk).update(
        phone="+39025550101", preferences={"days": ["mon"]}, blocked_at=AT, blocked_reason="x"
    )
    stays = merged(other, mira)
    assert (stays.phone, stays.preferences) == ("+39025550101", {"days": ["mon"]})
    assert (stays.blocked_at, stays.blocked_reason) == (AT, "x")
    assert (stays.name, stays.email) == ("Mira R.", "mira+yoga@example.com")
    assert stays.created_at == AT - timedelta(days=9)


def test_a_no_is_kept_and_a_yes_is_not_carried_over(mira: Client, other: Client) -> None:
    consents.record(client=other, channel="sms", give=True, how="desk", at=AT)
    consents.record(client=mira, channel="whatsapp", give=True, how="desk", at=AT)
    consents.record(client=mira, channel="sms", give=True, how="desk", at=AT)
    consents.record(client=mira, channel="sms", give=False, how="reply", at=AT)
    stays = merged(other, mira)
    assert consents.given_by(stays) & {"sms", "whatsapp"} == set()


def test_two_open_concerns_of_a_kind_become_one(mira: Client, other: Client) -> None:
    for client in (mira, other):
        Concern.objects.create(client=client, pattern="slipping", state="open", due_at=AT, raised_at=AT)
    stays = merged(other, mira)
    found = Concern.objects.filter(client=stays, pattern="slipping", state="open")
    assert found.count() == 1


def test_nobody_is_merged_twice_or_with_themselves_or_with_a_neighbours(mira: Client, other: Client) -> None:
    neighbour = world.client(stories.school(), "mira@example.com")
    for goes in (other, neighbour):
        with pytest.raises(lifecycle.NotAllowed):
            lifecycle.merge(stays=other, goes=goes, by=boss(mira), at=AT)
    merged(other, mira)
    for pair in itertools.permutations((mira, other)):
        with pytest.raises(lifecycle.NotAllowed):
            lifecycle.merge(stays=pair[0], goes=pair[1], by=boss(mira), at=AT)


@pytest.mark.parametrize("model", [Paper, SavedCard])
def test_the_database_lets_papers_and_cards_go_only_where_their_appointment_is(
    mira: Client, other: Client, model: type[Paper] | type[SavedCard]
) -> None:
    rows = model._base_manager.filter(client=mira)
    assert rows.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(client=other)


@pytest.mark.parametrize(
    ("name", "email", "phone", "why"),
    [
        ("MIRA", "other@example.org", "", ["name"]),
        ("X", "mira+a@example.com", "", ["mailbox"]),
        ("X", "Mira@Example.com", "", ["mailbox"]),
        ("X", "x@example.org", "+39025550101", ["phone"]),
        ("Mira", "mira+b@example.com", "+39025550101", ["name", "phone", "mailbox"]),
        ("X", "mirabel@example.com", "", None),
        ("X", "mira+a@example.org", "", None),
        ("X", "x@example.org", "+39025550102", None),
    ],
)
def test_doubles_have_a_name_a_number_or_a_mailbox_in_common(
    mira: Client, name: str, email: str, phone: str, why: list[str] | None
) -> None:
    Client.objects.filter(pk=mira.pk).update(email="mira@example.com", phone="+39025550101")
    mira.refresh_from_db()
    made = {"name": name, "email": email, "phone": phone, "timezone": "Europe/Rome", "created_at": AT}
    one = Client.objects.create(provider=mira.provider, **made)
    assert doubles.likely(client=mira) == ([(one, why)] if why else [])
    assert [other for other, _why in doubles.likely(client=one)] == ([mira] if why else [])


def test_the_owner_sees_what_becomes_of_both_and_merges_with_one_button(mira: Client, other: Client) -> None:
    desk = Browser()
    desk.force_login(boss(mira).user)
    shown = f"/dashboard/clients/{other.uid}/"
    assert f"{shown}doubles/" in desk.get(shown).content.decode()
    page, part = desk.get(f"{shown}doubles/"), desk.get(f"{shown}doubles/", headers={"HX-Request": "true"})
    for answer in (page, part):
        assert f"{shown}merge/?with={mira.uid}" in answer.content.decode()
    assert b"<html" not in part.content
    preview = desk.get(f"{shown}merge/?with={mira.uid}")
    assert "mira@example.com is forgotten here" in preview.content.decode()
    mira.refresh_from_db()
    assert mira.merged_into is None
    for wrong in ("", "x", str(other.uid), "00000000-0000-4000-8000-000000000000"):
        assert desk.get(f"{shown}merge/?with={wrong}").status_code == 404
        assert desk.post(f"{shown}merge/", {"with": wrong}).status_code == 404
    assert desk.post(f"{shown}merge/", {"with": str(mira.uid)})["Location"] == shown
    assert "Nobody else looks like this client" in desk.get(f"{shown}doubles/").content.decode()
    assert desk.get(f"/dashboard/clients/{mira.uid}/")["Location"] == shown
