"""What is held about a person: one table of fields, from which erasing, exporting and their tests are made.

Each app says in ``<app>/personal.py`` which fields of which rows hold what a client is or wrote, how a client's
rows are found and what is left of a field when the client is erased; and which fields of text hold nothing
of the kind. A field of text that is in neither is a failing test, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

APPS = ("booking", "policies", "payments", "reminders")
TEXTS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.GenericIPAddressField,
    models.BinaryField,
)


@dataclass(frozen=True)
class Personal:
    """The rows of ``model`` that belong to a client: those from which ``of`` leads there, or those that ``find``
    names. ``blank`` is what each personal field becomes (a value, an expression, or a function of the client);
    with ``gone`` the rows themselves go. ``ready`` are the rows whose time has come, where some must wait.
    ``kept`` are fields that may speak of a person and stay, for the reason that docs/decisions says; ``others`` are
    rows that speak of other clients too, which nobody is handed."""

    model: str
    words: str | Promise
    of: tuple[str, ...] = ()
    find: Callable[[Any], QuerySet[Any]] | None = None
    blank: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    ready: Q | None = None
    kept: tuple[str, ...] = ()
    others: Q | None = None

    def rows(self, client: Any) -> QuerySet[Any]:
        """All rows of ``client``. What ``find`` names is looked up now: it may go by what is erased next."""
        if self.find:
            return self.find(client)
        leads = (Q(**{path: client.pk}) for path in self.of)
        return apps.get_model(self.model)._base_manager.filter(reduce(or_, leads))

    def erase(self, client: Any, rows: QuerySet[Any], **also: Any) -> None:
        """Leave nothing personal in these rows of ``client``; ``also`` is written with it."""
        if self.gone:
            rows.delete()
            return
        values = {name: value(client) if callable(value) else value for name, value in self.blank.items()}
        if values:
            (rows.filter(self.ready) if self.ready else rows).update(**values, **also)


def declared() -> list[Personal]:
    """Every app's, in an order in which they can be erased: the client's own row first."""
    return [one for app in APPS for one in import_module(f"{app}.personal").PERSONAL]


def harmless() -> dict[str, tuple[str, ...]]:
    """By model, the fields of text in which nothing of a client stands."""
    return {**OTHERS, **{model: names for app in APPS for model, names in _harmless(app)}}


def _harmless(app: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from import_module(f"{app}.personal").HARMLESS.items()


# Tables of others: members' log-ins. Clients have none, and the stock admin only looks.
OTHERS = {
    "admin.LogEntry": ("object_id", "object_repr", "change_message"),
    "auth.Permission": ("name", "codename"),
    "auth.Group": ("name",),
    "contenttypes.ContentType": ("app_label", "model"),
    "sessions.Session": ("session_key", "session_data"),
    "account.EmailAddress": ("email",),
    "account.EmailConfirmation": ("key",),
    "mfa.Authenticator": ("type", "data"),
    "usersessions.UserSession": ("session_key", "ip", "user_agent", "data"),
}
