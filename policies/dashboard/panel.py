"""Beside the terms as they are typed: what clients will read, and what would happen if."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking.dashboard.desk import Desk
from booking.models import Service
from booking.texts import text_in
from config import formats
from policies import wording
from policies.rules import deposit, what_if
from policies.rules.outcomes import Outcome
from policies.rules.terms import LONGEST_NOTICE_HOURS, Terms

WEEK_HOURS = 168
SAMPLE_PRICE = 10_000  # where there is no service yet


@dataclass(frozen=True)
class Asked:
    """For which service, in which language and at how much notice."""

    service: Service | None
    language: str
    notice: timedelta


@dataclass(frozen=True)
class Act:
    """One act at the notice that was asked for: what it costs, and in the words that clients read."""

    name: str
    cost: int
    text: str


@dataclass(frozen=True)
class Step:
    """Between two borders everything costs the same; ``here`` is where the notice lies."""

    when: str
    cancel: int
    near: int
    far: int
    here: bool


def asked(desk: Desk, said: Any, services: list[Service]) -> Asked:
    slug, language = said.get("show_service", ""), said.get("show_language", "")
    spoken = dict(settings.LANGUAGES)
    mine = (get_language() or "en").split("-")[0]
    return Asked(
        service=next((one for one in services if one.slug == slug), services[0] if services else None),
        language=language if language in spoken else mine,
        notice=_notice(said.get("show_notice", "")),
    )


def _notice(said: str) -> timedelta:
    try:
        hours = Decimal(str(said).replace(",", ".") or 24)
    except InvalidOperation:
        hours = Decimal(24)
    if not hours.is_finite():
        hours = Decimal(24)
    return timedelta(seconds=int(min(max(hours, Decimal(0)), Decimal(LONGEST_NOTICE_HOURS)) * 3600))


def panel(desk: Desk, terms: Terms | None, asked: Asked, services: list[Service]) -> dict[str, Any]:
    """What the template shows. Without ``terms`` there is something to put right first."""
    hours = Decimal(int(asked.notice.total_seconds())) / 3600
    facts: dict[str, Any] = {
        "services": [(one.slug, text_in(one.name, fallback=desk.provider.language)) for one in services],
        "chosen": asked.service.slug if asked.service else "",
        "languages": settings.LANGUAGES,
        "language": asked.language,
        "hours": f"{hours.normalize():f}",
        "longest": WEEK_HOURS,
        "wrong": "",
    }
    if terms is None:
        return facts | {"wrong": _("The text follows as soon as what is typed fits together.")}
    longest = int(max(window.min_notice for window in terms.windows).total_seconds() // 3600)
    facts["longest"] = max(WEEK_HOURS, longest + 24)
    try:
        deal = _deal(desk, terms, asked.service)
    except deposit.NoHourlyRate:
        return facts | {"wrong": _("A deposit in hours needs your hourly rate: it stands in your profile.")}
    return facts | _shown(desk, deal, asked)


def _deal(desk: Desk, terms: Terms, service: Service | None) -> what_if.Deal:
    provider, price = desk.provider, service.price if service else SAMPLE_PRICE
    return what_if.Deal(
        terms=terms,
        price=price,
        deposit=deposit.amount(
            terms.deposit, price=price, hourly_rate=provider.hourly_rate, currency=provider.currency
        ),
        currency=provider.currency,
        zone=provider.timezone,
    )


def _shown(desk: Desk, deal: what_if.Deal, asked: Asked) -> dict[str, Any]:
    text: dict[str, Any] = {
        "price": deal.price,
        "deposit": deal.deposit,
        "currency": deal.currency,
        "zone": deal.zone,
        "language": asked.language,
    }
    costs = what_if.costs(deal, notice=asked.notice, at=desk.at)
    acts = [
        (_("Cancelling"), costs.cancel),
        (_("Moving, within the days"), costs.near),
        (_("Moving, to a later day"), costs.far),
        (_("Not coming"), costs.missed),
    ]
    return {
        "price": deal.price,
        "deposit": deal.deposit,
        "lines": wording.policy_lines(deal.terms, **text),
        "text": wording.policy_text(deal.terms, **text),
        "said": formats.length(asked.notice),
        "acts": [Act(name, one.cost, _words(deal, one, asked.language)) for name, one in acts],
        "steps": _steps(desk, deal, asked.notice),
    }


def _words(deal: what_if.Deal, outcome: Outcome, language: str) -> str:
    """As the quote says it, without until when: the appointment is made up."""
    bare = replace(outcome, valid_until=None)
    return wording.quote_text(bare, currency=deal.currency, zone=deal.zone, language=language)


def _steps(desk: Desk, deal: what_if.Deal, notice: timedelta) -> list[Step]:
    lines = [*what_if.borders(deal, at=desk.at), timedelta(0)]
    here = next(n for n, line in enumerate(lines) if notice >= line)
    steps = []
    for n, line in enumerate(lines):
        costs = what_if.costs(deal, notice=line, at=desk.at)
        steps.append(Step(_when(lines, n), costs.cancel.cost, costs.near.cost, costs.far.cost, n == here))
    return steps


def _when(lines: list[timedelta], n: int) -> str:
    if len(lines) == 1:
        return _("At any time until the start")
    if n == len(lines) - 1:
        return _("Less than %(longer)s before") % {"longer": formats.length(lines[n - 1])}
    return _("%(notice)s or more before") % {"notice": formats.length(lines[n])}
