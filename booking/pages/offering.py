"""A service as a reader sees it: name, length, price, deposit, terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from booking import quotes
from booking.models import Appointment, Service
from booking.texts import text_in
from policies import wording


@dataclass(frozen=True)
class Offering:
    """Amounts in minor units. ``rest`` is what is due at the appointment, ``tax`` says what the price includes."""

    slug: str
    url: str
    name: str
    length: str
    modes: list[str]
    approval: bool
    price: int
    deposit: int
    currency: str
    version: str
    tax: str = ""
    about: str = ""

    @property
    def rest(self) -> int:
        return self.price - self.deposit


@dataclass(frozen=True)
class Terms:
    """The terms in three lines, and the whole text."""

    lines: list[str]
    text: str


def name_of(service: Service) -> str:
    return text_in(service.name, fallback=service.provider.language)


def of(service: Service, offered: quotes.Offer | None = None) -> Offering:
    offered = offered or quotes.offer(service)
    return Offering(
        slug=service.slug,
        url=f"/{service.provider.slug}/{service.slug}/",
        name=name_of(service),
        length=length(service.duration_minutes),
        modes=list(service.modes),
        approval=service.approval,
        price=offered.price,
        deposit=offered.deposit,
        currency=offered.currency,
        version=offered.version,
        tax=wording.tax_included(offered.tax),
        about=text_in(service.about, fallback=service.provider.language),
    )


def terms_of(service: Service, offered: quotes.Offer) -> Terms:
    """The terms on offer now, in the reader's language."""
    language = get_language() or "en"
    lines = wording.policy_lines(
        offered.terms,
        price=offered.price,
        deposit=offered.deposit,
        currency=offered.currency,
        zone=service.provider.timezone,
        language=language,
    )
    return Terms(lines=lines, text=quotes.policy_text(service, offered, language=language))


def terms_for(service: Service, offered: quotes.Offer, *, start: datetime, zone: str, at: datetime) -> Terms:
    """The same for a time that was picked: in days and hours of its own."""
    lines = quotes.lines(service, offered, start=start, zone=zone, at=at)
    return Terms(lines, quotes.policy_text(service, offered, language=get_language() or "en"))


def terms_agreed(appointment: Appointment) -> Terms:
    """The terms as agreed: the text to the letter, the short lines in the reader's language."""
    return Terms(lines=quotes.agreed_lines(appointment), text=appointment.agreement.text)


def length(minutes: int) -> str:
    """How long it takes: "50 minutes", "1 hour", "1 h 20 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours or minutes == 90:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
