"""The addresses of the whole site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver


def names(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    """Each name with the path that it stands for; names in a namespace stand apart."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if not one.namespace:
                yield from names(one)
        elif one.name:
            yield one.name, _place(one)


def _place(one: Any) -> str:
    return f"{one.callback.__module__}.{one.callback.__qualname__}"


def test_no_two_rooms_give_their_pages_the_same_name() -> None:
    """A name that stands twice leads to whichever comes last."""
    ours = {(name, place) for name, place in names(get_resolver()) if name.startswith("desk")}
    assert [name for name, times in Counter(name for name, _ in ours).items() if times > 1] == []
