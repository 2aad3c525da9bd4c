from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.rules import money

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("currency", "decimals", "unit"),
    [("EUR", 2, 1), ("JPY", 0, 1), ("KWD", 3, 10), ("TND", 3, 10), ("ISK", 2, 100), ("UGX", 2, 100)],
)
def test_decimals_and_step_are_stripes(currency, decimals, unit):
    assert (money.digits(currency), money.step(currency)) == (decimals, unit)


@pytest.mark.parametrize(
    ("currency", "smallest"),
    [("EUR", 50), ("GBP", 30), ("JPY", 50), ("HUF", 17500), ("THB", 1000), ("KWD", 500), ("SAR", 200)],
)
def test_the_smallest_charge(currency, smallest):
    assert money.smallest_charge(currency) == smallest


def test_every_smallest_charge_is_one_that_stripe_takes():
    odd = [c for c in money.CURRENCIES if money.smallest_charge(c) % money.step(c)]
    assert odd == []
    assert {"EUR", "THB", "JPY", "KWD", "ISK"} <= money.CURRENCIES
    assert "BTC" not in money.CURRENCIES


@pytest.mark.parametrize(
    ("amount", "percent", "currency", "expected"),
    [
        pytest.param(13050, 30, "EUR", 3915, id="exact"),
        pytest.param(999, 50, "EUR", 500, id="a_half_goes_up"),
        pytest.param(997, 50, "EUR", 499, id="a_half_goes_up_from_an_even_number_too"),
        pytest.param(999, 33, "EUR", 330, id="down_below_the_half"),
        pytest.param(5, 30, "JPY", 2, id="no_decimals_half_goes_up"),
        pytest.param(1050, 10, "KWD", 110, id="tens_half_goes_up"),
        pytest.param(1049, 10, "KWD", 100, id="tens_rounded_once_not_twice"),
        pytest.param(10500, 50, "ISK", 5300, id="hundreds"),
        pytest.param(10000, "12.5", "EUR", 1250, id="a_fraction_as_text"),
        pytest.param(10000, 0.1, "EUR", 10, id="a_float_means_what_it_says"),
        pytest.param(100, Decimal("0.5"), "EUR", 1, id="half_a_cent"),
        pytest.param(0, 100, "EUR", 0, id="nothing"),
    ],
)
def test_percent_of(amount, percent, currency, expected):
    assert money.percent_of(amount, percent, currency) == expected


def test_a_share_and_its_rest_add_up():
    assert money.parts(999, 33, "EUR") == (330, 669)


@given(
    st.integers(0, 10**9),
    st.decimals(0, 100, places=2),
    st.sampled_from(["EUR", "JPY", "KWD", "ISK"]),
)
def test_parts_always_add_up_and_none_is_negative(amount, percent, currency):
    part, rest = money.parts(amount, percent, currency)
    assert part + rest == amount
    assert part >= 0
    assert rest >= 0


def test_the_least_charge_of_every_currency_is_one_that_the_gateway_takes() -> None:
    for currency in money.CURRENCIES:
        least = money.smallest_charge(currency)
        assert least > 0
        assert least % money.step(currency) == 0


@pytest.mark.parametrize(
    ("currency", "least"),
    # As docs.stripe.com/currencies has it; the last three are ours.
    [
        ("THB", 1000),
        ("HUF", 17500),
        ("JPY", 50),
        ("AED", 200),
        ("EUR", 50),
        ("LAK", 1200000),
        ("TND", 1600),
        ("KWD", 500),
    ],
)
def test_the_least_charge(currency: str, least: int) -> None:
    assert money.smallest_charge(currency) == least
