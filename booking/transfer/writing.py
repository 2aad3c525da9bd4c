"""A provider's set-up written as its file. What is default and no example shows is left out."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q

from booking.models import HourCycle, Override, Provider, Service, WeeklyHours
from booking.transfer import branding, business, free_days, hearing, legal_words, own_words, time_off, ways
from booking.transfer.sections import HOLD_MINUTES, SERVICE_NUMBERS, WEEKDAYS
from policies.models import Policy, PolicyVersion
from policies.rules import terms

QUESTION = ("id", "label", "kind", "choices", "required", "health")
PLACES = {
    "in_person": ("address", "note"),
    "video": ("url", "test_url"),
    "phone": ("who_calls", "number"),
}


def dumps(content: dict[str, Any]) -> str:
    """The file's text: readable, and with every script as people write it."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def dump(*, provider: Provider) -> dict[str, Any]:
    """What importing the file again would make. A hidden service whose policy is withdrawn is no part of it:
    it stands for those who booked it."""
    offered = Q(hidden=False) | Q(policy__position__isnull=False)
    services = provider.services.filter(offered).select_related("policy", "provider")
    policies = provider.policies.exclude(position=None).prefetch_related("versions")
    content = {
        "kept": 1,
        "provider": _profile(provider),
        "places": _places(provider),
        "policies": [policy_part(policy, provider, newest(policy)) for policy in policies],
        "services": [service_part(service) for service in services],
        "hours": [_hours(row) for row in provider.weekly_hours.order_by("pk")],
        "overrides": [_override(row) for row in provider.overrides.filter(origin="").order_by("pk")],
        "members": [
            {"email": one.user.email, "name": one.user.name, "role": one.role}
            for one in provider.memberships.select_related("user").order_by("pk")
        ],
    }
    if reminders := _reminders(provider):
        content["reminders"] = reminders
    optional: dict[str, Any] = {
        "cost_offer": provider.cost_offer and _cost_offer(provider),
        "embed_sites": list(provider.embed_sites),
        "limits": provider.limits,
        "wording": own_words.write(provider),
        "holidays": free_days.write(provider),
        "brand": branding.write(provider),
        "legal": legal_words.write(provider),
        "channels": ways.write(provider),
        "notices": hearing.write(provider),
        "time_off": time_off.write(provider),
        "business": business.write(provider),
    }
    return content | {name: part for name, part in optional.items() if part}


def _profile(provider: Provider) -> dict[str, Any]:
    names = ("slug", "name", "email", "phone", "timezone", "currency", "language", "hourly_rate", "listed")
    profile = {name: getattr(provider, name) for name in names}
    profile["about"] = _texts(provider.about, provider)
    optional = ("phone", "hourly_rate", "about")
    profile = {name: value for name, value in profile.items() if value or name not in optional}
    if provider.hour_cycle != HourCycle.H23:
        profile["hour_cycle"] = provider.hour_cycle
    if provider.hold_minutes != HOLD_MINUTES:
        profile["hold_minutes"] = provider.hold_minutes
    return profile


def _texts(texts: dict[str, str], provider: Provider) -> dict[str, str]:
    """PostgreSQL keeps no order of keys: the provider's own language first, then by code."""
    return {code: texts[code] for code in sorted(texts, key=lambda code: (code != provider.language, code))}


def _places(provider: Provider) -> dict[str, Any]:
    places: dict[str, Any] = {}
    for mode, names in PLACES.items():
        if mode in provider.places:
            place = provider.places[mode]
            places[mode] = {name: place[name] for name in names if name in place}
            if "note" in place:
                places[mode]["note"] = _texts(place["note"], provider)
    return places


def newest(policy: Policy) -> PolicyVersion:
    return max(policy.versions.all(), key=lambda version: version.number)


def policy_part(policy: Policy, provider: Provider, version: PolicyVersion) -> dict[str, Any]:
    """One policy as the file has it, with the terms of this version."""
    content = {"name": policy.name} | terms.write(terms.read(version.terms))
    return content | ({"note": _texts(policy.note, provider)} if policy.note else {})


def service_part(service: Service) -> dict[str, Any]:
    """One service as the file has it."""
    provider = service.provider
    content = {
        "slug": service.slug,
        "name": _texts(service.name, provider),
        **{name: getattr(service, name) for name in SERVICE_NUMBERS},
        "modes": service.modes,
        "policy": service.policy.name,
        "approval": service.approval,
        "questions": [_question(question, provider) for question in service.questions],
    }
    series = {"series_most": service.series_most} if service.series_most else {}
    limits = {"limits": service.limits} if service.limits else {}
    by_mail = {"confirm_by_mail": True} if service.confirm_by_mail else {}
    about = {"about": _texts(service.about, provider)} if service.about else {}
    hidden = {"hidden": True} if service.hidden else {}
    return content | about | series | limits | by_mail | business.tax_percent(service) | hidden


def _question(question: dict[str, Any], provider: Provider) -> dict[str, Any]:
    content = {name: question[name] for name in QUESTION if name in question}
    return content | {"label": _texts(question["label"], provider)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _hours(row: WeeklyHours) -> dict[str, Any]:
    return {
        "weekday": WEEKDAYS[row.weekday],
        "from": _clock(row.opens_minute),
        "to": _clock(row.closes_minute),
    }


def _override(row: Override) -> dict[str, Any]:
    if row.opens_minute is None or row.closes_minute is None:
        return {"on": row.on.isoformat(), "closed": True}
    return {"on": row.on.isoformat(), "from": _clock(row.opens_minute), "to": _clock(row.closes_minute)}


def _cost_offer(provider: Provider) -> dict[str, Any]:
    offer = provider.cost_offer
    words = {"words": _texts(offer["words"], provider)} if offer.get("words") else {}
    return ({"service": offer["service"]} if offer.get("service") else {}) | words


def _reminders(provider: Provider) -> dict[str, bool]:
    options = {"day_ahead": provider.day_ahead_reminder, "hours_ahead": provider.hours_ahead_reminder}
    return {name: True for name, on in options.items() if on}
