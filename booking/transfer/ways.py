"""The optional key ``channels``: the ways beside e-mail, without their secrets.

A channel that the file brings and that was not there is off until somebody writes its address; one that is
there keeps its own. A file without the key leaves them as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from booking.models import Provider
from booking.transfer.shape import ChannelPart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, join
from reminders import routes, services
from reminders.models import Route

FLAGS = ("for_clients", "for_provider", "instead")
OPTIONAL = ("target", *FLAGS, "month_cap", "quiet_from", "quiet_until")
CAP, QUIET_FROM, QUIET_UNTIL = 100, 20 * 60, 8 * 60


def read(values: Values, source: Any, path: str) -> list[ChannelPart] | None:
    if source is MISSING:
        return None
    parts: list[ChannelPart] = []
    for one, at in values.items(source, path, most=20):
        part = _part(values, one, at)
        if part is None:
            continue
        if any(part.name.casefold() == other.name.casefold() for other in parts):
            values.wrong(join(at, "name"), gettext_noop("is there twice"))
        parts.append(part)
    return parts


def _part(values: Values, source: Any, path: str) -> ChannelPart | None:
    found = values.fields(source, path, ("name", "service"), OPTIONAL)
    if found is None:
        return None
    at = {name: join(path, name) for name in found}
    name = values.line(found["name"], at["name"], 60)
    service = values.word(found["service"], at["service"], tuple(services.SERVICES))
    flags = {flag: values.flag(found[flag], at[flag]) or False for flag in FLAGS}
    quiet_from = values.clock(found["quiet_from"], at["quiet_from"])
    quiet_until = values.clock(found["quiet_until"], at["quiet_until"])
    target = values.phone(found["target"], at["target"]) or ""
    cap = values.whole(found["month_cap"], at["month_cap"], 1, 100_000)
    if not name or not service:
        return None
    if flags["for_clients"] and not services.SERVICES[service].by_phone:
        values.wrong(
            at["for_clients"], gettext_noop("%(service)s reaches nobody but the provider"), service=service
        )
    return ChannelPart(
        name=name,
        service=service,
        target=target,
        month_cap=CAP if cap is None else cap,
        quiet_from=QUIET_FROM if quiet_from is None else quiet_from,
        quiet_until=QUIET_UNTIL if quiet_until is None else quiet_until,
        **flags,
    )


def store(provider: Provider, parts: list[ChannelPart] | None, *, at: datetime) -> None:
    if parts is None:
        return
    there = {row.name.casefold(): row for row in Route.objects.filter(provider=provider, removed_at=None)}
    for gone in there.keys() - {part.name.casefold() for part in parts}:
        routes.remove(route=there[gone], at=at)
    for part in parts:
        row = there.get(part.name.casefold()) or Route(provider=provider, created_at=at)
        if row.service != part.service:  # another service has another account
            row.secret, row.enabled_at = "", None
        row.kind = services.SERVICES[part.service].kind
        for name in ("name", "service", "target", "month_cap", "quiet_from", "quiet_until", *FLAGS):
            setattr(row, name, getattr(part, name))
        row.save()


def write(provider: Provider) -> list[dict[str, Any]]:
    rows = Route.objects.filter(provider=provider, removed_at=None).order_by("pk")
    return [_written(row) for row in rows]


def _written(row: Route) -> dict[str, Any]:
    said: dict[str, Any] = {"name": row.name, "service": row.service}
    said |= {"target": row.target} if row.target else {}
    said |= {flag: True for flag in FLAGS if getattr(row, flag)}
    said |= {"month_cap": row.month_cap} if row.month_cap != CAP else {}
    for name, usual in (("quiet_from", QUIET_FROM), ("quiet_until", QUIET_UNTIL)):
        minute = getattr(row, name)
        said |= {name: f"{minute // 60:02}:{minute % 60:02}"} if minute != usual else {}
    return said
