"""What is asked ahead."""

from policies.rules.money import down_to_step, smallest_charge, to_step
from policies.rules.terms import DepositTerms


class NoHourlyRate(ValueError):
    """A deposit in hours needs an hourly rate to be worth anything."""

    def __init__(self) -> None:
        super().__init__("a deposit in hours needs the provider's hourly rate: set one, or ask a percentage")


def amount(deposit_terms: DepositTerms, *, price: int, hourly_rate: int | None, currency: str) -> int:
    """The deposit in minor units, rounded once to the step of the currency and never above the price."""
    value = deposit_terms.value
    if deposit_terms.kind == "none":
        return 0
    if deposit_terms.kind == "percent":
        asked = value * price / 100
    elif deposit_terms.kind == "hours":
        if not hourly_rate:
            raise NoHourlyRate
        asked = value * hourly_rate
    else:
        asked = value
    return min(to_step(asked, currency), down_to_step(price, currency))


def too_small(amount: int, currency: str) -> bool:
    """Whether the gateway would refuse to charge it; no deposit at all is never too small."""
    return 0 < amount < smallest_charge(currency)
