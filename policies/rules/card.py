"""What may be charged to a saved card: the most that any consequence of the terms costs beyond the deposit."""

from __future__ import annotations

from policies.rules.money import percent_of
from policies.rules.terms import Terms


def largest_fee(terms: Terms, *, price: int, deposit: int, currency: str) -> int:
    """Minor units; 0 where no act and no absence costs more than the deposit: then no card is asked for."""
    consequences = [terms.no_show]
    for window in terms.windows:
        consequences += [window.cancel, window.move]
    percent = max(one.fee_percent for one in consequences)
    return max(min(percent_of(price, percent, currency), price) - deposit, 0)
