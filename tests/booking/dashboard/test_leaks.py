"""As one provider over every address of the dashboard and of the API, with another's ids, while every text of the
other's bears a mark: nothing of it is ever in an answer, and nothing of it is changed.

Models, fields and addresses are found, not listed: what is new is tried by itself, or the test says what it lacks."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Max, Value
from django.db.models.functions import Cast, Concat
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

from booking import api_tokens, free_starts
from booking.dashboard.desk import Desk
from booking.models import (
    Business,
    Client,
    ClientNote,
    Concern,
    Holidays,
    Invitation,
    LegalText,
    LinksWish,
    Logo,
    Membership,
    Provider,
)
from config import guards
from config.personal import APPS
from payments.models import Difference
from reminders.models import Adapted, Message, Notice, Route
from tests.booking import stories, world
from tests.booking.dashboard.people import browser, owner

pytestmark = pytest.mark.once
MARK = re.compile(rb"zyzzyva\d+", re.IGNORECASE)
SOUGHT = "zyzz"  # what every mark begins with, for searches: a page may say again what was typed
SHORTEST = 12  # characters, for a mark to fit
LONG = 24  # from here on a mark has room for the number of its row, too
# What belongs to no provider, and what is made of what the clients of one did.
NOBODYS = {
    "booking.User",
    "booking.IdempotencyKey",
    "payments.StripeEvent",
    "payments.Round",
    "reminders.MailEvent",
}
PUBLIC = ("providers/", "series/")  # the booking page of each is for everybody
WORDS = {"name": ("cancel", "hide"), "what": ("look",), "kind": ("reminder",), "act": ("look",)}
# Whose id follows the word in an address; after a word that is not here all ids are tried.
WHOSE = {
    "appointments": "booking.Appointment",
    "ask": "booking.Appointment",
    "asked": "payments.Repayment",
    "calendars": "booking.BusyCalendar",
    "channels": "reminders.Route",
    "charges": "payments.Charge",
    "clients": "booking.Client",
    "concerns": "booking.Concern",
    "deposits": "payments.Deposit",
    "differences": "payments.Difference",
    "disputes": "payments.Dispute",
    "messages": "reminders.Message",
    "money": "payments.Deposit",
    "owed": "payments.Charge",
    "papers": "payments.Paper",
    "payments": "payments.Payment",
    "notes": "booking.SharedNote",
    "policies": "policies.Policy",
    "refunds": "payments.Refund",
    "repayments": "payments.Repayment",
    "services": "booking.Service",
    "settlements": "payments.Settlement",
    "time-off": "booking.TimeOff",
}
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def ours() -> list[type[models.Model]]:
    return [one for one in apps.get_models() if one._meta.app_label in APPS]


def texts(model: type[models.Model]) -> list[models.Field]:
    kinds = (models.CharField, models.TextField)
    found = [one for one in model._meta.concrete_fields if isinstance(one, kinds) and not one.choices]
    return [one for one in found if (one.max_length or SHORTEST) >= SHORTEST]


def salt() -> dict[str, str]:
    """A mark in every text of every row there is, where the database itself does not refuse it; which is whose."""
    marks: dict[str, str] = {}
    for model in ours():
        for field in model._meta.concrete_fields:
            mark = f"zyzzyva{len(marks)}"
            if field in texts(model):
                short = (field.max_length or LONG) < LONG
                row = Value("") if short else Concat(Value("-"), Cast("pk", models.CharField()))
                said: Any = Concat(Value(mark), row)
                if isinstance(field, models.EmailField):
                    said = Concat(said, Value("@example.com"))
            elif isinstance(field, models.JSONField):
                said = {mark: mark}
            else:
                continue
            try:
                with transaction.atomic():
                    model._base_manager.update(**{field.name: said})
            except IntegrityError:
                continue
            marks[mark] = f"{model._meta.label}.{field.name}"
    return marks


def rest(of: Any) -> None:
    """What `world.everything` leaves out."""
    provider, client, at = of.provider, of.missed.client, world.AT
    user = owner(provider)
    stood = {"provider": provider, "created_at": at}
    LinksWish.objects.create(provider=provider, email="who@example.com", asked_at=at)
    ClientNote.objects.create(client=client, user=user, text="Likes the window seat.", written_at=at)
    Holidays.objects.create(provider=provider, country="IT", closed=["Natale"], renew_at=at)
    Logo.objects.create(provider=provider, sha256="0" * 64, content=b"zyzzyva")
    LegalText.objects.create(provider=provider, kind="notice", texts={"en": "Ours"})
    Business.objects.create(provider=provider, legal_name="Bianchi s.r.l.", address="Via Roma 1")
    Concern.objects.create(client=client, pattern="slipping", state="open", due_at=at, raised_at=at)
    invited = {"email": "new@example.com", "role": "member", "token_hash": "b" * 64}
    Invitation.objects.create(**stood, **invited, expires_at=at + 90 * world.HOUR)
    Difference.objects.create(provider=provider, kind="missing", thing="pi_1", found_at=at, seen_at=at)
    Route.objects.create(**stood, name="Texts", kind="sms", service="twilio", for_clients=True)
    Notice.objects.create(provider=provider, group="bookings")
    Adapted.objects.create(**stood, kind="reminder", language="en", number=1, opening="Dear all")


def rows_of() -> dict[str, models.Model]:
    """One row of each model that has an id of its own for addresses, the newest."""
    return {
        one._meta.label: row
        for one in ours()
        if any(field.name == "uid" for field in one._meta.fields)
        and (row := one._base_manager.order_by("pk").last())
    }


class Two:
    """A provider that asks, and another with everything, marked."""

    def __init__(self) -> None:
        self.everything = world.everything()
        rest(self.everything)
        self.shown = 0
        self.foreign = {label: row.uid for label, row in rows_of().items()}  # type: ignore[attr-defined]
        guards.drop(connection)
        self.marks = salt()
        guards.install(connection)
        self.other = Provider.objects.get()
        self.last = {one: one._base_manager.aggregate(last=Max("pk"))["last"] or 0 for one in ours()}
        self.before = self.state()
        studio = stories.school()
        service = studio.services.exclude(approval=True).first()
        assert service
        start = free_starts.offers(service=service, near=stories.MONDAY, at=stories.EARLY)[0]
        stories.confirmed(studio, slug=service.slug, mode=service.modes[0], start=start)
        Message.objects.filter(provider=studio).update(html="<p>Ours</p>")
        self.own = {label: row.uid for label, row in rows_of().items() if row.uid != self.foreign[label]}  # type: ignore[attr-defined]
        self.desk = browser(owner(studio))
        self.desk.raise_request_exception = False
        member = Membership.objects.get(provider=studio, role="owner")
        _row, token = api_tokens.make(member=member, scopes=["read", "write", "refunds"], at=stories.EARLY)
        self.api = Browser(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)

    def ids(self, pattern: URLPattern) -> list[UUID]:
        return [self.foreign[one] for one in whose_id(pattern) or self.foreign]

    def hashes(self) -> list[str]:
        """What the database holds instead of the links of the other's appointments."""
        return [self.everything.missed.token_hash]

    def state(self) -> dict[str, list[Any]]:
        """All that is the other's, as it stands."""
        return {
            one._meta.label: list(
                one._base_manager.filter(pk__lte=self.last[one]).order_by("pk").values_list()
            )
            for one in ours()
            if one._meta.label not in NOBODYS
        }


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every address with what stands before it."""
    for app in APPS:
        for one in get_resolver(f"{app}.dashboard.urls").url_patterns:
            yield "/dashboard/", one
    for one in get_resolver("booking.api.urls").url_patterns:
        path = str(one.pattern)
        if not path.startswith(PUBLIC) and one.name not in ("elsewhere",):
            yield "/api/v1/", one


def paths(place: str, pattern: URLPattern, uid: Any) -> Iterator[str]:
    """The address with ``uid`` in every place for an id, and each word in every other."""
    said = str(pattern.pattern)
    month = re.search(r"\(\?P<month>.*\)/", said)
    if month:
        said = re.sub(r"\(\?P<month>.*\)\)", "2026-11", said).lstrip("^").rstrip("$")
    if not any(kind in said for kind in ("<uuid:", "<str:")):
        uid = None
    names = next((words for name, words in WORDS.items() if f"<slug:{name}>" in said), ("",))

    def filled(found: re.Match[str], word: str) -> str:
        kind, _name = found.groups()
        return {"slug": word, "int": "1"}.get(kind or "", str(uid))

    for word in names:
        yield place + PLACE.sub(lambda found, word=word: filled(found, word), said)  # type: ignore[misc]


def whose_id(pattern: URLPattern) -> list[str]:
    words = re.findall(r"([\w-]+)/<uuid:", str(pattern.pattern))
    return [WHOSE[one] for one in words if one in WHOSE]


def is_of_one(pattern: URLPattern) -> bool:
    return "<uuid:" in str(pattern.pattern) or "<str:" in str(pattern.pattern)


def leaks(two: Two, answer: Any, asked: str) -> list[str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told = b" ".join([body, *(f"{name}: {value}".encode() for name, value in answer.headers.items())])
    said = {one.lower() for one in MARK.findall(asked.encode())}  # a page may say again what it was asked
    found = {
        two.marks.get(one.decode().lower(), "?") for one in MARK.findall(told) if one.lower() not in said
    }
    return [f"{asked} tells {', '.join(sorted(found))}"] if found else []


def own_pages(two: Two) -> list[str]:
    """What is wrong with the pages and lists that need no id, also sought in and asked with another's ids."""
    wrong: list[str] = []
    whose = {
        "client": "booking.Client",
        "who": "booking.Client",
        "desk": "booking.Provider",
        "service": "booking.Service",
    }
    asked = {name: str(two.foreign[label]) for name, label in whose.items()}
    queries: list[dict[str, str]] = [
        {},
        {"q": SOUGHT},
        asked | {"month": "2026-11", "after": "1~a", "view": "month"},
    ]
    for place, pattern in patterns():
        if is_of_one(pattern):
            continue
        for path in paths(place, pattern, None):
            for query in queries:
                by = two.api if place.startswith("/api") else two.desk
                answer = by.get(path, query)
                wrong += leaks(two, answer, f"GET {path} {query}")
                if answer.status_code >= 500:
                    wrong.append(f"GET {path} {query} answered {answer.status_code}")
    return wrong


def own_things(two: Two) -> list[str]:
    """What is wrong with the addresses of one's own things, looked at."""
    wrong: list[str] = []
    for place, pattern in patterns():
        for label in whose_id(pattern):
            for path in paths(place, pattern, two.own[label]) if label in two.own else ():
                answer = (two.api if place.startswith("/api") else two.desk).get(path)
                wrong += leaks(two, answer, f"GET {path}")
                two.shown += answer.status_code == 200
                if answer.status_code >= 500:
                    wrong.append(f"GET {path} answered {answer.status_code}")
    return wrong


def others_things(two: Two, name: str = "") -> list[str]:
    """What is wrong with the addresses of one thing, asked for with each id of another's."""
    wrong: list[str] = []
    body = {"reason": "other", "amount": "1", "seen": "0", "starts": [], "note": "x"}
    for place, pattern in patterns():
        if not is_of_one(pattern) or name not in ("", pattern.name):
            continue
        uids = two.ids(pattern) if "<uuid:" in str(pattern.pattern) else [two.other.slug, *two.hashes()]
        for uid in uids:
            for path in paths(place, pattern, uid):
                wrong += refused(two, path, body)
    return wrong


def refused(two: Two, path: str, body: dict[str, Any]) -> list[str]:
    api = path.startswith("/api")
    by = two.api if api else two.desk
    more: dict[str, Any] = {"content_type": "application/json"} if api else {}
    wrong = []
    for method, answer in (("GET", by.get(path)), ("POST", by.post(path, body, **more))):
        wrong += leaks(two, answer, f"{method} {path}")
        if answer.status_code not in (404, 405, 410):
            wrong.append(f"{method} {path} answered {answer.status_code}")
    return wrong


@pytest.fixture
def two(db: None, clock: object) -> Two:
    return Two()


def test_another_provider_has_something_of_everything(two: Two) -> None:
    lacking = [label for label, rows in two.before.items() if not rows]
    assert lacking == [], "new models: give `world.everything` or `rest` a row of each"
    assert len(two.marks) > 100


@pytest.mark.slow
def test_nothing_of_anothers_is_told_or_touched_on_any_address(two: Two) -> None:
    assert len(two.own) >= 6
    assert own_pages(two) + own_things(two) + others_things(two) == []
    assert two.shown > 15
    assert two.state() == two.before


def test_a_desk_that_leaks_is_noticed(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "clients", property(lambda self: Client.objects.all()))
    told = "".join(own_pages(two))
    assert "GET /dashboard/clients/ {} tells" in told
    assert "booking.Client.name" in told
    assert any("/dashboard/clients/" in one for one in others_things(two, "desk_client"))
