"""What can be done to a service in the list: each changes the provider's file and answers with the path of what
it changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy

from booking.dashboard.questions import free_name

Content = dict[str, Any]
Change = Callable[[Content, str], str]


def _at(content: Content, slug: str) -> int | None:
    return next((n for n, one in enumerate(content["services"]) if one["slug"] == slug), None)


def _up(content: Content, slug: str) -> str:
    return _moved(content, slug, -1)


def _down(content: Content, slug: str) -> str:
    return _moved(content, slug, 1)


def _moved(content: Content, slug: str, by: int) -> str:
    services, at = content["services"], _at(content, slug)
    if at is not None and 0 <= at + by < len(services):
        services.insert(at + by, services.pop(at))
    return "services"


def _hide(content: Content, slug: str) -> str:
    at = _at(content, slug)
    if at is not None:
        content["services"][at]["hidden"] = True
        _no_longer_offered(content, slug)
    return f"services[{at}]"


def _show(content: Content, slug: str) -> str:
    at = _at(content, slug)
    if at is not None:
        content["services"][at].pop("hidden", None)
    return f"services[{at}]"


def _copy(content: Content, slug: str) -> str:
    """Right below the first one, hidden until somebody has looked at it."""
    at = _at(content, slug)
    if at is None:
        return "services"
    part = copy.deepcopy(content["services"][at])
    taken = [one["slug"] for one in content["services"]]
    part["slug"] = free_name({"": slug}, taken, otherwise="service")
    part["name"] = {code: f"{text[:190]} (2)" for code, text in part["name"].items()}
    content["services"].insert(at + 1, part | {"hidden": True})
    return f"services[{at + 1}]"


def _delete(content: Content, slug: str) -> str:
    content["services"] = [one for one in content["services"] if one["slug"] != slug]
    _no_longer_offered(content, slug)
    return "services"


def _no_longer_offered(content: Content, slug: str) -> None:
    """What cannot be booked is no answer to *it costs too much*."""
    offer = content.get("cost_offer", {})
    if offer.get("service") == slug:
        content["cost_offer"] = {name: value for name, value in offer.items() if name != "service"}


ACTS: dict[str, tuple[Change, Any]] = {
    "up": (_up, ""),
    "down": (_down, ""),
    "hide": (_hide, gettext_lazy("“%(name)s” is hidden. What is booked stays.")),
    "show": (_show, gettext_lazy("Clients see “%(name)s” again.")),
    "duplicate": (_copy, gettext_lazy("Copied. The copy is hidden until you show it.")),
    "delete": (_delete, gettext_lazy("“%(name)s” is no longer offered.")),
}
