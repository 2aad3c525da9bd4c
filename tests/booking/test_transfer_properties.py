"""Any set-up goes out and in again without loss, and the published schema says the same as the code."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from booking import transfer
from tests.booking.provider_files import BIANCHI, NOK, content
from tests.booking.test_transfer_refusals import WRONG, changed

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parent.parent.parent / "docs" / "provider-file.schema.json").read_text())
)
# What only the parts together can tell, or a list of names that is not for a schema.
BEYOND_A_SCHEMA = """zone zone_factory zone_path currency email slug_ours slug_a service_slug_ours service_slug_twice
policy_name_twice member_twice question_twice no_policy no_place last_window deposit_too_small
deposit_of_a_service_too_small hours_without_a_rate to_before_from to_is_from overlap no_such_day closed_and_open
name_with_nul name_with_half_a_pair name_of_spaces duration_fraction cost_offer_of_no_service wrong_placeholder
words_of_no_kind time_off_backwards time_off_twice logo_that_is_none""".split()  # noqa: SIM905

line = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    str.strip
)
slug = st.from_regex(r"[b-z0-9]{3,9}(-[b-z0-9]{1,9}){0,2}", fullmatch=True).filter(lambda s: s.count("-") > 0)
texts = st.dictionaries(st.sampled_from(["en", "it", "th", "de", "pt-BR"]), line, min_size=1, max_size=4)
whole = st.integers


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def consequence() -> st.SearchStrategy[dict[str, Any]]:
    free = st.fixed_dictionaries({"deposit": st.sampled_from(["refund", "carry"]), "fee_percent": st.just(0)})
    return free | st.fixed_dictionaries({"deposit": st.just("forfeit"), "fee_percent": whole(0, 100)})


def deposit() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.just({"kind": "none"}),
        st.builds(lambda amount: {"kind": "fixed", "amount": amount}, whole(50, 9000)),
        st.builds(lambda part: {"kind": "percent", "percent": part}, st.sampled_from([10, 12.5, 33.33, 100])),
        st.builds(lambda hours: {"kind": "hours", "hours": hours}, st.sampled_from([0.25, 0.5, 1, 2.75])),
    )


@st.composite
def policy(draw: st.DrawFn) -> dict[str, Any]:
    notices = draw(st.lists(st.sampled_from([0.5, 1, 12, 24, 47.75, 72, 720]), unique=True, max_size=4))
    file = {
        "name": draw(line),
        "deposit": draw(deposit()),
        "windows": [
            {"min_notice_hours": hours, "cancel": draw(consequence()), "move": draw(consequence())}
            for hours in [*sorted(notices, reverse=True), 0]
        ],
        "carry_days": draw(whole(0, 366)),
        "carry_unused": draw(st.sampled_from(["forfeit", "refund"])),
        "max_moves": draw(whole(0, 100)),
        "regret_minutes": draw(whole(0, 10_080)),
        "grace_minutes": draw(whole(0, 1440)),
        "no_show": draw(consequence()),
        "auto_no_show": draw(st.sampled_from(["ask", "mark"])),
        "settle_after_hours": draw(st.sampled_from([0, 0.5, 24, 720])),
        "forgive": {"lapses": draw(whole(0, 100)), "months": draw(whole(1, 120))},
    }
    return file | ({"note": draw(texts)} if draw(st.booleans()) else {})


def question() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.fixed_dictionaries(
        {"id": slug, "label": texts, "kind": st.sampled_from(["text", "yes_no"]), "required": st.booleans()}
    )
    choice = st.fixed_dictionaries(
        {
            "id": slug,
            "label": texts,
            "kind": st.just("choice"),
            "choices": st.lists(line, min_size=2, max_size=4, unique=True),
            "required": st.booleans(),
        }
    )
    return plain | choice


def service(policies: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "slug": slug,
            "name": texts,
            "duration_minutes": whole(1, 1440),
            "buffer_before_minutes": whole(0, 1440),
            "buffer_after_minutes": whole(0, 1440),
            "slot_interval_minutes": whole(1, 1440),
            "min_notice_minutes": whole(0, 525_600),
            "horizon_days": whole(1, 730),
            "price": st.just(0) | whole(500, 99_999_999),
            "modes": st.lists(st.sampled_from(["in_person", "video", "phone"]), min_size=1, unique=True),
            "policy": st.sampled_from(policies),
            "approval": st.booleans(),
            "questions": st.lists(question(), max_size=3, unique_by=lambda one: one["id"]),
        },
        optional={
            "about": texts,
            "series_most": whole(2, 52),
            "confirm_by_mail": st.just(True),
            "hidden": st.just(True),
        },
    ).map(
        lambda one: one | {"approval": one["approval"] and not {"series_most", "confirm_by_mail"} & set(one)}
    )


@st.composite
def periods(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Periods of one day that may touch and do not overlap, in any order."""
    edges = sorted(draw(st.lists(whole(0, 1440), min_size=0, max_size=6, unique=True)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return draw(st.permutations(pairs))


@st.composite
def provider_file(draw: st.DrawFn) -> dict[str, Any]:
    policies = draw(st.lists(policy(), min_size=1, max_size=3, unique_by=lambda one: one["name"]))
    services = service([one["name"] for one in policies])
    file = copy.deepcopy(BIANCHI)
    file["provider"] |= {"name": draw(line), "about": draw(texts), "listed": draw(st.booleans())}
    file["policies"] = policies
    file["services"] = draw(st.lists(services, max_size=3, unique_by=lambda one: one["slug"]))
    file["hours"] = [
        {"weekday": day, "from": clock(opens), "to": clock(closes)}
        for day in draw(st.permutations(["mon", "thu", "sun"]))
        for opens, closes in draw(periods())
    ]
    file["overrides"] = [
        {"on": day.isoformat(), "closed": True} for day in draw(st.lists(st.dates(), max_size=3, unique=True))
    ]
    if draw(st.booleans()):
        file["reminders"] = {"day_ahead": True}
    heard = draw(channels())
    if heard:
        file["channels"] = heard
    if chosen := draw(notices([one["name"] for one in heard if one.get("for_provider")])):
        file["notices"] = chosen
    return file


def channels() -> st.SearchStrategy[list[dict[str, Any]]]:
    optional = {"for_provider": st.just(True), "month_cap": whole(1, 99), "quiet_from": st.just("21:15")}
    one = st.fixed_dictionaries(
        {"name": line, "service": st.sampled_from(["twilio", "tgram", "whatsapp"])}, optional=optional
    )
    return st.lists(one, max_size=3, unique_by=lambda one: one["name"].casefold())


@st.composite
def notices(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """Choices by group; one that says nothing else than the usual is left out."""
    chosen: dict[str, Any] = {}
    for group in draw(st.lists(st.sampled_from(["bookings", "decisions", "money", "other"]), unique=True)):
        by = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        how = draw(st.sampled_from([{}, {"how": "daily"}, {"how": "none"}]))
        only = {"email": False} if by and draw(st.booleans()) else {}
        chosen[group] = how | only | ({"channels": by} if by else {})
    return {group: said for group, said in chosen.items() if said}


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=provider_file())
def test_any_set_up_goes_in_and_comes_out_the_same(file):
    file["provider"]["slug"] = f"p-{abs(hash(json.dumps(file))):x}"
    SCHEMA.validate(file)
    provider = transfer.load(file=transfer.read(content(file)), at=AT)
    out = transfer.dump(provider=provider)
    assert out == file
    version = provider.version
    again = transfer.load(file=transfer.read(transfer.dumps(out).encode()), at=AT)
    assert transfer.dump(provider=again) == out
    assert again.version == version


@settings(max_examples=150, deadline=None)
@given(
    spoiled=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    where=st.data(),
)
def test_whatever_stands_anywhere_is_read_or_refused(spoiled, where):
    file: Any = copy.deepcopy(where.draw(st.sampled_from([BIANCHI, NOK])))
    place = file
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = where.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or where.draw(st.booleans()):
            break
        place = place[key]
    place[key] = spoiled
    try:
        transfer.read(json.dumps(file, allow_nan=True).encode())
    except transfer.FileRefused as refused:
        assert refused.detail


@pytest.mark.parametrize("file", [BIANCHI, NOK], ids=["bianchi", "nok"])
def test_the_schema_takes_what_people_write(file):
    SCHEMA.check_schema(SCHEMA.schema)
    SCHEMA.validate(file)


@pytest.mark.parametrize("name", [name for name in WRONG if name not in BEYOND_A_SCHEMA])
def test_the_schema_refuses_what_the_code_refuses(name):
    assert not SCHEMA.is_valid(changed(BIANCHI, WRONG[name][0]))
