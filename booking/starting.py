"""A page of one's own in a few answers: what is left out has a sound default, and what is written is a provider's
file, read by the same rules as any other."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from booking import transfer
from booking.addresses import RESERVED_FOR_PROVIDERS
from booking.models import Mode, Provider, Service, User
from booking.transfer.sections import WEEKDAYS
from config.refusal import Refusal
from policies import wording
from policies.rules import deposit, money
from policies.rules import terms as rules_terms

LONGEST_SLUG = 60
MOST_OF_ONE_USER = 20
UNTIL_1 = "13:00"
AFTER_1 = "14:00"
MIDNIGHT = "24:00"


class NotOpen(Refusal):
    """New pages are by invitation here."""

    code = "not_open"
    status = 403


class SlugTaken(Refusal):
    """Somebody else has that address."""

    code = "slug_taken"


@dataclass(frozen=True)
class Trade:
    """What somebody of a trade offers first."""

    name: str | Promise
    service: str | Promise
    minutes: int
    rest: int
    mode: str


TRADES: Mapping[str, Trade] = {
    "therapist": Trade(gettext_lazy("Therapist"), gettext_lazy("Individual session"), 50, 10, Mode.IN_PERSON),
    "tutor": Trade(gettext_lazy("Tutor"), gettext_lazy("Lesson"), 60, 0, Mode.VIDEO),
    "consultant": Trade(gettext_lazy("Consultant"), gettext_lazy("Consultation"), 60, 15, Mode.VIDEO),
    "photographer": Trade(
        gettext_lazy("Photographer"), gettext_lazy("Photo session"), 120, 30, Mode.IN_PERSON
    ),
    "barber": Trade(gettext_lazy("Barber"), gettext_lazy("Haircut"), 30, 0, Mode.IN_PERSON),
    "own": Trade(gettext_lazy("Something else"), gettext_lazy("Appointment"), 60, 0, Mode.PHONE),
}

_FREE = rules_terms.Consequence(deposit="refund", fee_percent=0)
PRESETS: Mapping[str, rules_terms.Terms] = {
    "Open": replace(
        rules_terms.PRESETS["Balanced"],
        deposit=rules_terms.DepositTerms(kind="none", value=rules_terms.PRESETS["Balanced"].deposit.value),
        windows=(rules_terms.Window(min_notice=timedelta(0), cancel=_FREE, move=_FREE),),
        no_show=_FREE,
        carry_unused="refund",
    ),
    **rules_terms.PRESETS,
}
PRESET_NAMES: Mapping[str, str | Promise] = {
    "Open": pgettext_lazy("terms", "Open"),
    "Gentle": gettext_lazy("Gentle"),
    "Balanced": gettext_lazy("Balanced"),
    "Firm": gettext_lazy("Firm"),
}
PRESET_WORDS: Mapping[str, str | Promise] = {
    "Open": gettext_lazy("no deposit, and a change costs nothing"),
    "Gentle": gettext_lazy("changes are free until a day before"),
    "Balanced": gettext_lazy("changes keep the deposit until two days before"),
    "Firm": gettext_lazy("three days' notice, and a fee for those who do not come"),
}


@dataclass(frozen=True)
class Draft:
    """Everything that was answered, or would be if it were left out."""

    name: str
    slug: str
    timezone: str
    language: str
    hour_cycle: str
    currency: str
    service: str
    minutes: int
    rest: int
    price: int
    mode: str
    place: str
    days: tuple[str, ...]
    opens: str
    closes: str
    pause: bool
    preset: str


# --- Proposals ---


def slug_for(name: str) -> str:
    """An address made of a name, that nobody has yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_SLUG - 4].strip("-") or "studio"
    taken = set(Provider.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    free = (f"{wanted}-{n}" if n else wanted for n in (0, *range(2, len(taken) + 4)))
    return next(one for one in free if one not in taken | RESERVED_FOR_PROVIDERS)


def slug_is_free(slug: str) -> bool:
    return slug not in RESERVED_FOR_PROVIDERS and not Provider.objects.filter(slug=slug).exists()


def currency_for(zone: str) -> str:
    """What is paid with where that zone is; euros where nobody knows."""
    territory = get_global("zone_territories").get(zone, "")
    found = get_territory_currencies(territory) if territory else []
    return next((one for one in found if one in money.CURRENCIES), "EUR")


def example_price(currency: str) -> int:
    """A round price to show terms with where nothing is asked yet: about what an hour costs."""
    return 100 * money.smallest_charge(currency)


def lines(preset: str, draft: Draft, *, language: str) -> list[str]:
    """The terms of a preset as clients would read them."""
    terms = PRESETS[preset]
    asked = deposit.amount(terms.deposit, price=draft.price, hourly_rate=None, currency=draft.currency)
    facts: dict[str, Any] = {"price": draft.price, "deposit": asked, "currency": draft.currency}
    found = wording.policy_lines(terms, zone=draft.timezone, language=language, **facts)
    return list(dict.fromkeys(one for one in found if one))


# --- The page itself ---


def may_start(user: User) -> bool:
    """Whoever wants to, where sign-up is open; else the first of all, and superusers."""
    if settings.SIGN_UP == "open" or user.is_superuser:
        return True
    return not Provider.objects.filter(is_demo=False).exists()


def begin(*, draft: Draft, user: User, at: datetime) -> Provider:
    """The provider, with ``user`` as its owner. Raises ``NotOpen``, ``SlugTaken`` or the import's ``FileRefused``."""
    if not may_start(user) or user.memberships.count() >= MOST_OF_ONE_USER:
        raise NotOpen(_("New pages are made by invitation here."))
    file = transfer.read(json.dumps(content(draft, user)).encode())
    try:
        with transaction.atomic():
            if not slug_is_free(draft.slug):
                raise SlugTaken(_("Somebody has that address already."))
            provider = transfer.load(file=file, at=at, new=True)
            Provider.objects.filter(pk=provider.pk).update(getting_started=True)
    except IntegrityError:
        raise SlugTaken(_("Somebody has that address already.")) from None
    provider.getting_started = True
    return provider


def content(draft: Draft, user: User) -> dict[str, Any]:
    """The provider's file."""
    with override(draft.language):
        policy = str(PRESET_NAMES[draft.preset])
    return {
        "kept": 1,
        "provider": {
            "slug": draft.slug,
            "name": draft.name,
            "email": user.email,
            "timezone": draft.timezone,
            "currency": draft.currency,
            "language": draft.language,
            "hour_cycle": draft.hour_cycle,
            "listed": False,
        },
        "places": _places(draft),
        "policies": [{"name": policy, **rules_terms.write(PRESETS[draft.preset])}],
        "services": [_service(draft, policy)],
        "hours": [
            {"weekday": day, "from": opens, "to": closes}
            for day in WEEKDAYS
            if day in draft.days
            for opens, closes in periods(draft)
        ],
        "overrides": [],
        "members": [{"email": user.email, "name": user.name or draft.name, "role": "owner"}],
    }


def periods(draft: Draft) -> list[tuple[str, str]]:
    if draft.pause and draft.opens < UNTIL_1 and draft.closes > AFTER_1:
        return [(draft.opens, UNTIL_1), (AFTER_1, draft.closes)]
    return [(draft.opens, draft.closes)]


def _places(draft: Draft) -> dict[str, Any]:
    if draft.mode == Mode.IN_PERSON:
        return {"in_person": {"address": draft.place}}
    if draft.mode == Mode.VIDEO:
        return {"video": {"url": draft.place}}
    return {"phone": {"who_calls": "provider"}}


def _service(draft: Draft, policy: str) -> dict[str, Any]:
    plain = unicodedata.normalize("NFKD", draft.service).encode("ascii", "ignore").decode().lower()
    return {
        "slug": re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "appointment",
        "name": {draft.language: draft.service},
        "duration_minutes": draft.minutes,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": draft.rest,
        "slot_interval_minutes": 15 if draft.minutes < 60 else 30,
        "min_notice_minutes": 12 * 60,
        "horizon_days": 60,
        "price": draft.price,
        "modes": [draft.mode],
        "policy": policy,
        "approval": False,
        "questions": [],
    }


# --- What is left to do ---


def stop_reminding(provider: Provider) -> None:
    Provider.objects.filter(pk=provider.pk).update(getting_started=False)


def first_service(provider: Provider) -> Service | None:
    return provider.services.filter(hidden=False).order_by("position", "pk").first()
