"""What became of the money for some appointments, from the ledger; each currency by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Sum

from booking.models import Appointment
from payments.models import OUTSIDE, Charge, LedgerEntry
from policies.models import PolicyException

# The buckets of a deposit, as a report calls what is in them.
NAMES = {
    "applied": "applied",
    "forfeited": "kept",
    "refunded": "returned",
    "carried": "carried",
    "held": "held",
    "disputed": "disputed",
}
CREDIT = "carried_in"


@dataclass
class Money:
    """Minor units of ``currency``. What was ``paid`` for these appointments, by card, by hand or
    with a credit (``from_credit``), is applied + kept + returned + carried + held + disputed. ``returned_for`` says
    why by the ledger's reasons and adds up to ``returned``: a refund that failed counts below nothing. Fees are asked
    beyond the deposit; ``fees_paid`` is without what was given back."""

    currency: str
    paid: int = 0
    from_credit: int = 0
    applied: int = 0
    kept: int = 0
    returned: int = 0
    carried: int = 0
    held: int = 0
    disputed: int = 0
    returned_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fees_asked: int = 0
    fees_paid: int = 0
    fees_waived: int = 0
    forgiven: int = 0
    exceptions: int = 0
    forgiven_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def moved(self, source: str, target: str, reason: str, amount: int) -> None:
        """One line of the ledger, or many of a kind."""
        for bucket, change in ((source, -amount), (target, amount)):
            if bucket == OUTSIDE:
                self.paid -= change
                self.from_credit -= change if reason == CREDIT else 0
                continue
            setattr(self, NAMES[bucket], getattr(self, NAMES[bucket]) + change)
            if bucket == "refunded":
                self.returned_for[reason] += change


def of(appointments: QuerySet[Appointment]) -> list[Money]:
    """By currency, in three questions."""
    found: dict[str, Money] = {}

    def sums(currency: str) -> Money:
        return found.setdefault(currency, Money(currency))

    these = appointments.values("pk")
    for currency, *moved in _ledger(these):
        sums(currency).moved(*moved)
    for currency, asked, waived, paid in _fees(these):
        of_fees = sums(currency)
        of_fees.fees_asked, of_fees.fees_waived, of_fees.fees_paid = asked, waived, paid
    for currency, reason, amount, count in _exceptions(these):
        forgiven = sums(currency)
        forgiven.forgiven += amount
        forgiven.exceptions += count
        forgiven.forgiven_for[reason] += amount
    return [found[currency] for currency in sorted(found)]


def _ledger(these: Any) -> Any:
    entries = LedgerEntry.objects.filter(deposit__appointment__in=these).order_by()
    columns = ("deposit__currency", "source", "target", "reason")
    return entries.values_list(*columns).annotate(Sum("amount"))


def _fees(these: Any) -> Any:
    fees = Charge.objects.filter(kind=Charge.Kind.FEE, appointment__in=these)
    return fees.values_list("currency").annotate(Sum("amount"), Sum("waived"), Sum("applied"))


def _exceptions(these: Any) -> Any:
    made = PolicyException.objects.filter(appointment__in=these).order_by()
    return made.values_list("appointment__currency", "reason").annotate(Sum("amount"), Count("pk"))
