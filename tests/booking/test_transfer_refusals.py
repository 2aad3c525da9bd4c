"""Every mistake in a provider's file is told at once, with its path and what would be right."""

import ast
import copy
import re
from pathlib import Path

import pytest

from booking import transfer
from booking.transfer import reading
from tests.booking.provider_files import BIANCHI, GONE, NOK, changed, content

MONDAY_AGAIN = [{"weekday": "mon", "from": "12:30", "to": "13:30"}]

WRONG = {
    "version": (("kept", 2), "kept: must be 1, the version of this format"),
    "version_true": (("kept", True), "kept: must be 1, the version of this format"),
    "version_missing": (("kept", GONE), "kept: is missing"),
    "unknown_key": (("colour", "red"), "colour: unknown; known here: kept, provider,"),
    "unknown_key_of_a_service": (
        ("services", 1, "color", 1),
        "services[1].color: unknown; known here: slug,",
    ),
    "missing_key": (("services", 1, "price", GONE), "services[1].price: is missing"),
    "section_of_another_type": (("hours", {}), "hours: must be a list"),
    "item_of_another_type": (("services", 0, "x"), "services[0]: must be an object with slug,"),
    "duration_zero": (
        ("services", 2, "duration_minutes", 0),
        "services[2].duration_minutes: must be a whole number from 1 to 1440",
    ),
    "duration_true": (
        ("services", 2, "duration_minutes", True),
        "services[2].duration_minutes: must be a whole",
    ),
    "duration_text": (
        ("services", 2, "duration_minutes", "50"),
        "services[2].duration_minutes: must be a whole",
    ),
    "duration_fraction": (("services", 2, "duration_minutes", 50.0), "services[2].duration_minutes: must be"),
    "price_negative": (("services", 1, "price", -1), "services[1].price: must be a whole number from 0"),
    "zone": (("provider", "timezone", "Europe/Milan"), "provider.timezone: must be the name of a time zone"),
    "zone_factory": (
        ("provider", "timezone", "Factory"),
        "provider.timezone: must be the name of a time zone",
    ),
    "zone_path": (("provider", "timezone", "../etc/passwd"), "provider.timezone: must be the name"),
    "currency": (("provider", "currency", "EURO"), "provider.currency: must be a currency"),
    "currency_lower": (("provider", "currency", "eur"), "provider.currency: must be a currency"),
    "language": (("provider", "language", "fr"), "provider.language: must be one of en, it, th"),
    "phone": (
        ("provider", "phone", "02 5555 0101"),
        "provider.phone: must be a phone number with its country",
    ),
    "email": (("provider", "email", "anna@x, eve@x"), "provider.email: must be one e-mail address"),
    "listed": (("provider", "listed", 1), "provider.listed: must be true or false"),
    "slug": (("provider", "slug", "Studio Bianchi"), "provider.slug: must be lower-case letters"),
    "slug_ours": (("provider", "slug", "dashboard"), 'provider.slug: "dashboard" is an address of the site'),
    "slug_a": (("provider", "slug", "a"), 'provider.slug: "a" is an address of the site'),
    "service_slug_ours": (("services", 0, "slug", "embed"), 'services[0].slug: "embed" is an address'),
    "service_slug_twice": (("services", 1, "slug", "couple"), 'services[2].slug: "couple" is there twice'),
    "policy_name_list": (("policies", 0, "name", ["Balanced"]), "policies[0].name: must be one line of text"),
    "policy_name_twice": (("policies", 1, "name", "Balanced"), 'policies[1].name: "Balanced" is there twice'),
    "member_twice": (("members", 1, "email", "Anna@studio-bianchi.example"), "members[1].email: "),
    "question_twice": (
        ("services", 0, "questions", 1, "id", "reason"),
        "services[0].questions[1].id: is there",
    ),
    "question_kind": (
        ("services", 0, "questions", 0, "kind", "map"),
        "services[0].questions[0].kind: must be",
    ),
    "choice_without_choices": (
        ("services", 0, "questions", 1, "choices", GONE),
        "services[0].questions[1].choices: is missing",
    ),
    "choices_without_choice": (
        ("services", 0, "questions", 1, "kind", "text"),
        "services[0].questions[1].choices: unknown",
    ),
    "no_policy": (
        ("services", 0, "policy", "Strict"),
        'services[0].policy: there is no policy named "Strict" in this file',
    ),
    "no_place": (("places", "phone", GONE), "services[0].modes[1]: there is no places.phone in this file"),
    "mode": (
        ("services", 1, "modes", 0, "fax"),
        "services[1].modes[0]: must be one of in_person, video, phone",
    ),
    "mode_twice": (("services", 2, "modes", 0, "video"), "services[2].modes: must name each mode once"),
    "no_mode": (("services", 2, "modes", []), "services[2].modes: must have 1 to 3 items"),
    "window_fee": (
        ("policies", 0, "windows", 1, "cancel", "fee_percent", 101),
        "policies[0].windows[1].cancel.fee_percent: must be a whole number from 0 to 100",
    ),
    "fee_with_carry": (
        ("policies", 0, "windows", 0, "move", "fee_percent", 5),
        "policies[0].windows[0].move.fee_percent: must be 0 with carry",
    ),
    "last_window": (
        ("policies", 0, "windows", 1, "min_notice_hours", 1),
        "policies[0].windows[1].min_notice_hours: the last window must have 0",
    ),
    "deposit_too_small": (
        ("policies", 0, "deposit", {"kind": "fixed", "amount": 49}),
        "policies[0].deposit.amount: must be at least 50, the smallest charge in EUR",
    ),
    "deposit_of_a_service_too_small": (
        ("services", 1, "price", 120),
        'services[1].policy: "Balanced" asks a deposit of 36 here; the smallest charge in EUR is 50',
    ),
    "hours_without_a_rate": (
        ("policies", 0, "deposit", {"kind": "hours", "hours": 0.5}),
        "policies[0].deposit.kind: hours needs provider.hourly_rate",
    ),
    "weekday": (("hours", 0, "weekday", "monday"), "hours[0].weekday: must be one of mon, tue"),
    "to_before_from": (("hours", 0, "to", "08:00"), "hours[0].to: must be after from, which is 09:00"),
    "to_is_from": (("hours", 0, "to", "09:00"), "hours[0].to: must be after from, which is 09:00"),
    "from_24": (
        ("hours", 0, "from", "24:00"),
        "hours[0].from: must be a time of the day from 00:00 to 23:59",
    ),
    "to_2401": (("hours", 0, "to", "24:01"), "hours[0].to: must be a time of the day from 00:00 to 24:00"),
    "clock_of_one_digit": (("hours", 0, "from", "9:00"), "hours[0].from: must be a time of the day"),
    "overlap": (
        ("hours", BIANCHI["hours"] + MONDAY_AGAIN),
        "hours[8]: overlaps hours[0], which is of the same day",
    ),
    "no_such_day": (("overrides", 0, "on", "2026-02-29"), "overrides[0].on: must be a day of the calendar"),
    "closed_false": (("overrides", 0, "closed", False), "overrides[0].closed: must be true"),
    "closed_and_open": (
        ("overrides", 2, "on", "2026-12-25"),
        "overrides[2].on: 2026-12-25 is closed by another entry",
    ),
    "no_owner": (("members", 0, "role", "member"), "members: must have at least one with the role owner"),
    "name_with_nul": (("provider", "name", "Anna\0"), "provider.name: must be one line of text"),
    "name_with_half_a_pair": (("provider", "name", "\ud83d"), "provider.name: must be one line of text"),
    "name_of_spaces": (("provider", "name", "  "), "provider.name: must be one line of text"),
    "script_url": (("places", "video", "url", "javascript:alert(1)"), "places.video.url: must be an address"),
    "texts_without_language": (
        ("services", 1, "name", "Session"),
        "services[1].name: must be text by language",
    ),
    "hour_cycle": (("provider", "hour_cycle", "h24"), "provider.hour_cycle: must be one of h23, h12"),
    "hold_minutes": (("provider", "hold_minutes", 0), "provider.hold_minutes: must be a whole number from 5"),
    "cost_offer_of_no_service": (
        ("cost_offer", {"service": "cheap"}),
        'cost_offer.service: there is no service with the slug "cheap" in this file',
    ),
    "cost_offer_option": (("cost_offer", {"price": 1}), "cost_offer.price: unknown"),
    "site_without_https": (
        ("embed_sites", ["https://a.example", "http://b.example"]),
        "embed_sites[1]: must begin with https://: https://b.example",
    ),
    "site_with_a_path": (
        ("embed_sites", ["https://a.example/book"]),
        "embed_sites[0]: must end after the name of the site: https://a.example",
    ),
    "colour_that_is_none": (("brand", {"colour": "red"}), "brand.colour: must be a colour as #0b6a57"),
    "logo_that_is_none": (("brand", {"logo": "PHN2Zz4="}), "brand.logo: must be a PNG, JPEG or WebP picture"),
    "legal_text_without_words": (("legal", {"notice": {}}), "legal.notice.text: is missing"),
    "site_that_is_none": (("embed_sites", [7]), "embed_sites[0]: must be the beginning of a site's address"),
    "notice_of_no_group": (("notices", {"weather": {}}), "notices.weather: unknown"),
    "notice_how": (("notices", {"money": {"how": "weekly"}}), "notices.money.how: must be"),
    "notice_by_nothing": (
        ("notices", {"money": {"email": False}}),
        "notices.money.email: must be true where no channel is named",
    ),
    "notice_by_one_twice": (
        ("notices", {"money": {"channels": ["Texts", "Texts"]}}),
        'notices.money.channels[1]: "Texts" is there twice',
    ),
    "time_off_without_offset": (
        ("time_off", [{"from": "2027-08-01T00:00", "until": "2027-08-02T00:00+02:00"}]),
        "time_off[0].from: must be a time with its offset",
    ),
    "time_off_backwards": (
        ("time_off", [{"from": "2027-08-02T00:00+02:00", "until": "2027-08-01T00:00+02:00"}]),
        "time_off[0].until: must be after from",
    ),
    "time_off_twice": (
        ("time_off", [{"from": "2027-08-01T00:00+02:00", "until": "2027-08-03T00:00+02:00"}] * 2),
        "time_off[1]: overlaps another time off",
    ),
    "notice_option": (("notices", {"money": {"sound": "bell"}}), "notices.money.sound: unknown"),
    "wrong_placeholder": (
        ("wording", [{"kind": "reminder", "language": "en", "opening": "Hi {clinet}"}]),
        "wording[0].opening: {clinet} is not a placeholder. Did you mean {client}?",
    ),
    "words_of_no_kind": (
        ("wording", [{"kind": "booked", "language": "en", "opening": "Hi"}]),
        "wording[0].kind: must be",
    ),
    "words_that_say_nothing": (
        ("wording", [{"kind": "reminder", "language": "en"}]),
        "wording[0]: must have one at least of subject, heading, opening, closing",
    ),
    "reminder_option": (("reminders", {"week": True}), "reminders.week: unknown"),
}


def told(raw: bytes) -> list[str]:
    with pytest.raises(transfer.FileRefused) as refused:
        transfer.read(raw)
    return refused.value.detail.splitlines()


@pytest.mark.parametrize(("change", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_with_its_path(change, problem):
    file = changed(BIANCHI, change)
    if "hours needs" in problem:
        del file["provider"]["hourly_rate"]
    lines = told(content(file))
    assert any(line.startswith(problem) for line in lines), lines


@pytest.mark.parametrize(("change", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_in_the_reader_s_language(change, problem, monkeypatch):
    monkeypatch.setattr(reading, "gettext", lambda words: f"«{words}»")
    file = changed(BIANCHI, change)
    if "hours needs" in problem:
        del file["provider"]["hourly_rate"]
    with pytest.raises(transfer.FileRefused) as refused:
        transfer.read(content(file))
    assert {message[:1] for _path, message in refused.value.problems} == {"«"}


@pytest.mark.pure
@pytest.mark.parametrize("folder", ["booking/transfer", "policies/rules"])
def test_no_refusal_is_written_without_a_mark_for_translators(folder):
    """What is put together before it is looked up is in no catalogue."""
    bare = [
        f"{path.name}:{call.lineno}"
        for path in Path(folder).glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "wrong"
        and isinstance(call.args[1], ast.Constant | ast.JoinedStr | ast.BinOp)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("change", "path", "in_file", "in_form"),
    [
        (
            ("services", 0, "price", -1),
            "services[0].price",
            "must be a whole number from 0 to 99999999",
            "must be an amount from €0.00 to €999,999.99",
        ),
        (
            ("policies", 0, "deposit", {"kind": "fixed", "amount": 10}),
            "policies[0].deposit.amount",
            "must be at least 50, the smallest charge in EUR",
            "must be at least €0.50, the smallest charge in EUR",
        ),
    ],
    ids=["price", "deposit"],
)
def test_amounts_are_minor_units_in_the_file_and_money_in_a_form(change, path, in_file, in_form):
    with pytest.raises(transfer.FileRefused) as refused:
        transfer.read(content(changed(BIANCHI, change)))
    assert refused.value.by_field[path] == [in_file]
    assert refused.value.as_typed("EUR")[path] == [in_form]
    assert refused.value.as_typed("none")[path] != [in_form]


ALONE = (
    "version_missing",
    "unknown_key",
    "missing_key",
    "overlap",
    "duration_zero",
    "to_is_from",
    "no_policy",
)


@pytest.mark.parametrize("name", ALONE)
def test_one_mistake_is_told_once(name):
    assert len(told(content(changed(BIANCHI, WRONG[name][0])))) == 1


def test_all_mistakes_are_told_at_once():
    file = changed(
        BIANCHI,
        ("provider", "timezone", "Mars/Olympus"),
        ("policies", 0, "windows", 0, "cancel", "deposit", "keep"),
        ("services", 2, "duration_minutes", 1441),
        ("services", 0, "policy", "None such"),
        ("hours", 3, "to", "25:00"),
        ("members", 0, "role", "king"),
    )
    assert [line.split(":")[0] for line in told(content(file))] == [
        "provider.timezone",
        "policies[0].windows[0].cancel.deposit",
        "services[2].duration_minutes",
        "hours[3].to",
        "members[0].role",
        "members",
        "services[0].policy",
    ]


def test_a_policy_with_a_mistake_is_still_there_for_its_services():
    lines = told(content(changed(BIANCHI, ("policies", 0, "carry_days", -1))))
    assert lines == ["policies[0].carry_days: must be a whole number from 0 to 366"]


def test_midnight_ends_a_day():
    file = transfer.read(content(changed(BIANCHI, ("hours", 7, "to", "24:00"))))
    assert file.hours[7].closes_minute == 1440


def test_periods_of_one_day_may_touch():
    hours = [
        {"weekday": "mon", "from": "09:00", "to": "13:00"},
        {"weekday": "mon", "from": "13:00", "to": "14:00"},
    ]
    assert len(transfer.read(content(changed(BIANCHI, ("hours", hours)))).hours) == 2


def test_a_step_of_the_currency_is_kept():
    file = changed(
        NOK, ("provider", "currency", "KWD"), ("policies", 1, "deposit", {"kind": "fixed", "amount": 1005})
    )
    assert "policies[1].deposit.amount: must be a multiple of 10, as KWD is charged" in told(content(file))


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", r"line 1, column 1: is not JSON"),
        (b'{\n  "kept": 1,\n  oops\n}', r"line 3, column 3: is not JSON"),
        (b'{\n"kept": 1,\n"x": "\xff"}', r"line 3: must be UTF-8 text"),
        (b"[]", r"must be an object with kept, provider"),
        (b"null", r"must be an object"),
        (b'{"kept": NaN}', r"the file is not JSON that can be read: NaN"),
        (b'{"kept": 1, "kept": 1}', r"kept stands twice in one object"),
        (b"[" * 200_000, r"the file is not JSON that can be read"),
        (b'{"kept": ' + b"9" * 10_000 + b"}", r"the file is not JSON that can be read"),
        (b" " * (4 * 1024 * 1024 + 1), r"the file is larger than 4 MB"),
    ],
    ids=["empty", "syntax", "not_utf8", "list", "null", "nan", "twice", "deep", "huge_number", "large"],
)
def test_what_is_no_json_of_ours_is_told_with_its_place(raw, problem):
    assert re.search(problem, told(raw)[0])


def test_a_byte_order_mark_is_no_mistake():
    assert transfer.read(b"\xef\xbb\xbf" + content(BIANCHI)).profile.slug == "studio-bianchi"


def test_the_file_is_not_changed_by_reading_it():
    file = copy.deepcopy(BIANCHI)
    transfer.read(content(file))
    assert file == BIANCHI
