"""Money as Stripe counts it: whole minor units of one currency.

Currencies, decimals and steps follow docs.stripe.com/currencies: "Presentment currencies",
"Zero-decimal currencies", "Three-decimal currencies" and "Special cases".
"""

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

CURRENCIES = frozenset({
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHF", "CLP", "CNY", "COP", "CRC", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ETB",
    "EUR", "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG",
    "HUF", "IDR", "ILS", "INR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KRW",
    "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK",
    "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
    "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "STD", "SZL", "THB",
    "TJS", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VND",
    "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW",
})  # fmt: skip

_ZERO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW",
    "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# Both have no decimals any more, but Stripe still wants them sent with two, always 00.
_WHOLE_UNITS_IN_HUNDREDTHS = frozenset(("ISK", "UGX"))

# "Minimum and maximum charge amounts" on Stripe's page, in minor units.
_SMALLEST = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250,
    "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200,
    "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip

# Stripe names no figure for the others: there a charge must be worth about half a US dollar once it
# is converted. Where the unit is worth little, half a unit would be far too low, so these are set to
# roughly that, generously rounded up.
_ROUGHLY_HALF_A_DOLLAR = {
    "ARS": 100000, "BIF": 1800, "CLP": 500, "COP": 250000, "DJF": 100, "GNF": 5000, "IDR": 1000000,
    "ILS": 200, "ISK": 8000, "KES": 7000, "KMF": 250, "KRW": 800, "MGA": 2500, "NGN": 100000,
    "PHP": 3000, "PKR": 15000, "PYG": 4500, "RWF": 800, "TRY": 2500, "TWD": 2000, "UGX": 200000,
    "UAH": 2500, "VND": 15000, "VUV": 80, "XAF": 350, "XOF": 350, "XPF": 70, "ZAR": 1000,
}  # fmt: skip


class Parts(NamedTuple):
    """A share of an amount and what remains of it; both add up to the amount."""

    part: int
    rest: int


def digits(currency: str) -> int:
    """How many of the last digits of an amount are decimals: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def step(currency: str) -> int:
    """What every amount must be a multiple of for Stripe to take it (KWD: 10, ISK and UGX: 100)."""
    if currency in _THREE_DECIMALS:
        return 10
    return 100 if currency in _WHOLE_UNITS_IN_HUNDREDTHS else 1


def coin(currency: str) -> int:
    """The smallest sum that people write: 100 for ISK and UGX, whose decimals are always 00."""
    return 100 if currency in _WHOLE_UNITS_IN_HUNDREDTHS else 1


def smallest_charge(currency: str) -> int:
    """The least that Stripe charges, in minor units.

    Source: the table "Minimum and maximum charge amounts" on docs.stripe.com/currencies. A currency
    that the table leaves out must be worth about half a US dollar: a rough figure where the unit is
    small, else half a unit.
    """
    listed = _SMALLEST.get(currency) or _ROUGHLY_HALF_A_DOLLAR.get(currency)
    return listed or max(10 ** digits(currency) // 2, step(currency))


def exact(number: int | float | str | Decimal) -> Decimal:
    """The number as it is written: 0.1 is one tenth, not the float beside it."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def to_step(amount: int | Decimal, currency: str) -> int:
    """The nearest amount that the gateway takes; halves go up."""
    unit = step(currency)
    steps = (Decimal(amount) / unit + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR)
    return int(steps) * unit


def down_to_step(amount: int, currency: str) -> int:
    """The largest amount not above this one that the gateway takes."""
    return amount - amount % step(currency)


def percent_of(amount: int, percent: int | float | str | Decimal, currency: str) -> int:
    """A percentage of an amount, rounded once, halves up, to the step of the currency."""
    return to_step(amount * exact(percent) / 100, currency)


def parts(amount: int, percent: int | float | str | Decimal, currency: str) -> Parts:
    """The percentage and the rest; the rest is what is left, so nothing is lost to rounding."""
    part = min(percent_of(amount, percent, currency), amount)
    return Parts(part=part, rest=amount - part)
