"""The parts of a provider's file, each read by itself. What must fit together is in ``together``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import gettext_noop

from booking import sites
from booking.addresses import RESERVED_FOR_PROVIDERS, RESERVED_FOR_SERVICES
from booking.models import HourCycle, Mode, Role
from booking.transfer import business, limits
from booking.transfer.shape import (
    HoursPart,
    MemberPart,
    OverridePart,
    PolicyPart,
    ProfilePart,
    ServicePart,
)
from booking.transfer.values import Values
from policies.rules import terms
from policies.rules.reading import MISSING, join, paths

Part = TypeVar("Part")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLD_MINUTES = 15
HOUR_CYCLES = tuple(HourCycle.values)
LARGEST_PRICE = 99_999_999  # eight digits are what the gateway takes
DAY_MINUTES = 24 * 60
MOST_IN_SERIES = 52
LONGEST_ABOUT = 5000
PROFILE = ("slug", "name", "email", "phone", "timezone", "currency", "language", "hourly_rate", "listed")
SERVICE_NUMBERS = {
    "duration_minutes": (1, DAY_MINUTES),
    "buffer_before_minutes": (0, DAY_MINUTES),
    "buffer_after_minutes": (0, DAY_MINUTES),
    "slot_interval_minutes": (1, DAY_MINUTES),
    "min_notice_minutes": (0, 365 * DAY_MINUTES),
    "horizon_days": (1, 730),
    "price": (0, LARGEST_PRICE),
}


def profile(values: Values, source: Any, path: str) -> ProfilePart | None:
    required = ("slug", "name", "email", "timezone", "currency", "language", "listed")
    optional = ("hour_cycle", "phone", "hourly_rate", "about", "hold_minutes")
    found = values.fields(source, path, required, optional)
    if found is None:
        return None
    at = paths(path)
    languages = tuple(code for code, _ in settings.LANGUAGES)
    rate, hold, about = found["hourly_rate"], found["hold_minutes"], found["about"]
    return ProfilePart(
        slug=values.slug(found["slug"], at("slug"), RESERVED_FOR_PROVIDERS) or "",
        name=values.line(found["name"], at("name"), 200) or "",
        email=values.email(found["email"], at("email")) or "",
        phone=values.phone(found["phone"], at("phone")) or "",
        timezone=values.zone(found["timezone"], at("timezone")) or "",
        currency=values.currency(found["currency"], at("currency")) or "",
        language=values.word(found["language"], at("language"), languages) or "",
        hour_cycle=values.word(found["hour_cycle"], at("hour_cycle"), HOUR_CYCLES) or HourCycle.H23,
        hourly_rate=values.amount(rate, at("hourly_rate"), 1, LARGEST_PRICE),
        listed=bool(values.flag(found["listed"], at("listed"))),
        about=values.texts(about, at("about"), LONGEST_ABOUT, lines=True) or {},
        hold_minutes=values.whole(hold, at("hold_minutes"), 5, DAY_MINUTES) or HOLD_MINUTES,
    )


def places(values: Values, source: Any, path: str) -> dict[str, Any]:
    """Where each mode happens, in the shape of the file; only the modes that are there."""
    readers = {Mode.IN_PERSON: _in_person, Mode.VIDEO: _video, Mode.PHONE: _phone}
    found = values.fields(source, path, (), tuple(map(str, readers)))
    if found is None:
        return {}
    return {
        str(mode): read(values, found[mode], join(path, mode))
        for mode, read in readers.items()
        if found[mode] is not MISSING
    }


def _in_person(values: Values, source: Any, path: str) -> dict[str, Any]:
    found = values.fields(source, path, ("address",), ("note",)) or {"address": MISSING, "note": MISSING}
    return _without_none(
        address=values.line(found["address"], join(path, "address"), 500),
        note=values.texts(found["note"], join(path, "note"), 1000, lines=True),
    )


def _video(values: Values, source: Any, path: str) -> dict[str, Any]:
    found = values.fields(source, path, ("url",), ("test_url",)) or {"url": MISSING, "test_url": MISSING}
    return _without_none(
        url=values.url(found["url"], join(path, "url")),
        test_url=values.url(found["test_url"], join(path, "test_url")),
    )


def _phone(values: Values, source: Any, path: str) -> dict[str, Any]:
    found = values.fields(source, path, ("who_calls",), ("number",)) or {
        "who_calls": MISSING,
        "number": MISSING,
    }
    return _without_none(
        who_calls=values.word(found["who_calls"], join(path, "who_calls"), ("provider", "client")),
        number=values.phone(found["number"], join(path, "number")),
    )


def _without_none(**found: Any) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def reminders(values: Values, source: Any, path: str) -> tuple[bool, bool]:
    found = values.fields(source, path, (), ("day_ahead", "hours_ahead"))
    if found is None:
        return False, False
    day, hours = (
        values.flag(found[name], join(path, name)) or False for name in ("day_ahead", "hours_ahead")
    )
    return day, hours


def cost_offer(values: Values, source: Any, path: str) -> dict[str, Any] | None:
    """What is offered to those for whom it costs too much; None where the file says nothing of it."""
    found = values.fields(source, path, (), ("service", "words"))
    if found is None:
        return None
    return _without_none(
        service=values.line(found["service"], join(path, "service"), 60),
        words=values.texts(found["words"], join(path, "words"), 1000, lines=True),
    )


NOT_SITES = {  # why, and whether we know what was probably meant
    ("unreadable", False): gettext_noop(
        "must be the beginning of a site's address, as https://www.example.com"
    ),
    ("unreadable", True): gettext_noop("must be the beginning of a site's address, as %(right)s"),
    ("not_https", False): gettext_noop("must begin with https://"),
    ("not_https", True): gettext_noop("must begin with https://: %(right)s"),
    ("longer", False): gettext_noop("must end after the name of the site"),
    ("longer", True): gettext_noop("must end after the name of the site: %(right)s"),
}


def embed_sites(values: Values, source: Any, path: str) -> list[str] | None:
    """The origins that may show the booking page; None where the file says nothing of them."""
    if source is MISSING:
        return None
    found: list[str] = []
    for one, at in values.items(source, path, most=sites.MOST):
        try:
            origin = sites.origin(one if isinstance(one, str) else "")
        except sites.NotASite as wrong:
            values.wrong(at, NOT_SITES[wrong.why, bool(wrong.right)], right=wrong.right)
            continue
        if origin in found:
            values.wrong(at, gettext_noop("is there twice"))
        found.append(origin)
    return found


def _each(
    read: Callable[[Values, Any, str], Part | None], values: Values, items: list[tuple[Any, str]]
) -> list[tuple[int, Part]]:
    """The parts that could be read, each with its place in the list of the file."""
    parts = [(n, read(values, one, at)) for n, (one, at) in enumerate(items)]
    return [(n, part) for n, part in parts if part is not None]


def policies(values: Values, source: Any, path: str) -> list[tuple[int, PolicyPart]]:
    return _each(_policy, values, values.items(source, path, least=1, most=50))


def _policy(values: Values, source: Any, path: str) -> PolicyPart | None:
    if not isinstance(source, dict):
        values.wrong(path, gettext_noop("must be an object with name and the terms"))
        return None
    own = {name: source.get(name, MISSING) for name in ("name", "note")}
    if own["name"] is MISSING:
        values.wrong(join(path, "name"), gettext_noop("is missing"))
    name = values.line(own["name"], join(path, "name"), 100)
    note = values.texts(own["note"], join(path, "note"), 5000, lines=True)
    try:
        what = terms.read({k: v for k, v in source.items() if k not in own}, path=path)
    except terms.TermsError as wrong:
        values.problems.extend(wrong.problems)
        return None
    return PolicyPart(name=name, terms=what, note=note or {}) if name else None


def services(values: Values, source: Any, path: str) -> list[tuple[int, ServicePart]]:
    return _each(_service, values, values.items(source, path, most=200))


def _service(values: Values, source: Any, path: str) -> ServicePart | None:
    required = ("slug", "name", *SERVICE_NUMBERS, "modes", "policy", "approval", "questions")
    optional = ("about", "tax_percent", "series_most", "confirm_by_mail", "hidden", "limits")
    found = values.fields(source, path, required, optional)
    if found is None:
        return None
    at = paths(path)
    approval = bool(values.flag(found["approval"], at("approval")))
    numbers = {
        name: (values.amount if name == "price" else values.whole)(found[name], at(name), *bounds) or 0
        for name, bounds in SERVICE_NUMBERS.items()
    }
    return ServicePart(
        slug=values.slug(found["slug"], at("slug"), RESERVED_FOR_SERVICES) or "",
        name=values.texts(found["name"], at("name"), 200) or {},
        about=values.texts(found["about"], at("about"), LONGEST_ABOUT, lines=True) or {},
        modes=_modes(values, found["modes"], at("modes")),
        policy=values.line(found["policy"], at("policy"), 100) or "",
        approval=approval,
        series_most=_series(values, found["series_most"], at("series_most"), approval=approval),
        confirm_by_mail=_by_mail(values, found["confirm_by_mail"], at("confirm_by_mail"), approval=approval),
        questions=_questions(values, found["questions"], at("questions")),
        limits=limits.of_service(values, found["limits"], at("limits")),
        tax_rate=business.tax_rate(values, found["tax_percent"], at("tax_percent")),
        hidden=bool(values.flag(found["hidden"], at("hidden"))),
        **numbers,
    )


NOT_APPROVED = gettext_noop("This does not go together with approving each booking.")


def _series(values: Values, source: Any, path: str, *, approval: bool) -> int:
    """How many in one go; left out or 0: one by one. What is approved each by itself is booked so."""
    most = values.whole(source, path, 0, MOST_IN_SERIES) or 0
    if most == 1:
        values.wrong(
            path, gettext_noop("must be 0, or a whole number from 2 to %(most)s"), most=MOST_IN_SERIES
        )
    elif most and approval:
        values.wrong(path, gettext_noop("must be 0 where approval is true"), typed=NOT_APPROVED)
    return most


def _by_mail(values: Values, source: Any, path: str, *, approval: bool) -> bool:
    """Whether a mail asks for a yes; left out: no. Where each is approved the provider's yes is the one that counts."""
    asks = bool(values.flag(source, path))
    if asks and approval:
        values.wrong(path, gettext_noop("must be false where approval is true"), typed=NOT_APPROVED)
    return asks


def _modes(values: Values, source: Any, path: str) -> list[str]:
    known = tuple(map(str, Mode.values))
    modes = [values.word(one, at, known) for one, at in values.items(source, path, least=1, most=3)]
    if len(set(modes)) < len(modes):
        values.wrong(path, gettext_noop("must name each mode once"))
    return [mode for mode in modes if mode]


def _questions(values: Values, source: Any, path: str) -> list[dict[str, Any]]:
    found = [_question(values, one, at) for one, at in values.items(source, path, most=20)]
    ids: set[str] = set()
    for n, question in enumerate(found):
        if question.get("id") in ids:
            values.wrong(f"{path}[{n}].id", gettext_noop("is there twice"))
        ids.add(question.get("id", ""))
    return found


def _question(values: Values, source: Any, path: str) -> dict[str, Any]:
    asks_choice = isinstance(source, dict) and source.get("kind") == "choice"
    required = ("id", "label", "kind", "required", *(["choices"] if asks_choice else []))
    found = values.fields(source, path, required, ("health",))
    if found is None:
        return {}
    at = paths(path)
    question: dict[str, Any] = {
        "id": values.slug(found["id"], at("id"), frozenset()),
        "label": values.texts(found["label"], at("label"), 300),
        "kind": values.word(found["kind"], at("kind"), ("text", "yes_no", "choice")),
    }
    if asks_choice:
        question["choices"] = _choices(values, found["choices"], at("choices"))
    about_health = {"health": True} if values.flag(found["health"], at("health")) else {}
    return question | {"required": values.flag(found["required"], at("required"))} | about_health


def _choices(values: Values, source: Any, path: str) -> list[str | None]:
    choices = [values.line(one, at, 200) for one, at in values.items(source, path, least=2, most=50)]
    if len(set(choices)) < len(choices):
        values.wrong(path, gettext_noop("must name each choice once"))
    return choices


def hours(values: Values, source: Any, path: str) -> list[tuple[int, HoursPart]]:
    return _each(_open, values, values.items(source, path, most=500))


def _open(values: Values, source: Any, path: str) -> HoursPart | None:
    found = values.fields(source, path, ("weekday", "from", "to"))
    if found is None:
        return None
    weekday = values.word(found["weekday"], join(path, "weekday"), WEEKDAYS)
    minutes = _period(values, found, path)
    if weekday is None or minutes is None:
        return None
    return HoursPart(weekday=WEEKDAYS.index(weekday), opens_minute=minutes[0], closes_minute=minutes[1])


def _period(values: Values, found: dict[str, Any], path: str) -> tuple[int, int] | None:
    opens = values.clock(found["from"], join(path, "from"))
    closes = values.clock(found["to"], join(path, "to"), end=True)
    if opens is None or closes is None:
        return None
    if closes <= opens:
        values.wrong(
            join(path, "to"),
            gettext_noop("must be after from, which is %(from)s"),
            **{"from": found["from"]},
        )
        return None
    return opens, closes


def overrides(values: Values, source: Any, path: str) -> list[tuple[int, OverridePart]]:
    return _each(_override, values, values.items(source, path, most=5000))


def _override(values: Values, source: Any, path: str) -> OverridePart | None:
    closed = isinstance(source, dict) and "closed" in source
    found = values.fields(source, path, ("on", "closed") if closed else ("on", "from", "to"))
    if found is None:
        return None
    on = values.day(found["on"], join(path, "on"))
    if not closed:
        minutes = _period(values, found, path)
    elif found["closed"] is True:
        return OverridePart(on=on, opens_minute=None, closes_minute=None) if on else None
    else:
        minutes = None
        values.wrong(join(path, "closed"), gettext_noop("must be true; an open day has from and to instead"))
    if on is None or minutes is None:
        return None
    return OverridePart(on=on, opens_minute=minutes[0], closes_minute=minutes[1])


def members(values: Values, source: Any, path: str) -> list[tuple[int, MemberPart]]:
    return _each(_member, values, values.items(source, path, least=1, most=200))


def _member(values: Values, source: Any, path: str) -> MemberPart | None:
    found = values.fields(source, path, ("email", "name", "role"))
    if found is None:
        return None
    roles = tuple(map(str, Role.values))
    return MemberPart(
        email=(values.email(found["email"], join(path, "email")) or "").lower(),
        name=values.line(found["name"], join(path, "name"), 200) or "",
        role=values.word(found["role"], join(path, "role"), roles) or "",
    )
