"""One place of what a provider set up, changed through the rules of its file: the pages and the API refuse
exactly what an import refuses, and whatever else the file says stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from booking.models import Provider
from booking.transfer.reading import FileRefused, read
from booking.transfer.storing import load
from booking.transfer.writing import dump
from policies.rules.reading import Wrong

Content = dict[str, Any]


@transaction.atomic
def edit(*, provider: Provider, change: Callable[[Content], str], at: datetime) -> Provider:
    """Take the provider's file, ``change`` it, put it back; all or nothing, and nobody in between.

    ``change`` alters the content and answers with the path of what it changed (as ``services[2]``, or nothing
    for the whole). Raises ``FileRefused`` whose ``by_field`` begins at that path."""
    locked = Provider.objects.locked().get(pk=provider.pk)
    content = dump(provider=locked)
    path = change(content)
    # A file names its provider by the slug: another one would be written to.
    if content["provider"].get("slug") != locked.slug:
        raise FileRefused(
            [("provider.slug", Wrong(gettext_noop("must stay %(value)s"), {"value": locked.slug}))],
            place=path,
        )
    try:
        return load(file=read(json.dumps(content).encode()), at=at)
    except FileRefused as refused:
        raise FileRefused(refused.problems, place=path) from None


def put(parts: list[Content], *, path: str, key: str, new: Content) -> str:
    """Put a part where the one of its name is, or at the end of the list; answers with its path."""
    for n, part in enumerate(parts):
        if part[key] == new[key]:
            parts[n] = new
            return f"{path}[{n}]"
    parts.append(new)
    return f"{path}[{len(parts) - 1}]"
