"""What a picked time costs and what the button does, said before any detail is asked (A13)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking import lifecycle, quotes
from booking.models import Service
from booking.pages.when import When
from config import formats


@dataclass(frozen=True)
class Picked:
    when: When
    mode: str  # empty while the client still has the choice
    sums: str
    act: str
    after: str


def of(service: Service, offered: quotes.Offer, *, when: When, mode: str) -> Picked:
    act, after = _act(offered, service)
    return Picked(when=when, mode=mode, sums=_sums(offered, service), act=act, after=after)


def _sums(offered: quotes.Offer, service: Service) -> str:
    """The price, what is paid now and what later, in a line."""
    rest = offered.price - offered.deposit
    facts = {"price": offered.price, "deposit": offered.deposit, "rest": rest}
    said = {name: formats.money(amount, offered.currency) for name, amount in facts.items()}
    if not offered.price:
        return _("Free of charge")
    if not offered.deposit:
        return _("Price %(price)s, nothing to pay now") % said
    if service.approval:
        return _("Price %(price)s: %(deposit)s once approved, %(rest)s at the appointment") % said
    if not rest:
        return _("Price %(price)s, all of it now") % said
    return _("Price %(price)s: %(deposit)s now, %(rest)s at the appointment") % said


def _act(offered: quotes.Offer, service: Service) -> tuple[str, str]:
    """What the button says, and what happens next."""
    if service.approval:
        return _("Ask for this time"), _("You get an answer within 48 hours. Nothing is charged before.")
    if offered.deposit:
        amount = formats.money(offered.deposit, offered.currency)
        minutes = service.provider.hold_minutes
        return (
            _("Book and pay %(amount)s") % {"amount": amount},
            _("The time is kept for you for %(minutes)s minutes while you pay.") % {"minutes": minutes},
        )
    if service.confirm_by_mail:
        minutes = int(lifecycle.MAIL_WAITS.total_seconds() // 60)
        said = _("A mail asks for your yes; the time is kept for you for %(minutes)s minutes meanwhile.")
        return _("Book this time"), said % {"minutes": minutes}
    return _("Book this time"), _("Nothing to pay now.")
