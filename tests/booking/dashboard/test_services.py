"""Set-up > Services: what is typed becomes what the file would say, refusals stand at their field, and only
owners change anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from booking import transfer
from booking.dashboard.questions import Questions, free_name
from booking.dashboard.service_form import ServiceForm
from booking.models import Provider, Role, Service
from tests.booking import stories
from tests.booking.dashboard.people import standing_as, text

HOME = "/dashboard/set-up/services/"


def fields(provider: Provider, service_slug: str, /, **over: Any) -> dict[str, Any]:
    """What a browser sends of the page of a service that nobody touched."""
    service = Service.objects.select_related("provider", "policy").get(provider=provider, slug=service_slug)
    part = transfer.service_part(service)
    form = ServiceForm(provider=provider, part=part, policies=[service.policy.name])
    rows = Questions.kept(part["questions"], first=provider.language).rows
    sent: dict[str, Any] = {"questions": str(len(rows))}
    for one in [form, *rows]:
        for bound in one:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = "on" if value is True else value
    return sent | over


def of(provider: Provider, slug: str) -> str:
    return f"{HOME}{Service.objects.get(provider=provider, slug=slug).uid}/"


def file_of(provider: Provider) -> dict[str, Any]:
    return transfer.dump(provider=Provider.objects.get(pk=provider.pk))


def sent(desk: Browser, provider: Provider, service: str = "session", /, **over: Any) -> Any:
    return desk.post(of(provider, service), fields(provider, service, **over))


def test_every_service_saved_untouched_changes_nothing(desk: Browser, studio: Provider) -> None:
    Service.objects.filter(slug="session").update(
        about={"en": "Here", "de": "Hier"}, tax_rate=550, limits={"per_day": 3}, series_most=4
    )
    before, version = file_of(studio), Provider.objects.get().version
    for service in studio.services.all():
        assert sent(desk, studio, service.slug).status_code == 302
    assert file_of(studio) == before
    assert Provider.objects.get().version == version


def test_what_is_typed_is_what_the_file_says(desk: Browser, studio: Provider) -> None:
    was = next(one for one in file_of(studio)["services"] if one["slug"] == "session")
    answer = sent(
        desk, studio, name_en="Hour", about_en="Two\r\nlines", price="120,5", duration_minutes="60",
        buffer_after_minutes="10", notice="3", notice_unit="days", horizon_days="90", series_most="8",
        tax_percent="22.5", modes=["video", "in_person"],
    )  # fmt: skip
    assert answer.status_code == 302
    part = next(one for one in file_of(studio)["services"] if one["slug"] == "session")
    said = {
        "name": was["name"] | {"en": "Hour"},
        "about": {"en": "Two\nlines"},
        "price": 12050,
        "duration_minutes": 60,
        "buffer_after_minutes": 10,
        "min_notice_minutes": 3 * 1440,
        "horizon_days": 90,
        "series_most": 8,
        "tax_percent": 22.5,
    }
    assert {name: part[name] for name in said} == said
    assert sorted(part["modes"]) == ["in_person", "video"]
    assert part["questions"] == was["questions"]


def test_a_price_has_the_decimals_of_its_currency(desk: Browser, studio: Provider) -> None:
    Provider.objects.update(currency="JPY")
    studio.refresh_from_db()
    assert "12000" in fields(studio, "session", price="12000")["price"]
    assert "no such small coins" in text(sent(desk, studio, price="120.50"))


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"price": "many"}, "Please write an amount"),
        ({"duration_minutes": "0"}, "greater than or equal to 1"),
        ({"name_it": ""}, "This field is required."),
        ({"modes": []}, "Please choose one at least."),
        ({"approval": "on", "series_most": "4"}, "Not while you approve each booking"),
        ({"slug": "Not A Slug"}, "must be lower-case letters, digits and single hyphens"),
        ({"slug": "embed"}, "is an address of the site itself"),
        ({"slug": "couple"}, "Another service of yours has this address."),
        ({"price": "1"}, "asks a deposit of €0.30 here; the smallest charge in EUR is €0.50"),
        ({"name_en": "a\u2028b"}, "none that cannot be seen"),
        ({"notice": "400", "notice_unit": "days"}, "At most a year."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    desk: Browser, studio: Provider, over: dict[str, Any], said: str
) -> None:
    before = file_of(studio)
    answer = sent(desk, studio, **{"about_en": "Typed just now", **over})
    shown = text(answer)
    assert answer.status_code == 400
    assert said in shown
    assert "Typed just now" in shown
    assert "another look" in shown
    assert file_of(studio) == before


def test_a_place_that_is_not_set_up_is_asked_for_first(desk: Browser, studio: Provider) -> None:
    places = {mode: said for mode, said in studio.places.items() if mode != "phone"}
    Service.objects.update(modes=["video"])
    Provider.objects.update(places=places)
    assert "where this happens: Phone call." in text(sent(desk, studio, modes=["phone"]))


def test_questions_are_added_moved_and_removed_without_losing_a_word(desk: Browser, studio: Provider) -> None:
    url, asked = of(studio, "session"), fields(studio, "session", questions="0")
    page = desk.post(url, asked | {"do": "add", "name_en": "Half typed", "price": "x"})
    assert page.status_code == 200
    assert "Half typed" in text(page)
    assert "Question 1" in text(page)
    one = {"q0-label_it": "Perché?", "q0-kind": "text", "q1-label_it": "Dove?", "q1-kind": "choice"}
    moved = text(desk.post(url, asked | one | {"questions": "2", "do": "up-1"}))
    assert moved.index("Dove?") < moved.index("Perché?")
    gone = text(desk.post(url, asked | one | {"questions": "2", "do": "remove-0"}))
    assert "Perché?" not in gone
    assert "Dove?" in gone
    wrong = desk.post(url, asked | one | {"questions": "2", "q1-choices": "Here"})
    assert wrong.status_code == 400
    assert "two choices at least" in text(wrong)
    kept = desk.post(
        url, asked | one | {"questions": "2", "q1-choices": "Here\r\n There\r\n", "q1-required": "on"}
    )
    assert kept.status_code == 302
    assert Service.objects.get(slug="session").questions == [
        {"id": "perche", "label": {"it": "Perché?"}, "kind": "text", "required": False},
        {
            "id": "dove",
            "label": {"it": "Dove?"},
            "kind": "choice",
            "choices": ["Here", "There"],
            "required": True,
        },
    ]


@pytest.mark.pure
def test_a_name_for_the_address_is_made_of_what_people_read() -> None:
    assert free_name({"it": "Prima seduta!"}, [], otherwise="x") == "prima-seduta"
    assert (
        free_name({"th": "เรียน", "en": "Lesson_1"}, ["lesson-1", "lesson-1-2"], otherwise="x") == "lesson-1-3"
    )
    assert free_name({"th": "เรียน"}, [], otherwise="service") == "service"


def test_a_new_service_comes_last(desk: Browser, studio: Provider) -> None:
    assert desk.get(f"{HOME}add/").status_code == 200
    new = fields(studio, "session", name_it="Serale", slug="")
    assert desk.post(f"{HOME}add/", new).status_code == 302
    assert list(studio.services.values_list("slug", flat=True))[-1] == "serale"


def test_a_new_address_is_the_same_service(desk: Browser, studio: Provider) -> None:
    Provider.objects.update(cost_offer={"service": "session"})
    uid = Service.objects.get(slug="session").uid
    assert sent(desk, studio, slug="hour").status_code == 302
    assert Service.objects.get(uid=uid).slug == "hour"
    assert Service.objects.count() == 3
    assert Provider.objects.get().cost_offer == {"service": "hour"}


def test_the_acts_of_the_list(desk: Browser, studio: Provider) -> None:
    slugs = list(studio.services.values_list("slug", flat=True))

    def act(slug: str, name: str) -> list[tuple[str, bool]]:
        assert desk.post(f"{of(studio, slug)}{name}/").status_code == 302
        return list(studio.services.order_by("position").values_list("slug", "hidden"))

    assert act(slugs[1], "up") == [(slugs[1], False), (slugs[0], False), (slugs[2], False)]
    assert act(slugs[1], "up") == [(slugs[1], False), (slugs[0], False), (slugs[2], False)]
    assert act(slugs[1], "down")[1] == (slugs[1], False)
    assert act(slugs[1], "hide")[1] == (slugs[1], True)
    assert act(slugs[1], "show")[1] == (slugs[1], False)
    assert act(slugs[0], "duplicate")[1] == (f"{slugs[0]}-2", True)
    assert f"{slugs[0]}-2" not in dict(act(f"{slugs[0]}-2", "delete"))
    assert desk.get(f"{of(studio, slugs[0])}up/").status_code == 405


def test_one_that_was_booked_is_hidden_instead_and_that_is_said_before(
    desk: Browser, studio: Provider
) -> None:
    stories.confirmed(studio)
    Provider.objects.update(cost_offer={"service": "session", "words": {"en": "Ask me."}})
    assert "It was booked 1 time, so it is hidden instead" in text(
        desk.get(f"{of(studio, 'session')}delete/")
    )
    assert "gone for good" in text(desk.get(f"{of(studio, 'couple')}delete/"))
    desk.post(f"{of(studio, 'session')}delete/")
    assert Service.objects.get(slug="session").hidden
    assert Provider.objects.get().cost_offer == {"words": {"en": "Ask me."}}
    assert "Hidden" in text(desk.get(HOME))


def test_the_preview_is_what_clients_see_and_keeps_nothing(desk: Browser, studio: Provider) -> None:
    before = file_of(studio)
    shown = text(desk.post(f"{HOME}preview/", fields(studio, "session", price="100", duration_minutes="")))
    assert "€100.00" in shown
    assert "€30.00 is paid ahead and €70.00 at the appointment" in shown
    assert file_of(studio) == before


@pytest.mark.parametrize("role", [Role.MEMBER, Role.REFUNDS, Role.READ_ONLY])
def test_who_is_not_the_owner_looks_and_changes_nothing(desk: Browser, studio: Provider, role: Role) -> None:
    before, url = file_of(studio), of(studio, "session")
    said = fields(studio, "session", price="1000")
    standing_as(studio, role)
    assert desk.get(HOME).status_code == desk.get(url).status_code == 200
    assert 'fieldset class="bare stack" disabled' in text(desk.get(url))
    assert {
        desk.post(path, said).status_code for path in (url, f"{HOME}add/", f"{url}hide/", f"{url}delete/")
    } == {403}
    assert {one: file_of(studio)[one] for one in ("services", "policies")} == {
        one: before[one] for one in ("services", "policies")
    }


def test_clients_read_the_text_on_the_page(desk: Browser, studio: Provider) -> None:
    sent(desk, studio, about_en="For <b>you</b>", about_it="Per te")
    for page in ("/studio-bianchi/", "/studio-bianchi/session/"):
        assert "For &lt;b&gt;you&lt;/b&gt;" in text(Browser().get(page, headers={"Accept-Language": "en"}))
    assert (
        Browser()
        .get("/api/v1/providers/studio-bianchi/", headers={"Accept-Language": "it"})
        .json()["services"][[one.slug for one in studio.services.all()].index("session")]["about"]
        == "Per te"
    )


def test_the_list_asks_as_often_for_three_services_as_for_thirty(
    desk: Browser, studio: Provider, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12) as few:
        desk.get(HOME)
    first = studio.services.first()
    assert first is not None
    for n in range(27):
        first.pk, first.uid, first.slug = None, f"00000000-0000-4000-8000-0000000000{n:02}", f"more-{n}"
        first.save(force_insert=True)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(HOME)
