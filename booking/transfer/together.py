"""What the parts of a provider's file must be to each other. Asked of the file itself, so that each
path is the one that was typed; a part that is wrong by itself has been told already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_noop

from booking.models import Role
from booking.transfer.shape import (
    HoursPart,
    MemberPart,
    OverridePart,
    PolicyPart,
    ProfilePart,
    ServicePart,
)
from booking.transfer.values import Values
from policies.rules import deposit, money
from policies.rules.reading import Minor

At = tuple[int, Any]  # the place in the list of the file, and the part


def check_names(values: Values, path: str, key: str, parts: Iterable[At]) -> None:
    """No two parts of one list bear the same name."""
    seen: set[str] = set()
    for n, part in parts:
        name = getattr(part, key)
        if name and name in seen:
            values.wrong(f"{path}[{n}].{key}", gettext_noop('"%(name)s" is there twice'), name=name)
        seen.add(name)


def check_owner(values: Values, members: list[tuple[int, MemberPart]]) -> None:
    if not any(member.role == Role.OWNER for _, member in members):
        values.wrong("members", gettext_noop("must have at least one with the role owner"))


def check_hours(values: Values, hours: list[tuple[int, HoursPart]]) -> None:
    _no_overlap(values, "hours", hours, lambda part: part.weekday)


def check_overrides(values: Values, overrides: list[tuple[int, OverridePart]]) -> None:
    closed = {part.on for _, part in overrides if part.opens_minute is None}
    seen = set()
    for n, part in overrides:
        if part.on in closed and (part.opens_minute is not None or part.on in seen):
            values.wrong(
                f"overrides[{n}].on",
                gettext_noop("%(day)s is closed by another entry; keep one of them"),
                day=part.on,
            )
        seen.add(part.on)
    _no_overlap(values, "overrides", [o for o in overrides if o[1].opens_minute is not None], lambda p: p.on)


def _no_overlap(values: Values, path: str, parts: list[At], day: Callable[[Any], Any]) -> None:
    ordered = sorted(parts, key=lambda at: (day(at[1]), at[1].opens_minute, at[0]))
    for (m, before), (n, part) in pairwise(ordered):
        if day(before) == day(part) and part.opens_minute < before.closes_minute:
            first, second = sorted((m, n))
            values.wrong(
                f"{path}[{second}]",
                gettext_noop("overlaps %(other)s, which is of the same day"),
                other=f"{path}[{first}]",
            )


def check_places(
    values: Values,
    places: dict[str, Any],
    phone: str,
    services: list[tuple[int, ServicePart]],
) -> None:
    called = places.get("phone", {})
    if called.get("who_calls") == "client" and not (called.get("number") or phone):
        values.wrong(
            "places.phone.number",
            gettext_noop("must be there when clients call and provider.phone is not"),
            typed=gettext_noop("Clients call you, so there must be a number: here or in your profile."),
        )
    for n, service in services:
        for m, mode in enumerate(service.modes):
            if mode not in places and not service.hidden:
                values.wrong(
                    f"services[{n}].modes[{m}]",
                    gettext_noop("there is no %(place)s in this file"),
                    place=f"places.{mode}",
                )


def check_deposits(
    values: Values,
    profile: ProfilePart,
    policies: list[tuple[int, PolicyPart]],
    services: list[tuple[int, ServicePart]],
    names: set[str],
) -> None:
    """Every deposit that the file would ask can be asked; a hidden service asks none. ``names`` are all policies
    of the file, those with a mistake in them too."""
    for n, policy in policies:
        _check_fixed(values, profile, policy, f"policies[{n}].deposit")
    known = {policy.name: policy for _, policy in policies}
    for n, service in services:
        path = f"services[{n}].policy"
        if service.policy and service.policy not in names:
            values.wrong(
                path, gettext_noop('there is no policy named "%(name)s" in this file'), name=service.policy
            )
        elif service.policy in known and profile.currency and not service.hidden:
            _check_asked(values, profile, known[service.policy], service, path)


def _check_fixed(values: Values, profile: ProfilePart, policy: PolicyPart, path: str) -> None:
    terms, currency = policy.terms.deposit, profile.currency
    if terms.kind == "hours" and profile.hourly_rate is None:
        values.wrong(
            f"{path}.kind",
            gettext_noop("hours needs provider.hourly_rate"),
            typed=gettext_noop("A deposit in hours needs your hourly rate: set it in your profile."),
        )
    if terms.kind != "fixed" or not currency:
        return
    smallest, step = money.smallest_charge(currency), money.step(currency)
    if deposit.too_small(int(terms.value), currency):
        words = gettext_noop("must be at least %(smallest)s, the smallest charge in %(currency)s")
        values.wrong(f"{path}.amount", words, smallest=Minor(smallest), currency=currency)
    elif terms.value % step:
        words = gettext_noop("must be a multiple of %(step)s, as %(currency)s is charged")
        values.wrong(f"{path}.amount", words, step=Minor(step), currency=currency)


def _check_asked(
    values: Values, profile: ProfilePart, policy: PolicyPart, service: ServicePart, path: str
) -> None:
    terms, currency = policy.terms.deposit, profile.currency
    too_small_by_itself = terms.kind == "fixed" and deposit.too_small(int(terms.value), currency)
    if too_small_by_itself or (terms.kind == "hours" and profile.hourly_rate is None):
        return
    asked = deposit.amount(terms, price=service.price, hourly_rate=profile.hourly_rate, currency=currency)
    if deposit.too_small(asked, currency):
        words = gettext_noop(
            '"%(name)s" asks a deposit of %(asked)s here; the smallest charge in %(currency)s is %(smallest)s'
        )
        smallest = Minor(money.smallest_charge(currency))
        facts: dict[str, Any] = {
            "name": policy.name,
            "asked": Minor(asked),
            "currency": currency,
            "smallest": smallest,
        }
        values.wrong(path, words, **facts)


def check_cost_offer(
    values: Values, offer: dict[str, Any] | None, services: list[tuple[int, ServicePart]]
) -> None:
    """The service that is offered is one of the file's."""
    slug = (offer or {}).get("service")
    if slug and slug not in {part.slug for _, part in services}:
        values.wrong(
            "cost_offer.service",
            gettext_noop('there is no service with the slug "%(slug)s" in this file'),
            slug=slug,
        )
