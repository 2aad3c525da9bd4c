"""The rules as clients read them, service by service."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Service
from booking.texts import text_in
from config import formats
from policies import wording
from policies.models import PolicyVersion
from policies.rules import deposit
from policies.rules import terms as rules_terms


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Each policy with its newest version, and its text for each service, in any of our languages."""
    spoken = dict(settings.LANGUAGES)
    asked = request.GET.get("language", "")
    language = asked if asked in spoken else (get_language() or "en").split("-")[0]
    newest: dict[int, PolicyVersion] = {}
    for version in desk.policy_versions.order_by("number"):
        newest[version.policy_id] = version
    services: dict[int, list[Service]] = {}
    for service in desk.services.order_by("position", "pk"):
        services.setdefault(service.policy_id, []).append(service)
    context: dict[str, Any] = {
        "language": language,
        "languages": settings.LANGUAGES,
        "may": "own" in desk.rights,
        "policies": [
            {
                "policy": policy,
                "version": newest[policy.pk],
                "since": formats.day(newest[policy.pk].created_at, desk.zone),
                "note": text_in(policy.note, fallback=desk.provider.language),
                "services": [
                    _text(desk, one, newest[policy.pk], language) for one in services.get(policy.pk, [])
                ],
            }
            for policy in desk.policies.exclude(position=None).order_by("name")
            if policy.pk in newest
        ],
    }
    return page(request, desk, "dashboard/rules.html", section="rules", **context)


def _text(desk: Desk, service: Service, version: PolicyVersion, language: str) -> dict[str, Any]:
    terms = rules_terms.read(version.terms)
    asked = deposit.amount(
        terms.deposit,
        price=service.price,
        hourly_rate=desk.provider.hourly_rate,
        currency=desk.provider.currency,
    )
    facts: dict[str, Any] = {
        "price": service.price,
        "deposit": asked,
        "currency": desk.provider.currency,
        "zone": desk.zone,
        "language": language,
    }
    return {
        "service": service,
        "name": text_in(service.name, fallback=desk.provider.language),
        "deposit": asked,
        "lines": wording.policy_lines(terms, **facts),
        "text": wording.policy_text(terms, **facts),
    }
