"""Set-up > Policies: what is typed becomes what the file would say, a change makes a version, and what clients
will read stands beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from booking import transfer
from booking.models import Provider, Role, Service
from policies.dashboard import terms_words
from policies.dashboard.editor import form_data
from policies.dashboard.terms_form import TermsForm, Windows, preset
from policies.models import Policy, PolicyVersion
from policies.rules import terms
from tests.booking import stories
from tests.booking.dashboard.people import browser, owner, standing_as, text

pytestmark = pytest.mark.django_db
HOME = "/dashboard/set-up/policies/"


@pytest.fixture
def studio() -> Provider:
    return stories.studio()


@pytest.fixture
def desk(studio: Provider) -> Browser:
    return browser(owner(studio))


def part_of(provider: Provider, name: str) -> dict[str, Any]:
    content = transfer.dump(provider=Provider.objects.get(pk=provider.pk))
    return next(one for one in content["policies"] if one["name"] == name)


def sent(provider: Provider, part: dict[str, Any], **over: Any) -> dict[str, Any]:
    """What a browser sends of the page of a policy that nobody touched."""
    windows = Windows.kept(part["windows"])
    form = TermsForm(provider=provider, part=part)
    return form_data(form, *windows.rows) | {"windows": str(len(windows.rows))} | over


def url_of(name: str) -> str:
    return f"{HOME}{Policy.objects.get(name=name).uid}/"


def test_a_policy_saved_untouched_makes_no_version(desk: Browser, studio: Provider) -> None:
    for policy in studio.policies.all():
        before = part_of(studio, policy.name)
        answer = desk.post(url_of(policy.name), sent(studio, before), follow=True)
        assert "so there is no new version" in text(answer)
        assert part_of(studio, policy.name) == before
    assert set(PolicyVersion.objects.values_list("number", flat=True)) == {1}


@pytest.mark.parametrize("name", list(terms.PRESETS))
def test_a_preset_is_written_as_the_file_has_it(desk: Browser, studio: Provider, name: str) -> None:
    assert desk.get(f"{HOME}add/?preset={name}").status_code == 200
    assert desk.post(f"{HOME}add/", sent(studio, preset(name), name="New")).status_code == 302
    assert part_of(studio, "New") == preset(name) | {"name": "New"}


def test_what_is_typed_is_what_the_file_says(desk: Browser, studio: Provider) -> None:
    said = sent(
        studio, part_of(studio, "Balanced"), deposit_kind="fixed", deposit_amount="20,50", windows="3",
        **{"w0-hours": "12.5", "w1-hours": "96", "w1-cancel": "refund", "w1-cancel_fee": "0", "w1-move": "refund",
           "w1-move_fee": "0", "w2-cancel": "forfeit", "w2-cancel_fee": "40", "w2-move": "forfeit", "w2-move_fee": "40"},
        carry_days="5", carry_unused="refund", max_moves="1", regret_minutes="30", grace_minutes="20", no_show="forfeit",
        no_show_fee="100", auto_no_show="mark", settle_after_hours="36.5", forgive_lapses="2", forgive_months="6",
        note_en="Ring\r\ntwice.",
    )  # fmt: skip
    assert desk.post(url_of("Balanced"), said).status_code == 302
    free, lost = {"deposit": "refund", "fee_percent": 0}, {"deposit": "forfeit", "fee_percent": 40}
    carried = {"deposit": "carry", "fee_percent": 0}
    found = part_of(studio, "Balanced")
    assert found["windows"] == [
        {"min_notice_hours": 96, "cancel": free, "move": free},
        {"min_notice_hours": 12.5, "cancel": carried, "move": carried},
        {"min_notice_hours": 0, "cancel": lost, "move": lost},
    ]
    assert {name: found[name] for name in found if name not in ("name", "windows")} == {
        "deposit": {"kind": "fixed", "amount": 2050},
        "carry_days": 5,
        "carry_unused": "refund",
        "max_moves": 1,
        "regret_minutes": 30,
        "grace_minutes": 20,
        "no_show": {"deposit": "forfeit", "fee_percent": 100},
        "auto_no_show": "mark",
        "settle_after_hours": 36.5,
        "forgive": {"lapses": 2, "months": 6},
        "note": {"en": "Ring\ntwice."},
    }


def test_a_change_makes_a_version_and_who_agreed_keeps_theirs(desk: Browser, studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    page = text(desk.get(url_of("Balanced")))
    assert "1 appointment already agreed keeps its terms." in page
    said = sent(studio, part_of(studio, "Balanced"), grace_minutes="25")
    answer = text(desk.post(url_of("Balanced"), said, follow=True))
    assert "Version 2 is what clients agree to from now on." in answer
    assert "1 appointment already agreed keeps its terms." in answer
    appointment.refresh_from_db()
    assert appointment.policy_version.number == 1
    history = text(desk.get(url_of("Balanced")))
    assert "<del>15 minutes</del> <ins>25 minutes</ins>" in history
    assert "The first one." in history


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": "First meeting"}, "Another policy of yours has this name."),
        ({"deposit_percent": ""}, "How much? It must be more than 0."),
        ({"deposit_kind": "fixed", "deposit_amount": "x"}, "Please write an amount"),
        (
            {"deposit_kind": "fixed", "deposit_amount": "0.20"},
            "must be at least €0.50, the smallest charge in EUR",
        ),
        ({"deposit_percent": "0.1"}, "asks a deposit of €0.09 here; the smallest charge in EUR is €0.50"),
        (
            {"deposit_kind": "hours", "deposit_hours": "1"},
            "A deposit in hours needs your hourly rate",
        ),
        ({"w0-hours": "0"}, "is there twice; windows go longest first"),
        ({"w0-hours": ""}, "This field is required."),
        ({"w0-cancel_fee": "10"}, "must be 0 with carry; a fee goes with forfeit"),
        ({"no_show": "refund", "no_show_fee": "10"}, "must be 0 with refund; a fee goes with forfeit"),
        ({"grace_minutes": "-1"}, "greater than or equal to 0"),
        ({"settle_after_hours": "0.00001"}, "must come to whole seconds"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    desk: Browser, studio: Provider, over: dict[str, Any], said: str
) -> None:
    Provider.objects.update(hourly_rate=None)
    answer = desk.post(
        url_of("Balanced"), sent(studio, part_of(studio, "Balanced"), **{"note_en": "Typed just now", **over})
    )
    assert answer.status_code == 400
    assert said in text(answer)
    assert "Typed just now" in text(answer)
    assert set(PolicyVersion.objects.values_list("number", flat=True)) == {1}


def test_lines_are_added_and_removed_and_a_preset_begins_anew_without_saving(
    desk: Browser, studio: Provider
) -> None:
    url, said = url_of("Balanced"), sent(studio, part_of(studio, "Balanced"), note_en="Half typed")
    more = text(desk.post(url, said | {"do": "add", "w0-hours": "not a number"}))
    assert 'name="w2-cancel"' in more
    assert "not a number" in more
    assert "Half typed" in more
    fewer = text(desk.post(url, said | {"do": "remove-0"}))
    assert 'name="w1-cancel"' not in fewer
    assert "At any time until the start" in fewer
    firm = text(desk.post(url, said | {"do": "preset-Firm", "name": "Balanced"}))
    assert 'value="72"' in firm
    assert 'value="Balanced"' in firm
    assert PolicyVersion.objects.filter(policy__name="Balanced").count() == 1


def test_a_new_name_is_the_same_policy(desk: Browser, studio: Provider) -> None:
    uid = Policy.objects.get(name="Balanced").uid
    assert (
        desk.post(url_of("Balanced"), sent(studio, part_of(studio, "Balanced"), name="Usual")).status_code
        == 302
    )
    assert Policy.objects.get(uid=uid).name == "Usual"
    assert Policy.objects.count() == 2
    assert Service.objects.get(slug="session").policy.uid == uid


def test_beside_it_stands_what_clients_read_and_what_would_happen_if(desk: Browser, studio: Provider) -> None:
    said = sent(
        studio, part_of(studio, "Balanced"), show_service="session", show_language="it", show_notice="47.99"
    )
    shown = text(desk.post(f"{HOME}preview/", said))
    assert 'lang="it"' in shown
    assert "Less than 48 hours before" in shown
    assert shown.count("€27.00") >= 3
    free = text(desk.post(f"{HOME}preview/", said | {"show_notice": "48"}))
    assert 'Cancelling</dt><dd><span class="figure">€0.00' in free
    half = text(desk.post(f"{HOME}preview/", said | {"deposit_percent": "50"}))
    assert "€45.00" in half
    wrong = text(desk.post(f"{HOME}preview/", said | {"grace_minutes": "many"}))
    assert "as soon as what is typed fits together" in wrong
    assert "Show it" in text(desk.get(url_of("Balanced")))
    assert "€27.00" in text(desk.post(url_of("Balanced"), said | {"do": "show"}))
    assert PolicyVersion.objects.filter(policy__name="Balanced").count() == 1


@pytest.mark.parametrize("notice", ["", "x", "-5", "1e400", "NaN", "Infinity", "999999999"])
def test_any_notice_is_answered(desk: Browser, studio: Provider, notice: str) -> None:
    said = sent(studio, part_of(studio, "Balanced"), show_notice=notice)
    assert desk.post(f"{HOME}preview/", said).status_code == 200


def test_one_that_is_used_is_not_withdrawn(desk: Browser, studio: Provider) -> None:
    assert "still used by a service" in text(desk.post(f"{url_of('Balanced')}withdraw/", follow=True))
    Service.objects.update(policy=Policy.objects.get(name="First meeting"))
    assert "is withdrawn" in text(desk.post(f"{url_of('Balanced')}withdraw/", follow=True))
    assert Policy.objects.get(name="Balanced").position is None


@pytest.mark.parametrize("role", [Role.MEMBER, Role.REFUNDS, Role.READ_ONLY])
def test_who_is_not_the_owner_looks_and_changes_nothing(desk: Browser, studio: Provider, role: Role) -> None:
    url, said = url_of("Balanced"), sent(studio, part_of(studio, "Balanced"), grace_minutes="40")
    assert "Change the terms" in text(desk.get("/dashboard/rules/"))
    standing_as(studio, role)
    assert desk.get(HOME).status_code == desk.get(url).status_code == 200
    assert {desk.post(path, said).status_code for path in (url, f"{HOME}add/", f"{url}withdraw/")} == {403}
    assert PolicyVersion.objects.filter(policy__name="Balanced").count() == 1
    assert "Change the terms" not in text(desk.get("/dashboard/rules/"))


def test_anothers_policy_is_not_there(desk: Browser, studio: Provider) -> None:
    school = stories.school()
    theirs = school.policies.first()
    assert theirs is not None
    assert desk.get(f"{HOME}{theirs.uid}/").status_code == 404
    said = sent(studio, part_of(studio, "Balanced"), policy=str(theirs.pk), show_service="lesson-60")
    assert theirs.name not in text(desk.post(f"{HOME}preview/", said))


def test_differences_are_named_in_words(studio: Provider) -> None:
    found = terms_words.differences(terms.PRESETS["Gentle"], terms.PRESETS["Firm"], currency="EUR")
    assert ("Forgiven without being asked", "1 time in 12 months", "never") in found
    assert ("Not coming", "The deposit is lost", "The deposit is lost, a fee of 100% of the price") in found
    assert [one.what for one in found if not one.before] == ["72 hours or more before the start"]
    assert terms_words.differences(terms.PRESETS["Firm"], terms.PRESETS["Firm"], currency="EUR") == []
