from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policies.rules.cancellation import cancel
from policies.rules.moves import move
from tests.policies.standings import (
    CARRY,
    FORFEIT,
    MICROSECOND,
    REFUND,
    START,
    before,
    fee,
    hours,
    standing,
    terms,
    window,
)

pytestmark = pytest.mark.pure

LIMIT = datetime(2027, 6, 13, 22, tzinfo=UTC)
NEAR, FAR = START + hours(24), START + hours(24 * 30)


def split(outcome):
    return outcome.refund, outcome.carry, outcome.forfeit, outcome.fee


@pytest.mark.parametrize(
    ("preset", "notice", "to", "expected", "late"),
    [
        pytest.param("Gentle", hours(24), FAR, (0, 2700, 0, 0), False, id="gentle_exactly_24h_any_date"),
        pytest.param(
            "Gentle", hours(24) - MICROSECOND, NEAR, (0, 2700, 0, 0), True, id="gentle_under_24h_near"
        ),
        pytest.param(
            "Gentle", hours(24) - MICROSECOND, FAR, (0, 0, 2700, 0), True, id="gentle_under_24h_far"
        ),
        pytest.param("Balanced", hours(48), NEAR, (0, 2700, 0, 0), False, id="balanced_exactly_48h_near"),
        pytest.param("Balanced", hours(48), FAR, (0, 0, 2700, 0), False, id="balanced_exactly_48h_far"),
        pytest.param(
            "Balanced", hours(48) - MICROSECOND, NEAR, (0, 0, 2700, 0), True, id="balanced_under_48h"
        ),
        pytest.param("Firm", hours(72), NEAR, (0, 2700, 0, 0), False, id="firm_exactly_72h"),
        pytest.param("Firm", hours(72) - MICROSECOND, NEAR, (0, 0, 2700, 0), True, id="firm_under_72h"),
        pytest.param("Firm", hours(24), NEAR, (0, 0, 2700, 0), True, id="firm_exactly_24h"),
        pytest.param("Firm", hours(24) - MICROSECOND, NEAR, (0, 0, 2700, 1800), True, id="firm_under_24h"),
        pytest.param("Firm", hours(0), NEAR, (0, 0, 2700, 1800), True, id="firm_at_the_start"),
    ],
)
def test_a_move_under_each_preset(preset, notice, to, expected, late):
    outcome = move(standing(preset), to=to, at=START - notice)
    follows = expected[1] > 0
    assert split(outcome) == expected
    assert (outcome.follows, outcome.new_deposit) == (follows, not follows)
    assert outcome.lapse == ("late_move" if late else "")
    assert outcome.late is late


def test_after_the_start_nothing_is_moved():
    outcome = move(standing(), to=FAR, at=START + MICROSECOND)
    assert (outcome.allowed, outcome.refusal) == (False, "already_started")
    assert (split(outcome), outcome.follows) == ((0, 0, 0, 0), False)


@pytest.mark.parametrize(
    ("to", "used", "follows"),
    [
        pytest.param(LIMIT - MICROSECOND, 0, True, id="the_last_instant_of_the_third_day"),
        pytest.param(LIMIT, 0, False, id="the_day_after"),
        pytest.param(before(500), 0, True, id="earlier_always"),
        pytest.param(NEAR, 1, True, id="the_second_move"),
        pytest.param(NEAR, 2, False, id="no_move_left"),
    ],
)
def test_a_deposit_is_carried_within_the_days_and_moves(to, used, follows):
    outcome = move(standing(moves_used=used), to=to, at=before(600))
    assert outcome.follows is follows
    assert outcome.carry_until == (LIMIT if follows else None)


def test_a_chain_cannot_creep():
    moved = standing(start=START + hours(72), moves_used=1, smallest_notice=hours(60))
    assert not move(moved, to=START + hours(6 * 24), at=before(10)).follows


def test_with_refund_neither_days_nor_moves_matter():
    assert move(standing("Gentle", moves_used=9), to=FAR, at=before(100)).follows


class TestOtherwiseItCostsWhatACancelWould:
    @pytest.mark.parametrize(
        ("on_cancel", "on_move", "unused", "expected"),
        [
            pytest.param(REFUND, FORFEIT, "forfeit", (0, 2700, 0, 0), id="refund_follows_all_the_same"),
            pytest.param(REFUND, CARRY, "forfeit", (0, 2700, 0, 0), id="refund_follows_beyond_the_days"),
            pytest.param(CARRY, CARRY, "forfeit", (0, 0, 2700, 0), id="carry_falls_to_unused"),
            pytest.param(CARRY, CARRY, "refund", (0, 2700, 0, 0), id="unused_that_is_refunded_follows"),
            pytest.param(CARRY, fee(50), "forfeit", (0, 0, 2700, 0), id="no_fee_where_a_cancel_has_none"),
            pytest.param(FORFEIT, CARRY, "refund", (0, 0, 2700, 0), id="forfeit_forfeits"),
            pytest.param(fee(50), FORFEIT, "forfeit", (0, 0, 2700, 0), id="the_move_asks_less"),
            pytest.param(FORFEIT, fee(50), "forfeit", (0, 0, 2700, 0), id="the_cancel_asks_less"),
            pytest.param(fee(50), fee(80), "forfeit", (0, 0, 2700, 1800), id="the_smaller_fee"),
            pytest.param(fee(50), CARRY, "forfeit", (0, 0, 2700, 1800), id="carry_has_no_fee_of_its_own"),
        ],
    )
    def test_far_away(self, on_cancel, on_move, unused, expected):
        some = standing(terms=terms(windows=(window(0, on_cancel, on_move),), carry_unused=unused))
        assert split(move(some, to=FAR, at=before(60))) == expected

    def test_a_cancel_that_keeps_the_credit_is_named_as_cheaper(self):
        outcome = move(standing(), to=FAR, at=before(60))
        assert outcome.cheaper == "cancel"
        assert outcome.instead == cancel(standing(), at=before(60))
        assert (outcome.instead.carry, outcome.instead.carry_until) == (2700, LIMIT)

    @pytest.mark.parametrize(
        ("some", "to", "at"),
        [
            pytest.param(standing(), FAR, before(20), id="a_cancel_costs_the_same"),
            pytest.param(standing(), NEAR, before(60), id="the_move_is_free"),
            pytest.param(
                standing(terms=terms(windows=(window(0, fee(50), CARRY),))), NEAR, before(60), id="a_cancel_costs_more"
            ),
        ],
    )  # fmt: skip
    def test_no_cheaper_way_is_named_where_there_is_none(self, some, to, at):
        outcome = move(some, to=to, at=at)
        assert (outcome.cheaper, outcome.instead) == ("", None)


def test_without_a_deposit_a_move_that_forfeits_asks_no_new_one():
    outcome = move(standing(held=0), to=FAR, at=before(20))
    assert (split(outcome), outcome.new_deposit, outcome.follows) == ((0, 0, 0, 0), False, True)
    assert outcome.lapse == "late_move"


def test_without_a_deposit_the_fee_of_a_late_move_is_still_owed():
    outcome = move(standing("Firm", held=0), to=NEAR, at=before(1))
    assert (split(outcome), outcome.new_deposit) == ((0, 0, 0, 4500), False)


class TestRegret:
    CONFIRMED = before(20)

    @pytest.mark.parametrize(
        ("after", "follows"),
        [
            pytest.param(hours(1), True, id="exactly_60min"),
            pytest.param(hours(1) + MICROSECOND, False, id="a_microsecond_over"),
        ],
    )
    def test_the_first_move_is_free_to_any_date(self, after, follows):
        outcome = move(standing(confirmed_at=self.CONFIRMED), to=FAR, at=self.CONFIRMED + after)
        assert outcome.follows is outcome.in_regret is follows
        assert outcome.lapse == ("" if follows else "late_move")

    def test_a_second_one_is_late_but_costs_no_more_than_a_cancel_which_is_free(self):
        some = standing(confirmed_at=self.CONFIRMED, moves_used=1, smallest_notice=hours(20))
        outcome = move(some, to=FAR, at=self.CONFIRMED)
        assert (outcome.follows, outcome.cost) == (True, 0)
        assert (outcome.in_regret, outcome.lapse) == (False, "late_move")

    def test_regret_does_not_stretch_the_days_of_a_credit(self):
        some = standing(confirmed_at=before(60), carried_in=2700, credit_until=LIMIT)
        assert move(some, to=LIMIT - MICROSECOND, at=before(60)).follows
        outcome = move(some, to=LIMIT, at=before(60))
        assert (split(outcome), outcome.new_deposit) == ((0, 0, 2700, 0), True)
        assert outcome.instead.carry == 2700

    def test_beyond_them_only_the_credit_is_lost_and_fresh_money_comes_back(self):
        some = standing(confirmed_at=before(20), carried_in=2000, credit_until=LIMIT)
        assert split(move(some, to=FAR, at=before(20))) == (700, 0, 2000, 0)


def test_what_was_not_confirmed_is_moved_free():
    outcome = move(standing("Firm", confirmed_at=None), to=FAR, at=before(1))
    assert (outcome.follows, outcome.cost, outcome.lapse) == (True, 0, "")


def test_a_forgiven_late_move_lets_the_deposit_follow():
    outcome = move(standing("Firm", forgivable=True), to=FAR, at=before(1))
    assert (split(outcome), outcome.follows) == ((0, 2700, 0, 0), True)
    assert (outcome.lapse, outcome.forgiven) == ("late_move", True)


def test_the_notice_of_an_earlier_move_judges_the_next():
    some = standing(moves_used=1, smallest_notice=hours(20))
    assert move(some, to=NEAR, at=before(60)).forfeit == 2700


def test_a_move_holds_until_its_window_ends_and_is_free_until_then():
    outcome = move(standing(), to=NEAR, at=before(60))
    assert (outcome.valid_until, outcome.free_until) == (before(48), before(48))
    late = move(standing(), to=NEAR, at=before(20))
    assert (late.valid_until, late.free_until) == (START, None)


def test_the_same_terms_give_the_same_answer_twice():
    some = standing()
    assert move(some, to=NEAR, at=before(60)) == move(replace(some), to=NEAR, at=before(60))
