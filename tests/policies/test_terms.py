import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.rules import terms
from policies.rules.terms import PRESETS, Consequence, DepositTerms, Terms, TermsError, Window

pytestmark = pytest.mark.pure

NONE = {"deposit": "forfeit", "fee_percent": 0}
BALANCED = {
    "deposit": {"kind": "percent", "percent": 30},
    "windows": [
        {
            "min_notice_hours": 48,
            "cancel": {"deposit": "carry", "fee_percent": 0},
            "move": {"deposit": "carry", "fee_percent": 0},
        },
        {"min_notice_hours": 0, "cancel": NONE, "move": NONE},
    ],
    "carry_days": 3,
    "carry_unused": "forfeit",
    "max_moves": 2,
    "regret_minutes": 60,
    "grace_minutes": 15,
    "no_show": NONE,
    "auto_no_show": "ask",
    "settle_after_hours": 24,
    "forgive": {"lapses": 0, "months": 12},
}


def with_(path, value):
    """Balanced with one value put in, or taken out with `...`."""
    source = copy.deepcopy(BALANCED)
    *way, last = path
    place = source
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return source


def problems(source, path=""):
    with pytest.raises(TermsError) as caught:
        terms.read(source, path=path)
    return caught.value.problems


def test_balanced_is_the_default_of_the_table():
    assert terms.read(BALANCED) == PRESETS["Balanced"]
    assert terms.write(PRESETS["Balanced"]) == BALANCED


def test_gentle():
    gentle = PRESETS["Gentle"]
    assert [(w.min_notice, w.cancel.deposit, w.move.deposit) for w in gentle.windows] == [
        (timedelta(hours=24), "refund", "refund"),
        (timedelta(0), "carry", "carry"),
    ]
    assert gentle.no_show == Consequence(deposit="forfeit")
    assert (gentle.forgive_lapses, gentle.forgive_months) == (1, 12)


def test_firm():
    firm = PRESETS["Firm"]
    assert [(w.min_notice, w.cancel.deposit, w.cancel.fee_percent) for w in firm.windows] == [
        (timedelta(hours=72), "carry", 0),
        (timedelta(hours=24), "forfeit", 0),
        (timedelta(0), "forfeit", 50),
    ]
    assert firm.no_show == Consequence(deposit="forfeit", fee_percent=100)
    assert firm.forgive_lapses == 0


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        pytest.param(("colour",), 1, "colour", "unknown", id="unknown_key"),
        pytest.param(("carry_days",), ..., "carry_days", "missing", id="missing_key"),
        pytest.param(("carry_days",), True, "carry_days", "whole number", id="a_bool_is_no_number"),
        pytest.param(("carry_days",), 3.0, "carry_days", "whole number", id="a_float_is_no_whole_number"),
        pytest.param(("carry_days",), "3", "carry_days", "whole number", id="text_is_no_number"),
        pytest.param(("carry_days",), None, "carry_days", "whole number", id="null"),
        pytest.param(("carry_days",), -1, "carry_days", "from 0", id="negative_days"),
        pytest.param(("carry_days",), 10**30, "carry_days", "to 366", id="absurd_days"),
        pytest.param(("carry_unused",), "carry", "carry_unused", "forfeit, refund", id="unused_cannot_carry"),
        pytest.param(("carry_unused",), ["refund"], "carry_unused", "one of", id="a_list_is_no_word"),
        pytest.param(("max_moves",), -1, "max_moves", "from 0", id="negative_moves"),
        pytest.param(("regret_minutes",), -1, "regret_minutes", "from 0", id="negative_regret"),
        pytest.param(("grace_minutes",), 1441, "grace_minutes", "to 1440", id="more_grace_than_a_day"),
        pytest.param(("auto_no_show",), "both", "auto_no_show", "ask, mark", id="auto_no_show"),
        pytest.param(("settle_after_hours",), -0.5, "settle_after_hours", "from 0", id="settled_before"),
        pytest.param(("settle_after_hours",), float("nan"), "settle_after_hours", "number", id="nan"),
        pytest.param(("settle_after_hours",), float("inf"), "settle_after_hours", "number", id="infinite"),
        pytest.param(("forgive",), 1, "forgive", "object", id="forgive_is_an_object"),
        pytest.param(("forgive", "months"), 0, "forgive.months", "from 1", id="no_months"),
        pytest.param(("forgive", "lapses"), -1, "forgive.lapses", "from 0", id="negative_lapses"),
        pytest.param(("deposit",), {}, "deposit.kind", "missing", id="deposit_without_kind"),
        pytest.param(("deposit", "kind"), "cash", "deposit.kind", "hours", id="unknown_kind"),
        pytest.param(("deposit", "kind"), "fixed", "deposit.percent", "unknown", id="fixed_with_a_percent"),
        pytest.param(("deposit", "percent"), 101, "deposit.percent", "100", id="more_than_the_price"),
        pytest.param(("deposit", "percent"), 0, "deposit.percent", "above 0", id="nothing_is_kind_none"),
        pytest.param(("deposit", "percent"), True, "deposit.percent", "number", id="percent_bool"),
        pytest.param(("deposit",), {"kind": "fixed", "amount": 0.5}, "deposit.amount", "whole", id="half_a_cent"),
        pytest.param(("deposit",), {"kind": "fixed", "amount": -1}, "deposit.amount", "1", id="negative_amount"),
        pytest.param(("deposit",), {"kind": "none", "amount": 1}, "deposit.amount", "unknown", id="none_of_1"),
        pytest.param(("no_show", "deposit"), "keep", "no_show.deposit", "forfeit", id="unknown_word"),
        pytest.param(("no_show", "fee_percent"), 101, "no_show.fee_percent", "to 100", id="fee_over_100"),
        pytest.param(("no_show", "fee_percent"), 9.5, "no_show.fee_percent", "whole", id="fraction_of_a_percent"),
        pytest.param(
            ("windows", 0, "cancel", "fee_percent"), 10, "windows[0].cancel.fee_percent", "forfeit",
            id="a_fee_with_carry",
        ),
        pytest.param(("windows",), [], "windows", "1 to 12", id="no_windows"),
        pytest.param(("windows",), {}, "windows", "list", id="windows_are_a_list"),
        pytest.param(("windows", 1), 0, "windows[1]", "object", id="a_window_is_an_object"),
        pytest.param(("windows", 1, "move"), ..., "windows[1].move", "missing", id="window_without_move"),
        pytest.param(
            ("windows", 1, "min_notice_hours"), 1, "windows[1].min_notice_hours", "must have 0",
            id="last_window_not_0",
        ),
        pytest.param(
            ("windows", 0, "min_notice_hours"), 0, "windows[1].min_notice_hours", "twice", id="duplicate"
        ),
        pytest.param(
            ("windows", 1, "min_notice_hours"), 72, "windows[1].min_notice_hours", "longest first",
            id="longest_not_first",
        ),
        pytest.param(
            ("windows", 0, "min_notice_hours"), -48, "windows[0].min_notice_hours", "from 0", id="after_the_start"
        ),
        pytest.param(
            ("windows", 0, "min_notice_hours"), 48.00001, "windows[0].min_notice_hours", "whole seconds",
            id="part_of_a_second",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path(path, value, where, says):
    found = problems(with_(path, value))
    assert where in [path for path, _ in found]
    assert any(says in message for path, message in found if path == where)


def test_all_problems_come_at_once_and_under_the_given_path():
    source = with_(("windows", 1, "cancel"), {"deposit": "refund", "fee_percent": 20})
    source["max_moves"] = -1
    del source["forgive"]
    source["surprise"] = 1
    paths = [path for path, _ in problems(source, path="policies[0]")]
    assert sorted(paths) == [
        "policies[0].forgive",
        "policies[0].max_moves",
        "policies[0].surprise",
        "policies[0].windows[1].cancel.fee_percent",
    ]


@pytest.mark.parametrize("source", [None, [], "Balanced", 3])
def test_what_is_no_object_is_refused(source):
    assert problems(source, path="policies[2]")[0][0] == "policies[2]"


@pytest.mark.parametrize("value", [0.5, 24, 1.25, 0.01, 47.9])
def test_hours_stay_as_they_were_written(value):
    source = with_(("windows", 0, "min_notice_hours"), value)
    written = terms.write(terms.read(source))["windows"][0]["min_notice_hours"]
    assert written == value
    assert type(written) is type(value)


def test_half_an_hour_of_the_rate_stays_half_an_hour():
    source = with_(("deposit",), {"kind": "hours", "hours": 0.5})
    assert terms.read(source).deposit == DepositTerms(kind="hours", value=Decimal("0.5"))
    assert terms.write(terms.read(source)) == source


consequences = st.one_of(
    st.builds(Consequence, deposit=st.sampled_from(["refund", "carry"])),
    st.builds(Consequence, deposit=st.just("forfeit"), fee_percent=st.integers(0, 100)),
)


@st.composite
def windows(draw):
    seconds = sorted(
        draw(st.sets(st.integers(1, 8760 * 10).map(lambda n: n * 360), max_size=4)), reverse=True
    )
    return tuple(
        Window(min_notice=timedelta(seconds=s), cancel=draw(consequences), move=draw(consequences))
        for s in [*seconds, 0]
    )


any_terms = st.builds(
    Terms,
    deposit=st.one_of(
        st.just(DepositTerms()),
        st.builds(DepositTerms, kind=st.just("fixed"), value=st.integers(1, 10**6).map(Decimal)),
        st.builds(
            DepositTerms, kind=st.sampled_from(["percent", "hours"]), value=st.decimals("0.01", 100, places=2)
        ),
    ),
    windows=windows(),
    carry_days=st.integers(0, 366),
    carry_unused=st.sampled_from(["forfeit", "refund"]),
    max_moves=st.integers(0, 9),
    regret=st.integers(0, 999).map(lambda n: timedelta(minutes=n)),
    grace=st.integers(0, 99).map(lambda n: timedelta(minutes=n)),
    no_show=consequences,
    auto_no_show=st.sampled_from(["ask", "mark"]),
    settle_after=st.integers(0, 100).map(lambda n: timedelta(minutes=30 * n)),
    forgive_lapses=st.integers(0, 9),
    forgive_months=st.integers(1, 36),
)


@given(any_terms)
def test_what_is_written_reads_as_the_same_terms(some):
    written = terms.write(some)
    assert terms.read(written) == some
    assert terms.write(terms.read(written)) == written


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*((key,) for key in BALANCED), ("windows", 0), ("windows", 1, "cancel")]), json_like)
def test_junk_anywhere_is_a_terms_error_and_nothing_else(path, junk):
    try:
        read = terms.read(with_(path, junk))
    except TermsError as error:
        assert error.problems
    else:
        assert replace(read) == terms.read(terms.write(read))
