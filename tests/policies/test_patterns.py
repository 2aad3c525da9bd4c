from datetime import UTC, datetime, timedelta

import pytest

from policies.rules.patterns import PATTERNS, Ended, pattern, suggestion, wants_day_ahead

pytestmark = pytest.mark.pure

NOW = datetime(2027, 6, 10, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOW = {"k": "kept", "c": "late_cancel", "m": "late_move", "n": "no_show", "i": "cancelled"}


def record(letters):
    """Newest first, a day apart, the newest yesterday; a capital is an excused one."""
    return [
        Ended(how=HOW[letter.lower()], excused=letter.isupper(), ended_at=NOW - DAY * (n + 1))
        for n, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        pytest.param("", "new", id="nothing_yet"),
        pytest.param("kk", "new", id="fewer_than_three"),
        pytest.param("n", "new", id="one_no_show_is_still_new"),
        pytest.param("kkk", "mixed", id="three_are_not_new"),
        pytest.param("kkkk", "mixed", id="four_kept"),
        pytest.param("kkkkk", "reliable", id="five_kept"),
        pytest.param("kkkkkkn", "reliable", id="a_lapse_before_the_last_six"),
        pytest.param("kkkkkn", "mixed", id="a_lapse_in_the_last_six"),
        pytest.param("ccc", "chronic", id="three_lapses"),
        pytest.param("kkkcmn", "chronic", id="three_of_six_of_every_kind"),
        pytest.param("kkkkcmn", "mixed", id="the_third_lapse_is_the_seventh"),
        pytest.param("cckkkkkk", "slipping", id="two_of_three_after_five_kept"),
        pytest.param("cckkkkk", "mixed", id="only_four_kept_before_the_last_three"),
        pytest.param("ckckkkkk", "slipping", id="two_of_three_with_one_between"),
        pytest.param("cckkkkkkc", "slipping", id="five_of_the_six_before"),
        pytest.param("cckckkkk", "chronic", id="three_of_six_comes_first"),
        pytest.param("cckkkkkcc", "mixed", id="four_of_the_six_before_are_too_few"),
        pytest.param("cckkkkkcckk", "mixed", id="only_the_six_before_count"),
        pytest.param("kcckkkkk", "slipping", id="the_newest_kept"),
        pytest.param("kkcckkkkk", "mixed", id="one_of_the_last_three"),
        pytest.param("CNkkkkk", "reliable", id="excused_do_not_count"),
        pytest.param("iiiikkkkk", "reliable", id="cancelled_in_time_does_not_count"),
        pytest.param("iiiii", "new", id="nor_is_it_kept"),
    ],
)
def test_the_table(letters, expected):
    assert pattern(record(letters), at=NOW) == expected


def test_the_order_of_the_record_does_not_matter():
    assert pattern(reversed(record("cckkkkkk")), at=NOW) == "slipping"


MISSED = Ended(how="no_show", ended_at=NOW)


@pytest.mark.parametrize(
    ("after", "answered", "expected"),
    [
        pytest.param(14 * DAY, None, "gone quiet", id="exactly_14_days"),
        pytest.param(14 * DAY - timedelta(microseconds=1), None, "new", id="a_microsecond_under"),
        pytest.param(14 * DAY, NOW - DAY, "gone quiet", id="an_answer_before_is_none"),
        pytest.param(14 * DAY, NOW + DAY, "new", id="an_answer_since"),
    ],
)
def test_gone_quiet(after, answered, expected):
    assert pattern([MISSED], at=NOW + after, last_answer_at=answered) == expected


def test_gone_quiet_comes_before_chronic():
    assert pattern(record("nnnkkk"), at=NOW + 14 * DAY) == "gone quiet"
    assert pattern(record("nnnkkk"), at=NOW) == "chronic"


def test_only_the_last_one_makes_quiet():
    assert pattern(record("cnk"), at=NOW + 30 * DAY) == "mixed"


def test_an_excused_no_show_makes_nobody_quiet():
    assert pattern(record("Nkkk"), at=NOW + 30 * DAY) == "mixed"


def test_what_each_pattern_suggests():
    assert {name: suggestion(name) for name in PATTERNS} == {
        "gone quiet": "letting_go",
        "chronic": "prepay_or_approve",
        "slipping": "ask_what_changed",
        "reliable": "",
        "new": "",
        "mixed": "",
    }


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("", False), ("kkkkkc", True), ("kkkkkkc", False), ("C", False), ("kkkkkic", True)],
    ids=["nothing", "the_sixth", "the_seventh", "excused", "in_time_does_not_push_it_out"],
)
def test_a_lapse_in_the_last_six_asks_for_a_reminder_a_day_ahead(letters, expected):
    assert wants_day_ahead(record(letters)) is expected
