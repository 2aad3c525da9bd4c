"""From the bytes of a file to a ``ProviderFile``, or to every problem in it at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, gettext_noop

from booking.transfer import (
    branding,
    business,
    free_days,
    hearing,
    legal_words,
    limits,
    own_words,
    sections,
    time_off,
    together,
    ways,
)
from booking.transfer.shape import ProfilePart, ProviderFile
from booking.transfer.values import Values
from config import formats
from config.refusal import Refusal
from policies.rules.money import CURRENCIES
from policies.rules.reading import MISSING, Minor, Wrong

VERSION = 1
LARGEST = 4 * 1024 * 1024
REQUIRED = ("kept", "provider", "places", "policies", "services", "hours", "overrides", "members")
LISTS = ("policies", "services", "hours", "overrides", "members")
# What can be read without knowing another part.
ALONE: dict[str, Callable[[Values, Any, str], Any]] = {
    "business": business.read,
    "cost_offer": sections.cost_offer,
    "embed_sites": sections.embed_sites,
    "limits": limits.read,
    "holidays": free_days.read,
    "brand": branding.read,
    "legal": legal_words.read,
    "channels": ways.read,
    "time_off": time_off.read,
    "wording": own_words.read,
}
OPTIONAL = ("reminders", "notices", *ALONE)


class FileRefused(Refusal):
    """The file cannot be imported. ``problems`` are all of them, each ``(path, what would be right)`` in the reader's
    language; ``place`` is the path of the one part that was changed, where it was only that."""

    code = "file_refused"
    status = 400

    def __init__(self, problems: list[tuple[str, str]], *, place: str = "") -> None:
        self.problems = [(path, _spoken(message)) for path, message in problems]
        super().__init__("\n".join(self.lines_of(self.problems)))
        self.place = place

    @property
    def by_field(self) -> dict[str, list[str]]:
        """What is wrong, by its path within the part that was changed; what lies elsewhere by its whole path,
        and the part itself by nothing."""
        return self._by_field(self.problems)

    def as_typed(self, currency: str) -> dict[str, list[str]]:
        """The same for who typed into a form: amounts as people write them, not in minor units."""
        return self._by_field([(path, _as_typed(message, currency)) for path, message in self.problems])

    def _by_field(self, problems: list[tuple[str, str]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, message in problems:
            rest = path.removeprefix(self.place)
            inside = path.startswith(self.place) and (not self.place or rest[:1] in ("", ".", "["))
            found.setdefault(rest.lstrip(".") if inside else path, []).append(message)
        return found

    @staticmethod
    def lines_of(problems: list[tuple[str, str]]) -> list[str]:
        # A path holds keys as they were typed; what no terminal can print is shown escaped.
        lines = (f"{path}: {message}" if path else message for path, message in problems)
        return [line.encode("utf-8", "backslashreplace").decode() for line in lines]


def _spoken(message: str) -> str:
    """In the language of who reads it now."""
    if not isinstance(message, Wrong):
        return message
    return Wrong(gettext(message.words), message.facts, typed=gettext(message.typed))


def _as_typed(message: str, currency: str) -> str:
    if not isinstance(message, Wrong):
        return message
    facts = {
        name: formats.money(one, currency) if isinstance(one, Minor) and currency in CURRENCIES else one
        for name, one in message.facts.items()
    }
    return message.typed % facts if facts else message.typed


def read(content: bytes) -> ProviderFile:
    """The file's set-up. Raises ``FileRefused`` with all that is wrong."""
    values = Values()
    found = _whole(values, _json(content))
    if values.problems or found is None:
        raise FileRefused(values.problems)
    return found


def _whole(values: Values, source: Any) -> ProviderFile | None:
    if not _is_this_version(values, source):
        return None
    found = values.fields(source, "", REQUIRED, OPTIONAL)
    if found is None:
        return None
    profile = sections.profile(values, found["provider"], "provider")
    places = sections.places(values, found["places"], "places")
    day, hours = sections.reminders(values, found["reminders"], "reminders")
    alone = {name: read(values, found[name], name) for name, read in ALONE.items()}
    heard = hearing.read(values, found["notices"], "notices", channels=alone["channels"])
    parts = {name: getattr(sections, name)(values, found[name], name) for name in LISTS}
    if profile is not None:
        _together(values, source, profile, places, **parts)
        together.check_cost_offer(values, alone["cost_offer"], parts["services"])
    if values.problems or profile is None:
        return None
    lists: dict[str, Any] = {name: [part for _, part in found] for name, found in parts.items()}
    return ProviderFile(
        profile=profile,
        places=places,
        day_ahead_reminder=day,
        hours_ahead_reminder=hours,
        notices=heard,
        **alone,
        **lists,
    )


def _is_this_version(values: Values, source: Any) -> bool:
    """A file of another version is not read further; one that is silent about it lacks a key like any other."""
    kept = source.get("kept", MISSING) if isinstance(source, dict) else MISSING
    if kept is MISSING or (isinstance(kept, int) and not isinstance(kept, bool) and kept == VERSION):
        return True
    values.wrong("kept", gettext_noop("must be %(version)s, the version of this format"), version=VERSION)
    return False


def _together(
    values: Values,
    source: dict[str, Any],
    profile: ProfilePart,
    places: dict[str, Any],
    **parts: Any,
) -> None:
    """What one part by itself cannot know."""
    together.check_names(values, "policies", "name", parts["policies"])
    together.check_names(values, "services", "slug", parts["services"])
    together.check_names(values, "members", "email", parts["members"])
    together.check_hours(values, parts["hours"])
    together.check_overrides(values, parts["overrides"])
    if isinstance(source.get("members"), list):
        together.check_owner(values, parts["members"])
    if isinstance(source.get("places"), dict):
        together.check_places(values, places, profile.phone, parts["services"])
    if isinstance(source.get("policies"), list):
        typed = [one.get("name") for one in source["policies"] if isinstance(one, dict)]
        names = {name for name in typed if isinstance(name, str)}
        together.check_deposits(values, profile, parts["policies"], parts["services"], names)


def _json(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise FileRefused(
            [("", gettext("the file is larger than %(size)s MB") % {"size": LARGEST // 1024 // 1024})]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise FileRefused([(_line(line), gettext("must be UTF-8 text"))]) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as wrong:
        place = gettext("line %(line)s, column %(column)s") % {"line": wrong.lineno, "column": wrong.colno}
        raise FileRefused([(place, gettext("is not JSON: %(what)s") % {"what": wrong.msg})]) from None
    except (ValueError, RecursionError) as wrong:
        told = gettext("the file is not JSON that can be read: %(what)s") % {"what": wrong}
        raise FileRefused([("", told)]) from None


def _line(number: int) -> str:
    return gettext("line %(line)s") % {"line": number}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(gettext("%(names)s stands twice in one object") % {"names": ", ".join(twice)})
    return found


def _constant(name: str) -> Any:
    raise ValueError(gettext("%(name)s is not a number of JSON") % {"name": name})
