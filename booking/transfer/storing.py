"""A provider's file put into the database: made, or brought up to what the file says."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import (
    ApiToken,
    Business,
    Membership,
    Override,
    Provider,
    Role,
    Service,
    User,
    WeeklyHours,
)
from booking.transfer import branding, free_days, hearing, legal_words, own_words, time_off, ways
from booking.transfer.reading import FileRefused
from booking.transfer.shape import BusinessPart, MemberPart, PolicyPart, ProviderFile, ServicePart
from config import accounts
from policies.models import Policy, PolicyVersion
from policies.rules import terms

TIMES: dict[Any, tuple[str, ...]] = {
    WeeklyHours: ("weekday", "opens_minute", "closes_minute"),
    Override: ("on", "opens_minute", "closes_minute"),
}


@transaction.atomic
def load(*, file: ProviderFile, at: datetime, is_demo: bool = False, new: bool = False) -> Provider:
    """All of the file or nothing. Appointments keep what their clients agreed to: a changed policy
    makes a version, a service that is no longer in the file is hidden once it was booked. With ``new`` a provider
    that is there already is refused, never changed."""
    provider = _provider(file, at=at, is_demo=is_demo, new=new)
    policies = {
        part.name: _policy(provider, part, position, at=at) for position, part in enumerate(file.policies)
    }
    provider.policies.exclude(name__in=policies).update(position=None)
    _services(provider, file.services, policies)
    _business(provider, file.business)
    _times(provider, file)
    _members(provider, file.members, at=at)
    branding.store(provider, file.brand)
    legal_words.store(provider, file.legal)
    own_words.store(provider, file.wording, at=at)
    free_days.store(provider, file.holidays, at=at)
    ways.store(provider, file.channels, at=at)
    if wrong := [*hearing.store(provider, file.notices), *time_off.store(provider, file.time_off, at=at)]:
        raise FileRefused(wrong)
    provider.refresh_from_db()
    return provider


def _provider(file: ProviderFile, *, at: datetime, is_demo: bool, new: bool) -> Provider:
    fields = asdict(file.profile) | {
        "places": file.places,
        "day_ahead_reminder": file.day_ahead_reminder,
        "hours_ahead_reminder": file.hours_ahead_reminder,
    }
    if file.cost_offer is not None:
        fields["cost_offer"] = file.cost_offer
    if file.embed_sites is not None:
        fields["embed_sites"] = file.embed_sites
    if file.limits is not None:
        fields["limits"] = file.limits
    slug = fields.pop("slug")
    provider = Provider.objects.locked().filter(slug=slug).first()
    if provider is None:
        return Provider.objects.create(slug=slug, is_demo=is_demo, created_at=at, **fields)
    if new:
        raise FileRefused([("provider.slug", _("is taken: there is another provider"))])
    if provider.currency != file.profile.currency and provider.appointments.exists():
        told = _("must stay %(currency)s: there are appointments in it")
        raise FileRefused([("provider.currency", told % {"currency": provider.currency})])
    _change(provider, fields)
    return provider


def _change(row: Any, fields: dict[str, Any]) -> None:
    """Save what differs, so that an import which changes nothing writes nothing."""
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)


def _policy(provider: Provider, part: PolicyPart, position: int, *, at: datetime) -> Policy:
    fields = {"note": part.note, "position": position}
    policy, _made = Policy.objects.get_or_create(provider=provider, name=part.name, defaults=fields)
    _change(policy, fields)
    newest = policy.versions.order_by("-number").first()
    if newest is None or terms.read(newest.terms) != part.terms:
        number = newest.number + 1 if newest else 1
        PolicyVersion.objects.create(
            policy=policy, number=number, terms=terms.write(part.terms), created_at=at
        )
    return policy


def _business(provider: Provider, part: BusinessPart | None) -> None:
    """A file that says nothing of it leaves it as it is."""
    if part is None:
        return
    row, _made = Business.objects.get_or_create(provider=provider, defaults=asdict(part))
    _change(row, asdict(part))


def _services(provider: Provider, parts: list[ServicePart], policies: dict[str, Policy]) -> None:
    there = {service.slug: service for service in provider.services.all()}
    for position, part in enumerate(parts):
        fields = asdict(part) | {"position": position}
        slug, fields["policy_id"] = fields.pop("slug"), policies[fields.pop("policy")].pk
        if slug in there:
            _change(there.pop(slug), fields)
        else:
            Service.objects.create(provider=provider, slug=slug, **fields)
    for service in there.values():
        _take_off(service)


def _take_off(service: Service) -> None:
    if service.appointments.exists():
        _change(service, {"hidden": True})
    else:
        service.delete()


def _times(provider: Provider, file: ProviderFile) -> None:
    listed: tuple[tuple[Any, list[Any]], ...] = ((WeeklyHours, file.hours), (Override, file.overrides))
    for model, parts in listed:
        wanted = [asdict(part) for part in parts]
        rows = model.objects.filter(provider=provider).order_by("pk")
        if model is Override:
            rows = rows.filter(origin="")
        there = [{name: getattr(row, name) for name in TIMES[model]} for row in rows]
        if there != wanted:
            rows.delete()
            model.objects.bulk_create(model(provider=provider, **fields) for fields in wanted)


def _members(provider: Provider, parts: list[MemberPart], *, at: datetime) -> None:
    """Who stays keeps their row, and with it their limit and the address of their calendar. Owners come before others
    go, so that there is one at every moment."""
    users = {part.email: _user(part, provider) for part in parts}
    if not any(part.role == Role.OWNER and users[part.email].is_active for part in parts):
        raise FileRefused([("members", _("must have an owner whose log-in is open"))])
    for part in parts:
        Membership.objects.get_or_create(
            provider=provider, user=users[part.email], defaults={"role": part.role}
        )
    there = {one.user_id: one for one in Membership.objects.filter(provider=provider)}
    for part in sorted(parts, key=lambda part: part.role != Role.OWNER):
        _change(there[users[part.email].pk], {"role": part.role})
    gone = Membership.objects.filter(provider=provider).exclude(user__in=users.values())
    # A token speaks for its member; it must not outlive the membership.
    tokens = ApiToken.objects.filter(provider=provider, revoked_at=None)
    tokens.filter(user__in=gone.values("user")).update(revoked_at=at)
    gone.delete()


def _user(part: MemberPart, provider: Provider) -> User:
    user = User.objects.filter(email=part.email).first()
    if user is None:
        return User.objects.create_user(part.email, name=part.name, language=provider.language)
    accounts.hand_over(user)
    _change(user, {"name": part.name})
    return user
