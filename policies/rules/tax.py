"""Tax in prices that include it. Rates are basis points (2200 is 22 %), amounts minor units.

The tax of a whole is rounded once, halves up, to the smallest coin that people pay with. What is paid in
parts, and what goes back in parts, bears the difference between two such figures, so the parts always add up
to the tax of the whole."""

from dataclasses import dataclass
from decimal import Decimal

from policies.rules.money import coin

WHOLE = 10_000


@dataclass(frozen=True)
class Tax:
    """A rate and what people call it (VAT, IVA, GST; empty: tax)."""

    rate: int
    name: str

    @property
    def percent(self) -> Decimal:
        return Decimal(self.rate) / 100

    def within(self, amount: int, currency: str) -> int:
        """The tax that an amount contains."""
        return _rounded(amount * self.rate, WHOLE + self.rate, coin(currency))


def share(whole: int, of: int, *, before: int, part: int, currency: str) -> int:
    """The part of ``whole`` that belongs to ``part`` of ``of``, when ``before`` of it went already. The
    shares of parts that make up ``of`` add up to ``whole``."""
    if not of:
        return 0

    def until(amount: int) -> int:
        return _rounded(whole * amount, of, coin(currency))

    return until(before + part) - until(before)


def _rounded(over: int, under: int, unit: int) -> int:
    """``over / under``, halves up, to a multiple of ``unit``."""
    return (2 * over + under * unit) // (2 * under * unit) * unit
