from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policies.rules import windows
from policies.rules.notice import effective_notice, notice
from tests.policies.standings import (
    CARRY,
    FORFEIT,
    MICROSECOND,
    REFUND,
    START,
    before,
    fee,
    hours,
    terms,
    window,
)

pytestmark = pytest.mark.pure

ROME = ZoneInfo("Europe/Rome")


def test_notice_is_elapsed_time_across_a_clock_change():
    start = datetime(2027, 3, 28, 10, tzinfo=ROME)
    assert notice(start, datetime(2027, 3, 27, 10, tzinfo=ROME)) == hours(23)
    assert notice(start, start + MICROSECOND) == -MICROSECOND


@pytest.mark.parametrize(
    ("smallest", "expected"),
    [(None, 60), (hours(20), 20), (hours(60), 60), (hours(90), 60)],
    ids=["never_moved", "moved_at_20h", "moved_at_60h", "moved_earlier"],
)
def test_the_smallest_notice_counts(smallest, expected):
    assert effective_notice(START, before(60), smallest) == hours(expected)


@pytest.mark.parametrize(
    ("preset", "left", "index"),
    [
        pytest.param("Balanced", hours(1000), 0, id="balanced_long_before"),
        pytest.param("Balanced", hours(48), 0, id="balanced_exactly_48h"),
        pytest.param("Balanced", hours(48) - MICROSECOND, 1, id="balanced_a_microsecond_under"),
        pytest.param("Balanced", hours(0), 1, id="balanced_at_the_start"),
        pytest.param("Gentle", hours(24), 0, id="gentle_exactly_24h"),
        pytest.param("Gentle", hours(24) - MICROSECOND, 1, id="gentle_a_microsecond_under"),
        pytest.param("Firm", hours(72), 0, id="firm_exactly_72h"),
        pytest.param("Firm", hours(72) - MICROSECOND, 1, id="firm_a_microsecond_under_72h"),
        pytest.param("Firm", hours(24), 1, id="firm_exactly_24h"),
        pytest.param("Firm", hours(24) - MICROSECOND, 2, id="firm_a_microsecond_under_24h"),
    ],
)
def test_exactly_on_the_line_is_in_time(preset, left, index):
    assert windows.index_for(terms(preset), left) == index
    assert windows.is_late(terms(preset), left) is (index > 0)


def test_with_one_window_nothing_is_late():
    assert not windows.is_late(terms(windows=(window(0, FORFEIT),)), hours(0))


@pytest.mark.parametrize(
    ("rows", "at", "free"),
    [
        pytest.param([(48, CARRY), (0, FORFEIT)], 100, 48, id="the_best_is_now"),
        pytest.param([(48, CARRY), (0, FORFEIT)], 48, 48, id="its_last_instant"),
        pytest.param([(48, CARRY), (0, FORFEIT)], 47, 0, id="only_the_last_is_ahead"),
        pytest.param([(72, REFUND), (24, CARRY), (0, FORFEIT)], 50, 24, id="the_next_best_is_ahead"),
        pytest.param([(72, REFUND), (24, REFUND), (0, FORFEIT)], 100, 24, id="two_alike_are_one"),
        pytest.param([(72, FORFEIT), (24, fee(50)), (0, fee(100))], 50, 24, id="a_smaller_fee_is_better"),
        pytest.param([(72, CARRY), (24, REFUND), (0, FORFEIT)], 100, 24, id="waiting_pays"),
        pytest.param([(0, REFUND)], 100, 0, id="free_to_the_start"),
    ],
)
def test_the_best_window_still_ahead_ends_at(rows, at, free):
    some = terms(windows=tuple(window(*row) for row in rows))
    assert windows.free_until(some, start=START, at=before(at)) == before(free)


def test_a_move_on_short_notice_leaves_only_the_windows_below_it():
    some = terms("Firm")
    assert windows.free_until(some, start=START, at=before(100), smallest=hours(30)) == before(24)


def test_free_notice_for_changes_ends_when_moves_get_dearer():
    some = terms(windows=(window(48, FORFEIT, CARRY), window(0, FORFEIT)))
    assert windows.free_until(some, start=START, at=before(100)) == before(48)


def test_a_move_is_never_harder_than_a_cancel():
    kind_cancel = window(0, REFUND, FORFEIT)
    assert windows.of_move(kind_cancel) == windows.severity(REFUND)


def test_utc_instants_stay_utc():
    assert windows.free_until(terms(), start=START, at=before(100)) == datetime(2027, 6, 8, 8, tzinfo=UTC)
    assert timedelta(0) == notice(START, START)
