"""Tax in prices that include it: rounded once, and its parts always add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import wording
from policies.rules import money, tax
from policies.rules.tax import Tax

pytestmark = pytest.mark.pure

AMOUNTS = st.integers(0, 99_999_999)
RATES = st.integers(0, 10_000)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "ISK", "UGX", "HUF"])


@pytest.mark.parametrize(
    "amount, rate, currency, expected",
    [
        (12200, 2200, "EUR", 2200),
        (10000, 2200, "EUR", 1803),  # 1803.27…
        (10000, 550, "EUR", 521),  # 521.32…
        (1, 2200, "EUR", 0),
        (0, 2200, "EUR", 0),
        (9000, 0, "EUR", 0),
        (200, 10000, "EUR", 100),
        (1, 10000, "EUR", 1),  # half a cent goes up
        (1100, 1000, "JPY", 100),
        (1234, 1000, "JPY", 112),
        (10500, 500, "KWD", 500),
        (124000, 2400, "ISK", 24000),
        (100000, 2400, "ISK", 19400),  # 193.54… crowns
    ],
)
def test_the_tax_within_an_amount(amount, rate, currency, expected):
    assert Tax(rate, "VAT").within(amount, currency) == expected


@given(AMOUNTS, RATES, CURRENCIES)
def test_tax_is_within_its_amount_and_whole_coins(amount, rate, currency):
    amount = money.down_to_step(amount, currency)
    found = Tax(rate, "").within(amount, currency)
    assert 0 <= found <= amount
    assert found % money.coin(currency) == 0
    # Independent of the formula: net and tax are in the proportion of the rate, to half a coin.
    assert abs(found * (10_000 + rate) - amount * rate) * 2 <= money.coin(currency) * (10_000 + rate)


@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=8), RATES, CURRENCIES)
def test_the_tax_of_parts_adds_up_to_the_tax_of_the_whole(parts, rate, currency):
    parts = [part * money.step(currency) for part in parts]
    whole, of = Tax(rate, "").within(sum(parts), currency), sum(parts)
    before, shares = 0, []
    for part in parts:
        shares.append(tax.share(whole, of, before=before, part=part, currency=currency))
        before += part
    assert sum(shares) == whole
    assert all(share >= 0 for share in shares)


def test_nothing_has_no_share():
    assert tax.share(0, 0, before=0, part=0, currency="EUR") == 0


@pytest.mark.parametrize(
    "rate, name, expected",
    [
        (2200, "VAT", "incl. 22% VAT"),
        (550, "IVA", "incl. 5.5% IVA"),
        (700, "", "incl. 7% tax"),
        (0, "GST", "incl. 0% GST"),
    ],
)
def test_tax_in_words(rate, name, expected):
    assert wording.tax_included(Tax(rate, name)) == expected
    assert wording.tax_included(None) == ""
