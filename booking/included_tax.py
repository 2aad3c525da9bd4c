"""The tax that an amount of an appointment includes, said the same way wherever it is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from booking.models import Appointment, Business, Provider, Service
from config import as_json, formats
from payments import papers
from payments.models import Paper
from policies.rules.tax import Tax


def _business_of(provider: Provider) -> Business | None:
    """Who the provider is on paper, once that was said."""
    return getattr(provider, "business", None)


def of(service: Service, provider: Provider) -> Tax | None:
    """The tax that the price of this provider's service includes."""
    if service.tax_rate is None:
        return None
    business = _business_of(provider)
    return Tax(service.tax_rate, business.tax_name if business else "")


def of_loss(appointment: Appointment) -> Tax | None:
    """What a kept deposit and a fee bear: nothing, unless the provider taxes what a client loses."""
    business = _business_of(appointment.provider)
    return of(appointment.service, appointment.provider) if business and business.fees_taxed else None


def in_price(appointment: Appointment) -> dict[str, Any] | None:
    """The tax in the price that was agreed."""
    tax = of(appointment.service, appointment.provider)
    return within(tax, appointment.price, appointment.currency)


def in_loss(appointment: Appointment, amount: int) -> dict[str, Any] | None:
    """The tax in what its client loses."""
    return within(of_loss(appointment), amount, appointment.currency)


def asked(*, appointment: Appointment, what: str, amount: int) -> dict[str, Any] | None:
    """The tax in what is still to be paid, as its receipt will say it. ``what``: `payments.papers.tax_ahead`."""
    found = papers.tax_ahead(appointment=appointment, what=what, amount=amount)
    return _as_json(*found, appointment.currency) if found else None


def words(tax: dict[str, Any] | None) -> str:
    """The same in a line; nothing where there is none."""
    if tax is None:
        return ""
    amount = formats.money(tax["amount"]["amount"], tax["amount"]["currency"])
    return formats.includes_tax(Decimal(tax["rate"]), tax["name"], amount)


def on(paper: Paper) -> dict[str, Any] | None:
    """The tax that was written on a paper, in the same shape."""
    said = paper.facts.get("tax")
    if said is None:
        return None
    tax = Tax(said["rate"], said["name"])
    return _as_json(tax, paper.tax, paper.currency)


def within(tax: Tax | None, amount: int, currency: str) -> dict[str, Any] | None:
    """The tax in an amount, as the API says it."""
    if tax is None:
        return None
    return _as_json(tax, tax.within(amount, currency), currency)


def _as_json(tax: Tax, contained: int, currency: str) -> dict[str, Any]:
    return {
        "rate": f"{tax.percent.normalize():f}",
        "name": tax.name,
        "amount": as_json.money(contained, currency),
    }
