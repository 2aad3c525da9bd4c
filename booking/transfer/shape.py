"""What a provider's file says, once it was read: values that the database takes as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from booking.brand import Picture
from policies.rules.terms import Terms

Texts = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ProfilePart:
    slug: str
    name: str
    email: str
    phone: str
    timezone: str
    currency: str
    language: str
    hour_cycle: str
    hourly_rate: int | None
    listed: bool
    about: Texts
    hold_minutes: int


@dataclass(frozen=True, kw_only=True)
class PolicyPart:
    name: str
    terms: Terms
    note: Texts


@dataclass(frozen=True, kw_only=True)
class ServicePart:
    slug: str
    name: Texts
    about: Texts
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    slot_interval_minutes: int
    min_notice_minutes: int
    horizon_days: int
    price: int
    modes: list[str]
    policy: str
    approval: bool
    series_most: int
    limits: dict[str, int]
    confirm_by_mail: bool
    questions: list[dict[str, Any]]
    tax_rate: int | None
    hidden: bool


@dataclass(frozen=True, kw_only=True)
class HoursPart:
    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, kw_only=True)
class OverridePart:
    """Closed when there are no minutes."""

    on: date
    opens_minute: int | None
    closes_minute: int | None


@dataclass(frozen=True, kw_only=True)
class TimeOffPart:
    """Two instants, and the title for the provider's own eyes."""

    starts_at: datetime
    ends_at: datetime
    title: str


@dataclass(frozen=True, kw_only=True)
class MemberPart:
    email: str
    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class BusinessPart:
    legal_name: str
    address: str
    tax_number: str
    tax_name: str
    receipt_prefix: str
    note: str
    fees_taxed: bool


@dataclass(frozen=True, kw_only=True)
class BrandPart:
    """Without a colour it is ours."""

    colour: str
    logo: Picture | None


@dataclass(frozen=True, kw_only=True)
class LegalPart:
    kind: str
    instead: bool
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class OwnWordsPart:
    kind: str
    language: str
    subject: str
    heading: str
    opening: str
    closing: str


@dataclass(frozen=True)
class ChannelPart:
    """A way beside e-mail, without its secret; quiet minutes are minutes of the day."""

    name: str
    service: str
    target: str
    for_clients: bool
    for_provider: bool
    instead: bool
    month_cap: int
    quiet_from: int
    quiet_until: int


@dataclass(frozen=True)
class NoticePart:
    """How the provider hears of one group of news; ``channels`` are names, beside e-mail or instead of it."""

    group: str
    how: str
    email: bool
    channels: list[str]


@dataclass(frozen=True, kw_only=True)
class ProviderFile:
    profile: ProfilePart
    places: dict[str, Any]
    policies: list[PolicyPart]
    services: list[ServicePart]
    hours: list[HoursPart]
    overrides: list[OverridePart]
    members: list[MemberPart]
    day_ahead_reminder: bool
    hours_ahead_reminder: bool
    business: BusinessPart | None
    cost_offer: dict[str, Any] | None
    embed_sites: list[str] | None
    limits: dict[str, int] | None
    holidays: dict[str, Any] | None
    brand: BrandPart | None
    legal: list[LegalPart] | None
    wording: list[OwnWordsPart] | None
    channels: list[ChannelPart] | None
    notices: list[NoticePart] | None
    time_off: list[TimeOffPart] | None
