"""Channels that a provider sets up: the secret at rest, the month's cap, what became of them."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from booking.models import Provider
from config.refusal import Refusal
from reminders import plan, services
from reminders.channels import Refused
from reminders.models import Route

WARN_AT = 80  # percent of the month's cap


class NotReadable(Refusal):
    """The secret was encrypted with another SECRET_KEY, or never given."""

    code = "channel_without_address"


class NameTaken(Refusal):
    """Another channel of this provider has that name."""

    code = "name_taken"


def seal(address: str) -> str:
    """As it lies in the database: a copy of the tables alone opens no account."""
    return _box().encrypt(address.encode()).decode()


def address_of(route: Route) -> str:
    """The address itself, for the moment of sending. Raises `NotReadable`."""
    try:
        return _box().decrypt(route.secret.encode()).decode()
    except (InvalidToken, ValueError):
        raise NotReadable(_("Set this channel up again: its address cannot be read.")) from None


def shown(address: str) -> str:
    """Enough of an address to know it again: the service and the last four characters."""
    key, _mark, rest = address.partition("://")
    return f"{key}://…{rest.rstrip('/')[-4:]}"


def _box() -> Fernet:
    key = salted_hmac("kept.route", "address", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


# --- Set up ------------------------------------------------------------------------------------


def find(*, channel: str, provider: Provider) -> Route | None:
    """The route in use that a message's ``channel`` names."""
    uid = channel.removeprefix("channel:")
    return Route.objects.in_use().filter(provider=provider, uid=uid).first()


@transaction.atomic
def set_up(*, route: Route, address: str, at: datetime) -> Route:
    """Keep ``route``; a new ``address`` replaces the old one and shows what kind it is, an empty one
    leaves it. Raises `NotAnAddress`, `NameTaken`, and `NotReadable` where there is none at all."""
    Provider.objects.locked().get(pk=route.provider_id)
    if address:
        route.service = services.service_of(address)
        route.kind = services.SERVICES[route.service].kind
        route.secret = seal(address)
        route.last_failure, route.last_failure_at, route.last_ok_at = "", None, None
    elif not route.secret and route.enabled_at:
        raise NotReadable(_("Write the address of the service first."))
    others = Route.objects.filter(provider=route.provider, removed_at=None).exclude(pk=route.pk)
    if others.filter(name__iexact=route.name).exists():
        raise NameTaken(_("You have another channel with this name."))
    if route.service in services.SERVICES and not services.SERVICES[route.service].by_phone:
        route.for_clients = route.instead = False  # its address says who reads: the provider
    route.created_at = route.created_at or at
    route.save()
    return route


def remove(*, route: Route, at: datetime) -> None:
    """Nothing goes there any more, and the secret is gone; what went there keeps its name."""
    Route.objects.filter(pk=route.pk).update(removed_at=at, enabled_at=None, secret="")


# --- The month's cap ---------------------------------------------------------------------------


def month_of(route: Route, *, at: datetime) -> str:
    return at.astimezone(ZoneInfo(route.provider.timezone)).strftime("%Y-%m")


def used(route: Route, *, at: datetime) -> int:
    """How many left this month."""
    return route.used if route.used_month == month_of(route, at=at) else 0


def reserve(route: Route, *, at: datetime) -> None:
    """Count one before it leaves, so that racing sweeps do not go over the cap. Raises `Refused` when the
    month is used up; the provider hears of 80 % and of the end once a month."""
    month = month_of(route, at=at)
    Route.objects.filter(~Q(used_month=month), pk=route.pk).update(used_month=month, used=0)
    free = Route.objects.filter(pk=route.pk, used_month=month, used__lt=route.month_cap)
    taken = free.update(used=F("used") + 1)
    route.refresh_from_db(fields=["used", "used_month"])
    if not taken:
        _warn(route, month, 100, at)
        raise Refused(f"the month's cap of {route.month_cap} is used up")
    for percent in (WARN_AT, 100):
        if route.used * 100 >= route.month_cap * percent > (route.used - 1) * 100:
            _warn(route, month, percent, at)


def give_back(route: Route) -> None:
    """What did not leave does not count."""
    Route.objects.filter(pk=route.pk, used__gt=0).update(used=F("used") - 1)


def _warn(route: Route, month: str, percent: int, at: datetime) -> None:
    facts = {"name": route.name, "percent": percent, "cap": route.month_cap}
    about = f"{route.uid}:{month}:{percent}"
    plan.announce(provider=route.provider, kind="channel_used_up", about=about, at=at, facts=facts)


# --- What became of it -------------------------------------------------------------------------


def went_well(route: Route, *, at: datetime) -> None:
    Route.objects.filter(pk=route.pk).update(last_ok_at=at, last_failure="", last_failure_at=None)


def went_wrong(route: Route, *, why: str, final: bool, at: datetime) -> None:
    """Kept for the page; the first ``final`` failure after something went well is told to the provider."""
    Route.objects.filter(pk=route.pk).update(last_failure=why[:300], last_failure_at=at)
    if not final:
        return
    since = route.last_ok_at or route.created_at
    mark = hashlib.sha256(f"{route.uid}:{since.isoformat()}".encode()).hexdigest()[:16]
    facts = {"name": route.name, "failure": why}
    plan.announce(provider=route.provider, kind="channel_failed", about=mark, at=at, facts=facts)
