from datetime import UTC, datetime

import pytest

from policies.rules.cancellation import cancel, provider_cancel
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

LIMIT = datetime(2027, 6, 13, 22, tzinfo=UTC)  # the end of the third day after, in Rome


@pytest.mark.parametrize(
    ("preset", "notice", "refund", "carry", "forfeit", "fee", "late"),
    [
        pytest.param("Gentle", hours(500), 2700, 0, 0, 0, False, id="gentle_early"),
        pytest.param("Gentle", hours(24), 2700, 0, 0, 0, False, id="gentle_exactly_24h"),
        pytest.param("Gentle", hours(24) - MICROSECOND, 0, 2700, 0, 0, True, id="gentle_a_microsecond_under"),
        pytest.param("Gentle", hours(0), 0, 2700, 0, 0, True, id="gentle_at_the_start"),
        pytest.param("Balanced", hours(48), 0, 2700, 0, 0, False, id="balanced_exactly_48h"),
        pytest.param(
            "Balanced", hours(48) - MICROSECOND, 0, 0, 2700, 0, True, id="balanced_a_microsecond_under"
        ),
        pytest.param("Balanced", hours(0), 0, 0, 2700, 0, True, id="balanced_at_the_start"),
        pytest.param("Firm", hours(72), 0, 2700, 0, 0, False, id="firm_exactly_72h"),
        pytest.param("Firm", hours(72) - MICROSECOND, 0, 0, 2700, 0, True, id="firm_a_microsecond_under_72h"),
        pytest.param("Firm", hours(24), 0, 0, 2700, 0, True, id="firm_exactly_24h"),
        pytest.param(
            "Firm", hours(24) - MICROSECOND, 0, 0, 2700, 1800, True, id="firm_a_microsecond_under_24h"
        ),
        pytest.param("Firm", hours(0), 0, 0, 2700, 1800, True, id="firm_at_the_start"),
    ],
)
def test_a_cancel_under_each_preset(preset, notice, refund, carry, forfeit, fee, late):
    outcome = cancel(standing(preset), at=START - notice)
    assert (outcome.refund, outcome.carry, outcome.forfeit, outcome.fee) == (refund, carry, forfeit, fee)
    assert outcome.allowed
    assert outcome.late is late
    assert outcome.lapse == ("late_cancel" if late else "")
    assert outcome.notice == notice
    assert outcome.carry_until == (LIMIT if carry else None)
    assert not outcome.forgiven


def test_after_the_start_nothing_is_cancelled():
    outcome = cancel(standing(), at=START + MICROSECOND)
    assert (outcome.allowed, outcome.refusal) == (False, "already_started")
    assert (outcome.refund, outcome.carry, outcome.forfeit, outcome.fee, outcome.lapse) == (0, 0, 0, 0, "")


def test_the_original_start_decides_how_long_a_credit_lasts():
    moved = standing(start=START + hours(48), moves_used=1)
    assert cancel(moved, at=before(24)).carry_until == LIMIT


class TestFees:
    @pytest.mark.parametrize(
        ("held", "percent", "currency", "charged"),
        [
            pytest.param(2700, 50, "EUR", 1800, id="the_deposit_counts_towards_it"),
            pytest.param(0, 50, "EUR", 4500, id="without_deposit_all_of_it"),
            pytest.param(4500, 50, "EUR", 0, id="just_covered"),
            pytest.param(9000, 50, "EUR", 0, id="more_than_covered"),
            pytest.param(4499, 50, "EUR", 1, id="a_cent_short"),
            pytest.param(2700, 100, "EUR", 6300, id="the_whole_price"),
            pytest.param(0, 33, "JPY", 2970, id="no_decimals"),
            pytest.param(0, 33, "KWD", 2970, id="three_decimals"),
        ],
    )
    def test_what_is_missing_of_the_fee_is_charged(self, held, percent, currency, charged):
        some = standing(held=held, currency=currency, terms=terms(windows=(window(0, fee(percent)),)))
        outcome = cancel(some, at=before(1))
        assert (outcome.forfeit, outcome.fee) == (held, charged)

    def test_a_fee_is_rounded_once_to_the_step_and_never_above_the_price(self):
        some = standing(held=0, price=1005, currency="KWD", terms=terms(windows=(window(0, fee(100)),)))
        assert cancel(some, at=before(1)).fee == 1005
        some = standing(held=0, price=1050, currency="KWD", terms=terms(windows=(window(0, fee(10)),)))
        assert cancel(some, at=before(1)).fee == 110


class TestRegret:
    """Confirmed twenty hours ahead: too late for Balanced but for the sixty minutes."""

    CONFIRMED = before(20)

    @pytest.mark.parametrize(
        ("after", "refund", "forfeit"),
        [
            pytest.param(hours(0), 2700, 0, id="at_once"),
            pytest.param(hours(1), 2700, 0, id="exactly_60min"),
            pytest.param(hours(1) + MICROSECOND, 0, 2700, id="a_microsecond_over"),
        ],
    )
    def test_a_cancel_within_regret_gives_all_back(self, after, refund, forfeit):
        outcome = cancel(standing(confirmed_at=self.CONFIRMED), at=self.CONFIRMED + after)
        assert (outcome.refund, outcome.forfeit) == (refund, forfeit)
        assert outcome.in_regret is (refund > 0)
        assert outcome.lapse == ("" if refund else "late_cancel")

    def test_regret_ends_before_the_start(self):
        some = standing(confirmed_at=before(0.5))
        assert cancel(some, at=START - MICROSECOND).refund == 2700
        assert cancel(some, at=START).forfeit == 2700

    def test_no_regret_in_the_terms_is_none_even_at_the_same_instant(self):
        some = standing(confirmed_at=before(20), terms=terms(regret=hours(0)))
        assert cancel(some, at=before(20)).forfeit == 2700

    def test_a_cancel_after_moves_within_regret_is_free_too(self):
        some = standing(confirmed_at=before(20), moves_used=2, smallest_notice=hours(1))
        assert cancel(some, at=before(20)).refund == 2700

    def test_beyond_regret_the_notice_of_a_move_within_it_still_counts(self):
        some = standing(confirmed_at=before(70), moves_used=1, smallest_notice=hours(20))
        assert cancel(some, at=before(60)).forfeit == 2700


def test_what_was_not_confirmed_is_cancelled_free():
    outcome = cancel(standing("Firm", confirmed_at=None), at=before(1))
    assert (outcome.refund, outcome.fee, outcome.lapse, outcome.late) == (2700, 0, "", False)
    assert outcome.free_until == START


class TestNoticeIsNotLaundered:
    """Rule 4: who moves at 20 h and cancels 60 h before the new start is judged at 20 h."""

    @pytest.mark.parametrize(
        ("moved_at", "carry", "lapse"),
        [
            pytest.param(hours(20), 0, "late_cancel", id="moved_at_20h"),
            pytest.param(hours(48), 2700, "", id="moved_at_exactly_48h"),
            pytest.param(hours(48) - MICROSECOND, 0, "late_cancel", id="a_microsecond_under"),
        ],
    )
    def test_the_smallest_notice_judges_the_cancel(self, moved_at, carry, lapse):
        outcome = cancel(standing(moves_used=1, smallest_notice=moved_at), at=before(60))
        assert (outcome.carry, outcome.lapse, outcome.notice) == (carry, lapse, moved_at)


class TestForgiveness:
    def test_a_late_cancel_that_is_forgiven_gives_all_back(self):
        outcome = cancel(standing("Firm", forgivable=True), at=before(1))
        assert (outcome.refund, outcome.forfeit, outcome.fee) == (2700, 0, 0)
        assert (outcome.lapse, outcome.forgiven, outcome.late) == ("late_cancel", True, True)

    def test_a_cancel_in_time_uses_none(self):
        outcome = cancel(standing(forgivable=True), at=before(48))
        assert (outcome.carry, outcome.forgiven, outcome.lapse) == (2700, False, "")

    def test_a_cancel_within_regret_uses_none(self):
        outcome = cancel(standing(forgivable=True, confirmed_at=before(2)), at=before(2))
        assert (outcome.refund, outcome.forgiven) == (2700, False)

    def test_it_is_no_free_notice(self):
        assert cancel(standing(forgivable=True), at=before(1)).free_until is None


class TestCarriedDeposits:
    def test_money_that_came_as_a_credit_goes_back_as_that_credit(self):
        some = standing(confirmed_at=before(1), carried_in=2000, credit_until=LIMIT)
        outcome = cancel(some, at=before(0.5))
        assert (outcome.refund, outcome.carry, outcome.carry_until) == (700, 2000, LIMIT)

    def test_a_credit_without_a_deadline_keeps_none(self):
        some = standing("Gentle", carried_in=2700, credit_until=None)
        outcome = cancel(some, at=before(100))
        assert (outcome.carry, outcome.refund, outcome.carry_until) == (2700, 0, None)

    def test_a_credit_does_not_gain_days_by_being_carried_again(self):
        sooner = LIMIT - hours(24)
        outcome = cancel(standing(carried_in=1, credit_until=sooner), at=before(60))
        assert (outcome.carry, outcome.carry_until) == (2700, sooner)

    @pytest.mark.parametrize(
        ("unused", "at", "expected"),
        [
            pytest.param("forfeit", LIMIT - MICROSECOND, (0, 2700, 0), id="the_last_instant_of_its_worth"),
            pytest.param("forfeit", LIMIT, (0, 0, 2700), id="worth_nothing_any_more"),
            pytest.param("refund", LIMIT, (2700, 0, 0), id="unused_comes_back"),
        ],
    )
    def test_a_carry_after_its_last_day_is_what_becomes_of_unused_ones(self, unused, at, expected):
        far = standing(terms=terms(carry_unused=unused), start=START + hours(1000), moves_used=1)
        outcome = cancel(far, at=at)
        assert (outcome.refund, outcome.carry, outcome.forfeit) == expected

    def test_nothing_held_is_nothing_carried(self):
        outcome = cancel(standing(held=0), at=before(60))
        assert (outcome.refund, outcome.carry, outcome.forfeit, outcome.carry_until) == (0, 0, 0, None)


class TestFreeUntil:
    @pytest.mark.parametrize(
        ("some", "at", "free"),
        [
            pytest.param(standing(), before(100), before(48), id="in_the_best_window"),
            pytest.param(standing(), before(48), before(48), id="its_last_instant"),
            pytest.param(standing(), before(47), None, id="it_costs_now"),
            pytest.param(standing("Gentle"), before(100), before(24), id="gentle"),
            pytest.param(standing("Gentle"), before(20), START, id="kept_as_credit_to_the_start"),
            pytest.param(standing(confirmed_at=before(20)), before(20), before(19), id="regret"),
            pytest.param(standing(confirmed_at=before(100)), before(100), before(48), id="regret_and_windows"),
            pytest.param(standing(confirmed_at=before(48)), before(48), before(47), id="regret_outlasts_the_window"),
            pytest.param(standing(confirmed_at=before(0.5)), before(0.5), START - MICROSECOND, id="regret_to_the_start"),
            pytest.param(standing("Gentle", confirmed_at=before(0.5)), before(0.5), START, id="never_past_the_start"),
            pytest.param(standing(smallest_notice=hours(20)), before(100), None, id="moved_too_late_before"),
            pytest.param(
                standing(start=START + hours(1000)), before(1), LIMIT - MICROSECOND, id="until_the_credit_would_be_dead"
            ),
            pytest.param(
                standing(terms=terms(windows=(window(48, FORFEIT), window(0, REFUND)))), before(50), None,
                id="not_free_now_although_later",
            ),
        ],
    )  # fmt: skip
    def test_free_until(self, some, at, free):
        assert cancel(some, at=at).free_until == free


class TestValidUntil:
    @pytest.mark.parametrize(
        ("some", "at", "until"),
        [
            pytest.param(standing(), before(100), before(48), id="to_the_end_of_the_window"),
            pytest.param(standing(), before(48), before(48), id="its_last_instant"),
            pytest.param(standing(), before(47), START, id="to_the_start"),
            pytest.param(standing("Firm"), before(50), before(24), id="to_the_next_window"),
            pytest.param(standing(confirmed_at=before(20)), before(20), before(19), id="to_the_end_of_regret"),
            pytest.param(
                standing("Gentle", confirmed_at=before(100)), before(100), before(24), id="regret_changes_nothing"
            ),
            pytest.param(
                standing(start=START + hours(1000)), before(1), LIMIT - MICROSECOND, id="to_the_end_of_its_worth"
            ),
            pytest.param(standing(smallest_notice=hours(20)), before(100), START, id="notice_is_lost_already"),
            pytest.param(
                standing(terms=terms(windows=(window(9, CARRY), window(4, CARRY), window(0, FORFEIT)))),
                before(10), before(9), id="a_lapse_is_another_outcome",
            ),
        ],
    )  # fmt: skip
    def test_valid_until(self, some, at, until):
        assert cancel(some, at=at).valid_until == until


class TestTheProviderCancels:
    @pytest.mark.parametrize("left", [hours(1000), hours(1), hours(0)])
    def test_all_goes_back_whatever_the_notice(self, left):
        outcome = provider_cancel(standing("Firm"), at=START - left)
        assert (outcome.refund, outcome.carry, outcome.forfeit, outcome.fee) == (2700, 0, 0, 0)
        assert (outcome.lapse, outcome.late) == ("", False)

    def test_or_is_carried_without_a_deadline(self):
        outcome = provider_cancel(standing("Firm"), as_credit=True, at=before(1))
        assert (outcome.refund, outcome.carry, outcome.carry_until) == (0, 2700, None)

    def test_money_that_came_as_a_credit_comes_back_as_money(self):
        some = standing(carried_in=2700, credit_until=LIMIT)
        assert provider_cancel(some, at=before(1)).refund == 2700

    def test_not_after_the_start(self):
        assert provider_cancel(standing(), at=START + MICROSECOND).refusal == "already_started"
