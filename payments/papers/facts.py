"""What a paper says, written down when it is issued: whatever changes later, the paper stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from booking.models import Business, Provider

if TYPE_CHECKING:
    from booking.models import Appointment
    from payments.models import Charge, Paper, Payment, Refund

VERSION = 1  # of the shape


def of_payment(payment: Payment) -> dict[str, Any]:
    """Provider, service, what was paid for and how, and the tax that it bears."""
    appointment = payment.appointment
    provider = appointment.provider
    business = getattr(provider, "business", None) or Business(legal_name=provider.name)
    what = what_for(payment.charge)
    return {
        "version": VERSION,
        "provider": _provider(provider, business),
        "service": dict(appointment.service.name),
        "starts_at": appointment.starts_at.isoformat(),
        "appointment": str(appointment.uid),
        "for": what,
        "description": payment.charge.description if payment.charge else "",
        "method": payment.method,
        "reference": payment.reference,
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
        "received_on": payment.received_on.isoformat() if payment.received_on else None,
        "tax": tax_of(appointment, what),
    }


def what_for(charge: Charge | None) -> str:
    """What a payment is for: ``deposit``, or the kind of its charge."""
    return charge.kind if charge else "deposit"


def following(paper: Paper, refund: Refund | None) -> dict[str, Any]:
    """The facts of the paper that it follows, and why."""
    return paper.facts | {
        "follows": {"number": paper.number, "issued_at": paper.issued_at.isoformat()},
        "reason": refund.reason if refund else "taken_back",
        "note": refund.note if refund else "",
    }


def _provider(provider: Provider, business: Business) -> dict[str, Any]:
    names = ("legal_name", "address", "tax_number", "tax_name", "receipt_prefix", "note")
    return {name: getattr(business, name) for name in names} | {
        "name": provider.name,
        "email": provider.email,
        "phone": provider.phone,
        "timezone": provider.timezone,
        "language": provider.language,
        "brand": dict(provider.brand),
    }


def tax_of(appointment: Appointment, what: str) -> dict[str, Any] | None:
    """The rate of the service as it is when the money comes. A fee bears it where the provider says so."""
    business = getattr(appointment.provider, "business", None) or Business()
    rate = appointment.service.tax_rate
    if rate is None or (what == "fee" and not business.fees_taxed):
        return None
    return {"rate": rate, "name": business.tax_name}
