"""Amounts as people type them, to the minor unit."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from booking.dashboard.amounts import minor_units, typed


@pytest.mark.parametrize(
    "text, currency, language, expected",
    [
        pytest.param("12.50", "EUR", "en", 1250, id="point_in_english"),
        pytest.param("12,50", "EUR", "it", 1250, id="comma_in_italian"),
        pytest.param("12,50", "EUR", "en", 1250, id="comma_in_english_cannot_be_thousands"),
        pytest.param("12.50", "EUR", "it", 1250, id="point_in_italian_cannot_be_thousands"),
        pytest.param("12.5", "EUR", "en", 1250, id="one_decimal"),
        pytest.param("12", "EUR", "en", 1200, id="whole"),
        pytest.param("0.01", "EUR", "en", 1, id="a_cent"),
        pytest.param(".5", "EUR", "en", 50, id="no_whole_part"),
        pytest.param("1,250", "EUR", "en", 125_000, id="thousands_in_english"),
        pytest.param("1.250", "EUR", "it", 125_000, id="thousands_in_italian"),
        pytest.param("1,250.50", "EUR", "en", 125_050, id="both_in_english"),
        pytest.param("1.250,50", "EUR", "it", 125_050, id="both_in_italian"),
        pytest.param("1.250,50", "EUR", "en", 125_050, id="both_the_other_way_round"),
        pytest.param("1 250,50", "EUR", "it", 125_050, id="spaces"),
        pytest.param("1,234,567", "JPY", "en", 1_234_567, id="yen_in_groups"),
        pytest.param("900", "JPY", "en", 900, id="yen"),
        pytest.param("1.250", "KWD", "en", 1250, id="three_decimals"),
        pytest.param("12.50", "THB", "th", 1250, id="baht"),
        pytest.param("12.500", "EUR", "en", 1250, id="a_nought_too_many"),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, language: str, expected: int) -> None:
    with override(language):
        assert minor_units(text, currency) == expected


@pytest.mark.parametrize(
    "text, currency",
    [
        pytest.param("12.505", "EUR", id="finer_than_a_cent"),
        pytest.param("12.5", "JPY", id="yen_has_no_decimals"),
        pytest.param("1.255", "KWD", id="finer_than_the_gateway_takes"),
        pytest.param("12,50,00", "EUR", id="two_commas"),
        pytest.param("1.2.3", "EUR", id="a_version"),
        pytest.param("-5", "EUR", id="negative"),
        pytest.param("1e3", "EUR", id="science"),
        pytest.param("twelve", "EUR", id="words"),
        pytest.param("", "EUR", id="nothing"),
        pytest.param(".", "EUR", id="a_point"),
        pytest.param("١٢", "EUR", id="other_digits"),
        pytest.param("NaN", "EUR", id="not_a_number"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with override("en"), pytest.raises(ValidationError):
        minor_units(text, currency)


@pytest.mark.parametrize("amount", [0, 1, 99, 100, 2700, 123_456_789])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "THB"])
@pytest.mark.parametrize("language", ["en", "it", "th"])
def test_what_we_write_into_a_field_is_read_as_the_same(amount: int, currency: str, language: str) -> None:
    with override(language):
        assert minor_units(typed(amount, currency), currency) == amount
