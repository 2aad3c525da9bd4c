"""The gateways: Stripe, and the sandbox that stands in for it where no keys are set."""

from __future__ import annotations

from django.conf import settings

from payments.gateways.base import (
    AccountGone,
    BadEvent,
    DisputeResult,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    KeyUsedOtherwise,
    NotAtGateway,
    OtherMode,
    RefundResult,
    Session,
)
from payments.gateways.connected import AccountResult
from payments.gateways.on_file import CardFound, ChargeResult
from payments.gateways.sandbox import Sandbox
from payments.gateways.stripe import Stripe
from payments.models import Payment

MANUAL = "manual"  # paid by hand: no gateway knows of it

__all__ = [
    "MANUAL",
    "AccountGone",
    "AccountResult",
    "BadEvent",
    "CardFound",
    "ChargeResult",
    "DisputeResult",
    "Gateway",
    "GatewayRefused",
    "GatewayUnavailable",
    "KeyUsedOtherwise",
    "NotAtGateway",
    "OtherMode",
    "RefundResult",
    "Session",
    "current",
    "named",
    "of",
]


def current() -> Gateway:
    """The gateway that new payments go through, by the settings."""
    return named(Stripe.name if settings.STRIPE_SECRET_KEY else Sandbox.name)


def of(payment: Payment) -> Gateway:
    """The gateway of a payment, on the account that it is on."""
    return named(payment.gateway, account=payment.account)


def named(name: str, *, account: str = "") -> Gateway:
    """The gateway of a payment made earlier. A payment of Stripe's waits where the keys are gone."""
    if name == Sandbox.name:
        return Sandbox()
    if not settings.STRIPE_SECRET_KEY:
        raise GatewayUnavailable("there are no Stripe keys")
    return Stripe(
        key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        api_base=settings.STRIPE_API_BASE,
        environment=settings.BASE_URL,
        account=account,
    )
