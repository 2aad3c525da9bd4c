"""What Stripe asks of a provider's account, in words. Its names are paths; people read what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The first that fits. What is not listed is named as Stripe names it.
WANTED: tuple[tuple[str, str | Promise], ...] = (
    (r"external_account", gettext_lazy("The bank account that it pays out to")),
    (r"tos_acceptance", gettext_lazy("Your yes to Stripe's terms")),
    (r"business_type", gettext_lazy("Whether you work for yourself or for a company")),
    (r"business_profile\.support", gettext_lazy("How clients reach you")),
    (r"business_profile", gettext_lazy("What you do, and your website")),
    (r"settings\.", gettext_lazy("How your name stands on card statements")),
    (r"verification|documents", gettext_lazy("A document that shows who you are")),
    (r"dob", gettext_lazy("A date of birth")),
    (r"address", gettext_lazy("An address")),
    (r"id_number|ssn|tax_id|vat_id|registration_number", gettext_lazy("A tax or registration number")),
    (r"email|phone", gettext_lazy("An e-mail address and a telephone number")),
    (
        r"owners|directors|executives|representative|relationship",
        gettext_lazy("Who owns or runs the business"),
    ),
    (r"name|title", gettext_lazy("Names")),
)
RESTRICTIONS: tuple[tuple[str, str | Promise], ...] = (
    (
        r"rejected|listed",
        gettext_lazy(
            "Stripe has closed this account. Only Stripe can say why; write to its support, or leave it."
        ),
    ),
    (
        r"under_review|pending",
        gettext_lazy("Stripe is looking at what it has. Nothing is asked of you now; it can take some days."),
    ),
    (r"platform_paused", gettext_lazy("Whoever runs this installation has paused the account at Stripe.")),
)


def wanted(names: Iterable[str]) -> list[str]:
    """What is asked for, each thing once, in the order in which Stripe asks."""
    return list(dict.fromkeys(_told(name) for name in names))


def restriction(reason: str) -> str:
    """Why an account takes no payments where nothing is asked for."""
    found = (words for pattern, words in RESTRICTIONS if re.search(pattern, reason))
    return str(next(found, _("Stripe does not say why. Its own page may; have a look there.")))


def _told(name: str) -> str:
    found = (words for pattern, words in WANTED if re.search(pattern, name))
    return str(next(found, name))
