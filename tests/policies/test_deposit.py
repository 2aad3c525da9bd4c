from decimal import Decimal

import pytest

from policies.rules import deposit
from policies.rules.terms import DepositTerms

pytestmark = pytest.mark.pure


def terms(kind, value=0):
    return DepositTerms(kind=kind, value=Decimal(str(value)))


@pytest.mark.parametrize(
    ("asked", "price", "currency", "expected"),
    [
        pytest.param(terms("none"), 9000, "EUR", 0, id="none"),
        pytest.param(terms("fixed", 2000), 9000, "EUR", 2000, id="fixed"),
        pytest.param(terms("fixed", 9000), 9000, "EUR", 9000, id="fixed_is_the_price"),
        pytest.param(terms("fixed", 9001), 9000, "EUR", 9000, id="fixed_never_above_the_price"),
        pytest.param(terms("fixed", 2000), 0, "EUR", 0, id="nothing_of_a_free_service"),
        pytest.param(terms("percent", 30), 9000, "EUR", 2700, id="percent"),
        pytest.param(terms("percent", 12.5), 9000, "EUR", 1125, id="percent_with_a_fraction"),
        pytest.param(terms("percent", 30), 5, "JPY", 2, id="half_a_yen_goes_up"),
        pytest.param(terms("hours", 0.5), 60000, "THB", 45000, id="half_an_hour"),
        pytest.param(terms("hours", 2), 60000, "THB", 60000, id="hours_never_above_the_price"),
        pytest.param(terms("fixed", 1005), 9000, "KWD", 1010, id="to_the_step"),
        pytest.param(terms("percent", 100), 1005, "KWD", 1000, id="step_does_not_lift_it_above_the_price"),
    ],
)
def test_amount(asked, price, currency, expected):
    assert deposit.amount(asked, price=price, hourly_rate=90000, currency=currency) == expected


@pytest.mark.parametrize("rate", [None, 0])
def test_hours_without_a_rate_are_an_error_that_says_so(rate):
    with pytest.raises(deposit.NoHourlyRate, match="hourly rate"):
        deposit.amount(terms("hours", 1), price=9000, hourly_rate=rate, currency="EUR")


def test_no_rate_is_needed_for_a_percentage():
    assert deposit.amount(terms("percent", 50), price=9000, hourly_rate=None, currency="EUR") == 4500


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [(0, "EUR", False), (1, "EUR", True), (49, "EUR", True), (50, "EUR", False), (29, "GBP", True)],
)
def test_too_small(amount, currency, expected):
    assert deposit.too_small(amount, currency) is expected
