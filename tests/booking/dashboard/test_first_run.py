"""From a new log-in to a page that can be booked, each step with its defaults."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from booking import starting, transfer
from booking.models import Membership, Provider, User
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, text

pytestmark = pytest.mark.django_db
START = "/dashboard/start/"


@pytest.fixture
def user(db: None, clock: object, settings: Any) -> User:
    settings.SIGN_UP = "open"
    return User.objects.create_user("malee@example.org", "correct horse battery")


@pytest.fixture
def fresh(user: User) -> Browser:
    return browser(user)


def who(**over: Any) -> dict[str, Any]:
    return {
        "name": "Khru Malee",
        "slug": "",
        "timezone": "Asia/Bangkok",
        "currency": "THB",
        "language": "th",
    } | over


def offer(**over: Any) -> dict[str, Any]:
    return {
        "trade": "tutor",
        "service": "Thai lesson",
        "minutes": "60",
        "price": "500",
        "mode": "video",
        "address": "",
        "link": "https://meet.example.org/malee",
    } | over


def hours(**over: Any) -> dict[str, Any]:
    return {"days": ["mon", "wed"], "opens": "10:00", "closes": "18:00", "pause": "on"} | over


def walk(fresh: Browser) -> None:
    for name, said in (
        ("who", who()),
        ("offer", offer()),
        ("hours", hours()),
        ("terms", {"preset": "Gentle"}),
    ):
        answer = fresh.post(f"{START}{name}/", said)
        assert answer.status_code == 302, text(answer)


def test_four_answers_make_a_page_that_can_be_booked(fresh: Browser, user: User) -> None:
    walk(fresh)
    made = Provider.objects.get(slug="khru-malee")
    file = transfer.dump(provider=made)
    assert (file["provider"]["timezone"], file["provider"]["currency"]) == ("Asia/Bangkok", "THB")
    assert [(one["slug"], one["price"], one["modes"]) for one in file["services"]] == [
        ("thai-lesson", 50000, ["video"])
    ]
    assert [(one["weekday"], one["from"], one["to"]) for one in file["hours"]] == [
        ("mon", "10:00", "13:00"),
        ("mon", "14:00", "18:00"),
        ("wed", "10:00", "13:00"),
        ("wed", "14:00", "18:00"),
    ]
    assert file["members"] == [{"email": "malee@example.org", "name": "Khru Malee", "role": "owner"}]
    assert [one["forgive"]["lapses"] for one in file["policies"]] == [1]
    assert "khru-malee" in text(fresh.get(f"{START}done/"))
    assert "Thai lesson" in text(Browser().get("/khru-malee/thai-lesson/"))


def test_everything_can_be_skipped(fresh: Browser) -> None:
    for name in ("who", "offer", "hours", "terms"):
        fresh.post(f"{START}{name}/?tz=Asia/Bangkok", {"skip": ""})
    made = Provider.objects.get(slug="malee")
    assert (made.timezone, made.currency, made.places) == (
        "Asia/Bangkok",
        "THB",
        {"phone": {"who_calls": "provider"}},
    )
    assert Browser().get("/malee/appointment/").status_code == 200


@pytest.mark.parametrize(
    ("says", "proposed"),
    [("en-US,en;q=0.9", "h12"), ("en-GB", "h23"), ("it-IT,en-US;q=0.5", "h23"), ("en", "h23")],
)
def test_times_are_proposed_as_the_browsers_region_writes_them(
    fresh: Browser, user: User, says: str, proposed: str
) -> None:
    reads = {"headers": {"Accept-Language": f"{says}"}, "follow": True}
    page = fresh.get(f"{START}who/", **reads)
    assert page.context["form"]["hour_cycle"].value() == proposed
    other = {"h12": "h23", "h23": "h12"}[proposed]
    fresh.post(f"{START}who/", who(language="en", hour_cycle=other))
    fresh.cookies["django_language"] = "en"
    page = text(fresh.get(f"{START}hours/", **reads))  # what was chosen holds from the next step on
    assert ("9:00\u00a0am – 5:00\u00a0pm" in page, "Closed from 1:00\u00a0pm to 2:00\u00a0pm" in page) == (
        other == "h12",
    ) * 2
    fresh.post(f"{START}hours/", hours(finish=""))
    assert Provider.objects.get().hour_cycle == other


def test_enough_may_be_said_at_any_step(fresh: Browser) -> None:
    answer = fresh.post(f"{START}who/", who(finish=""))
    assert answer["Location"] == f"{START}done/"
    assert Provider.objects.get().name == "Khru Malee"


def test_the_last_answer_sent_twice_makes_one_page(fresh: Browser) -> None:
    walk(fresh)
    assert fresh.post(f"{START}terms/", {"preset": "Gentle"})["Location"] == f"{START}who/"
    assert Provider.objects.count() == 1


def test_going_back_keeps_what_was_typed_even_if_it_is_wrong(fresh: Browser) -> None:
    fresh.post(f"{START}who/", who())
    assert fresh.post(f"{START}offer/", offer(price="much", back=""))["Location"] == f"{START}who/"
    assert 'value="Khru Malee"' in text(fresh.get(f"{START}who/"))
    assert 'value="much"' in text(fresh.get(f"{START}offer/"))


@pytest.mark.parametrize(
    "name,said,field",
    [
        pytest.param("who", who(slug="Not an address!"), "slug", id="address"),
        pytest.param("who", who(slug="admin"), "slug", id="an_address_of_ours"),
        pytest.param("who", who(timezone="Moon/Base"), "timezone", id="zone"),
        pytest.param("offer", offer(price="much"), "price", id="price"),
        pytest.param("offer", offer(link="http://meet.example.org"), "link", id="link_without_tls"),
        pytest.param("offer", offer(mode="in_person"), "address", id="no_address"),
        pytest.param("offer", offer(minutes="100000"), "minutes", id="minutes"),
        pytest.param("hours", hours(closes="09:00"), "closes", id="closes_before_it_opens"),
        pytest.param("hours", hours(days=[]), "days", id="no_day"),
        pytest.param("terms", {"preset": "Cruel"}, "preset", id="terms"),
    ],
)
def test_what_cannot_be_is_named_at_its_field(
    fresh: Browser, name: str, said: dict[str, Any], field: str
) -> None:
    answer = fresh.post(f"{START}{name}/", said)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])


def test_a_trade_proposes_what_it_offers_and_the_terms_are_shown_in_money(fresh: Browser) -> None:
    fresh.post(f"{START}who/", who(language="en", currency="EUR"))
    assert 'value="Haircut"' in text(fresh.get(f"{START}offer/?trade=barber"))
    fresh.post(f"{START}offer/", offer(price="100"))
    shown = text(fresh.get(f"{START}terms/"))
    assert "€30.00" in shown
    assert 'value="Balanced" id="id_preset_2" checked' in shown


def test_the_terms_of_what_is_free_are_told_apart_by_an_example(fresh: Browser) -> None:
    fresh.post(f"{START}who/", who(language="en", currency="EUR"))
    fresh.post(f"{START}offer/", offer(price=""))
    answer = fresh.get(f"{START}terms/")
    assert "What you offer is free" in text(answer)
    assert "what clients would read at €50.00" in text(answer)
    assert "Clients read exactly this" not in text(answer)
    read = [tuple(one["lines"]) for one in answer.context["presets"]]
    assert len(set(read)) == len(read) == len(starting.PRESETS)
    assert "Open" in [one["key"] for one in answer.context["presets"] if one["chosen"]]
    fresh.post(f"{START}terms/", {"preset": "Firm"})
    assert Provider.objects.get().services.get().price == 0  # the example is nobody's price


def test_nobody_takes_the_address_of_another(fresh: Browser, user: User, clock: object) -> None:
    studio = stories.studio()
    before = transfer.dump(provider=studio)
    answer = fresh.post(f"{START}who/", who(slug=studio.slug))
    assert f"{studio.slug}-2 is free" in text(answer)
    draft = starting.Draft(
        name="Eve",
        slug=studio.slug,
        timezone="UTC",
        language="en",
        hour_cycle="h23",
        currency="EUR",
        service="x",
        minutes=60,
        rest=0,
        price=0,
        mode="phone",
        place="",
        days=("mon",),
        opens="09:00",
        closes="17:00",
        pause=False,
        preset="Open",
    )
    with pytest.raises(starting.SlugTaken):
        starting.begin(draft=draft, user=user, at=stories.EARLY)
    content = transfer.dumps(starting.content(draft, user)).encode()
    with pytest.raises(transfer.FileRefused, match="taken"):
        transfer.load(file=transfer.read(content), at=stories.EARLY, new=True)
    assert transfer.dump(provider=studio) == before


def test_by_invitation_only_the_first_begins_and_the_rest_are_told(
    fresh: Browser, user: User, settings: Any
) -> None:
    settings.SIGN_UP = "invited"
    assert "Start your own page" in text(fresh.get("/dashboard/"))
    fresh.post(f"{START}who/", who(finish=""))
    second = browser(User.objects.create_user("b@example.org", "correct horse battery"))
    assert "Start your own page" not in text(second.get("/dashboard/"))
    assert second.get(START).status_code == 403
    assert second.post(f"{START}who/", who(finish="")).status_code == 403
    assert Provider.objects.count() == 1


def test_today_reminds_the_owner_of_what_is_left_until_it_is_put_away(fresh: Browser, user: User) -> None:
    walk(fresh)
    assert "Book yourself once, to see what clients see" in text(fresh.get("/dashboard/"))
    sam = browser(member(Provider.objects.get(), "member"))
    assert "Getting started" not in text(sam.get("/dashboard/"))
    assert sam.post(f"{START}put-away/").status_code == 403
    fresh.post(f"{START}put-away/")
    assert "Getting started" not in text(fresh.get("/dashboard/"))


def test_looking_at_the_steps_makes_nothing(fresh: Browser) -> None:
    for name in ("", "who/", "offer/?trade=tutor", "hours/", "terms/"):
        assert fresh.get(START + name).status_code == 200
    assert fresh.get(f"{START}nonsense/").status_code == 404
    assert (Provider.objects.count(), Membership.objects.count()) == (0, 0)


def test_who_works_for_somebody_may_begin_a_page_too(studio: Provider, settings: Any) -> None:
    settings.SIGN_UP = "open"
    desk = browser(owner(studio))
    desk.post(f"{START}who/", who(finish=""))
    assert "Khru Malee" in text(desk.get("/dashboard/"))
