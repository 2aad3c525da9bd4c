from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from policies.rules.no_show import (
    CONTACT_AFTER,
    forgivable,
    grace_ends_at,
    no_show,
    settlement_due_at,
)
from tests.policies.standings import CARRY, MICROSECOND, REFUND, START, hours, standing, terms

pytestmark = pytest.mark.pure

MINUTE = hours(1) / 60
GRACE_ENDS = START + 15 * MINUTE
ROME = "Europe/Rome"


@pytest.mark.parametrize(
    ("preset", "changes", "expected"),
    [
        pytest.param("Gentle", {}, (0, 0, 2700, 0), id="gentle"),
        pytest.param("Balanced", {}, (0, 0, 2700, 0), id="balanced"),
        pytest.param("Firm", {}, (0, 0, 2700, 6300), id="firm_charges_the_rest_of_the_price"),
        pytest.param("Firm", {"held": 0}, (0, 0, 0, 9000), id="firm_without_deposit"),
        pytest.param("Firm", {"forgivable": True}, (2700, 0, 0, 0), id="forgiven"),
        pytest.param("Balanced", {"terms": terms(no_show=REFUND)}, (2700, 0, 0, 0), id="refund"),
        pytest.param("Balanced", {"terms": terms(no_show=CARRY)}, (0, 2700, 0, 0), id="carry"),
    ],
)
def test_what_a_no_show_does(preset, changes, expected):
    outcome = no_show(standing(preset, **changes), at=GRACE_ENDS)
    assert (outcome.refund, outcome.carry, outcome.forfeit, outcome.fee) == expected
    assert outcome.lapse == "no_show"
    assert outcome.forgiven is changes.get("forgivable", False)


@pytest.mark.parametrize(
    ("at", "delay", "allowed"),
    [
        pytest.param(GRACE_ENDS - MICROSECOND, hours(0), False, id="a_microsecond_early"),
        pytest.param(GRACE_ENDS, hours(0), True, id="exactly_at_the_end_of_grace"),
        pytest.param(GRACE_ENDS, 10 * MINUTE, False, id="an_accepted_delay_lengthens_it"),
        pytest.param(GRACE_ENDS + 10 * MINUTE, 10 * MINUTE, True, id="by_its_minutes"),
    ],
)
def test_nobody_is_a_no_show_before_the_end_of_grace(at, delay, allowed):
    outcome = no_show(standing(), at=at, delay=delay)
    assert outcome.allowed is allowed
    assert outcome.refusal == ("" if allowed else "too_early")
    assert outcome.forfeit == (2700 if allowed else 0)


def test_what_was_not_confirmed_cannot_be_missed():
    assert no_show(standing(confirmed_at=None), at=GRACE_ENDS).refusal == "not_confirmed"


def test_the_steps_of_the_clock():
    assert CONTACT_AFTER == 5 * MINUTE
    assert grace_ends_at(START, terms()) == GRACE_ENDS
    assert grace_ends_at(START, terms(grace=hours(0)), delay=7 * MINUTE) == START + 7 * MINUTE
    assert settlement_due_at(terms(), GRACE_ENDS) == GRACE_ENDS + hours(24)
    assert settlement_due_at(terms(settle_after=hours(0)), START) == START


def rome(*parts):
    return datetime(*parts, tzinfo=ZoneInfo(ROME)).astimezone(UTC)


class TestForgivable:
    ONCE = rome(2027, 1, 31, 9)

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            pytest.param(rome(2028, 1, 31, 9) - MICROSECOND, False, id="a_microsecond_within_twelve_months"),
            pytest.param(rome(2028, 1, 31, 9), True, id="exactly_twelve_months_on"),
        ],
    )
    def test_it_comes_back_after_calendar_months(self, at, expected):
        assert forgivable(terms("Gentle"), [self.ONCE], at=at, zone=ROME) is expected

    def test_a_month_of_the_calendar_is_shorter_in_february(self):
        some = terms("Gentle", forgive_months=1)
        assert not forgivable(some, [self.ONCE], at=rome(2027, 2, 28, 9) - MICROSECOND, zone=ROME)
        assert forgivable(some, [self.ONCE], at=rome(2027, 2, 28, 9), zone=ROME)

    @pytest.mark.parametrize(("lapses", "expected"), [(0, False), (1, False), (2, False), (3, True)])
    def test_so_many_and_no_more(self, lapses, expected):
        some = terms("Gentle", forgive_lapses=lapses)
        used = [self.ONCE, self.ONCE + hours(1), self.ONCE - hours(24 * 400)]
        assert forgivable(some, used, at=self.ONCE + hours(2), zone=ROME) is expected

    def test_the_first_is_forgiven_only_where_the_terms_say_so(self):
        assert forgivable(terms("Gentle"), [], at=START, zone=ROME)
        assert not forgivable(terms("Balanced"), [], at=START, zone=ROME)
