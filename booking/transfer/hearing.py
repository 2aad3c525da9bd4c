"""The optional key ``notices``: what the provider hears of, how soon and by which ways, by group of news.

Where it is there it is all of them: a group that it leaves out comes at once by e-mail. A file without the key
leaves them as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from booking.models import Provider
from booking.transfer.shape import ChannelPart, NoticePart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, Wrong, join
from reminders import notices
from reminders.models import Notice, Route

MAIL = "email"
HOW = tuple(map(str, Notice.How.values))


def read(
    values: Values, source: Any, path: str, *, channels: list[ChannelPart] | None
) -> list[NoticePart] | None:
    """None where the file says nothing of it. Names are looked for in ``channels`` where the file has them."""
    found = values.fields(source, path, (), tuple(notices.GROUPS))
    if found is None:
        return None
    parts = [
        _part(values, group, said, join(path, group)) for group, said in found.items() if said is not MISSING
    ]
    kept = [part for part in parts if part is not None]
    if channels is not None:
        values.problems.extend(unknown(kept, [one.name for one in channels if one.for_provider]))
    return kept


def _part(values: Values, group: str, source: Any, path: str) -> NoticePart | None:
    found = values.fields(source, path, (), ("how", "email", "channels"))
    if found is None:
        return None
    how = values.word(found["how"], join(path, "how"), HOW)
    by_mail = values.flag(found["email"], join(path, "email"))
    names: list[str] = []
    for one, at in values.items(found["channels"], join(path, "channels"), most=20):
        name = values.line(one, at, 60)
        if name and name.casefold() in map(str.casefold, names):
            values.wrong(at, gettext_noop('"%(name)s" is there twice'), name=name)
        elif name:
            names.append(name)
    if by_mail is False and not names:
        values.wrong(join(path, "email"), gettext_noop("must be true where no channel is named"))
    return NoticePart(group, how or str(Notice.How.AT_ONCE), by_mail is not False, names)


def unknown(parts: Iterable[NoticePart], known: Iterable[str]) -> list[tuple[str, str]]:
    """The names of no channel that reaches the provider, each with its path."""
    names = {name.casefold() for name in known}
    return [
        (
            f"notices.{part.group}.channels[{n}]",
            Wrong(gettext_noop('there is no channel for the provider named "%(name)s"'), {"name": name}),
        )
        for part in parts
        for n, name in enumerate(part.channels)
        if name.casefold() not in names
    ]


def store(provider: Provider, parts: Sequence[NoticePart] | None) -> list[tuple[str, str]]:
    """Keep the choices. Answers with the names that no channel has; then nothing may stay of the import."""
    if parts is None:
        return []
    routes = {row.name.casefold(): row.channel for row in _routes(provider)}
    if wrong := unknown(parts, routes):
        return wrong
    provider.notices.exclude(group__in=[part.group for part in parts]).delete()
    for part in parts:
        ways = [MAIL] if part.email else []
        ways += [routes[name.casefold()] for name in part.channels]
        Notice.objects.update_or_create(
            provider=provider, group=part.group, defaults={"how": part.how, "channels": ways}
        )
    return []


def write(provider: Provider) -> dict[str, dict[str, Any]]:
    """The groups that are heard of otherwise than at once by e-mail."""
    names = {row.channel: row.name for row in _routes(provider)}
    rows = {row.group: row for row in provider.notices.all()}
    said = {group: _written(rows[group], names) for group in notices.GROUPS if group in rows}
    return {group: one for group, one in said.items() if one}


def _written(row: Notice, names: dict[str, str]) -> dict[str, Any]:
    by = [names[one] for one in row.channels if one in names]
    said: dict[str, Any] = {} if row.how == Notice.How.AT_ONCE else {"how": row.how}
    said |= {"email": False} if by and MAIL not in row.channels else {}
    return said | ({"channels": by} if by else {})


def _routes(provider: Provider) -> Iterable[Route]:
    return Route.objects.filter(provider=provider, removed_at=None, for_provider=True).order_by("pk")
