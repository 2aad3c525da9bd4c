"""The legal notice and the privacy page of a provider: ours, made from what this product really keeps and for how
long, with the provider's own words beside or in place of it. Whether that is enough where it works is the
provider's to ask; the page of the set-up says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import health
from booking.lifecycle.retaining import LOGS, NOTES, UNPAID_HOLDS
from booking.models import Business, LegalText, Provider
from booking.texts import text_in
from reminders.models import Route


@dataclass(frozen=True)
class Part:
    """A heading and its paragraphs; a paragraph may have several lines."""

    heading: str
    paragraphs: Sequence[str]


def notice(provider: Provider) -> list[Part]:
    """Who is behind the page, as ours and the provider's words say it together."""
    return _with_own(provider, LegalText.Kind.NOTICE, notice_of_ours(provider))


def privacy(provider: Provider) -> list[Part]:
    return _with_own(provider, LegalText.Kind.PRIVACY, privacy_of_ours(provider))


def _with_own(provider: Provider, kind: LegalText.Kind, ours: list[Part]) -> list[Part]:
    own = LegalText.objects.filter(provider=provider, kind=kind).first()
    words = text_in(own.texts, fallback=provider.language) if own else ""
    if own is None or not words:
        return ours
    written = Part("", [one.strip() for one in words.replace("\r\n", "\n").split("\n\n") if one.strip()])
    return [written] if own.instead else [*ours, written]


def notice_of_ours(provider: Provider) -> list[Part]:
    responsible = Part(_("Who is responsible"), [_who(provider)])
    reached = Part(
        _("How to reach us"), ["\n".join(one for one in (provider.email, provider.called_at) if one)]
    )
    site = urlsplit(settings.BASE_URL).hostname or ""
    shown = _("These pages are run with Kept at %(site)s. What is offered on them is offered by the above.")
    return [responsible, reached, Part(_("About these pages"), [shown % {"site": site}])]


def _who(provider: Provider) -> str:
    """Name, address and tax number, as the receipts have them; else what the profile says."""
    business = Business.objects.filter(provider=provider).first()
    place = provider.places.get("in_person", {}).get("address", "")
    if business is None:
        return "\n".join(one for one in (provider.name, place) if one)
    lines = [business.legal_name, business.address or place]
    if business.tax_number:
        lines.append(_("Tax number: %(number)s") % {"number": business.tax_number})
    return "\n".join(one for one in lines if one)


def privacy_of_ours(provider: Provider) -> list[Part]:
    return [
        Part(
            _("Who is responsible"),
            ["\n".join([_who(provider), provider.email])],
        ),
        Part(_("What we keep, and why"), _kept(provider)),
        Part(_("How long"), _how_long()),
        Part(_("Who else sees it"), _others(provider)),
        Part(
            _("Cookies"),
            [
                _(
                    "Only those that the pages need: your language, your place in a booking, and what opens the page of "
                    "your appointment. Nothing follows you, and no page loads anything from other sites."
                )
            ],
        ),
        Part(_("Your rights"), _rights(provider)),
    ]


def _kept(provider: Provider) -> list[str]:
    said = [
        _(
            "To make and keep your appointment (our contract with you): your name, e-mail address, phone number if you "
            "give one, language and time zone; your appointments and what happened to each; what you answered and "
            "wished; the messages that were sent to you; notes about your appointments, and those written for you."
        ),
        _(
            "To be able to show what was agreed: the text of the terms, when you agreed, and the network address and "
            "browser from which you did."
        ),
        _(
            "Because the law asks for it: what was paid and paid back, and the receipts. Card numbers never reach us."
        ),
        _(
            "To protect the calendar from abuse (our legitimate interest): how often times are held from one "
            "network address."
        ),
    ]
    if health.is_asked_by(provider):
        said.append(
            _(
                "Answers about your health only with your explicit consent, for your appointment alone. You can take it "
                "back at any time on the page of your appointment; the answers are then erased."
            )
        )
    return said


def _how_long() -> list[str]:
    days, year, logs = UNPAID_HOLDS.days, NOTES.days // 365, LOGS.days
    return [
        ngettext(
            "Who asked for a time and neither paid nor came is erased after %(days)s day.",
            "Who asked for a time and neither paid nor came is erased after %(days)s days.",
            days,
        )
        % {"days": days},
        ngettext(
            "Answers and notes are erased %(years)s year after your last appointment.",
            "Answers and notes are erased %(years)s years after your last appointment.",
            year,
        )
        % {"years": year},
        ngettext(
            "Reports about undelivered mail lose the address after %(days)s day.",
            "Reports about undelivered mail lose the address after %(days)s days.",
            logs,
        )
        % {"days": logs},
        _(
            "Everything else is kept until you ask us to erase it. Amounts and receipts stay as long as the law on "
            "accounts asks, without more of you than it asks."
        ),
    ]


def _others(provider: Provider) -> list[str]:
    said = [
        _("Those who run this site and deliver its mail, on our behalf and by our instructions alone."),
    ]
    if settings.STRIPE_SECRET_KEY:
        said.append(_("Stripe, who takes the payments: your e-mail address, the amount and the appointment."))
    if Route.objects.filter(provider=provider, removed_at=None, for_clients=True).exists():
        said.append(_("The service that carries text messages, if you agreed to be written to that way."))
    said.append(_("Nobody else. Nothing is sold, and nothing is used for advertising."))
    return said


def _rights(provider: Provider) -> list[str]:
    return [
        _(
            "You may ask what we keep of you, have it corrected, erased, handed to you or no longer used, and take back "
            "any consent from now on. Write to %(email)s."
        )
        % {"email": provider.email},
        _("You may also complain to the data protection authority where you live or where we work."),
    ]
