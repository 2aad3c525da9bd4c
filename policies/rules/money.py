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
# is converted. Where the unit is worth less than a dollar, half a unit would be too low, so these are set
# to roughly that, generously rounded up, at the rates of 2025.
_ROUGHLY_HALF_A_DOLLAR = {
    "AFN": 4000, "ALL": 5000, "AMD": 25000, "ANG": 100, "AOA": 50000, "ARS": 100000, "AWG": 100, "AZN": 100,
    "BAM": 100, "BBD": 110, "BDT": 7000, "BIF": 1800, "BND": 70, "BOB": 700, "BWP": 800, "BYN": 200,
    "BZD": 110, "CDF": 150000, "CLP": 500, "CNY": 400, "COP": 250000, "CRC": 30000, "CVE": 6000, "DJF": 100,
    "DOP": 3500, "DZD": 8000, "EGP": 3000, "ETB": 9000, "FJD": 130, "GEL": 150, "GMD": 4500, "GNF": 5000,
    "GTQ": 450, "GYD": 12000, "HNL": 1500, "HTG": 7500, "IDR": 1000000, "ILS": 200, "ISK": 8000,
    "JMD": 9000, "KES": 7000, "KGS": 5000, "KHR": 220000, "KMF": 250, "KRW": 800, "KZT": 30000,
    "LAK": 1200000, "LBP": 5000000, "LKR": 17000, "LRD": 11000, "LSL": 1000, "MAD": 550, "MDL": 1000,
    "MGA": 2500, "MKD": 3000, "MMK": 250000, "MNT": 200000, "MOP": 450, "MUR": 2600, "MVR": 900,
    "MWK": 100000, "MZN": 3500, "NAD": 1000, "NGN": 100000, "NIO": 2000, "NPR": 8000, "PEN": 200,
    "PGK": 250, "PHP": 3000, "PKR": 15000, "PYG": 4500, "QAR": 200, "RSD": 6000, "RUB": 5000, "RWF": 800,
    "SAR": 200, "SBD": 450, "SCR": 800, "SLE": 1300, "SOS": 30000, "SRD": 2200, "STD": 1200000, "SZL": 1000,
    "TJS": 600, "TND": 1600, "TOP": 130, "TRY": 2500, "TTD": 400, "TWD": 2000, "TZS": 140000, "UAH": 2500,
    "UGX": 200000, "UYU": 2200, "UZS": 650000, "VND": 15000, "VUV": 80, "WST": 150, "XAF": 350, "XCD": 150,
    "XOF": 350, "XPF": 70, "YER": 30000, "ZAR": 1000, "ZMW": 1300,
}  # fmt: skip


BASIS_POINTS = 10_000  # in a whole


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

    Source: the table "Minimum and maximum charge amounts" on docs.stripe.com/currencies, which names 24
    currencies. One that it leaves out must be worth about half a US dollar once it is converted: a rough
    figure of ours where the unit is worth less than a dollar, else half a unit. (What Stripe says of HUF
    and TWD, whole units alone, is for payouts; a charge may have decimals.)
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


def share(amount: int, basis_points: int, currency: str) -> int:
    """So many hundredths of a percent of an amount, rounded once, halves up, to the step of the currency;
    never more than the amount."""
    whole = BASIS_POINTS * step(currency)
    steps = (2 * amount * basis_points + whole) // (2 * whole)
    return min(steps * step(currency), amount)


def parts(amount: int, percent: int | float | str | Decimal, currency: str) -> Parts:
    """The percentage and the rest; the rest is what is left, so nothing is lost to rounding."""
    part = min(percent_of(amount, percent, currency), amount)
    return Parts(part=part, rest=amount - part)
